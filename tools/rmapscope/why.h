/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_WHY_H
#define RMAPSCOPE_WHY_H

#include "options.h"
#include "report.h"

void why_print_text(const struct report *r);

/* why_range.c */
bool why_is_range(const struct options *o);
int why_range(struct options *o);

#endif
