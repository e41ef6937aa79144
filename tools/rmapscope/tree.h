/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The anon_vma tree of a page, built from a report of the module's file "tree", and the forms in
 * which `rmapscope tree` prints it.
 */
#ifndef RMAPSCOPE_TREE_H
#define RMAPSCOPE_TREE_H

#include <stdbool.h>
#include <stddef.h>

#include "columns.h"
#include "report.h"
#include "table.h"

/* An index that stands for nothing. */
#define TREE_NONE	((size_t)-1)

struct tree_av {
	const struct record *rec;
	size_t parent;			/* TREE_NONE: the root */
	size_t child, sibling;		/* the first one, the next one */
	size_t vma;			/* the first VMA whose own anon_vma it is */
};

struct tree_vma {
	const struct record *rec;
	size_t next;			/* next VMA with the same own anon_vma */
	bool covers;			/* its range includes the page */
};

/* Arrays are in the order of the report: av3 is av[3]. */
struct tree {
	const struct report *report;
	struct tree_av *av;
	struct tree_vma *vma;
	size_t nr_avs, nr_vmas;
	size_t root;
	size_t ownless;			/* the first VMA that has no own anon_vma yet */
};

/* The columns of the table, whose rows are anon_vmas and VMAs. */
extern const struct column_set tree_row_columns;

bool tree_build(struct tree *t, const struct report *r);
void tree_free(struct tree *t);
size_t tree_number(const struct record *rec, const char *key, const char *prefix);

void tree_print_text(const struct tree *t, const struct column_list *columns,
		     const struct table_style *style);
void tree_print_warnings(const struct tree *t);
void tree_print_dot(const struct tree *t);
void tree_print_json(const struct report *r);

#endif
