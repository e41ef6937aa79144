/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_BUSY_EXEC_H
#define RMAPSCOPE_SELFTEST_BUSY_EXEC_H

#include <stdint.h>
#include <sys/types.h>

/* A process that calls exec all the time, until it is killed. */
pid_t busy_exec_start(void);
uint64_t busy_exec_last_page(void);

#endif
