/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_COMPLAIN_H
#define RMAPSCOPE_SELFTEST_COMPLAIN_H

/*
 * Only the file with main() may include the harness, so helpers cannot use its assertions.
 * Instead they return 0 or -1 and store the reason here. The test prints it.
 */
extern char why[1024];

int complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
