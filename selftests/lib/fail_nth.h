/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_FAIL_NTH_H
#define RMAPSCOPE_SELFTEST_FAIL_NTH_H

#include <stdbool.h>

/*
 * Fault injection of the kernel for the calling thread: once armed, the N-th allocation or copy
 * from or to user memory fails.
 */

bool fail_nth_setup(void);
void fail_nth_restore(void);

int fail_nth_arm(unsigned int nth);
int fail_nth_disarm(unsigned int *left);

#endif
