/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sums over the pages of a VMA, or of a kind.
 */
#ifndef RMAPSCOPE_TALLY_H
#define RMAPSCOPE_TALLY_H

#include <stdbool.h>
#include <uapi/rmapscope.h>

/* What tally_get() returns for what is not known. */
#define TALLY_UNKNOWN	(~0ULL)

enum tally_item {
	TALLY_RSS,		/* pages in memory; all others count pages of these */
	TALLY_EXCLUSIVE,	/* mapped once */
	TALLY_SHARED,		/* mapped more than once */
	TALLY_ANON,
	TALLY_FILE,
	TALLY_SHMEM,
	TALLY_HUGETLB,
	TALLY_KSM,
	TALLY_HUGE,		/* mapped by an entry for many pages */
	TALLY_PTE_HUGE,		/* in a large folio, and mapped by an entry of their own */
	TALLY_LARGE,		/* in a large folio */
	TALLY_EXTRA,		/* with unexplained references */
	TALLY_STUCK,		/* that can't be migrated */
	TALLY_SWAP,		/* slots, not pages */
	TALLY_MAPPINGS,		/* entries that map the pages */
	/* These are no sums. */
	TALLY_MAX_MAPS,
	TALLY_MAX_VISITED,
	TALLY_HUNDREDTHS,	/* VMAs visited for a mapping, times 100 */
};

struct tally {
	unsigned long long item[TALLY_HUNDREDTHS + 1];
	/* For how many pages the record has a level, references, a walk and verdicts. */
	unsigned long long leveled, counted, walked, judged;
	unsigned long long visited, walked_maps;	/* sums over the walked pages */
};

void tally_add(struct tally *t, const struct rms_rec_page *page, unsigned long long count);
unsigned long long tally_get(const struct tally *t, enum tally_item item);

#endif
