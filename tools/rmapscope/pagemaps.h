/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the page tables of processes have, by /proc/PID/pagemap.
 *
 * pagemap shows every entry that is not present and not empty as a swap entry, with a type of five
 * bits and an offset. The highest types do not stand for swap devices. They are, in this order:
 * hwpoison, migration, devices, a marker, and on 6.1 a page that could not be read from swap. The
 * number of types for hwpoison, migration and devices depends on the configuration of the kernel.
 */
#ifndef RMAPSCOPE_PAGEMAPS_H
#define RMAPSCOPE_PAGEMAPS_H

#include <stdbool.h>

#define PAGEMAP_BIT(n)		(1ULL << (n))
#define PAGEMAP_PRESENT		PAGEMAP_BIT(63)
#define PAGEMAP_SWAP		PAGEMAP_BIT(62)
#define PAGEMAP_GUARD		PAGEMAP_BIT(58)
#define PAGEMAP_UFFD_WP		PAGEMAP_BIT(57)
#define PAGEMAP_PFN		(PAGEMAP_BIT(55) - 1)
#define SWAP_TYPE(entry)	((unsigned int)((entry) & 31))
#define SWAP_OFFSET(entry)	(((entry) & PAGEMAP_PFN) >> 5)

/* The first type that is not a swap device, on a 6.1 with all of the above. */
#define FIRST_SPECIAL_TYPE	22

/* Set in a key that is no frame: the rest is type and offset of a swap slot, as in the entry. */
#define PAGEMAP_SLOT		PAGEMAP_SWAP

/* Called for each page that is present or swapped out; @key is its frame or its swap slot. */
typedef void (*pagemaps_page)(void *arg, unsigned long long key, unsigned long long pid,
			      unsigned long long va);

unsigned long long pagemaps_key(unsigned long long entry);
bool pagemaps_readable(void);
bool pagemaps_of_range(unsigned long long pid, unsigned long long start, unsigned long long end,
		       pagemaps_page page, void *arg);
void pagemaps_of_process(unsigned long long pid, pagemaps_page page, void *arg);
unsigned int pagemaps_of_all(pagemaps_page page, void *arg);

#endif
