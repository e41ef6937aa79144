/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The options of all subcommands. They are in one table in options.c; each subcommand says
 * which groups of them it takes.
 */
#ifndef RMAPSCOPE_OPTIONS_H
#define RMAPSCOPE_OPTIONS_H

#include <stdbool.h>

#include "command.h"
#include "method.h"
#include "range.h"
#include "selection.h"
#include "table.h"
#include "target.h"
#include "why_where.h"

#define RMAPSCOPE_VERSION	"0.1"

enum option_group {
	OPTIONS_TARGET	= 1 << 0,	/* which page */
	OPTIONS_LINES	= 1 << 1,
	OPTIONS_DOT	= 1 << 2,
	OPTIONS_TABLE	= 1 << 3,	/* what the table looks like */
	OPTIONS_JSON	= 1 << 4,
	OPTIONS_RANGE	= 1 << 5,	/* which pages */
	OPTIONS_FILTER	= 1 << 6,	/* and which of them */
	OPTIONS_SCAN	= 1 << 7,
	OPTIONS_RECORD	= 1 << 8,
	OPTIONS_METHOD	= 1 << 9,
	OPTIONS_ALWAYS	= 1 << 10,	/* every subcommand takes these */
	OPTIONS_WHY	= 1 << 11,	/* which page or range, and what is to be done */
	OPTIONS_BYTES	= 1 << 12,
	OPTIONS_SHARE	= 1 << 13,	/* which processes */
	OPTIONS_SHARE_HOW = 1 << 14,	/* and what of them */
};

/* What --map shows. */
enum map_style {
	MAP_NONE,
	MAP_KIND,
	MAP_SHARERS,
};

struct options {
	struct target target;
	struct range range;		/* its process is that of @target */
	struct table_style style;
	const char *output;		/* argument of --output */
	unsigned long lines;		/* argument of --lines */
	bool has_lines;
	enum map_style map;
	enum method method;
	unsigned int width;		/* argument of --width */
	struct where where;		/* arguments of --block, --zone, --node, --dmesg */
	enum rms_op op;			/* argument of --op */
	bool has_op;
	const char *input;		/* argument of --input */
	const char *file;		/* that record writes */
	struct selection selection;	/* to be freed */
	const char *sort;		/* argument of --sort */
	unsigned int watch;		/* argument of --watch, in seconds */
	bool several;			/* -p may be given more than once */
	bool vmas, files, matrix, tree, fork;
	bool pages, bytes, output_all, with;
	bool json, dot;
	bool help, version, list_columns;
};

int options_parse(struct options *o, const struct command *c, int argc, char **argv);
bool options_answer(const struct options *o, const struct command *c);
bool options_columns(const struct options *o, const struct column_set *set, const char *normal,
		     struct column_list *list);
void options_print_version(void);

#endif
