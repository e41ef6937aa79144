/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_TARGET_H
#define RMAPSCOPE_SELFTEST_TARGET_H

#include <stdint.h>
#include <stdio.h>

/* Writes the target of an address into a character array. The address is a number or a pointer. */
#define TARGET_AT(target, pid, va)					\
	snprintf(target, sizeof(target), "pid=%d va=%#llx", pid,	\
		 (unsigned long long)(uintptr_t)(va))

#endif
