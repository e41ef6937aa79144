/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_WIDE_H
#define RMAPSCOPE_SELFTEST_WIDE_H

#include <stddef.h>

/* One page of shared memory at many addresses of this process. */
struct wide {
	char **at;
	size_t nr;
};

int wide_map(struct wide *wide, size_t nr);
int wide_unmap(struct wide *wide);

#endif
