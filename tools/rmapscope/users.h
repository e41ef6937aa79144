/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which address spaces map each page of a run.
 */
#ifndef RMAPSCOPE_USERS_H
#define RMAPSCOPE_USERS_H

#include "collect.h"

/*
 * The run in pieces, so that the pages of each piece have the same users. The memory is used again
 * for the next run.
 */
struct users {
	unsigned int *bound;		/* piece i has the pages from bound[i] to bound[i + 1] */
	size_t nr_bounds, room_bounds;
	size_t *list;			/* and the users mm[list[i]] to mm[list[i + 1]], sorted */
	size_t room_lists;
	unsigned int *mm;
	size_t room_mms;
};

void users_find(struct users *u, const struct scan_run *run);
size_t users_piece(const struct users *u, unsigned int page);
bool users_same(const struct users *u, size_t a, size_t b);
char *users_pids(const struct users *u, size_t piece, const struct collect *c);
void users_free(struct users *u);

#endif
