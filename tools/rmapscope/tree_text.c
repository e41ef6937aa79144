// SPDX-License-Identifier: GPL-2.0
/*
 * The text form of `rmapscope tree`: the page, then the anon_vmas as a tree. Below each anon_vma
 * are the VMAs whose own anon_vma it is.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "duration.h"
#include "exit_status.h"
#include "page.h"
#include "tree.h"

#define MAX_VMAS	"/sys/module/rmapscope/parameters/max_vmas"

static const struct column row_column[] = {
	{ .name = "OBJECT", .key = "id",
	  .help = "anon_vma (av) or VMA (vma), by its number in this report" },
	{ .name = "PAGE", .key = "page",
	  .help = "own: the anon_vma of the page; covers: a VMA whose range includes the page" },
	{ .name = "PID", .key = "pid", .type = VALUE_NUMBER, .right = true,
	  .help = "process that owns the address space; 0 if none is visible" },
	{ .name = "TGIDS", .key = "tgids", .type = VALUE_NUMBERS, .extra = true,
	  .help = "all processes that share the address space" },
	{ .name = "COMM", .key = "comm", .help = "name of the process" },
	{ .name = "VMA", .key = "vma", .right = true,
	  .help = "first and last-plus-one address of the VMA" },
	{ .name = "PERMS", .key = "perms",
	  .help = "permissions of the VMA, as in /proc/PID/maps" },
	{ .name = "VM-PGOFF", .key = "vm_pgoff", .right = true, .extra = true,
	  .help = "offset of the VMA in its file or address space, in pages" },
	{ .name = "OWN", .key = "own", .extra = true, .help = "the VMA's own anon_vma" },
	{ .name = "PARENT", .key = "parent", .extra = true, .help = "parent of the anon_vma" },
	{ .name = "DEPTH", .key = "depth", .type = VALUE_NUMBER, .right = true, .extra = true,
	  .help = "distance of the anon_vma from the root" },
	{ .name = "CHILDREN", .key = "num_children", .type = VALUE_NUMBER, .right = true,
	  .help = "anon_vmas below; a root counts itself" },
	{ .name = "ACTIVE-VMAS", .key = "num_active_vmas", .type = VALUE_NUMBER, .right = true,
	  .help = "VMAs whose own anon_vma it is" },
	{ .name = "REFCOUNT", .key = "refcount", .type = VALUE_NUMBER, .right = true,
	  .help = "references to the anon_vma" },
	{ .name = "NAME", .key = "name", .help = "file or special name of the VMA" },
};

const struct column_set tree_row_columns = COLUMN_SET("anon_vma", row_column);

/* The table, and the line of each anon_vma, which its VMAs and children go below. */
struct printer {
	const struct tree *tree;
	const struct column_list *columns;
	struct libscols_table *tb;
	struct libscols_line **line;
};

static struct libscols_line *print_row(struct printer *p, struct libscols_line *parent,
				       const struct record *rec, const char *page,
				       const char *color)
{
	const char *cell[MAX_COLUMNS];
	size_t i;

	for (i = 0; i < p->columns->n; i++) {
		const char *key = p->columns->column[i]->key;

		cell[i] = strcmp(key, "page") ? record_get(rec, key) : page;
	}
	return table_row_below(p->tb, parent, cell, p->columns->n, color);
}

static void print_vmas(struct printer *p, size_t vma, struct libscols_line *parent)
{
	const struct tree *t = p->tree;

	for (; vma != TREE_NONE; vma = t->vma[vma].next)
		print_row(p, parent, t->vma[vma].rec, t->vma[vma].covers ? "covers" : NULL,
			  t->vma[vma].covers ? NULL : "halfbright");
}

static void print_av(struct printer *p, size_t i)
{
	const struct tree_av *av = &p->tree->av[i];
	struct libscols_line *parent = i == p->tree->root ? NULL : p->line[av->parent];

	p->line[i] = print_row(p, parent, av->rec, i ? NULL : "own", i ? NULL : "bold");
	print_vmas(p, av->vma, p->line[i]);
}

/*
 * Depth first, in the order of the report. This is a loop because deep trees would need a deep
 * stack.
 */
static void print_avs(struct printer *p)
{
	const struct tree_av *av = p->tree->av;
	size_t i = p->tree->root;

	while (i != TREE_NONE) {
		print_av(p, i);
		if (av[i].child != TREE_NONE) {
			i = av[i].child;
			continue;
		}
		while (i != TREE_NONE && av[i].sibling == TREE_NONE)
			i = av[i].parent;
		if (i != TREE_NONE)
			i = av[i].sibling;
	}
}

static void print_tree(const struct tree *t, const struct column_list *columns,
		       const struct table_style *style)
{
	struct printer p = { .tree = t, .columns = columns, .tb = table_new(style) };
	size_t i;

	p.line = calloc(t->nr_avs + 1, sizeof(*p.line));
	if (!p.line)
		err(RS_FAILED, "cannot print the tree");
	for (i = 0; i < columns->n; i++) {
		const struct column *col = columns->column[i];

		/* No branches for scripts, which would have to cut them off. */
		if (!style->raw && !strcmp(col->key, "id"))
			table_tree_column(p.tb, col->name);
		else
			table_column(p.tb, col->name, col->right);
	}
	print_avs(&p);
	print_vmas(&p, t->ownless, NULL);
	table_finish(p.tb);
	free(p.line);
}

static void print_number(const struct record *total, const char *key, const char *what,
			 const char *plural)
{
	bool one = record_num(total, key) == 1;

	printf("%s%s%s%s, ", record_text(total, key), what, one ? "" : plural, one ? "" : "s");
}

static void print_counts(const struct record *total)
{
	print_number(total, "vmas", " VMA", "");
	print_number(total, "processes", " process", "e");
	print_number(total, "anon_vmas", " anon_vma", "");
	print_number(total, "avcs", " anon_vma_chain", "");
	printf("depth %s; ", record_text(total, "depth"));
	duration_print(record_num(total, "ns"));
	printf(", ");
	duration_print(record_num(total, "lock_ns"));
	printf(" of it under the lock of the tree\n");
}

/**
 * tree_print_text() - print a tree as text
 * @t:       the tree
 * @columns: the columns of its table
 * @style:   raw or without headings prints only the table
 */
void tree_print_text(const struct tree *t, const struct column_list *columns,
		     const struct table_style *style)
{
	const struct record *total = report_next(t->report, "tree", NULL);
	bool bare = style->raw || style->noheadings;

	if (!bare) {
		page_print_head(t->report);
		putchar('\n');
	}
	print_tree(t, columns, style);
	if (!bare) {
		if (t->nr_avs)
			putchar('\n');
		print_counts(total);
	}
}

/**
 * tree_print_warnings() - print on stderr what is missing from a tree
 * @t: the tree, after it was printed
 */
void tree_print_warnings(const struct tree *t)
{
	const struct record *total = report_next(t->report, "tree", NULL);

	fflush(stdout);
	if (!t->nr_avs)
		warnx("the page is mapped nowhere, so its anon_vma cannot be found");
	if (record_count(total, "truncated"))
		warnx("CUT SHORT: %zu of %s VMAs are listed; raise " MAX_VMAS,
		      t->nr_vmas, record_text(total, "vmas"));
}
