// SPDX-License-Identifier: GPL-2.0
/*
 * Tables by libsmartcols, which aligns the columns and replaces control characters. Its calls fail
 * only if memory is short; the tool then exits.
 */
#include <err.h>
#include <libsmartcols.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "exit_status.h"
#include "table.h"
#include "words.h"

static void must(bool ok)
{
	if (!ok)
		errx(RS_FAILED, "not enough memory for the table");
}

/* See no-color.org for NO_COLOR. */
static bool want_colors(void)
{
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && !(no_color && *no_color) &&
	       term && strcmp(term, "dumb");
}

/**
 * table_new() - begin a table
 * @style: what it looks like
 *
 * Return: the table; table_finish() prints and frees it.
 */
struct libscols_table *table_new(const struct table_style *style)
{
	struct libscols_table *tb = scols_new_table();

	must(tb);
	must(!scols_table_enable_raw(tb, style->raw));
	must(!scols_table_enable_noheadings(tb, style->noheadings));
	must(!scols_table_enable_colors(tb, !style->raw && want_colors()));
	return tb;
}

/**
 * table_column() - add a column; all columns come before the first row
 * @tb:    the table
 * @name:  its heading
 * @right: align its cells to the right
 */
void table_column(struct libscols_table *tb, const char *name, bool right)
{
	/* No SCOLS_FL_TRUNC: a truncated path can be taken for a whole one. */
	must(scols_table_new_column(tb, name, 0, right ? SCOLS_FL_RIGHT : 0));
}

/**
 * table_tree_column() - add the column that shows the tree
 * @tb:   the table
 * @name: its heading
 */
void table_tree_column(struct libscols_table *tb, const char *name)
{
	must(scols_table_new_column(tb, name, 0, SCOLS_FL_TREE));
}

/**
 * table_row() - add a row
 * @tb:    the table
 * @cell:  a text for each column, which is copied; NULL is shown as "-"
 * @n:     number of cells
 * @color: name of a colour or attribute, or NULL
 */
void table_row(struct libscols_table *tb, const char **cell, size_t n,
	       const char *color)
{
	table_row_below(tb, NULL, cell, n, color);
}

/**
 * table_row_below() - add a row as the child of another in the tree
 * @tb:     the table
 * @parent: the other row; NULL: the row is on the top level
 * @cell:   a text for each column, which is copied; NULL is shown as "-"
 * @n:      number of cells
 * @color:  name of a colour or attribute, or NULL
 *
 * Return: the row, which can be a parent until table_finish().
 */
struct libscols_line *table_row_below(struct libscols_table *tb,
				      struct libscols_line *parent, const char **cell,
				      size_t n, const char *color)
{
	struct libscols_line *line = scols_table_new_line(tb, parent);
	size_t i;

	must(line);
	for (i = 0; i < n; i++) {
		/* In a raw table an empty cell would shift the columns after it. */
		const char *text = cell[i] && *cell[i] ? cell[i] : "-";

		must(!scols_line_set_data(line, i, text));
	}
	if (color)
		must(!scols_line_set_color(line, color));
	return line;
}

/**
 * table_finish() - print a table and free it
 * @tb: the table
 */
void table_finish(struct libscols_table *tb)
{
	must(!scols_print_table(tb));
	scols_unref_table(tb);
}

/* Rows of VMAs without the page are dim. */
static const char *record_color(const struct record *rec)
{
	const struct state_word *state = words_state(record_get(rec, "state"));

	return state && !state->page ? "halfbright" : NULL;
}

/**
 * table_of_records() - print records as a table
 * @r:      the report
 * @record: name of the records
 * @list:   the columns
 * @style:  what it looks like
 */
void table_of_records(const struct report *r, const char *record,
		      const struct column_list *list,
		      const struct table_style *style)
{
	struct libscols_table *tb = table_new(style);
	const char *cell[MAX_COLUMNS];
	const struct record *rec = NULL;
	bool colors = scols_table_colors_wanted(tb);
	size_t i;

	for (i = 0; i < list->n; i++)
		table_column(tb, list->column[i]->name, list->column[i]->right);

	while ((rec = report_next(r, record, rec))) {
		for (i = 0; i < list->n; i++)
			cell[i] = record_get(rec, list->column[i]->key);
		table_row(tb, cell, list->n, colors ? record_color(rec) : NULL);
	}
	table_finish(tb);
}

/**
 * table_of_columns() - print the list of columns, for --list-columns
 * @set: the columns of one kind of record
 */
void table_of_columns(const struct column_set *set)
{
	struct libscols_table *tb = table_new(&(struct table_style){ });
	size_t i;

	table_column(tb, "COLUMN", false);
	table_column(tb, "JSON", false);
	table_column(tb, "DEFAULT", false);
	table_column(tb, "MEANING", false);

	for (i = 0; i < set->n; i++) {
		const struct column *col = &set->column[i];
		const char *shown = col->extra ? "-" : "yes";

		table_row(tb, (const char *[]){ col->name, col->key, shown, col->help },
			  4, NULL);
	}
	table_finish(tb);
}
