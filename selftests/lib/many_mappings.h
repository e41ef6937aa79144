/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_MANY_MAPPINGS_H
#define RMAPSCOPE_SELFTEST_MANY_MAPPINGS_H

#include <stddef.h>
#include <sys/types.h>

/* A page of shared memory that this process and others map at many addresses. */
struct many_mappings {
	char **at;		/* its addresses, the same in all processes */
	size_t nr_here;
	pid_t *sharers;
	size_t nr_sharers;
};

int many_mappings_map(struct many_mappings *wide, size_t nr);
int many_mappings_unmap(const struct many_mappings *wide);
int many_mappings_end(struct many_mappings *wide);

#endif
