/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_BUSY_SHARERS_H
#define RMAPSCOPE_SELFTEST_BUSY_SHARERS_H

#include <stdbool.h>
#include <sys/types.h>

#define BUSY_SHARERS_MAX 8

/* Processes that share a page and keep changing its mappings until they are told to stop. */
struct busy_sharers {
	pid_t pids[BUSY_SHARERS_MAX];
	size_t nr;
	volatile bool *stop;
};

/* What one of the processes does, over and over. */
typedef void (*busy_fn)(void *page, unsigned int *seed);

int busy_sharers_start(struct busy_sharers *sharers, size_t nr, busy_fn act, void *page);
int busy_sharers_stop(struct busy_sharers *sharers);

void busy_fork(void *page, unsigned int *seed);
void busy_move(void *page, unsigned int *seed);

#endif
