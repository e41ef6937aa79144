/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The options of all subcommands. They are in one table in options.c; each subcommand says
 * which groups of them it takes.
 */
#ifndef RMAPSCOPE_OPTIONS_H
#define RMAPSCOPE_OPTIONS_H

#include <stdbool.h>

#include "command.h"
#include "table.h"
#include "target.h"

#define RMAPSCOPE_VERSION	"0.1"

enum option_group {
	OPTIONS_TARGET	= 1 << 0,	/* which page */
	OPTIONS_LINES	= 1 << 1,
	OPTIONS_DOT	= 1 << 2,
	OPTIONS_TABLE	= 1 << 3,	/* what the table looks like */
	OPTIONS_ALWAYS	= 1 << 4,	/* every subcommand takes these */
};

struct options {
	struct target target;
	struct table_style style;
	const char *output;		/* argument of --output */
	unsigned long lines;		/* argument of --lines */
	bool has_lines;
	bool json, dot;
	bool help, version, list_columns;
};

int options_parse(struct options *o, const struct command *c, int argc, char **argv);
bool options_answer(const struct options *o, const struct command *c);
bool options_columns(const struct options *o, const struct command *c, const char *normal,
		     struct column_list *list);
void options_print_version(void);

#endif
