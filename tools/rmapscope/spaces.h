/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The address spaces of all processes.
 */
#ifndef RMAPSCOPE_SPACES_H
#define RMAPSCOPE_SPACES_H

#include <stdbool.h>
#include <stddef.h>

/* An address space. */
struct space {
	int tid;			/* a thread that uses it */
	int *pid;			/* the processes that use it, in ascending order */
	size_t nr_pids;
	char comm[16];			/* of the first one */
};

struct spaces {
	struct space *space;		/* in the order of their first processes */
	size_t nr;
};

void spaces_read(struct spaces *s);
void spaces_free(struct spaces *s);

#endif
