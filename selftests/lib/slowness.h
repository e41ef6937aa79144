/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_SLOWNESS_H
#define RMAPSCOPE_SELFTEST_SLOWNESS_H

#include <stdlib.h>

/**
 * slowness() - the factor for all time limits, for slow kernels and machines
 *
 * Return: the value of RMAPSCOPE_SLOWNESS in the environment, or 1.
 */
static inline unsigned int slowness(void)
{
	const char *given = getenv("RMAPSCOPE_SLOWNESS");

	return given && atoi(given) > 1 ? atoi(given) : 1;
}

#endif
