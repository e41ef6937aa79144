/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tables, aligned or raw, by libsmartcols.
 */
#ifndef RMAPSCOPE_TABLE_H
#define RMAPSCOPE_TABLE_H

#include <stdbool.h>

#include "columns.h"
#include "report.h"

struct libscols_line;
struct libscols_table;

struct table_style {
	bool raw;
	bool noheadings;
};

struct libscols_table *table_new(const struct table_style *style);
void table_column(struct libscols_table *tb, const char *name, bool right);
void table_tree_column(struct libscols_table *tb, const char *name);
void table_row(struct libscols_table *tb, const char **cell, size_t n,
	       const char *color);
struct libscols_line *table_row_below(struct libscols_table *tb,
				      struct libscols_line *parent, const char **cell,
				      size_t n, const char *color);
void table_finish(struct libscols_table *tb);

void table_of_records(const struct report *r, const char *record,
		      const struct column_list *list,
		      const struct table_style *style);
void table_of_columns(const struct column_set *set);

#endif
