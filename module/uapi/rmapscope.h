/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * What the module and user space must agree on: where the files are, and the words that their
 * records are made of. Documentation/interface.rst says what the words mean.
 *
 * Each list of words is an enum with a fixed order, and a macro that initialises an array with
 * the word of each value, as in
 *
 *	static const char * const kind_words[] = RMS_KIND_WORDS;
 *
 * A new word goes to the end of its list; none is taken away or changes its value while
 * RMAPSCOPE_ABI stays the same.
 */
#ifndef _UAPI_RMAPSCOPE_H
#define _UAPI_RMAPSCOPE_H

/* "abi=" in the first line of every file. Keys and records are only ever added. */
#define RMAPSCOPE_ABI		1

/* The longest target that one write(2) may bring, in bytes. */
#define RMAPSCOPE_TARGET_MAX	255

/* The directory below the mount point of debugfs. */
#define RMAPSCOPE_DIR		"rmapscope"

/* "kind=": what a page is to the reverse map. */
enum rms_kind {
	RMS_KIND_ANON,
	RMS_KIND_KSM,
	RMS_KIND_FILE,
	RMS_KIND_SHMEM,
	RMS_KIND_HUGETLB_ANON,
	RMS_KIND_HUGETLB_FILE,
	RMS_KIND_SWAP,		/* no page: an address whose page is in a swap slot only */
	RMS_KIND_ORPHANED,	/* cut off from its file, and still referenced */
	RMS_NR_KINDS,
};

#define RMS_KIND_WORDS {				\
	[RMS_KIND_ANON] = "anon",			\
	[RMS_KIND_KSM] = "ksm",				\
	[RMS_KIND_FILE] = "file",			\
	[RMS_KIND_SHMEM] = "shmem",			\
	[RMS_KIND_HUGETLB_ANON] = "hugetlb-anon",	\
	[RMS_KIND_HUGETLB_FILE] = "hugetlb-file",	\
	[RMS_KIND_SWAP] = "swap",			\
	[RMS_KIND_ORPHANED] = "orphaned",		\
}

/* "state=": what a VMA has in the place of the page. */
enum rms_state {
	RMS_STATE_MAPPED,	/* the page */
	RMS_STATE_COWED,	/* another page */
	RMS_STATE_SWAPPED,	/* a swap entry */
	RMS_STATE_DEVICE,	/* an entry that leads to the page without mapping it */
	RMS_STATE_NONE,		/* no page */
	RMS_NR_STATES,
};

#define RMS_STATE_WORDS {				\
	[RMS_STATE_MAPPED] = "mapped",			\
	[RMS_STATE_COWED] = "cowed",			\
	[RMS_STATE_SWAPPED] = "swapped",		\
	[RMS_STATE_DEVICE] = "device",			\
	[RMS_STATE_NONE] = "none",			\
}

/* "op=": what a verdict is about. */
enum rms_op {
	RMS_OP_RECLAIM,
	RMS_OP_MIGRATE,
	RMS_OP_SPLIT,
	RMS_NR_OPS,
};

#define RMS_OP_WORDS {					\
	[RMS_OP_RECLAIM] = "reclaim",			\
	[RMS_OP_MIGRATE] = "migrate",			\
	[RMS_OP_SPLIT] = "split",			\
}

/* "why=": the first condition that stops it. */
enum rms_why {
	RMS_WHY_NOTHING,	/* nothing does: ok=1 */
	RMS_WHY_HWPOISON,
	RMS_WHY_HUGETLB,
	RMS_WHY_NOT_ON_LRU,
	RMS_WHY_MLOCKED,
	RMS_WHY_UNEVICTABLE,
	RMS_WHY_WRITEBACK,
	RMS_WHY_REDIRTIED,
	RMS_WHY_UNREACHED,
	RMS_WHY_ORPHANED,
	RMS_WHY_BUFFERS,
	RMS_WHY_PINNED,
	RMS_WHY_EXTRA_REFS,
	RMS_WHY_NO_SWAP,
	RMS_WHY_DIRTY,
	RMS_WHY_UNMOVABLE,
	RMS_WHY_NO_MIGRATE_OP,
	RMS_WHY_ORDER0,
	RMS_WHY_UNMAPPED,
	RMS_WHY_MIN_ORDER,
	RMS_WHY_PRIVATE,
	RMS_WHY_DAX,
	RMS_NR_WHYS,
};

#define RMS_WHY_WORDS {					\
	[RMS_WHY_NOTHING] = "-",			\
	[RMS_WHY_HWPOISON] = "hwpoison",		\
	[RMS_WHY_HUGETLB] = "hugetlb",			\
	[RMS_WHY_NOT_ON_LRU] = "not_on_lru",		\
	[RMS_WHY_MLOCKED] = "mlocked",			\
	[RMS_WHY_UNEVICTABLE] = "unevictable",		\
	[RMS_WHY_WRITEBACK] = "writeback",		\
	[RMS_WHY_REDIRTIED] = "redirtied",		\
	[RMS_WHY_UNREACHED] = "unreached",		\
	[RMS_WHY_ORPHANED] = "orphaned",		\
	[RMS_WHY_BUFFERS] = "buffers",			\
	[RMS_WHY_PINNED] = "pinned",			\
	[RMS_WHY_EXTRA_REFS] = "extra_refs",		\
	[RMS_WHY_NO_SWAP] = "no_swap",			\
	[RMS_WHY_DIRTY] = "dirty",			\
	[RMS_WHY_UNMOVABLE] = "unmovable",		\
	[RMS_WHY_NO_MIGRATE_OP] = "no_migrate_op",	\
	[RMS_WHY_ORDER0] = "order0",			\
	[RMS_WHY_UNMAPPED] = "unmapped",		\
	[RMS_WHY_MIN_ORDER] = "min_order",		\
	[RMS_WHY_PRIVATE] = "private",			\
	[RMS_WHY_DAX] = "dax",				\
}

/* "note=": facts that don't change the verdict. A verdict has them in this order. */
enum rms_note {
	RMS_NOTE_REFERENCED,	/* ":N" follows: entries with the accessed bit */
	RMS_NOTE_MADVISE_SKIPS_SHARED,
	RMS_NOTE_NEEDS_MOVE_ALL,
	RMS_NOTE_WRITEBACK,
	RMS_NOTE_EXPECTED,	/* ":N" follows: references that the file's own method expects */
	RMS_NOTE_BATCHED,
	RMS_NOTE_PAGE_ONLY,
	RMS_NOTE_LOOKS_PINNED,
	RMS_NOTE_MAYBE_BATCHED,
	RMS_NOTE_TRUNCATED,
	RMS_NOTE_RACED,
	RMS_NR_NOTES,
};

#define RMS_NOTE_WORDS {				\
	[RMS_NOTE_REFERENCED] = "referenced",		\
	[RMS_NOTE_MADVISE_SKIPS_SHARED] = "madvise_skips_shared",	\
	[RMS_NOTE_NEEDS_MOVE_ALL] = "needs_move_all",	\
	[RMS_NOTE_WRITEBACK] = "writeback",		\
	[RMS_NOTE_EXPECTED] = "expected",		\
	[RMS_NOTE_BATCHED] = "batched",			\
	[RMS_NOTE_PAGE_ONLY] = "page_only",		\
	[RMS_NOTE_LOOKS_PINNED] = "looks_pinned",	\
	[RMS_NOTE_MAYBE_BATCHED] = "maybe_batched",	\
	[RMS_NOTE_TRUNCATED] = "truncated",		\
	[RMS_NOTE_RACED] = "raced",			\
}

#endif /* _UAPI_RMAPSCOPE_H */
