/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_MANY_MAPPINGS_H
#define RMAPSCOPE_SELFTEST_MANY_MAPPINGS_H

#include <stddef.h>
#include <sys/types.h>

/* One page of shared memory at many addresses, of this process and of others. */
struct many_mappings {
	char **at;		/* in each */
	size_t nr_here;
	pid_t *sharers;
	size_t nr_sharers;
};

int many_mappings_map(struct many_mappings *wide, size_t nr);
int many_mappings_unmap(const struct many_mappings *wide);
int many_mappings_end(struct many_mappings *wide);

#endif
