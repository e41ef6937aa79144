/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sums over sets of pages: what some address spaces have, and what they share with others.
 */
#ifndef RMAPSCOPE_SHARING_SUMS_H
#define RMAPSCOPE_SHARING_SUMS_H

#include "sharing.h"

/* Through what pages are shared. */
enum channel {
	CHANNEL_FORK,			/* the same anonymous page since a fork */
	CHANNEL_CACHE,			/* the page cache of a file */
	CHANNEL_SHMEM,
	CHANNEL_KSM,
	CHANNEL_HUGETLB,
	CHANNEL_SWAP,			/* the same swap slot since a fork */
	NR_CHANNELS,
};

/* In pages, but for @pss. */
struct sharing_sums {
	unsigned long long mapped[NR_CHANNELS];		/* a page counts as often as it is mapped */
	unsigned long long unique[NR_CHANNELS];		/* of these, what nothing else maps */
	unsigned long long single[NR_CHANNELS];		/* of these, what has one mapping in all */
	unsigned long long pages[NR_CHANNELS];		/* each page counts once */
	unsigned long long unique_pages[NR_CHANNELS];	/* of these, what nothing else maps */
	unsigned long long pss[NR_CHANNELS];		/* in bytes << SHARING_PSS_SHIFT */
};

/* The sets with several address spaces that each group is in. */
struct sharing_index {
	size_t *first;			/* of each group, in @set */
	size_t *set;			/* indices in sharing.set */
};

/* What is shared with a group, in pages. */
struct sharing_with {
	unsigned long long pages[NR_CHANNELS];
};

/* As in the kernel's fs/proc/task_mmu.c, so that the sums are the same to the last byte. */
#define SHARING_PSS_SHIFT	12

/* An address space that no sum is wanted of. */
#define SHARING_NONE		(~(size_t)0)

enum channel sharing_channel(enum rms_kind kind);
const char *sharing_channel_word(enum channel channel);
bool sharing_is_resident(enum channel channel);
unsigned long long sharing_resident(const unsigned long long sums[NR_CHANNELS]);
void sharing_sum(const struct sharing *s, const size_t *group, size_t nr_groups,
		 unsigned int page_size, struct sharing_sums *sums);
void sharing_sum_files(const struct sharing *s, const size_t *group, unsigned int page_size,
		       struct sharing_sums *sums);
void sharing_index_make(struct sharing_index *index, const struct sharing *s, const size_t *group,
			size_t nr_groups);
void sharing_index_free(struct sharing_index *index);
void sharing_partners(const struct sharing *s, const struct sharing_index *index,
		      const size_t *group, size_t nr_groups, size_t of,
		      struct sharing_with *with);

#endif
