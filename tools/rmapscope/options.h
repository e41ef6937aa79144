/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The options that subcommands share: which page it is about, and how to print.
 */
#ifndef RMAPSCOPE_OPTIONS_H
#define RMAPSCOPE_OPTIONS_H

#include <stdbool.h>

#include "table.h"
#include "target.h"

struct option;

struct options {
	struct target target;
	struct table_style style;
	const char *output;		/* argument of -o */
	bool json;
	bool help, version, list_columns;
};

enum {
	OPT_LIST_COLUMNS = OPT_COMMAND,
	OPT_OWN,		/* the first that a subcommand may use itself */
};

#define OPTIONS_HELP_TABLE						\
	"  -r, --raw           only the table, unaligned, for scripts\n" \
	"  -n, --noheadings    only the rows of the table\n"		\
	"  -o, --output LIST   columns of the table; +LIST adds to the default\n" \
	"      --list-columns  what columns there are\n"
#define OPTIONS_HELP_END						\
	"  -h, --help          this help\n"				\
	"  -V, --version       version of the tool, and of the reports it reads\n"

struct command {
	const char *name;
	const char *short_options;
	const struct option *long_options;
	/* Those of its main table; NULL: it has none. */
	const struct column_set *columns;
	void (*print_help)(void);
	/* Takes an option of its own, and returns an exit status; NULL: it has none. */
	int (*take_own)(void *own, int opt, const char *arg);
};

int options_parse(const struct command *c, struct options *o, void *own, int argc,
		  char **argv);
bool options_answer(const struct command *c, const struct options *o);
bool options_columns(const struct command *c, const struct options *o, const char *normal,
		     struct column_list *list);

#endif
