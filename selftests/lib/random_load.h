/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_CHAOS_H
#define RMAPSCOPE_SELFTEST_CHAOS_H

#include <stdint.h>
#include <sys/types.h>

/*
 * Processes that fork, exit, and do all they can think of to memory of all kinds, until
 * they are frozen. They are one process group.
 */
struct chaos {
	pid_t group;
	struct chaos_shared *shared;
};

int chaos_start(struct chaos *chaos, unsigned int workers, unsigned int seed);
int chaos_freeze(struct chaos *chaos);
unsigned int chaos_count(const struct chaos *chaos, unsigned int *deeds);
int chaos_pick(const struct chaos *chaos, pid_t *pid, uint64_t *start, uint64_t *end);
int chaos_stop(struct chaos *chaos);

#endif
