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

#include <linux/types.h>

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

/* "level=": where in the page tables an entry is. */
enum rms_level {
	RMS_PTE,
	RMS_PMD,
	RMS_PUD,
	RMS_NR_LEVELS,
};

#define RMS_LEVEL_WORDS {				\
	[RMS_PTE] = "pte",				\
	[RMS_PMD] = "pmd",				\
	[RMS_PUD] = "pud",				\
}

/* "bits=" of the entries that "scan" reports. They are printed in this order. */
enum rms_bit {
	RMS_BIT_PRESENT,
	RMS_BIT_WRITE,
	RMS_BIT_USER,
	RMS_BIT_ACCESSED,
	RMS_BIT_DIRTY,
	RMS_BIT_SOFT_DIRTY,
	RMS_BIT_UFFD_WP,
	RMS_BIT_SPECIAL,
	RMS_BIT_PROTNONE,
	RMS_BIT_SWAP,
	RMS_BIT_DEVICE,
	RMS_BIT_PRIVATE,
	RMS_BIT_EXCLUSIVE,
	RMS_BIT_ANON_EXCLUSIVE,
	RMS_NR_BITS,
};

#define RMS_BIT_WORDS {					\
	[RMS_BIT_PRESENT] = "present",			\
	[RMS_BIT_WRITE] = "write",			\
	[RMS_BIT_USER] = "user",			\
	[RMS_BIT_ACCESSED] = "accessed",		\
	[RMS_BIT_DIRTY] = "dirty",			\
	[RMS_BIT_SOFT_DIRTY] = "soft_dirty",		\
	[RMS_BIT_UFFD_WP] = "uffd_wp",			\
	[RMS_BIT_SPECIAL] = "special",			\
	[RMS_BIT_PROTNONE] = "protnone",		\
	[RMS_BIT_SWAP] = "swap",			\
	[RMS_BIT_DEVICE] = "device",			\
	[RMS_BIT_PRIVATE] = "private",			\
	[RMS_BIT_EXCLUSIVE] = "exclusive",		\
	[RMS_BIT_ANON_EXCLUSIVE] = "anon_exclusive",	\
}

/* Keys of the record "end": why frames or addresses of a range have no reverse map. */
enum rms_unmapped {
	RMS_UNMAPPED_HOLE,	/* no memory at this frame number */
	RMS_UNMAPPED_OFFLINE,	/* memory that is offline, or belongs to a device */
	RMS_UNMAPPED_RESERVED,
	RMS_UNMAPPED_FREE,
	RMS_UNMAPPED_SLAB,
	RMS_UNMAPPED_TYPED,	/* page tables and others with a type of their own */
	RMS_UNMAPPED_KERNEL,	/* other memory of the kernel and of drivers */
	RMS_UNMAPPED_ZERO,	/* an address with the zero page */
	RMS_UNMAPPED_RAW,	/* an address with a frame that is no user memory */
	RMS_UNMAPPED_HWPOISON,	/* an address whose page was broken */
	RMS_NR_UNMAPPED,
};

#define RMS_UNMAPPED_WORDS {				\
	[RMS_UNMAPPED_HOLE] = "hole",			\
	[RMS_UNMAPPED_OFFLINE] = "offline",		\
	[RMS_UNMAPPED_RESERVED] = "reserved",		\
	[RMS_UNMAPPED_FREE] = "free",			\
	[RMS_UNMAPPED_SLAB] = "slab",			\
	[RMS_UNMAPPED_TYPED] = "typed",			\
	[RMS_UNMAPPED_KERNEL] = "kernel",		\
	[RMS_UNMAPPED_ZERO] = "zero",			\
	[RMS_UNMAPPED_RAW] = "raw",			\
	[RMS_UNMAPPED_HWPOISON] = "hwpoison",		\
}

/*
 * The records of "scan_raw". Each begins with a struct rms_rec, and a reader skips by its size what
 * it doesn't know. Padding is zero. Numbers have the byte order of the machine. The first record is
 * RMS_REC_HEAD. After each RMS_REC_RUN come its RMS_REC_PAGE, then its RMS_REC_ORDER if it has one,
 * then its RMS_REC_MAP. RMS_REC_MM and RMS_REC_FILE come before the first record that has their
 * number. RMS_REC_END is the last one.
 */
enum rms_rec_type {
	RMS_REC_HEAD = 1,
	RMS_REC_RUN,
	RMS_REC_PAGE,
	RMS_REC_MAP,
	RMS_REC_MM,
	RMS_REC_FILE,
	RMS_REC_END,
	RMS_REC_ORDER,
};

/**
 * struct rms_rec - what every record begins with
 * @type: enum rms_rec_type
 * @reserved: 0
 * @size: of the whole record in bytes, a multiple of 8
 */
struct rms_rec {
	__u16 type;
	__u16 reserved;
	__u32 size;
};

/* Options of a range, in struct rms_rec_head.options. */
#define RMS_OPTION_MAPS		0x01
#define RMS_OPTION_VISITED	0x02
#define RMS_OPTION_VERDICTS	0x04
#define RMS_OPTION_EXTRA_REFS	0x08	/* filter: only pages with unexplained references */
#define RMS_OPTION_STUCK	0x10	/* filter: only pages that can't be migrated */
#define RMS_OPTION_KINDS	0x20	/* filter: kind= */
#define RMS_OPTION_MIN_MAPS	0x40	/* filter: min_maps= */
#define RMS_OPTION_ORDERED	0x80	/* RMS_REC_MAP refer to RMS_REC_ORDER */

/* What a range consists of, in struct rms_rec_head.form and struct rms_rec_run.form. */
#define RMS_FORM_VA		0	/* addresses of a process */
#define RMS_FORM_PFN		1	/* frames */

/**
 * struct rms_rec_head - the range, and the kernel
 * @rec: RMS_REC_HEAD
 * @abi: RMAPSCOPE_ABI
 * @page_size: in bytes
 * @form: RMS_FORM_*
 * @options: RMS_OPTION_*
 * @start: the first address or frame
 * @end: the one behind the last
 * @release: of the kernel, as uname(1) prints it
 */
struct rms_rec_head {
	struct rms_rec rec;
	__u32 abi;
	__u32 page_size;
	__u32 form;
	__u32 options;
	__u64 start;
	__u64 end;
	char release[64];
};

/**
 * struct rms_rec_run - a stretch of addresses or frames that was looked at together
 * @rec: RMS_REC_RUN
 * @start: the first address or frame
 * @count: pages, at most those of one page table; not all of them have a record
 * @form: RMS_FORM_*
 */
struct rms_rec_run {
	struct rms_rec rec;
	__u64 start;
	__u32 count;
	__u32 form;
};

/* Which members of struct rms_rec_page have a value. */
#define RMS_PAGE_LEVEL		0x01	/* level */
#define RMS_PAGE_WALKED		0x02	/* mms, visited */
#define RMS_PAGE_JUDGED		0x04	/* reclaim, migrate, split */
#define RMS_PAGE_REFS		0x08	/* extra_refs */

/**
 * struct rms_rec_page - pages of a run in a row that are alike, and whose frames are in a row
 * @rec: RMS_REC_PAGE
 * @pfn: the first frame; for RMS_KIND_SWAP the offset of the first slot
 * @first: the first page, counted from the start of the run
 * @count: pages
 * @maps: entries that map each page; for RMS_KIND_SWAP entries that hold each slot
 * @extra_refs: unexplained references to the folio of each page
 * @mms: address spaces that map each page
 * @visited: VMAs that the kernel's walk of each page visits
 * @file: number of its file; 0 if it has none
 * @fields: RMS_PAGE_*
 * @kind: enum rms_kind
 * @order: of its folio
 * @level: enum rms_level: how the process of the range maps it
 * @swap_type: of the slot, for RMS_KIND_SWAP
 * @verdicts: enum rms_why, by enum rms_op
 * @padding: 0
 */
struct rms_rec_page {
	struct rms_rec rec;
	__u64 pfn;
	__u32 first;
	__u32 count;
	__u32 maps;
	__s32 extra_refs;
	__u32 mms;
	__u32 visited;
	__u32 file;
	__u32 fields;
	__u8 kind;
	__u8 order;
	__u8 level;
	__u8 swap_type;
	__u8 verdicts[3];
	__u8 padding;
};

/**
 * struct rms_rec_map - pages of a run that one VMA maps in a row, with the same bits
 * @rec: RMS_REC_MAP
 * @va: address of the first
 * @first: the first page, counted from the start of the run
 * @count: pages
 * @mm: number of the mm
 * @bits: of each entry, by enum rms_bit
 * @level: enum rms_level
 * @padding: 0
 */
struct rms_rec_map {
	struct rms_rec rec;
	__u64 va;
	__u32 first;
	__u32 count;
	__u32 mm;
	__u32 bits;
	__u32 level;
	__u32 padding;
};

/**
 * struct rms_rec_order - the order of the pages of a run, for RMS_OPTION_ORDERED
 * @rec: RMS_REC_ORDER
 * @nr: length of @index
 * @padding: 0
 * @index: pages, counted from the start of the run. Padded to a multiple of 8 bytes
 *
 * VMAs mostly map the pages in this order. So one record has what are many in the order of frames.
 * Where a run has this record, @first and @count of its RMS_REC_MAP count in @index. The frames of
 * the pages of such a record need not be in a row.
 */
struct rms_rec_order {
	struct rms_rec rec;
	__u32 nr;
	__u32 padding;
	__u16 index[];
};

/**
 * struct rms_rec_mm - an address space, and the processes that use it
 * @rec: RMS_REC_MM
 * @mm: its number, from 1
 * @pid: the process that stands for it, as the reader sees it; 0 if there is none
 * @nr_tgids: length of @tgids
 * @padding: 0
 * @comm: name of the process, up to the first NUL
 * @tgids: all processes that use the mm, that of @pid first; padded to a multiple of 8 bytes
 */
struct rms_rec_mm {
	struct rms_rec rec;
	__u32 mm;
	__s32 pid;
	__u32 nr_tgids;
	__u32 padding;
	char comm[16];
	__s32 tgids[];
};

/**
 * struct rms_rec_file - a file whose pages are in the range
 * @rec: RMS_REC_FILE
 * @file: its number, from 1
 * @dev_major: of the device that the file is on
 * @dev_minor: of the same
 * @padding: 0
 * @ino: inode; ~0 if the file is the device itself
 * @path: within its file system, up to the first NUL; empty if it has none. Padded to a multiple of
 *	8 bytes
 */
struct rms_rec_file {
	struct rms_rec rec;
	__u32 file;
	__u32 dev_major;
	__u32 dev_minor;
	__u32 padding;
	__u64 ino;
	char path[];
};

/**
 * struct rms_rec_end - the whole range was walked
 * @rec: RMS_REC_END
 * @pages: that have a record
 * @mappings: in records RMS_REC_MAP
 * @visited: VMAs
 * @raced: pages whose mappings differed from the map count at each try
 * @skipped: pages that could not be looked at, since they kept changing
 * @ns: from the first read to the end, in nanoseconds
 * @complete: 1 if no page was skipped, and no mapping is missing
 * @nr_unmapped: length of @unmapped
 * @unmapped: pages without a reverse map, by enum rms_unmapped
 */
struct rms_rec_end {
	struct rms_rec rec;
	__u64 pages;
	__u64 mappings;
	__u64 visited;
	__u64 raced;
	__u64 skipped;
	__u64 ns;
	__u32 complete;
	__u32 nr_unmapped;
	__u64 unmapped[RMS_NR_UNMAPPED];
};

#endif /* _UAPI_RMAPSCOPE_H */
