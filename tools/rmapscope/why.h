/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_WHY_H
#define RMAPSCOPE_WHY_H

#include "report.h"

void why_print_text(const struct report *r);

#endif
