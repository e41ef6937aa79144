// SPDX-License-Identifier: GPL-2.0
/*
 * `rmapscope share`: what processes share with each other, and through what.
 */
#include <err.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>

#include "exit_status.h"
#include "json.h"
#include "share.h"
#include "table.h"

#define DEFAULT_LINES	20
#define PARTNER_LINES	8
#define MATRIX_LINES	9

static bool is_table(const struct options *o)
{
	return o->vmas || o->files || o->matrix || o->tree;
}

/* @several: the report is about more than one process. */
static const struct column_set *choose_set(const struct options *o, bool several)
{
	if (o->fork)
		return &share_fork_columns;
	if (o->vmas)
		return &share_vma_columns;
	if (o->files)
		return &share_file_columns;
	if (several || o->range.all || o->tree || o->matrix || o->selection.nr > 1)
		return &share_unit_columns;
	return &share_partner_columns;
}

/* All options but -p can name several processes. */
static const struct column_set *columns_of(const struct options *o)
{
	return choose_set(o, o->selection.nr && o->selection.selector[0].by != SELECT_PID);
}

static size_t lines_of(const struct share *s, size_t normal)
{
	if (s->o->has_lines)
		return s->o->lines ?: SIZE_MAX;
	return s->o->json || s->o->style.raw ? SIZE_MAX : normal;
}

static void all_columns(const struct report *r, struct json_object *doc, const char *name,
			const struct column_set *set)
{
	struct column_list list;

	columns_all(&list, set);
	json_add(doc, name, json_records(r, set->record, &list));
}

static void print_json(struct share *s)
{
	struct json_object *doc = json_object_new_object();
	struct column_list units;
	struct report report;
	struct rows rows;

	columns_all(&units, &share_unit_columns);
	rows_begin(&rows, s->release, true);
	share_unit_row(s, &rows, "all", &s->all, NULL);
	share_unit_rows(s, &rows, NULL, lines_of(s, SIZE_MAX));
	share_partner_rows(s, &rows, NULL, lines_of(s, SIZE_MAX));
	if (s->o->vmas)
		share_vma_rows(s, &rows, NULL);
	if (s->o->files)
		share_file_rows(s, &rows, NULL);
	if (s->o->matrix)
		share_pair_rows(s, &rows);
	rows_end(&rows, &report);
	json_add_one(doc, &report, &report_columns);
	json_add(doc, "all", json_record(report_next(&report, "all", NULL), &units));
	all_columns(&report, doc, "processes", &share_unit_columns);
	all_columns(&report, doc, "partners", &share_partner_columns);
	if (s->o->vmas)
		all_columns(&report, doc, "vmas", &share_vma_columns);
	if (s->o->files)
		all_columns(&report, doc, "files", &share_file_columns);
	if (s->o->matrix)
		all_columns(&report, doc, "pairs", &share_pair_columns);
	json_add(doc, "pages_left_out", json_object_new_int64(s->sharing.strays));
	json_add(doc, "processes_left_out", json_object_new_int64(s->missing));
	json_add(doc, "broken_off", json_object_new_boolean(s->broken_off));
	json_print(doc);
	report_free(&report);
}

static void print_rows(struct share *s, struct rows *rows, const struct column_set *set,
		       const struct column_list *columns)
{
	struct report report;

	rows_end(rows, &report);
	if (s->o->tree)
		share_print_tree(s, &report, columns);
	else
		table_of_records(&report, set->record, columns, &s->o->style);
	report_free(&report);
}

/* The table, and how many rows it lacks. */
static size_t print_table(struct share *s, const struct column_set *set,
			  const struct column_list *columns)
{
	struct rows rows;
	size_t lines, nr = 0;

	rows_begin(&rows, s->release, s->o->bytes);
	if (set == &share_vma_columns) {
		share_vma_rows(s, &rows, columns);
	} else if (set == &share_file_columns) {
		share_file_rows(s, &rows, columns);
	} else if (set == &share_partner_columns) {
		lines = lines_of(s, PARTNER_LINES);
		nr = share_partner_rows(s, &rows, columns, lines);
		nr -= nr < lines ? nr : lines;
	} else {
		lines = s->o->tree ? SIZE_MAX : lines_of(s, DEFAULT_LINES);
		/* The tree needs the pids, whatever columns are shown. */
		share_unit_rows(s, &rows, s->o->tree ? NULL : columns, lines);
		nr = s->nr_own - (s->nr_own < lines ? s->nr_own : lines);
	}
	if (rows.nr || s->o->style.raw || set != &share_partner_columns)
		print_rows(s, &rows, set, columns);
	else
		puts("No other process maps any of it.");
	rows_free(&rows);
	return nr;
}

static void print_text(struct share *s, const struct column_set *set,
		       const struct column_list *columns)
{
	const struct table_style *style = &s->o->style;
	bool plain = style->raw || style->noheadings;
	size_t more = 0;

	if (!plain && !is_table(s->o) && s->nr_groups == 1) {
		share_print_summary(s);
		putchar('\n');
	}
	if (s->o->matrix)
		more = share_print_matrix(s, lines_of(s, MATRIX_LINES));
	else
		more = print_table(s, set, columns);
	if (plain)
		return;
	if (more)
		printf("and %zu more; --lines 0 shows all\n", more);
	putchar('\n');
	share_print_end(s);
}

static int print(struct share *s)
{
	const struct column_set *set = choose_set(s->o, s->nr_own > 1);
	struct column_list columns;

	if (!s->nr_own && s->broken_off)
		return RS_FAILED;
	if (!s->nr_own) {
		warnx("share: none of the processes has a page in memory");
		return RS_NO_PAGE;
	}
	if (!options_columns(s->o, set, NULL, &columns) || !share_sort(s, s->o->sort))
		return RS_USAGE;
	if (s->o->json)
		print_json(s);
	else
		print_text(s, set, &columns);
	return RS_OK;
}

static int check(const struct options *o)
{
	if (o->input && o->range.all)
		warnx("share: a recording has its own range: use --input without --all");
	else if (!o->input && !o->selection.nr && !o->range.all)
		warnx("share: name processes: -p PID, %s, %s, %s or --all", "--descendants PID",
		      "--cgroup PATH", "--comm NAME");
	else if (o->selection.nr && o->range.all)
		warnx("share: --all has all processes: use it without the other choices");
	else if (o->input && o->method)
		warnx("share: a recording has its mappings: use --input without --method");
	else if ((o->vmas && !o->fork) + o->files + o->matrix + o->tree + o->fork > 1 &&
		 !o->json)
		warnx("share: use only one of --vma, --file, --matrix, --tree, --fork");
	else if (o->vmas && o->range.all)
		warnx("share: --vma needs processes: use it without --all");
	else if (o->files && o->method > METHOD_RMAP)
		warnx("share: --file needs the module: --method=%s does not find files",
		      method_word(o->method));
	else if (o->watch && !o->fork)
		warnx("share: --watch needs --fork");
	else
		return RS_OK;
	return RS_USAGE;
}

static void free_all(struct share *s)
{
	size_t i;

	for (i = 0; i < s->nr_groups; i++)
		free(s->group[i].pid);
	for (i = 0; i < s->nr_vmas; i++)
		free((char *)s->vma[i].line.name);
	free(s->group);
	free(s->unit);
	free(s->unit_of);
	sharing_index_free(&s->sets);
	free(s->member);
	free(s->order);
	free(s->vma);
	free(s->vdso);
	free(s->vdso_frame);
	free(s->shmem);
	processes_free(&s->processes);
	sharing_free(&s->sharing);
}

static int report(const struct options *o)
{
	struct share s = { .o = o, .scan = { .o = o, .method = o->method } };
	struct column_list columns;
	int status, printed = RS_OK;

	/* Before the time that the streams take. A recording tells later what it has. */
	if (o->output && !o->input && !options_columns(o, columns_of(o), NULL, &columns))
		return RS_USAGE;
	if (o->fork) {
		status = share_fork(&s);
	} else {
		status = share_read(&s);
		if (!status || s.broken_off) {
			share_make_units(&s);
			printed = print(&s);
		}
	}
	free_all(&s);
	return printed ?: status;
}

static int run(struct options *o)
{
	int status = check(o) ?: report(o);

	free(o->selection.selector);
	return status;
}

const struct command share_command = {
	.name = "share",
	.summary = "what processes share with each other, and through what",
	.help = "Show how much memory is unique to processes, what they share with which others,\n"
		"and through what: fork, files, shared memory, KSM.",
	.usage = "-p PID|--descendants PID|--cgroup PATH|--comm NAME|--all|-i FILE",
	.groups = OPTIONS_SHARE | OPTIONS_SHARE_HOW | OPTIONS_METHOD | OPTIONS_JSON | OPTIONS_TABLE,
	.columns_of = columns_of,
	.run = run,
};
