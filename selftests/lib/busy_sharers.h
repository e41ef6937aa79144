/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_STORM_H
#define RMAPSCOPE_SELFTEST_STORM_H

#include <stdbool.h>
#include <sys/types.h>

#define STORM_MAX 8

/* Processes that never leave a shared page alone, until they are told to stop. */
struct storm {
	pid_t pids[STORM_MAX];
	size_t nr;
	volatile bool *stop;
};

/* What one process of a storm does, over and over. */
typedef void (*storm_fn)(void *page, unsigned int *seed);

int storm_start(struct storm *storm, size_t nr, storm_fn act, void *page);
int storm_stop(struct storm *storm);

void storm_fork(void *page, unsigned int *seed);
void storm_move(void *page, unsigned int *seed);

#endif
