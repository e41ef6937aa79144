// SPDX-License-Identifier: GPL-2.0
/*
 * What the words of the module's reports mean. Documentation/interface.rst has them at greater
 * length.
 */
#include <stdio.h>
#include <string.h>

#include "words.h"

static const struct kind_word kinds[] = {
	{
		.word = "anon",
		.meaning = "anonymous memory, or the private copy of a page of a file",
		.anon = true,
		.plain = true,
	}, {
		.word = "ksm",
		.meaning = "several equal pages that ksmd has merged into one",
		.no_tree = "a KSM page belongs to the trees of all pages that were merged; "
			   "choose one of them with -p PID -a ADDR",
		.anon = true,
	}, {
		.word = "file",
		.meaning = "in the page cache of a file",
		.no_tree = "a page of a file belongs to no anon_vma tree; use rmapscope page",
		.plain = true,
	}, {
		.word = "shmem",
		.meaning = "a file of a tmpfs, or other shared memory",
		.no_tree = "shared memory belongs to no anon_vma tree; use rmapscope page",
		.plain = true,
	}, {
		.word = "hugetlb-anon",
		.meaning = "a private hugetlb page",
		.anon = true,
		.plain = true,
	}, {
		.word = "hugetlb-file",
		.meaning = "a shared hugetlb page, or one of a file in hugetlbfs",
		.no_tree = "a page of hugetlbfs belongs to no anon_vma tree; use rmapscope page",
		.plain = true,
	}, {
		.word = "swap",
		.meaning = "swapped out: no page is in memory, only a slot of a swap device",
	}, {
		.word = "orphaned",
		.meaning = "cut off from its file (truncated)",
		.no_tree = "a page cut off from its file belongs to no anon_vma tree; "
			   "use rmapscope page",
	},
	{ }
};

static const struct state_word states[] = {
	{ "mapped", "the page", true },
	{ "cowed", "another page, NOW-PFN: a copy that a write made, or the original", false },
	{ "none", "no page", false },
	{ "swapped", "a swap entry", false },
	{ "device", "the page, in an entry for a device that does not count as a mapping", true },
	{ }
};

static const struct why_word reasons[] = {
	{ "hugetlb", "it is a hugetlb page, which reclaim and split leave alone",
	  "shrink the pool (vm.nr_hugepages) after its users have freed it" },
	{ "dax", "it is in the memory of a device (DAX), and there is no other place for it",
	  NULL },
	{ "not_on_lru", "it is a driver's page: neither anonymous nor in a page cache", NULL },
	{ "hwpoison", "its memory is broken, and the kernel keeps it out of use", NULL },
	{ "mlocked", "it is locked in memory (mlock, mlockall, MAP_LOCKED)",
	  "munlock() there, or end that process" },
	{ "unevictable", "its file must stay in memory (ramfs, SHM_LOCK, noswap, secretmem)",
	  "remove the file, or use SHM_UNLOCK" },
	{ "writeback", "it is being written to disk or swap", "ask again when that is done" },
	{ "dirty", "it is dirty, and reclaim does not write pages to files",
	  "run sync, or fsync() the file" },
	{ "no_swap", "it has to go to swap, and no slot is free or allowed",
	  "see /proc/swaps, and memory.swap.max of its cgroup and the cgroups above" },
	{ "pinned", "it is pinned for DMA, or has so many references that it looks pinned",
	  "look for io_uring buffers, RDMA, VFIO and direct I/O" },
	{ "extra_refs", "it has references whose holders the kernel does not record",
	  "look for pipes (vmsplice, splice), zero-copy sockets, direct I/O and drivers" },
	{ "buffers", "its buffers are in use by a file system or its journal, or not yet written",
	  "run sync; umount releases the blocks of a mounted file system" },
	{ "orphaned", "it was cut off from its file (truncated), and only references keep it",
	  "close what holds it (a pipe, io_uring): the last reference frees it" },
	{ "unreached", "ksmd has merged it, and the kernel's walk does not find this mapping yet",
	  "wait for ksmd: see pages_to_scan and sleep_millisecs in /sys/kernel/mm/ksm" },
	{ "redirtied", "it was written to after MADV_FREE: the first attempt only takes that back",
	  "try again: it is ordinary memory then, and needs swap" },
	{ "unmovable",
	  "its file does not let its pages move (secretmem), or this kernel moves none", NULL },
	{ "no_migrate_op", "it is dirty, and its file system has no function that moves it",
	  "run sync, if the file system writes to a disk" },
	{ "order0", "it is a small page: there is nothing to split", NULL },
	{ "unmapped", "no process maps it: anonymous folios can be split only while mapped", NULL },
	{ "min_order", "its file system needs folios of at least this size", NULL },
	{ "private", "its file system has data with it, and cannot free them while it is dirty",
	  "run sync, or fsync() the file" },
	{ }
};

static const struct why_word notes[] = {
	{ "referenced",
	  "used recently (accessed bits): under memory pressure, others are reclaimed first",
	  NULL },
	{ "madvise_skips_shared",
	  "it counts as shared: madvise(MADV_PAGEOUT) skips it, memory.reclaim does not", NULL },
	{ "needs_move_all",
	  "it counts as shared: move_pages() needs MPOL_MF_MOVE_ALL", NULL },
	{ "expected", "its file moves pages in a way that expects more references than usual",
	  NULL },
	{ "writeback", "it is being written: only a migration that may wait succeeds now", NULL },
	{ "looks_pinned",
	  "it has so many references that the kernel cannot tell them from a pin", NULL },
	{ "batched", "a CPU has it or its buffers in a batch, which the kernel empties first",
	  NULL },
	{ "maybe_batched",
	  "the reference may be that of a CPU's batch, which empties as other pages enter", NULL },
	{ "truncated",
	  "not all VMAs were visited: another one may have locked it, or have it dirty", NULL },
	{ "page_only", "only the entries of this page were checked: --folio checks all", NULL },
	{ "raced", "counts moved while the report was made: ask again", NULL },
	{ }
};

/**
 * words_kind() - look up a kind of page
 * @word: the value of "kind="; NULL is no kind
 *
 * Return: the entry, or NULL for a word that a newer module uses.
 */
const struct kind_word *words_kind(const char *word)
{
	const struct kind_word *kind;

	for (kind = kinds; word && kind->word; kind++)
		if (!strcmp(kind->word, word))
			return kind;
	return NULL;
}

/**
 * words_state() - look up what a VMA has at the place of the page
 * @word: the value of "state="; NULL is no state
 *
 * Return: the entry, or NULL for a word that a newer module uses.
 */
const struct state_word *words_state(const char *word)
{
	const struct state_word *state;

	for (state = states; word && state->word; state++)
		if (!strcmp(state->word, word))
			return state;
	return NULL;
}

static const struct why_word *find(const struct why_word *words, const char *word)
{
	size_t len = strcspn(word, ":,");

	for (; words->word; words++)
		if (strlen(words->word) == len && !strncmp(words->word, word, len))
			return words;
	return NULL;
}

/**
 * words_reason() - look up what stops reclaim, migration or a split
 * @word: the value of "why="
 *
 * Return: the entry, or NULL for a word that a newer module uses.
 */
const struct why_word *words_reason(const char *word)
{
	return find(reasons, word);
}

/**
 * words_note() - look up a note on a verdict
 * @word: in the value of "note="; a colon or comma ends it
 *
 * Return: the entry, or NULL for a word that a newer module uses.
 */
const struct why_word *words_note(const char *word)
{
	return find(notes, word);
}

/**
 * words_print_states() - print what each STATE of a VMA means, for --help
 */
void words_print_states(void)
{
	const struct state_word *state;

	puts("\nSTATE says what the VMA has at the place of the page:");
	for (state = states; state->word; state++)
		printf("  %-9s%s\n", state->word, state->meaning);
}
