/* SPDX-License-Identifier: GPL-2.0 */
/* Numbers on the command line. */
#ifndef RMAPSCOPE_NUMBER_H
#define RMAPSCOPE_NUMBER_H

#include <stdbool.h>

bool number_only_digits(const char *arg);
bool number_is_hex(const char *arg);
bool number_parse(const char *arg, bool hex, unsigned long long *num);

#endif
