// SPDX-License-Identifier: GPL-2.0
/*
 * The text of `rmapscope share` that is no table of records: the summary, the last line, the
 * matrix, and the tree.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "safe.h"
#include "share.h"
#include "size.h"
#include "table.h"

struct summary {
	const struct share *s;
	struct libscols_table *tb;
};

static void line(const struct summary *to, const char *name, unsigned long long bytes,
		 const char *meaning)
{
	char text[SIZE_TEXT];

	size_text(bytes, to->s->o->bytes, text);
	table_row(to->tb, (const char *[]){ name, text, meaning }, 3, NULL);
}

/* Which of the parts that pages are shared through exist. */
static void channels(const struct summary *to, const unsigned long long *all,
		     const unsigned long long *own)
{
	static const struct {
		enum channel channel;
		const char *name, *meaning;
	} part[] = {
		{ CHANNEL_FORK, "    through fork", "anonymous pages, the same since a fork" },
		{ CHANNEL_CACHE, "    through files", "the page cache" },
		{ CHANNEL_SHMEM, "    through shmem", "shared memory, tmpfs" },
		{ CHANNEL_KSM, "    through KSM", "merged by ksmd" },
	};
	size_t i;

	for (i = 0; i < sizeof(part) / sizeof(part[0]); i++)
		if (all[part[i].channel] > own[part[i].channel])
			line(to, part[i].name,
			     (all[part[i].channel] - own[part[i].channel]) * to->s->page_size,
			     part[i].meaning);
}

static void print_name(const struct share *s)
{
	const struct share_unit *u = &s->unit[0];

	if (s->all.nr_mms > 1) {
		safe_print(s->nr_groups == 1 ? s->group[0].name : "all of these");
		printf(": %zu address spaces", s->all.nr_mms);
	} else {
		printf("pid %d (", u->pid);
		safe_print(u->name);
		putchar(')');
	}
	puts("\n");
}

static void ksm_cost(const struct summary *to, int pid)
{
	struct share_ksm ksm;
	char meaning[96];

	share_ksm_read(pid, &ksm);
	if (ksm.items <= 0 || ksm.bytes < 0)
		return;
	snprintf(meaning, sizeof(meaning), "what ksmd keeps for %lld pages of it", ksm.items);
	line(to, "cost of KSM", ksm.bytes, meaning);
}

static void beside(const struct summary *to, const struct sharing_sums *sums, bool single)
{
	unsigned long long size = to->s->page_size, huge = sums->pages[CHANNEL_HUGETLB] * size;
	unsigned long long ksm = sums->mapped[CHANNEL_KSM] * size;
	bool exact = to->s->o->bytes;
	char text[SIZE_TEXT], meaning[96];

	if (to->s->all.swap > 0) {
		size_text(sums->unique_pages[CHANNEL_SWAP] * size, exact, text);
		snprintf(meaning, sizeof(meaning), "nothing else refers to %s of it", text);
		line(to, "swapped out", to->s->all.swap, meaning);
	}
	if (huge) {
		size_text(sums->unique_pages[CHANNEL_HUGETLB] * size, exact, text);
		snprintf(meaning, sizeof(meaning), "nothing else maps %s of it", text);
		line(to, "hugetlb", huge, meaning);
	}
	if (ksm) {
		ksm -= sums->pss[CHANNEL_KSM] >> SHARING_PSS_SHIFT;
		line(to, "saved by KSM", ksm, "less than without merging");
	}
	if (single && !to->s->o->input)
		ksm_cost(to, to->s->unit[0].pid);
}

/**
 * share_print_summary() - print what all that the report is about has together
 * @s: the report
 */
void share_print_summary(const struct share *s)
{
	struct summary to = { s, table_new(&(struct table_style){ .noheadings = true }) };
	const struct sharing_sums *sums = &s->all.sums;
	bool single = s->all.nr_mms == 1;
	const unsigned long long *all = single ? sums->mapped : sums->pages;
	const unsigned long long *own = single ? sums->unique : sums->unique_pages;
	unsigned long long rss = sharing_resident(all), unique = sharing_resident(own);
	unsigned long long freed = own[CHANNEL_FORK] + own[CHANNEL_KSM];

	print_name(s);
	table_column(to.tb, "", false);
	table_column(to.tb, "", true);
	table_column(to.tb, "", false);
	line(&to, "in memory", rss * s->page_size, "what page tables map (RSS)");
	line(&to, "  unique", unique * s->page_size, "nothing else maps it (USS)");
	line(&to, "    anonymous", freed * s->page_size, single ? "freed if it ends" :
	     "freed if all of them end");
	if (unique > freed)
		line(&to, "    of files", (unique - freed) * s->page_size,
		     "stays as long as the file, or shared memory, does");
	line(&to, "  shared", (rss - unique) * s->page_size, "others map it, too");
	channels(&to, all, own);
	line(&to, "proportional", sharing_resident(sums->pss) >> SHARING_PSS_SHIFT,
	     "each page divided by the number of its mappings (PSS)");
	beside(&to, sums, single);
	table_finish(to.tb);
}

/**
 * share_print_end() - print the sum that has to come out, and what may be wrong with it
 * @s: the report
 */
void share_print_end(const struct share *s)
{
	const struct sharing_sums *sums = &s->all.sums;
	unsigned long long pages = sharing_resident(sums->pages);
	unsigned long long mapped = sharing_resident(sums->mapped);
	unsigned long long unique = sharing_resident(sums->unique_pages);
	unsigned long long owned = 0;
	size_t i;

	if (s->all.nr_mms == 1 && pages != mapped)
		printf("%llu mappings are of pages that it maps at another address as well.\n",
		       mapped - pages);
	if (s->sharing.strays)
		printf("%llu pages moved meanwhile, or have no mapping here, and are left out.\n",
		       s->sharing.strays);
	if (s->missing)
		printf("%zu processes ended meanwhile and are left out.\n", s->missing);
	if (s->nr_own == 1) {
		printf("%llu pages = %llu unique + %llu shared\n", pages, unique, pages - unique);
		return;
	}
	for (i = 0; i < s->nr_own; i++)
		owned += sharing_resident(s->unit[i].sums.unique_pages);
	printf("union: %llu pages = %llu unique to one row + %llu shared, each counted once\n",
	       pages, owned, pages - owned);
}

static void name_text(const struct share_unit *u, char *text, size_t size)
{
	if (u->pid)
		snprintf(text, size, "%d %s", u->pid, u->name);
	else
		snprintf(text, size, "%s", u->name);
}

static void matrix_row(struct share *s, struct libscols_table *tb, size_t row, size_t nr,
		       struct sharing_with *with)
{
	const struct share_unit *u = &s->unit[s->order[row]];
	const char **cell = scan_alloc(nr + 1, sizeof(*cell));
	char name[160], (*text)[SIZE_TEXT] = scan_alloc(nr + 1, sizeof(*text));
	size_t i;

	memset(with, 0, s->nr_units * sizeof(*with));
	share_partners(s, s->order[row], with);
	name_text(u, name, sizeof(name));
	cell[0] = name;
	for (i = 0; i < nr; i++) {
		const unsigned long long *pages = i == row ? u->sums.pages :
								   with[s->order[i]].pages;

		size_text(sharing_resident(pages) * s->page_size, s->o->bytes, text[i]);
		cell[i + 1] = text[i];
	}
	table_row(tb, cell, nr + 1, NULL);
	free(text);
	free(cell);
}

/**
 * share_print_matrix() - print what each two units share
 * @s: the report, sorted
 * @lines: number of rows and columns at most
 *
 * Return: how many rows it lacks.
 */
size_t share_print_matrix(struct share *s, size_t lines)
{
	size_t i, nr = s->nr_own < lines ? s->nr_own : lines;
	struct sharing_with *with = scan_alloc(s->nr_units + 1, sizeof(*with));
	struct libscols_table *tb = table_new(&s->o->style);

	table_column(tb, "SHARED", false);
	for (i = 0; i < nr; i++) {
		const struct share_unit *u = &s->unit[s->order[i]];
		char name[sizeof(u->name)];

		if (u->pid)
			snprintf(name, sizeof(name), "%d", u->pid);
		else
			memcpy(name, u->name, sizeof(name));
		table_column(tb, name, true);
	}
	for (i = 0; i < nr; i++)
		matrix_row(s, tb, i, nr, with);
	table_finish(tb);
	free(with);
	return s->nr_own - nr;
}

/* The row of the nearest ancestor that has one. */
static size_t parent_of(const struct share *s, const struct report *r, size_t row)
{
	int pid = record_num(&r->record[row], "pid");
	const struct process *p = processes_find(&s->processes, pid);
	size_t i, k;

	for (k = 0; p && k < s->processes.nr; k++) {
		pid = p->parent;
		for (i = 0; i < r->nr_records; i++)
			if (!strcmp(r->record[i].name, "process") && i != row &&
			    record_num(&r->record[i], "pid") == (unsigned long long)pid)
				return i;
		p = processes_find(&s->processes, pid);
	}
	return SHARING_NONE;
}

struct tree_print {
	const struct report *r;
	const struct column_list *columns;
	const size_t *parent;
	struct libscols_table *tb;
};

static void print_below(const struct tree_print *t, struct libscols_line *above, size_t parent)
{
	const char *cell[MAX_COLUMNS + 1];
	size_t i, k;

	for (i = 0; i < t->r->nr_records; i++) {
		const struct record *rec = &t->r->record[i];

		if (strcmp(rec->name, "process") || t->parent[i] != parent)
			continue;
		for (k = 0; k < t->columns->n; k++)
			cell[k] = record_get(rec, t->columns->column[k]->key);
		print_below(t, table_row_below(t->tb, above, cell, t->columns->n, NULL), i);
	}
}

/**
 * share_print_tree() - print the rows of processes below those of their parents
 * @s: the report
 * @r: the rows, with their pids
 * @columns: the columns, of which COMM has the tree
 */
void share_print_tree(const struct share *s, const struct report *r,
		      const struct column_list *columns)
{
	size_t *parent = scan_alloc(r->nr_records + 1, sizeof(*parent));
	struct tree_print t = { r, columns, parent, table_new(&s->o->style) };
	size_t i;

	for (i = 0; i < r->nr_records; i++)
		parent[i] = parent_of(s, r, i);
	for (i = 0; i < columns->n; i++) {
		const struct column *col = columns->column[i];

		if (!strcmp(col->key, "comm"))
			table_tree_column(t.tb, col->name);
		else
			table_column(t.tb, col->name, col->right);
	}
	print_below(&t, NULL, SHARING_NONE);
	table_finish(t.tb);
	free(parent);
}
