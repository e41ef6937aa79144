/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rows of a table that the tool itself computes. They are written in the text form of the module's
 * reports, so that tables and JSON are made of them in the same way.
 */
#ifndef RMAPSCOPE_ROWS_H
#define RMAPSCOPE_ROWS_H

#include <stdbool.h>
#include <stdio.h>

#include "columns.h"
#include "report.h"

struct rows {
	FILE *file;
	char *text;
	size_t len;
	const struct column_list *columns;	/* others are left out; NULL: none are */
	size_t nr;				/* rows since rows_begin() */
	bool bytes;				/* print sizes as numbers of bytes */
};

void rows_begin(struct rows *r, const char *kernel, bool bytes);
void rows_record(struct rows *r, const char *name, const struct column_list *columns);
bool rows_want(const struct rows *r, const char *key);
void rows_text(struct rows *r, const char *key, const char *value);
void rows_number(struct rows *r, const char *key, long long value);
void rows_hex(struct rows *r, const char *key, unsigned long long value);
void rows_size(struct rows *r, const char *key, unsigned long long value);
void rows_hundredths(struct rows *r, const char *key, unsigned long long value);
void rows_end(struct rows *r, struct report *report);
void rows_free(struct rows *r);

#endif
