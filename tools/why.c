// SPDX-License-Identifier: GPL-2.0
/*
 * `rmapscope why`: what keeps a page where it is.
 */
#include <err.h>
#include <getopt.h>
#include <json-c/json.h>
#include <stdio.h>

#include "json.h"
#include "rmapscope.h"
#include "target.h"
#include "why.h"

struct why_options {
	struct target target;
	bool json;
	bool help, version;
};

static const char short_options[] = TARGET_SHORTOPTS "JhV";

static const struct option long_options[] = {
	TARGET_LONGOPT_PID,
	TARGET_LONGOPT_ADDRESS,
	TARGET_LONGOPT_PFN,
	TARGET_LONGOPT_PHYS,
	TARGET_LONGOPT_FILE,
	TARGET_LONGOPT_OFFSET,
	TARGET_LONGOPT_FOLIO,
	{ "json",	no_argument,	NULL, 'J' },
	{ "help",	no_argument,	NULL, 'h' },
	{ "version",	no_argument,	NULL, 'V' },
	{ }
};

static void print_help(void)
{
	puts("Usage: rmapscope why -p PID -a ADDR [OPTIONS]\n"
	     "       rmapscope why --pfn N [OPTIONS]\n"
	     "       rmapscope why --phys ADDR [OPTIONS]\n"
	     "       rmapscope why --file PATH [--offset N] [OPTIONS]\n"
	     "Show who holds references to a page, and whether it could be reclaimed, moved\n"
	     "or split, without doing it; and what is in the way.\n"
	     "\nThe page:\n"
	     TARGET_HELP
	     "\nOutput:\n"
	     "  -J, --json          as JSON\n"
	     "  -h, --help          this help\n"
	     "  -V, --version       version of the tool, and of the reports it reads\n"
	     "\nNumbers are decimal, or hex with 0x or where letters make it plain.\n"
	     "Exit status: 0 done, 1 failed, 2 wrong usage, 3 no such page or process.");
}

static int take_option(struct why_options *o, int opt)
{
	int status = target_option(&o->target, opt, optarg);

	if (status != TARGET_NOT_MINE)
		return status;

	switch (opt) {
	case 'J':
		o->json = true;
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

static int parse_options(struct why_options *o, int argc, char **argv)
{
	int opt, status;

	/* getopt_long() names argv[0] in its messages. */
	argv[0] = "rmapscope why";
	while ((opt = getopt_long(argc, argv, short_options, long_options, NULL)) != -1) {
		status = take_option(o, opt);
		if (status)
			return status;
	}
	if (optind < argc) {
		warnx("why: what is \"%s\"? See rmapscope why --help", argv[optind]);
		return RS_USAGE;
	}
	return RS_OK;
}

static void add_one(struct json_object *doc, const struct report *r,
		    const struct column_set *set)
{
	struct column_list list;

	columns_all(&list, set);
	json_add(doc, set->record, json_record(report_next(r, set->record, NULL), &list));
}

static void print_json(const struct report *r)
{
	struct json_object *doc = json_object_new_object();
	struct column_list verdict;

	columns_all(&verdict, &verdict_columns);
	add_one(doc, r, &report_columns);
	add_one(doc, r, &page_columns);
	add_one(doc, r, &refs_columns);
	json_add(doc, "verdict", json_records(r, "verdict", &verdict));
	json_print(doc);
}

static int look(const struct why_options *o)
{
	char request[TARGET_MAX];
	struct report report;
	int err, status = RS_OK;

	target_format(&o->target, request, sizeof(request));
	err = report_take(&report, "page", request);
	if (err)
		status = explain_failure(&o->target, &report, -err);
	else if (o->json)
		print_json(&report);
	else
		why_print_text(&report);
	report_free(&report);
	return status;
}

/**
 * cmd_why() - the subcommand "why"
 * @argc: number of arguments, counting its name
 * @argv: the arguments
 *
 * Return: an exit status of enum rmapscope_exit.
 */
int cmd_why(int argc, char **argv)
{
	struct why_options o = { };
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
	if (!target_complete(&o.target, "why"))
		return RS_USAGE;
	status = target_find_file(&o.target);
	return status ? status : look(&o);
}
