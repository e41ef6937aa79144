/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_ORACLE_H
#define RMAPSCOPE_SELFTEST_ORACLE_H

#include <stdbool.h>

#include "mappings.h"

/*
 * The oracle: finds the mappings of a page without the module, by reading the pagemaps of all
 * processes.
 */

#define PM_PFN(entry)	((entry) & ((1ULL << 55) - 1))
#define PM_SWAP_TYPE(entry)	((entry) & 0x1f)
#define PM_SWAP_OFFSET(entry)	(PM_PFN(entry) >> 5)
#define PM_SOFT_DIRTY	(1ULL << 55)
#define PM_FILE		(1ULL << 61)
#define PM_SWAPPED	(1ULL << 62)
#define PM_PRESENT	(1ULL << 63)

/* One line of /proc/PID/maps. */
struct oracle_vma {
	uint64_t start;
	uint64_t end;
	uint64_t offset;
	char perms[5];
	char name[256];
};

/*
 * All page-table entries of all processes, sorted by frame. A non-present entry that holds a swap
 * slot or a marker has oracle_swap_key() in place of the frame.
 */
struct oracle_entry {
	uint64_t pfn;
	struct mapping place;
};

struct oracle {
	struct oracle_entry *v;
	size_t nr;
	size_t room;
};

uint64_t oracle_swap_key(uint64_t type, uint64_t offset);
int oracle_entry(pid_t pid, uint64_t va, uint64_t *entry);
int oracle_pfn(pid_t pid, uint64_t va, uint64_t *pfn);
int oracle_vma(pid_t pid, uint64_t va, struct oracle_vma *vma);
int oracle_mappers(uint64_t pfn, struct mappings *found);
int oracle_swapped(uint64_t entry, struct mappings *found);
int oracle_scan(struct oracle *all);
int oracle_find(const struct oracle *all, uint64_t pfn, struct mappings *found);
void oracle_free(struct oracle *all);
int oracle_kpageflags(uint64_t pfn, uint64_t *flags);

#endif
