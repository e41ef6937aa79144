/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What all subcommands of rmapscope share.
 */
#ifndef RMAPSCOPE_H
#define RMAPSCOPE_H

#define RMAPSCOPE_VERSION	"0.1"

enum rmapscope_exit {
	RS_OK,
	RS_FAILED,
	RS_USAGE,
	RS_NO_PAGE,		/* not mapped, or no such page or process */
};

void print_version(void);

/* The subcommands: argv[0] is the name of the subcommand. */
int cmd_page(int argc, char **argv);
int cmd_top(int argc, char **argv);
int cmd_why(int argc, char **argv);
int cmd_tree(int argc, char **argv);

#endif
