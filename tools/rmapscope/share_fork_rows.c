// SPDX-License-Identifier: GPL-2.0
/* `rmapscope share --fork`: its table and JSON. */
#include <stdio.h>

#include <json-c/json.h>

#include "json.h"
#include "share_fork.h"
#include "table.h"

static void write_sums(const struct fork_look *f, struct rows *r, const struct fork_sums *sums)
{
	unsigned long long size = f->s->page_size, still = sums->pages[FATE_STILL];
	unsigned long long before = still + sums->pages[FATE_COPIED];

	rows_size(r, "anon", (before + sums->pages[FATE_NEW]) * size);
	rows_size(r, "still", still * size);
	rows_size(r, "copied", sums->pages[FATE_COPIED] * size);
	rows_size(r, "new", sums->pages[FATE_NEW] * size);
	if (before)
		rows_number(r, "percent", (still * 100 + before / 2) / before);
}

static void write_child(const struct fork_look *f, struct rows *r, const struct child *c,
			const struct column_list *columns)
{
	char change[32];
	long long more;

	rows_record(r, "child", columns);
	rows_number(r, "pid", c->pid);
	rows_text(r, "comm", c->comm);
	write_sums(f, r, &c->sums);
	if (!c->has_first)
		return;
	more = c->sums.pages[FATE_STILL] - c->first;
	snprintf(change, sizeof(change), "%+lldK", more * f->s->page_size / 1024);
	rows_text(r, "change", change);
}

static void write_vmas(const struct fork_look *f, struct rows *r, const struct child *c,
		       const struct column_list *columns)
{
	size_t i;

	for (i = 0; c->vma && i < c->vmas.nr; i++) {
		const struct fork_sums *sums = &c->vma[i];

		if (!(sums->pages[FATE_STILL] + sums->pages[FATE_COPIED] +
		      sums->pages[FATE_NEW]))
			continue;
		rows_record(r, "child", columns);
		rows_number(r, "pid", c->pid);
		rows_text(r, "comm", c->comm);
		write_sums(f, r, sums);
		rows_hex(r, "start", c->vmas.vma[i].start);
		rows_text(r, "name", c->vmas.vma[i].name);
	}
}

static void print_json(const struct fork_look *f, const struct report *report,
		       const struct column_list *columns)
{
	struct json_object *doc = json_object_new_object();

	json_add_one(doc, report, &report_columns);
	json_add(doc, "parent", json_object_new_int(f->parent));
	json_add(doc, "children", json_records(report, "child", columns));
	json_print(doc);
}

/**
 * fork_print() - print a look
 * @f: the look
 * @columns: of the table
 */
void fork_print(const struct fork_look *f, const struct column_list *columns)
{
	const struct options *o = f->s->o;
	struct report report;
	struct rows rows;
	size_t i;

	rows_begin(&rows, f->s->release, o->bytes || o->json);
	for (i = 0; i < f->nr_children; i++) {
		if (o->vmas)
			write_vmas(f, &rows, &f->child[i], columns);
		else
			write_child(f, &rows, &f->child[i], columns);
	}
	rows_end(&rows, &report);
	if (o->json)
		print_json(f, &report, columns);
	else if (f->nr_children || o->style.raw)
		table_of_records(&report, "child", columns, &o->style);
	else
		printf("pid %d has no children with memory.\n", f->parent);
	report_free(&report);
}
