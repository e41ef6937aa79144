/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Printing of reports on a page. Other subcommands print the head as well.
 */
#ifndef RMAPSCOPE_PAGE_H
#define RMAPSCOPE_PAGE_H

#include "columns.h"
#include "report.h"
#include "table.h"

void page_print_head(const struct report *r);
void page_print_text(const struct report *r, const struct column_list *maps,
		     const struct table_style *style);
void page_print_json(const struct report *r, const struct column_list *maps);

#endif
