/* SPDX-License-Identifier: GPL-2.0 */
/* A report on a page that is made without the module. */
#ifndef RMAPSCOPE_PAGE_METHOD_H
#define RMAPSCOPE_PAGE_METHOD_H

#include "method.h"
#include "report.h"
#include "target.h"

int page_method_take(struct report *r, const struct target *t, enum method method);

#endif
