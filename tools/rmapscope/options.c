// SPDX-License-Identifier: GPL-2.0
/*
 * The options that subcommands share.
 */
#include <err.h>
#include <getopt.h>
#include <stdio.h>

#include "options.h"
#include "rmapscope.h"

static int take_option(const struct command *c, struct options *o, void *own, int opt)
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
	case '?':
		return RS_USAGE;	/* getopt_long() said why */
	default:
		return c->take_own ? c->take_own(own, opt, optarg) : RS_USAGE;
	}
	return RS_OK;
}

/**
 * options_parse() - read the command line of a subcommand
 * @c: the subcommand
 * @o: zeroed; filled
 * @own: handed to its own take_own()
 * @argc: number of arguments, counting its name
 * @argv: the arguments
 *
 * Return: RS_OK, or RS_USAGE after saying what is wrong.
 */
int options_parse(const struct command *c, struct options *o, void *own, int argc,
		  char **argv)
{
	char name[32];
	int opt;

	/* getopt_long() names argv[0] in its messages. */
	snprintf(name, sizeof(name), "rmapscope %s", c->name);
	argv[0] = name;
	while ((opt = getopt_long(argc, argv, c->short_options, c->long_options, NULL)) != -1) {
		int status = take_option(c, o, own, opt);

		if (status)
			return status;
	}
	if (optind < argc) {
		warnx("%s: what is \"%s\"? See %s --help", c->name, argv[optind], name);
		return RS_USAGE;
	}
	if (o->json && o->style.raw) {
		warnx("%s: --json and --raw exclude each other", c->name);
		return RS_USAGE;
	}
	return RS_OK;
}

/**
 * options_answer() - was it only a question about the tool?
 * @c: the subcommand
 * @o: its options
 *
 * Return: true if so, with the answer printed.
 */
bool options_answer(const struct command *c, const struct options *o)
{
	if (o->help)
		c->print_help();
	else if (o->version)
		print_version();
	else if (o->list_columns)
		table_of_columns(c->columns);
	return o->help || o->version || o->list_columns;
}

/**
 * options_columns() - choose the columns of the subcommand's main table
 * @c: the subcommand
 * @o: its options
 * @normal: what is shown if nothing else is asked for; NULL: the set's own default
 * @list: filled
 *
 * JSON is for programs: they get everything unless they ask for less.
 *
 * Return: false after saying which column there isn't.
 */
bool options_columns(const struct command *c, const struct options *o, const char *normal,
		     struct column_list *list)
{
	if (o->json)
		columns_all(list, c->columns);
	else if (normal)
		columns_select(list, c->columns, normal);
	else
		columns_default(list, c->columns);
	return !o->output || columns_select(list, c->columns, o->output);
}
