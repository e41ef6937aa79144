/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_RANDOM_LOAD_H
#define RMAPSCOPE_SELFTEST_RANDOM_LOAD_H

#include <stdint.h>
#include <sys/types.h>

/*
 * Workers that fork, exit, and do random things to memory of all kinds until they are stopped.
 * They are one process group.
 */
struct random_load {
	pid_t group;
	struct random_load_shared *shared;
};

int random_load_start(struct random_load *load, unsigned int workers, unsigned int seed);
int random_load_freeze(struct random_load *load);
unsigned int random_load_count(const struct random_load *load, unsigned int *actions);
int random_load_pick(const struct random_load *load, pid_t *pid, uint64_t *start, uint64_t *end);
int random_load_stop(struct random_load *load);

#endif
