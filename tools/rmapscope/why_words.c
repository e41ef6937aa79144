// SPDX-License-Identifier: GPL-2.0
/*
 * What the words mean with which the module says what stops reclaim, migration or
 * splitting. The module's documentation has the same list.
 */
#include <string.h>

#include "why.h"

static const struct why_word reasons[] = {
	{ "hugetlb", "it is a hugetlb page, which is managed apart",
	  "shrink the pool (vm.nr_hugepages) once its users let go of it" },
	{ "dax", "it lies on the memory of a device (DAX): there is no other place for it", NULL },
	{ "not_on_lru", "it is a driver's page, on no list that the kernel works on", NULL },
	{ "hwpoison", "its memory is broken: the kernel keeps it from any further use", NULL },
	{ "mlocked", "it is locked into memory (mlock, mlockall, MAP_LOCKED)",
	  "munlock() there, or end that process" },
	{ "unevictable", "its file must stay in memory (ramfs, SHM_LOCK, noswap, secretmem)",
	  "remove the file, or SHM_UNLOCK it" },
	{ "writeback", "it is being written to disk or swap", "look again when that is done" },
	{ "dirty", "it must be written to its file first, which reclaim leaves to others",
	  "sync, or fsync() the file" },
	{ "no_swap", "it has to go to swap, and there is no slot to be had",
	  "see /proc/swaps, and memory.swap.max of its cgroup and of those above" },
	{ "pinned", "it is pinned for DMA, or looks as if",
	  "find who has it registered or has I/O under way: io_uring, RDMA, VFIO, direct I/O" },
	{ "extra_refs", "somebody in the kernel holds references that cannot be named",
	  "look for pipes (vmsplice, splice), sockets (zero copy), direct I/O, drivers" },
	{ "buffers", "its buffers are in use by a file system or its journal, or not yet written",
	  "sync; the blocks of a mounted file system are let go of by umount" },
	{ "orphaned", "it was cut off from its file (truncated), and only references keep it",
	  "close what holds it (a pipe, io_uring): it is freed with its last reference" },
	{ "unreached", "ksmd has merged it, and nothing leads the kernel to this process yet",
	  "wait until ksmd has come by: pages_to_scan, sleep_millisecs in /sys/kernel/mm/ksm" },
	{ "redirtied", "given up (MADV_FREE) and written to since: a first attempt takes that back",
	  "try again: it is ordinary memory then, and needs swap" },
	{ "unmovable", "its memory must not move (secretmem), or this kernel moves none", NULL },
	{ "no_migrate_op", "it is dirty, and its file system does not know how to move it",
	  "sync, if the file system writes anywhere at all" },
	{ "order0", "it is a small page: there is nothing to split", NULL },
	{ "unmapped", "nobody maps it any more, and only mapped anonymous folios can be split",
	  NULL },
	{ "min_order", "its file system needs folios of at least this size", NULL },
	{ "private", "its file system keeps data with it, and cannot drop that while it is dirty",
	  "sync, or fsync() the file" },
	{ }
};

static const struct why_word notes[] = {
	{ "referenced", "used of late (accessed bits): reclaim at large takes others first", NULL },
	{ "madvise_skips_shared",
	  "it counts as shared: madvise(MADV_PAGEOUT) leaves it alone, memory.reclaim does not",
	  NULL },
	{ "needs_move_all",
	  "it counts as shared: move_pages() needs MPOL_MF_MOVE_ALL", NULL },
	{ "expected", "its file's own way to move it expects references that others do not",
	  NULL },
	{ "writeback", "it is being written: only a migration that may wait succeeds now", NULL },
	{ "looks_pinned",
	  "it has so many references that the kernel cannot tell them from a pin", NULL },
	{ "batched", "a CPU still holds it, or its buffers, in a batch that is emptied first",
	  NULL },
	{ "maybe_batched",
	  "that may be no more than a CPU's batch, which other pages push it out of", NULL },
	{ "truncated",
	  "not all VMAs were looked at: another one may have locked it, or have it dirty", NULL },
	{ "page_only", "only this page's entries were looked at: --folio looks at all", NULL },
	{ "raced", "counts moved during the look: look again", NULL },
	{ }
};

static const struct why_word *find(const struct why_word *words, const char *word)
{
	size_t len = strcspn(word, ":,");

	for (; words->word; words++)
		if (strlen(words->word) == len && !strncmp(words->word, word, len))
			return words;
	return NULL;
}

/**
 * why_find() - look up a reason
 * @word: as in why= of a verdict
 *
 * Return: the entry; NULL: a newer module says what we do not know.
 */
const struct why_word *why_find(const char *word)
{
	return find(reasons, word);
}

/**
 * why_find_note() - look up a note
 * @word: as in note= of a verdict, up to a colon or comma
 *
 * Return: the entry; NULL: a newer module says what we do not know.
 */
const struct why_word *why_find_note(const char *word)
{
	return find(notes, word);
}
