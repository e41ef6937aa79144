// SPDX-License-Identifier: GPL-2.0
/*
 * `rmapscope top`: the largest anon_vma trees of the machine.
 */
#include <err.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "duration.h"
#include "exit_status.h"
#include "explain.h"
#include "json.h"
#include "options.h"
#include "size.h"

#define DEFAULT_LINES	20
#define MAX_TREES	"/sys/module/rmapscope/parameters/max_trees"

/* Drop all trees after the first @lines. */
static void keep_trees(struct report *r, unsigned long lines)
{
	size_t i, kept = 0, trees = 0;

	for (i = 0; i < r->nr_records; i++) {
		if (!strcmp(r->record[i].name, "tree") && trees++ >= lines)
			continue;
		r->record[kept++] = r->record[i];
	}
	r->nr_records = kept;
}

static void print_total(const struct report *r, const struct record *total)
{
	unsigned long long skipped = record_count(total, "skipped");

	printf("\n%zu of %s trees; %s VMAs in %s processes", report_count(r, "tree"),
	       record_text(total, "trees"), record_text(total, "vmas"),
	       record_text(total, "processes"));
	if (skipped)
		printf(", %llu of which exited during the scan", skipped);
	printf("; ");
	duration_print(record_num(total, "ns"));
	putchar('\n');
}

/* An older module doesn't say this. */
static void print_unforked(const struct record *total)
{
	unsigned long long vmas = record_count(total, "vmas");
	unsigned long long unforked = record_num(total, "unforked");
	char size[SIZE_TEXT];

	if (unforked == RECORD_NONE)
		return;
	size_format(record_count(total, "bytes"), size);
	printf("%llu VMAs unforked (%llu %%); %s anon_vma_chains; they and the anon_vmas take %s\n",
	       unforked, vmas ? 100 * unforked / vmas : 0, record_text(total, "avcs"), size);
}

static void print_text(const struct report *r, const struct column_list *columns,
		       const struct options *o)
{
	const struct record *total = report_next(r, "total", NULL);
	const struct table_style *style = &o->style;
	bool wants_more = !o->lines || o->lines > record_count(total, "shown");

	table_of_records(r, "tree", columns, style);
	if (!style->raw && !style->noheadings) {
		print_total(r, total);
		print_unforked(total);
	}
	if (wants_more && record_count(total, "truncated")) {
		fflush(stdout);
		warnx("the module lists %s of %s trees; raise " MAX_TREES,
		      record_text(total, "shown"), record_text(total, "trees"));
	}
}

static void print_json(const struct report *r, const struct column_list *columns)
{
	struct json_object *doc = json_object_new_object();

	json_add_one(doc, r, &report_columns);
	json_add(doc, "tree", json_records(r, "tree", columns));
	json_add_one(doc, r, &total_columns);
	json_print(doc);
}

static int print_report(const struct options *o, const struct column_list *columns)
{
	struct report report;
	int status = RS_OK;
	int err = report_take(&report, "top", NULL);

	if (!err && o->lines)
		keep_trees(&report, o->lines);
	if (err)
		status = explain_file("top", &report, -err);
	else if (o->json)
		print_json(&report, columns);
	else
		print_text(&report, columns, o);
	report_free(&report);
	return status;
}

static int run(struct options *o)
{
	struct column_list columns;

	if (!o->has_lines && !o->json)
		o->lines = DEFAULT_LINES;
	if (!options_columns(o, top_command.columns, NULL, &columns))
		return RS_USAGE;
	return print_report(o, &columns);
}

const struct command top_command = {
	.name = "top",
	.summary = "the largest anon_vma trees of the machine",
	.help = "Show the anon_vma trees of the machine, those with the most VMAs first.",
	.groups = OPTIONS_JSON | OPTIONS_LINES | OPTIONS_TABLE,
	.columns = &top_columns,
	.run = run,
};
