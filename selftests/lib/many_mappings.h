/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_WIDE_H
#define RMAPSCOPE_SELFTEST_WIDE_H

#include <stddef.h>
#include <sys/types.h>

/* One page of shared memory at many addresses, of this process and of others. */
struct wide {
	char **at;		/* in each */
	size_t nr_here;
	pid_t *sharers;
	size_t nr_sharers;
};

int wide_map(struct wide *wide, size_t nr);
int wide_unmap(const struct wide *wide);
int wide_end(struct wide *wide);

#endif
