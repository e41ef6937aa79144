/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The subcommands of rmapscope. Each is in a file of its name; main.c has the list.
 */
#ifndef RMAPSCOPE_COMMAND_H
#define RMAPSCOPE_COMMAND_H

struct column_set;
struct options;

struct command {
	const char *name;
	const char *summary;			/* one line for the list of commands */
	const char *help;			/* description, between usage and options */
	unsigned int groups;			/* options that it takes: enum option_group */
	const char *usage;			/* its forms with '|' between; NULL: of a target */
	const struct column_set *columns;	/* of its main table; NULL: it has none */
	/* The same for a subcommand with several tables; NULL: it has at most one. */
	const struct column_set *(*columns_of)(const struct options *o);
	void (*print_more_help)(void);		/* after the options; NULL: nothing */
	/* Does the work after the options were read. Return: an exit status. */
	int (*run)(struct options *o);
};

extern const struct command page_command;
extern const struct command tree_command;
extern const struct command why_command;
extern const struct command top_command;
extern const struct command scan_command;
extern const struct command share_command;
extern const struct command record_command;
extern const struct command verify_command;

#endif
