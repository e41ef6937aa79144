// SPDX-License-Identifier: GPL-2.0
/*
 * `rmapscope top`: the largest anon_vma trees of the machine.
 */
#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "options.h"
#include "rmapscope.h"

#define DEFAULT_LINES	20
#define MAX_TREES	"/sys/module/rmapscope/parameters/max_trees"

struct top_options {
	struct options common;
	unsigned long lines;		/* 0: all that the module lists */
	bool has_lines;
};

static const char short_options[] = "N:Jrno:hV";

static const struct option long_options[] = {
	{ "lines",		required_argument,	NULL, 'N' },
	{ "json",		no_argument,		NULL, 'J' },
	{ "raw",		no_argument,		NULL, 'r' },
	{ "noheadings",		no_argument,		NULL, 'n' },
	{ "output",		required_argument,	NULL, 'o' },
	{ "list-columns",	no_argument,		NULL, OPT_LIST_COLUMNS },
	{ "help",		no_argument,		NULL, 'h' },
	{ "version",		no_argument,		NULL, 'V' },
	{ }
};

static void print_help(void)
{
	puts("Usage: rmapscope top [OPTIONS]\n"
	     "Show the anon_vma trees of the machine, those with the most VMAs first.\n"
	     "\nOptions:\n"
	     "  -N, --lines N       so many trees, 0 for all (default: 20; with --json all)\n"
	     "  -J, --json          the report as JSON\n"
	     OPTIONS_HELP_TABLE
	     OPTIONS_HELP_END
	     "\nExit status: 0 done, 1 failed, 2 wrong usage.");
}

static int take_lines(struct top_options *o, const char *arg)
{
	char *end;

	errno = 0;
	o->lines = strtoul(arg, &end, 10);
	if (*arg < '0' || *arg > '9' || *end || errno) {
		warnx("top: --lines \"%s\": not a number", arg);
		return RS_USAGE;
	}
	o->has_lines = true;
	return RS_OK;
}

static int take_own(void *own, int opt, const char *arg)
{
	return opt == 'N' ? take_lines(own, arg) : RS_USAGE;
}

static const struct command top_command = {
	.name = "top",
	.short_options = short_options,
	.long_options = long_options,
	.columns = &top_columns,
	.print_help = print_help,
	.take_own = take_own,
};

/* Forget the trees behind the first @lines. */
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

	printf("\n%zu of %llu trees; %llu VMAs in %llu processes",
	       report_count(r, "tree"), record_count(total, "trees"),
	       record_count(total, "vmas"), record_count(total, "processes"));
	if (skipped)
		printf(", of which %llu exited meanwhile", skipped);
	printf("; %.2f ms\n", record_count(total, "ns") / 1e6);
}

static void print_text(const struct report *r, const struct column_list *columns,
		       const struct top_options *o)
{
	const struct record *total = report_next(r, "total", NULL);
	const struct table_style *style = &o->common.style;
	bool wants_more = !o->lines || o->lines > record_count(total, "shown");

	table_of_records(r, "tree", columns, style);
	if (!style->raw && !style->noheadings)
		print_total(r, total);
	if (wants_more && record_count(total, "truncated")) {
		fflush(stdout);
		warnx("the module lists %llu of %llu trees; raise " MAX_TREES,
		      record_count(total, "shown"), record_count(total, "trees"));
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

static int look(const struct top_options *o, const struct column_list *columns)
{
	struct report report;
	int status = RS_OK;
	int err = report_take(&report, "top", NULL);

	if (!err && o->lines)
		keep_trees(&report, o->lines);
	if (err)
		status = explain_file("top", &report, -err);
	else if (o->common.json)
		print_json(&report, columns);
	else
		print_text(&report, columns, o);
	report_free(&report);
	return status;
}

/**
 * cmd_top() - the subcommand "top"
 * @argc: number of arguments, counting its name
 * @argv: the arguments
 *
 * Return: an exit status of enum rmapscope_exit.
 */
int cmd_top(int argc, char **argv)
{
	const struct command *c = &top_command;
	struct top_options o = { };
	struct column_list columns;
	int status = options_parse(c, &o.common, &o, argc, argv);

	if (status || options_answer(c, &o.common))
		return status;
	if (!o.has_lines && !o.common.json)
		o.lines = DEFAULT_LINES;
	if (!options_columns(c, &o.common, NULL, &columns))
		return RS_USAGE;
	return look(&o, &columns);
}
