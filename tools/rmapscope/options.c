// SPDX-License-Identifier: GPL-2.0
/*
 * The options of all subcommands: one table, from which getopt_long() and the help texts get
 * what they need.
 */
#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "exit_status.h"
#include "options.h"
#include "report.h"

/* Options without a letter. */
enum {
	OPT_PFN = 0x100,
	OPT_PHYS,
	OPT_FILE,
	OPT_OFFSET,
	OPT_FOLIO,
	OPT_DOT,
	OPT_LIST_COLUMNS,
};

struct option_entry {
	enum option_group group;
	int id;				/* its letter, or one of the numbers above */
	const char *name;
	const char *argument;		/* NULL: it takes none */
	const char *help;
};

static const struct option_entry entries[] = {
	{ OPTIONS_TARGET, 'p', "pid", "PID", "process that has the page, with -a" },
	{ OPTIONS_TARGET, 'a', "address", "ADDR", "address in that process" },
	{ OPTIONS_TARGET, OPT_PFN, "pfn", "N", "page frame number" },
	{ OPTIONS_TARGET, OPT_PHYS, "phys", "ADDR", "physical address" },
	{ OPTIONS_TARGET, OPT_FILE, "file", "PATH", "file that has the page in its page cache" },
	{ OPTIONS_TARGET, OPT_OFFSET, "offset", "N", "offset in that file, in bytes (default: 0)" },
	{ OPTIONS_TARGET, OPT_FOLIO, "folio", NULL, "report on the whole folio of the page" },
	{ OPTIONS_LINES, 'N', "lines", "N", "show N trees, 0 for all (default: 20, all with -J)" },
	{ OPTIONS_ALWAYS, 'J', "json", NULL, "print JSON" },
	{ OPTIONS_DOT, OPT_DOT, "dot", NULL, "print a graph: pipe it to dot -Tsvg (Graphviz)" },
	{ OPTIONS_TABLE, 'r', "raw", NULL, "print only the table, unaligned, for scripts" },
	{ OPTIONS_TABLE, 'n', "noheadings", NULL, "print only the rows of the table" },
	{ OPTIONS_TABLE, 'o', "output", "LIST",
	  "columns of the table; +LIST adds to the default" },
	{ OPTIONS_TABLE, OPT_LIST_COLUMNS, "list-columns", NULL, "list the columns" },
	{ OPTIONS_ALWAYS, 'h', "help", NULL, "print this help" },
	{ OPTIONS_ALWAYS, 'V', "version", NULL, "print the versions of tool and reports" },
};

#define NR_ENTRIES	(sizeof(entries) / sizeof(entries[0]))

/* What getopt_long() takes: room for every option, with a colon behind a letter. */
struct option_tables {
	char letters[2 * NR_ENTRIES + 1];
	struct option names[NR_ENTRIES + 1];
};

static bool takes(const struct command *c, const struct option_entry *entry)
{
	return (c->groups | OPTIONS_ALWAYS) & entry->group;
}

static void make_tables(const struct command *c, struct option_tables *tables)
{
	struct option *name = tables->names;
	char *letter = tables->letters;
	size_t i;

	for (i = 0; i < NR_ENTRIES; i++) {
		const struct option_entry *entry = &entries[i];
		int has_arg = entry->argument ? required_argument : no_argument;

		if (!takes(c, entry))
			continue;
		*name++ = (struct option){ entry->name, has_arg, NULL, entry->id };
		if (entry->id >= OPT_PFN)
			continue;
		*letter++ = entry->id;
		if (entry->argument)
			*letter++ = ':';
	}
	*letter = '\0';
	*name = (struct option){ };
}

static int take_lines(struct options *o, const char *arg)
{
	char *end;

	errno = 0;
	o->lines = strtoul(arg, &end, 10);
	if (*arg < '0' || *arg > '9' || *end || errno) {
		warnx("--lines \"%s\": not a number; 0 stands for all trees", arg);
		return RS_USAGE;
	}
	o->has_lines = true;
	return RS_OK;
}

static int take_option(struct options *o, int id, const char *arg)
{
	switch (id) {
	case 'p':
		return target_set_pid(&o->target, arg);
	case 'a':
		return target_set_address(&o->target, arg);
	case OPT_PFN:
		return target_set_pfn(&o->target, arg);
	case OPT_PHYS:
		return target_set_phys(&o->target, arg);
	case OPT_FILE:
		return target_set_file(&o->target, arg);
	case OPT_OFFSET:
		return target_set_offset(&o->target, arg);
	case OPT_FOLIO:
		o->target.folio = true;
		break;
	case 'N':
		return take_lines(o, arg);
	case 'J':
		o->json = true;
		break;
	case OPT_DOT:
		o->dot = true;
		break;
	case 'r':
		o->style.raw = true;
		break;
	case 'n':
		o->style.noheadings = true;
		break;
	case 'o':
		o->output = arg;
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
		return RS_USAGE;	/* getopt_long() has printed why */
	}
	return RS_OK;
}

static int check_combination(const struct options *o, const struct command *c)
{
	if (o->json + o->dot + o->style.raw > 1)
		warnx("%s: use only one of --json, %s--raw", c->name,
		      c->groups & OPTIONS_DOT ? "--dot, " : "");
	else
		return RS_OK;
	return RS_USAGE;
}

/**
 * options_parse() - read the command line of a subcommand
 * @o: zeroed; filled
 * @c: the subcommand
 * @argc: number of arguments, counting its name
 * @argv: the arguments
 *
 * Return: RS_OK, or RS_USAGE after an error message.
 */
int options_parse(struct options *o, const struct command *c, int argc, char **argv)
{
	struct option_tables tables = { };
	char name[32];
	int id;

	make_tables(c, &tables);
	/* getopt_long() begins its messages with argv[0]. */
	snprintf(name, sizeof(name), "rmapscope %s", c->name);
	argv[0] = name;
	while ((id = getopt_long(argc, argv, tables.letters, tables.names, NULL)) != -1) {
		int status = take_option(o, id, optarg);

		if (id == '?')
			warnx("see '%s --help'", name);
		if (status)
			return status;
	}
	if (optind < argc) {
		warnx("%s: unexpected argument \"%s\"; see '%s --help'", c->name, argv[optind],
		      name);
		return RS_USAGE;
	}
	return check_combination(o, c);
}

static void print_options(const struct command *c, unsigned int groups)
{
	size_t i;

	for (i = 0; i < NR_ENTRIES; i++) {
		const struct option_entry *entry = &entries[i];
		char text[32];

		if (!(groups & entry->group) || !takes(c, entry))
			continue;
		snprintf(text, sizeof(text), "%s%s%s", entry->name,
			 entry->argument ? " " : "", entry->argument ?: "");
		if (entry->id < OPT_PFN)
			printf("  -%c, --%-17s %s\n", entry->id, text, entry->help);
		else
			printf("      --%-17s %s\n", text, entry->help);
	}
}

static void print_help(const struct command *c)
{
	if (c->groups & OPTIONS_TARGET)
		printf("Usage: rmapscope %1$s -p PID -a ADDR [OPTIONS]\n"
		       "       rmapscope %1$s --pfn N [OPTIONS]\n"
		       "       rmapscope %1$s --phys ADDR [OPTIONS]\n"
		       "       rmapscope %1$s --file PATH [--offset N] [OPTIONS]\n", c->name);
	else
		printf("Usage: rmapscope %s [OPTIONS]\n", c->name);
	puts(c->help);
	if (c->groups & OPTIONS_TARGET) {
		puts("\nThe page:");
		print_options(c, OPTIONS_TARGET);
	}
	puts("\nOutput:");
	print_options(c, ~OPTIONS_TARGET);
	if (c->print_more_help)
		c->print_more_help();
	if (c->groups & OPTIONS_TARGET)
		puts("\nNumbers are decimal, or hex with 0x or with a letter from a to f in them.\n"
		     "Exit status: 0 done, 1 failed, 2 wrong usage, 3 no such page or process.");
	else
		puts("\nExit status: 0 done, 1 failed, 2 wrong usage.");
}

/**
 * options_print_version() - print the versions of the tool and of the text format
 */
void options_print_version(void)
{
	printf("rmapscope %s (abi %d)\n", RMAPSCOPE_VERSION, REPORT_ABI);
}

/**
 * options_answer() - print what --help, --version or --list-columns asks for
 * @o: the options
 * @c: the subcommand
 *
 * Return: true if one of them was given, so that nothing else is to be done.
 */
bool options_answer(const struct options *o, const struct command *c)
{
	if (o->help)
		print_help(c);
	else if (o->version)
		options_print_version();
	else if (o->list_columns)
		table_of_columns(c->columns);
	return o->help || o->version || o->list_columns;
}

/**
 * options_columns() - choose the columns of the subcommand's main table
 * @o: the options
 * @c: the subcommand
 * @normal: the columns without --output; NULL: the default of the set
 * @list: filled
 *
 * JSON has all columns unless --output chooses some.
 *
 * Return: true, or false after an error message.
 */
bool options_columns(const struct options *o, const struct command *c, const char *normal,
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
