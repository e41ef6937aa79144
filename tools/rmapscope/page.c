// SPDX-License-Identifier: GPL-2.0
/*
 * `rmapscope page`: one page, and everyone who maps it.
 */
#include <getopt.h>
#include <stdio.h>

#include "options.h"
#include "page.h"
#include "rmapscope.h"

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
	     OPTIONS_HELP_TABLE
	     OPTIONS_HELP_END
	     "\nNumbers are decimal, or hex with 0x or where letters make it plain.\n"
	     "Exit status: 0 done, 1 failed, 2 wrong usage, 3 no such page or process.");
}

static const struct command page_command = {
	.name = "page",
	.short_options = short_options,
	.long_options = long_options,
	.columns = &map_columns,
	.print_help = print_help,
};

static int look(const struct options *o, const struct column_list *columns)
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
	const struct command *c = &page_command;
	struct options o = { };
	struct column_list columns;
	int status = options_parse(c, &o, NULL, argc, argv);

	if (status || options_answer(c, &o))
		return status;
	if (!options_columns(c, &o, o.target.folio ? FOLIO_COLUMNS : NULL, &columns) ||
	    !target_complete(&o.target, c->name))
		return RS_USAGE;
	status = target_find_file(&o.target);
	return status ? status : look(&o, &columns);
}
