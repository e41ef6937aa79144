// SPDX-License-Identifier: GPL-2.0
/*
 * `rmapscope page`: one page, and everyone who maps it.
 */
#include <err.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "page.h"
#include "rmapscope.h"
#include "target.h"

enum {
	OPT_LIST_COLUMNS = OPT_COMMAND,
};

struct page_options {
	struct target target;
	struct table_style style;
	const char *output;		/* argument of -o */
	bool json;
	bool help, version, list_columns;
};

/* The default, and which pages of the folio a row is about. */
#define FOLIO_COLUMNS "STATE,PID,COMM,VA,VMA,PERMS,LEVEL,FIRST,COUNT,BITS,NOW-PFN,NAME"

static const char short_options[] = TARGET_SHORTOPTS "Jrno:hV";

static const struct option long_options[] = {
	TARGET_LONGOPT_PID,
	TARGET_LONGOPT_ADDRESS,
	TARGET_LONGOPT_PFN,
	TARGET_LONGOPT_PHYS,
	TARGET_LONGOPT_FILE,
	TARGET_LONGOPT_OFFSET,
	TARGET_LONGOPT_FOLIO,
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
	puts("Usage: rmapscope page -p PID -a ADDR [OPTIONS]\n"
	     "       rmapscope page --pfn N [OPTIONS]\n"
	     "       rmapscope page --phys ADDR [OPTIONS]\n"
	     "       rmapscope page --file PATH [--offset N] [OPTIONS]\n"
	     "Show a page, and every VMA that the kernel visits to find who maps it.\n"
	     "\nThe page:\n"
	     TARGET_HELP
	     "\nOutput:\n"
	     "  -J, --json          the whole report as JSON\n"
	     "  -r, --raw           only the table, unaligned, for scripts\n"
	     "  -n, --noheadings    only the rows of the table\n"
	     "  -o, --output LIST   columns of the table; +LIST adds to the default\n"
	     "      --list-columns  what columns there are\n"
	     "  -h, --help          this help\n"
	     "  -V, --version       version of the tool, and of the reports it reads\n"
	     "\nNumbers are decimal, or hex with 0x or where letters make it plain.\n"
	     "Exit status: 0 done, 1 failed, 2 wrong usage, 3 no such page or process.");
}

static int take_option(struct page_options *o, int opt)
{
	int status = target_option(&o->target, opt, optarg);

	if (status != TARGET_NOT_MINE)
		return status;

	switch (opt) {
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

static int parse_options(struct page_options *o, int argc, char **argv)
{
	int opt;

	/* getopt_long() names argv[0] in its messages. */
	argv[0] = "rmapscope page";
	while ((opt = getopt_long(argc, argv, short_options, long_options,
				  NULL)) != -1) {
		int status = take_option(o, opt);

		if (status)
			return status;
	}
	if (optind < argc) {
		warnx("page: what is \"%s\"? See rmapscope page --help",
		      argv[optind]);
		return RS_USAGE;
	}
	if (o->json && o->style.raw) {
		warnx("page: --json and --raw exclude each other");
		return RS_USAGE;
	}
	return RS_OK;
}

/* JSON is for programs: they get everything unless they ask for less. */
static bool choose_columns(const struct page_options *o,
			   struct column_list *list)
{
	if (o->json)
		columns_all(list, &map_columns);
	else if (o->target.folio)
		columns_select(list, &map_columns, FOLIO_COLUMNS);
	else
		columns_default(list, &map_columns);
	return !o->output || columns_select(list, &map_columns, o->output);
}

static int look(const struct page_options *o, const struct column_list *columns)
{
	char request[TARGET_MAX];
	struct report report;
	int status = RS_OK;
	int err;

	target_format(&o->target, request, sizeof(request));
	err = report_take(&report, "page", request);
	if (err)
		status = explain_failure(&o->target, &report, -err);
	else if (o->json)
		page_print_json(&report, columns);
	else
		page_print_text(&report, columns, &o->style);
	report_free(&report);
	return status;
}

/**
 * cmd_page() - the subcommand "page"
 * @argc: number of arguments, counting its name
 * @argv: the arguments
 *
 * Return: an exit status of enum rmapscope_exit.
 */
int cmd_page(int argc, char **argv)
{
	struct page_options o = { };
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
		table_of_columns(&map_columns);
		return RS_OK;
	}
	if (!choose_columns(&o, &columns) || !target_complete(&o.target, "page"))
		return RS_USAGE;
	status = target_find_file(&o.target);
	return status ? status : look(&o, &columns);
}
