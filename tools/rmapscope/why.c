// SPDX-License-Identifier: GPL-2.0
/*
 * `rmapscope why`: what keeps a page where it is.
 */
#include <getopt.h>
#include <json-c/json.h>
#include <stdio.h>

#include "json.h"
#include "options.h"
#include "rmapscope.h"
#include "why.h"

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
	     OPTIONS_HELP_END
	     "\nNumbers are decimal, or hex with 0x or where letters make it plain.\n"
	     "Exit status: 0 done, 1 failed, 2 wrong usage, 3 no such page or process.");
}

static const struct command why_command = {
	.name = "why",
	.short_options = short_options,
	.long_options = long_options,
	.print_help = print_help,
};

static void print_json(const struct report *r)
{
	struct json_object *doc = json_object_new_object();

	json_add_one(doc, r, &report_columns);
	json_add_one(doc, r, &page_columns);
	json_add_one(doc, r, &refs_columns);
	json_add_all(doc, r, &verdict_columns);
	json_print(doc);
}

static int look(const struct options *o)
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
	const struct command *c = &why_command;
	struct options o = { };
	int status = options_parse(c, &o, NULL, argc, argv);

	if (status || options_answer(c, &o))
		return status;
	if (!target_complete(&o.target, c->name))
		return RS_USAGE;
	status = target_find_file(&o.target);
	return status ? status : look(&o);
}
