/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_PARAM_H
#define RMAPSCOPE_SELFTEST_PARAM_H

int param_get(const char *name, unsigned int *value);
int param_set(const char *name, unsigned int value);

#endif
