/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_KSM_H
#define RMAPSCOPE_SELFTEST_KSM_H

/* The settings of ksmd. */
#define KSM	"/sys/kernel/mm/ksm/"

int ksm_settle(void);

#endif
