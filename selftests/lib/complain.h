/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_COMPLAIN_H
#define RMAPSCOPE_SELFTEST_COMPLAIN_H

/*
 * The harness may only be included by the file that holds main(), so helpers
 * cannot assert. They return 0 or -1, and leave the reason here for the test
 * to print.
 */
extern char why[1024];

int complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
