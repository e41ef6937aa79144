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
#include "rmapscope.h"
#include "table.h"
#include "target.h"

#define DEFAULT_LINES	20
#define MAX_TREES	"/sys/module/rmapscope/parameters/max_trees"

enum {
	OPT_LIST_COLUMNS = OPT_COMMAND,
};

struct top_options {
	struct table_style style;
	const char *output;		/* argument of -o */
	unsigned long lines;		/* 0: all that the module lists */
	bool has_lines;
	bool json;
	bool help, version, list_columns;
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
	     "  -r, --raw           only the table, unaligned, for scripts\n"
	     "  -n, --noheadings    only the rows of the table\n"
	     "  -o, --output LIST   columns of the table; +LIST adds to the default\n"
	     "      --list-columns  what columns there are\n"
	     "  -h, --help          this help\n"
	     "  -V, --version       version of the tool, and of the reports it reads\n"
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

static int take_option(struct top_options *o, int opt)
{
	switch (opt) {
	case 'N':
		return take_lines(o, optarg);
	case 'J':
		o->json = true;
		break;
	case 'r':
		o->style.raw = true;
		break;
	case 'n':
		o->style.noheadings = true;
		break;
	case 'o':
		o->output = optarg;
		break;
	case OPT_LIST_COLUMNS:
		o->list_columns = true;
		break;
	case 'h':
		o->help = true;
		break;
	case 'V':
		o->version = true;
		break;
	default:
		return RS_USAGE;	/* getopt_long() said why */
	}
	return RS_OK;
}

static int parse_options(struct top_options *o, int argc, char **argv)
{
	int opt;

	/* getopt_long() names argv[0] in its messages. */
	argv[0] = "rmapscope top";
	while ((opt = getopt_long(argc, argv, short_options, long_options,
				  NULL)) != -1) {
		int status = take_option(o, opt);

		if (status)
			return status;
	}
	if (optind < argc) {
		warnx("top: what is \"%s\"? See rmapscope top --help", argv[optind]);
		return RS_USAGE;
	}
	if (o->json && o->style.raw) {
		warnx("top: --json and --raw exclude each other");
		return RS_USAGE;
	}
	if (!o->has_lines && !o->json)
		o->lines = DEFAULT_LINES;
	return RS_OK;
}

/* JSON is for programs: they get everything unless they ask for less. */
static bool choose_columns(const struct top_options *o, struct column_list *list)
{
	if (o->json)
		columns_all(list, &top_columns);
	else
		columns_default(list, &top_columns);
	return !o->output || columns_select(list, &top_columns, o->output);
}

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

static unsigned long long count_of(const struct record *rec, const char *key)
{
	unsigned long long n = record_num(rec, key);

	return n == RECORD_NONE ? 0 : n;
}

static void print_total(const struct report *r, const struct record *total)
{
	unsigned long long skipped = count_of(total, "skipped");

	printf("\n%zu of %llu trees; %llu VMAs in %llu processes",
	       report_count(r, "tree"), count_of(total, "trees"),
	       count_of(total, "vmas"), count_of(total, "processes"));
	if (skipped)
		printf(", of which %llu exited meanwhile", skipped);
	printf("; %.2f ms\n", count_of(total, "ns") / 1e6);
}

static void print_text(const struct report *r, const struct column_list *columns,
		       const struct top_options *o)
{
	const struct record *total = report_next(r, "total", NULL);
	bool wants_more = !o->lines || o->lines > count_of(total, "shown");

	table_of_records(r, "tree", columns, &o->style);
	if (!o->style.raw && !o->style.noheadings)
		print_total(r, total);
	if (wants_more && count_of(total, "truncated")) {
		fflush(stdout);
		warnx("the module lists %llu of %llu trees; raise " MAX_TREES,
		      count_of(total, "shown"), count_of(total, "trees"));
	}
}

static void add_one(struct json_object *doc, const struct report *r,
		    const struct column_set *set)
{
	struct column_list list;

	columns_all(&list, set);
	json_add(doc, set->record,
		 json_record(report_next(r, set->record, NULL), &list));
}

static void print_json(const struct report *r, const struct column_list *columns)
{
	struct json_object *doc = json_object_new_object();

	add_one(doc, r, &report_columns);
	json_add(doc, "tree", json_records(r, "tree", columns));
	add_one(doc, r, &total_columns);
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
	else if (o->json)
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
	struct top_options o = { };
	struct column_list columns;
	int status = parse_options(&o, argc, argv);

	if (status)
		return status;
	if (o.help) {
		print_help();
		return RS_OK;
	}
	if (o.version) {
		print_version();
		return RS_OK;
	}
	if (o.list_columns) {
		table_of_columns(&top_columns);
		return RS_OK;
	}
	return choose_columns(&o, &columns) ? look(&o, &columns) : RS_USAGE;
}
