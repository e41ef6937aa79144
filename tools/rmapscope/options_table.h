/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The table of all options, for the file that parses them and the file that prints help.
 */
#ifndef RMAPSCOPE_OPTIONS_TABLE_H
#define RMAPSCOPE_OPTIONS_TABLE_H

#include <getopt.h>

#include "options.h"

/* Numbers from here on are those of options without a letter. */
#define OPT_NO_LETTER	0x100

struct option_entry {
	unsigned int groups;		/* enum option_group, combined */
	int id;				/* its letter, or a number */
	const char *name;
	const char *argument;		/* NULL: it takes none; in brackets: it may */
	const char *help;
};

static inline bool options_takes(const struct command *c, const struct option_entry *entry)
{
	return (c->groups | OPTIONS_ALWAYS) & entry->groups;
}

static inline int options_argument(const struct option_entry *entry)
{
	if (!entry->argument)
		return no_argument;
	return entry->argument[0] == '[' ? optional_argument : required_argument;
}

const struct option_entry *options_entry(size_t i);

#endif
