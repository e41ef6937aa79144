/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Entries that map pages in a row at addresses in a row.
 */
#ifndef RMAPSCOPE_MAPPING_RUN_H
#define RMAPSCOPE_MAPPING_RUN_H

#include <stdbool.h>
#include <stddef.h>

struct mapping_run {
	size_t space;			/* index of the address space */
	unsigned long long va;		/* of the first */
	unsigned int first;		/* number of the first page */
	unsigned int count;
	bool swapped;
};

struct mapping_runs {
	struct mapping_run *run;
	size_t nr, room;
};

void mapping_runs_add(struct mapping_runs *list, const struct mapping_run *run);
void mapping_runs_join(struct mapping_runs *list);
void mapping_runs_free(struct mapping_runs *list);

#endif
