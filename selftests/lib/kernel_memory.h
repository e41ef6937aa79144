/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_FAULT_MEMORY_H
#define RMAPSCOPE_SELFTEST_FAULT_MEMORY_H

#include <stdint.h>

#include "cgroup.h"

/* How much of its memory the kernel uses, by figures of its own; all in bytes. */
struct memory {
	int64_t available;	/* MemAvailable, SUnreclaim and VmallocUsed of /proc/meminfo */
	int64_t slab;
	int64_t vmalloc;
	int64_t charged;	/* to the control group, for the kernel's use; -1: not known */
};

/* A group without a path is none: nothing is charged to it. */
int memory_group_create(struct cgroup *group);
int memory_group_enter(const struct cgroup *group);
void memory_group_destroy(struct cgroup *group);

int memory_read(struct memory *memory, const struct cgroup *group);
int memory_same(const struct memory *before, const struct memory *after);

long kmemleak_count(void);

#endif
