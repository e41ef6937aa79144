/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_SLOWNESS_H
#define RMAPSCOPE_SELFTEST_SLOWNESS_H

#include <stdlib.h>

/**
 * slowness() - how many times more time everything is given, as where kernels are debugged
 *
 * Return: what RMAPSCOPE_SLOWNESS in the environment says, or 1.
 */
static inline unsigned int slowness(void)
{
	const char *given = getenv("RMAPSCOPE_SLOWNESS");

	return given && atoi(given) > 1 ? atoi(given) : 1;
}

#endif
