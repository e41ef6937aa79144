/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The keys of each record: the type of their values, and their headings in tables.
 */
#ifndef RMAPSCOPE_COLUMNS_H
#define RMAPSCOPE_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>

enum value_type {
	VALUE_STRING,		/* text, and hex numbers, which JSON does not have */
	VALUE_NUMBER,
	VALUE_BOOLEAN,		/* 0 or 1 */
	VALUE_NUMBERS,		/* 1,2,3 */
	VALUE_NAMES,		/* present|write */
	VALUE_FLAGS,		/* 0x14(uptodate|dirty) */
};

struct column {
	const char *name;	/* heading in tables; NULL: it is in no table */
	const char *key;	/* in the report, and in JSON */
	enum value_type type;
	bool right;		/* aligned to the right */
	bool extra;		/* not shown by default */
	const char *help;
};

struct column_set {
	const char *record;
	const struct column *column;
	size_t n;
};

/* More columns than the largest set has. */
#define MAX_COLUMNS	32

struct column_list {
	const struct column *column[MAX_COLUMNS];
	size_t n;
};

#define COLUMN_SET(record, columns) \
	{ record, columns, sizeof(columns) / sizeof((columns)[0]) }

extern const struct column_set report_columns;
extern const struct column_set page_columns;
extern const struct column_set anon_vma_columns;
extern const struct column_set map_columns;
extern const struct column_set mapcount_columns;
extern const struct column_set refs_columns;
extern const struct column_set verdict_columns;
extern const struct column_set walk_columns;
extern const struct column_set top_columns;
extern const struct column_set total_columns;

void columns_all(struct column_list *list, const struct column_set *set);
void columns_default(struct column_list *list, const struct column_set *set);
bool columns_select(struct column_list *list, const struct column_set *set,
		    const char *arg);

#endif
