/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Error messages for the case that the module gives no report.
 */
#ifndef RMAPSCOPE_EXPLAIN_H
#define RMAPSCOPE_EXPLAIN_H

#include "report.h"
#include "target.h"

int explain_failure(const struct target *t, const struct report *r, int err);
int explain_error(const char *file, const char *name, const char *request, int err);
int explain_file(const char *file, const struct report *r, int err);

#endif
