/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_FAULT_MEMORY_H
#define RMAPSCOPE_SELFTEST_FAULT_MEMORY_H

#include <stdint.h>
#include <sys/types.h>

/* How much of its memory the kernel uses, by figures of its own; all in bytes. */
struct memory {
	int64_t available;	/* MemAvailable, SUnreclaim and VmallocUsed of /proc/meminfo */
	int64_t slab;
	int64_t vmalloc;
	int64_t charged;	/* to the control group, for the kernel's use; -1: not known */
};

/* A control group for those whose use of kernel memory is to be counted. */
struct memory_group {
	char path[128];		/* "" if there is none */
};

int memory_group_create(struct memory_group *group);
int memory_group_enter(const struct memory_group *group);
void memory_group_destroy(struct memory_group *group);

int memory_read(struct memory *memory, const struct memory_group *group);
int memory_same(const struct memory *before, const struct memory *after);

int module_users(void);
long kmemleak_count(void);

#endif
