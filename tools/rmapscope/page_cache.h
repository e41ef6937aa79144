/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Finds the frame that holds a page of a file in the page cache.
 */
#ifndef RMAPSCOPE_PAGE_CACHE_H
#define RMAPSCOPE_PAGE_CACHE_H

#include <stdbool.h>
#include <stddef.h>

struct page_place {
	int fd;				/* opened for reading */
	unsigned long long offset;	/* in the file, in bytes */
	size_t size;			/* of a page; in hugetlbfs that is a huge page */
	bool hugetlb;
	bool shmem;
};

enum page_cache_state {
	PAGE_CACHED,
	PAGE_ABSENT,
	PAGE_IN_SWAP,
	PAGE_POISONED,
	PAGE_MOVED,		/* it was dropped or replaced during the lookup */
	PAGE_UNMAPPABLE,	/* errno says why */
	PAGE_UNKNOWN,		/* errno says why */
};

bool page_cache_is_dax(int fd, const char *path);
enum page_cache_state page_cache_find(const struct page_place *place,
				      unsigned long long *pfn);

#endif
