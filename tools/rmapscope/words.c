// SPDX-License-Identifier: GPL-2.0
/*
 * What the words of the module's reports mean. Documentation/interface.rst has them at greater
 * length.
 */
#include <stdio.h>
#include <string.h>

#include "words.h"

static const char * const kind_words[RMS_NR_KINDS] = RMS_KIND_WORDS;

static const struct kind_word kinds[RMS_NR_KINDS] = {
	[RMS_KIND_ANON] = {
		.meaning = "anonymous memory, or the private copy of a page of a file",
		.anon = true,
		.plain = true,
	},
	[RMS_KIND_KSM] = {
		.meaning = "several equal pages that ksmd has merged into one",
		.no_tree = "a KSM page belongs to the trees of all pages that were merged; "
			   "choose one of them with -p PID -a ADDR",
		.anon = true,
	},
	[RMS_KIND_FILE] = {
		.meaning = "in the page cache of a file",
		.no_tree = "a page of a file belongs to no anon_vma tree; use rmapscope page",
		.plain = true,
	},
	[RMS_KIND_SHMEM] = {
		.meaning = "a file of a tmpfs, or other shared memory",
		.no_tree = "shared memory belongs to no anon_vma tree; use rmapscope page",
		.plain = true,
	},
	[RMS_KIND_HUGETLB_ANON] = {
		.meaning = "a private hugetlb page",
		.anon = true,
		.plain = true,
	},
	[RMS_KIND_HUGETLB_FILE] = {
		.meaning = "a shared hugetlb page, or one of a file in hugetlbfs",
		.no_tree = "a page of hugetlbfs belongs to no anon_vma tree; use rmapscope page",
		.plain = true,
	},
	[RMS_KIND_SWAP] = {
		.meaning = "swapped out: no page is in memory, only a slot of a swap device",
	},
	[RMS_KIND_ORPHANED] = {
		.meaning = "cut off from its file (truncated)",
		.no_tree = "a page cut off from its file belongs to no anon_vma tree; "
			   "use rmapscope page",
	},
};

static const char * const state_words[RMS_NR_STATES] = RMS_STATE_WORDS;

static const struct state_word states[RMS_NR_STATES] = {
	[RMS_STATE_MAPPED] = {
		.meaning = "the page",
		.page = true,
	},
	[RMS_STATE_COWED] = {
		.meaning = "another page, NOW-PFN: a copy that a write made, or the original",
	},
	[RMS_STATE_NONE] = {
		.meaning = "no page",
	},
	[RMS_STATE_SWAPPED] = {
		.meaning = "a swap entry",
	},
	[RMS_STATE_DEVICE] = {
		.meaning = "the page, in an entry for a device that does not count as a mapping",
		.page = true,
	},
};

static const char * const why_words[RMS_NR_WHYS] = RMS_WHY_WORDS;

static const struct why_word reasons[RMS_NR_WHYS] = {
	[RMS_WHY_HUGETLB] = {
		"it is a hugetlb page, which reclaim and split leave alone",
		"shrink the pool (vm.nr_hugepages) after its users have freed it",
	},
	[RMS_WHY_DAX] = {
		"it is in the memory of a device (DAX), and there is no other place for it",
		NULL,
	},
	[RMS_WHY_NOT_ON_LRU] = {
		"it is a driver's page: neither anonymous nor in a page cache",
		NULL,
	},
	[RMS_WHY_HWPOISON] = {
		"its memory is broken, and the kernel keeps it out of use",
		NULL,
	},
	[RMS_WHY_MLOCKED] = {
		"it is locked in memory (mlock, mlockall, MAP_LOCKED)",
		"munlock() there, or end that process",
	},
	[RMS_WHY_UNEVICTABLE] = {
		"its file must stay in memory (ramfs, SHM_LOCK, noswap, secretmem)",
		"remove the file, or use SHM_UNLOCK",
	},
	[RMS_WHY_WRITEBACK] = {
		"it is being written to disk or swap",
		"ask again when that is done",
	},
	[RMS_WHY_DIRTY] = {
		"it is dirty, and reclaim does not write pages to files",
		"run sync, or fsync() the file",
	},
	[RMS_WHY_NO_SWAP] = {
		"it has to go to swap, and no slot is free or allowed",
		"see /proc/swaps, and memory.swap.max of its cgroup and the cgroups above",
	},
	[RMS_WHY_PINNED] = {
		"it is pinned for DMA, or has so many references that it looks pinned",
		"look for io_uring buffers, RDMA, VFIO and direct I/O",
	},
	[RMS_WHY_EXTRA_REFS] = {
		"it has references whose holders the kernel does not record",
		"look for pipes (vmsplice, splice), zero-copy sockets, direct I/O and drivers",
	},
	[RMS_WHY_BUFFERS] = {
		"its buffers are in use by a file system or its journal, or not yet written",
		"run sync; umount releases the blocks of a mounted file system",
	},
	[RMS_WHY_ORPHANED] = {
		"it was cut off from its file (truncated), and only references keep it",
		"close what holds it (a pipe, io_uring): the last reference frees it",
	},
	[RMS_WHY_UNREACHED] = {
		"ksmd has merged it, and the kernel's walk does not find this mapping yet",
		"wait for ksmd: see pages_to_scan and sleep_millisecs in /sys/kernel/mm/ksm",
	},
	[RMS_WHY_REDIRTIED] = {
		"it was written to after MADV_FREE: the first attempt only cancels MADV_FREE",
		"try again: it is ordinary memory then, and needs swap",
	},
	[RMS_WHY_UNMOVABLE] = {
		"its file does not let its pages move (secretmem), or this kernel cannot migrate",
		NULL,
	},
	[RMS_WHY_NO_MIGRATE_OP] = {
		"it is dirty, and its file system has no function that moves it",
		"run sync, if the file system writes to a disk",
	},
	[RMS_WHY_ORDER0] = {
		"it is a small page: there is nothing to split",
		NULL,
	},
	[RMS_WHY_UNMAPPED] = {
		"no process maps it: anonymous folios can be split only while mapped",
		NULL,
	},
	[RMS_WHY_MIN_ORDER] = {
		"its file system needs folios of at least this size",
		NULL,
	},
	[RMS_WHY_PRIVATE] = {
		"its file system has data with it, and cannot free them while it is dirty",
		"run sync, or fsync() the file",
	},
};

static const char * const note_words[RMS_NR_NOTES] = RMS_NOTE_WORDS;

static const struct why_word notes[RMS_NR_NOTES] = {
	[RMS_NOTE_REFERENCED] = {
		"used recently (accessed bits): under memory pressure, others are reclaimed first",
		NULL,
	},
	[RMS_NOTE_MADVISE_SKIPS_SHARED] = {
		"it counts as shared: madvise(MADV_PAGEOUT) skips it, memory.reclaim does not",
		NULL,
	},
	[RMS_NOTE_NEEDS_MOVE_ALL] = {
		"it counts as shared: move_pages() needs MPOL_MF_MOVE_ALL",
		NULL,
	},
	[RMS_NOTE_EXPECTED] = {
		"its file moves pages in a way that expects more references than usual",
		NULL,
	},
	[RMS_NOTE_WRITEBACK] = {
		"it is being written: only a migration that may wait succeeds now",
		NULL,
	},
	[RMS_NOTE_LOOKS_PINNED] = {
		"it has so many references that the kernel cannot tell them from a pin",
		NULL,
	},
	[RMS_NOTE_BATCHED] = {
		"a CPU has it or its buffers in a batch, which the kernel drains first",
		NULL,
	},
	[RMS_NOTE_MAYBE_BATCHED] = {
		"the reference may be that of a CPU's batch, which drains as other pages fill it",
		NULL,
	},
	[RMS_NOTE_TRUNCATED] = {
		"not all VMAs were visited: another one may have locked it, or have it dirty",
		NULL,
	},
	[RMS_NOTE_PAGE_ONLY] = {
		"only the entries of this page were checked: --folio checks all",
		NULL,
	},
	[RMS_NOTE_RACED] = {
		"counts changed while the report was made: ask again",
		NULL,
	},
};

static const char * const op_words[RMS_NR_OPS] = RMS_OP_WORDS;

static const char * const ops[RMS_NR_OPS] = {
	[RMS_OP_RECLAIM] = "can be reclaimed",
	[RMS_OP_MIGRATE] = "can be moved",
	[RMS_OP_SPLIT] = "can be split",
};

/* Find a word, which a colon or a comma may end. Return: its index, or @n if it is unknown. */
static unsigned int find(const char * const *words, unsigned int n, const char *word)
{
	size_t len = word ? strcspn(word, ":,") : 0;
	unsigned int i;

	for (i = 0; word && i < n; i++)
		if (words[i] && strlen(words[i]) == len && !strncmp(words[i], word, len))
			return i;
	return n;
}

/**
 * words_find_kind() - find a kind of page
 * @word: the value of "kind="; NULL is no kind
 *
 * Return: the kind, or RMS_NR_KINDS for a word that a newer module uses.
 */
enum rms_kind words_find_kind(const char *word)
{
	return find(kind_words, RMS_NR_KINDS, word);
}

/**
 * words_find_note() - find a note on a verdict
 * @word: in the value of "note="; a colon or comma ends it
 *
 * Return: the note, or RMS_NR_NOTES for a word that a newer module uses.
 */
enum rms_note words_find_note(const char *word)
{
	return find(note_words, RMS_NR_NOTES, word);
}

/**
 * words_find_op() - find what a verdict is about
 * @word: the value of "op="
 *
 * Return: the operation, or RMS_NR_OPS for a word that a newer module uses.
 */
enum rms_op words_find_op(const char *word)
{
	return find(op_words, RMS_NR_OPS, word);
}

/**
 * words_kind() - look up a kind of page
 * @word: the value of "kind="; NULL is no kind
 *
 * Return: the entry, or NULL for a word that a newer module uses.
 */
const struct kind_word *words_kind(const char *word)
{
	enum rms_kind kind = words_find_kind(word);

	return kind < RMS_NR_KINDS && kinds[kind].meaning ? &kinds[kind] : NULL;
}

/**
 * words_state() - look up what a VMA has at the place of the page
 * @word: the value of "state="; NULL is no state
 *
 * Return: the entry, or NULL for a word that a newer module uses.
 */
const struct state_word *words_state(const char *word)
{
	unsigned int state = find(state_words, RMS_NR_STATES, word);

	return state < RMS_NR_STATES && states[state].meaning ? &states[state] : NULL;
}

/**
 * words_reason() - look up what stops reclaim, migration or a split
 * @word: the value of "why="
 *
 * Return: the entry, or NULL for a word that a newer module uses.
 */
const struct why_word *words_reason(const char *word)
{
	unsigned int why = find(why_words, RMS_NR_WHYS, word);

	return why < RMS_NR_WHYS && reasons[why].meaning ? &reasons[why] : NULL;
}

/**
 * words_note() - look up a note on a verdict
 * @word: in the value of "note="; a colon or comma ends it
 *
 * Return: the entry, or NULL for a word that a newer module uses.
 */
const struct why_word *words_note(const char *word)
{
	enum rms_note note = words_find_note(word);

	return note < RMS_NR_NOTES && notes[note].meaning ? &notes[note] : NULL;
}

/**
 * words_op() - look up what a verdict is about
 * @word: the value of "op="
 *
 * Return: its title, or @word itself if a newer module uses it.
 */
const char *words_op(const char *word)
{
	enum rms_op op = words_find_op(word);

	return op < RMS_NR_OPS ? ops[op] : word;
}

/**
 * words_print_states() - print what each STATE of a VMA means, for --help
 */
void words_print_states(void)
{
	unsigned int i;

	puts("\nSTATE says what the VMA has at the place of the page:");
	for (i = 0; i < RMS_NR_STATES; i++)
		printf("  %-9s%s\n", state_words[i], states[i].meaning);
}
