/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_KERNEL_MEMORY_H
#define RMAPSCOPE_SELFTEST_KERNEL_MEMORY_H

#include <stdint.h>

#include "cgroup.h"

/* How much memory the kernel uses, in bytes. */
struct kernel_memory {
	int64_t available;	/* MemAvailable, SUnreclaim and VmallocUsed of /proc/meminfo */
	int64_t slab;
	int64_t vmalloc;
	int64_t charged;	/* kernel memory charged to the control group; -1 if unknown */
};

/* A group with an empty path stands for no group; then nothing is charged. */
int memory_group_create(struct cgroup *group);
int memory_group_enter(const struct cgroup *group);
void memory_group_destroy(struct cgroup *group);

int kernel_memory_read(struct kernel_memory *memory, const struct cgroup *group);
int kernel_memory_same(const struct kernel_memory *before, const struct kernel_memory *after);

long kmemleak_count(void);

#endif
