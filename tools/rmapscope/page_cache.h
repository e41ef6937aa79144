/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which frame the page cache has a part of a file in.
 */
#ifndef RMAPSCOPE_PAGE_CACHE_H
#define RMAPSCOPE_PAGE_CACHE_H

#include <stdbool.h>
#include <stddef.h>

struct page_place {
	int fd;				/* opened for reading */
	unsigned long long offset;	/* in the file, in bytes */
	size_t size;			/* of its pages, huge ones for hugetlbfs */
	bool hugetlb;
	bool shmem;
};

enum page_cache_state {
	PAGE_CACHED,
	PAGE_ABSENT,
	PAGE_IN_SWAP,
	PAGE_POISONED,
	PAGE_MOVED,		/* something happened to it at this moment */
	PAGE_UNMAPPABLE,	/* errno has why */
	PAGE_UNKNOWN,		/* errno has why */
};

enum page_cache_state page_cache_find(const struct page_place *place,
				      unsigned long long *pfn);

#endif
