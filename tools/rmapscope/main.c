// SPDX-License-Identifier: GPL-2.0
/*
 * rmapscope: from a physical page to everyone who maps it, as the running
 * kernel's own reverse map sees it. Here is only the choice of the subcommand.
 */
#include <err.h>
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "report.h"
#include "rmapscope.h"

struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help;
};

static const struct command commands[] = {
	{ "page", cmd_page, "one page, and every VMA and page-table entry that maps it" },
	{ "tree", cmd_tree, "the anon_vma tree that a page hangs in" },
	{ "why", cmd_why, "what keeps a page where it is" },
	{ "top", cmd_top, "the largest anon_vma trees of the machine" },
	{ }
};

/**
 * print_version() - print the versions of the tool and of the text format
 */
void print_version(void)
{
	printf("rmapscope %s (abi %d)\n", RMAPSCOPE_VERSION, REPORT_ABI);
}

static void print_help(void)
{
	const struct command *cmd;

	puts("Usage: rmapscope COMMAND [OPTIONS]\n"
	     "Ask the running kernel who maps a physical page.\n"
	     "\nCommands:");
	for (cmd = commands; cmd->name; cmd++)
		printf("  %-8s%s\n", cmd->name, cmd->help);
	puts("\nOptions:\n"
	     "  -h, --help     this help; \"rmapscope COMMAND --help\" for more\n"
	     "  -V, --version  version of the tool, and of the reports it reads\n"
	     "\nIt needs root and the loaded rmapscope module. See rmapscope(8).");
}

static const struct command *find_command(const char *name)
{
	const struct command *cmd;

	for (cmd = commands; cmd->name; cmd++)
		if (!strcmp(cmd->name, name))
			return cmd;
	return NULL;
}

static int run(int argc, char **argv)
{
	const struct command *cmd;
	const char *name = argv[1];

	if (argc < 2) {
		warnx("which command? See rmapscope --help");
		return RS_USAGE;
	}
	if (!strcmp(name, "-h") || !strcmp(name, "--help")) {
		print_help();
		return RS_OK;
	}
	if (!strcmp(name, "-V") || !strcmp(name, "--version")) {
		print_version();
		return RS_OK;
	}

	cmd = find_command(name);
	if (!cmd) {
		warnx("%s: no such command; see rmapscope --help", name);
		return RS_USAGE;
	}
	return cmd->run(argc - 1, argv + 1);
}

/**
 * main() - run the subcommand that was asked for
 * @argc: number of arguments
 * @argv: the arguments
 *
 * Return: an exit status of enum rmapscope_exit. Output that could not be
 * written, for instance to a full disk, is a failure too.
 */
int main(int argc, char **argv)
{
	int status;

	setlocale(LC_ALL, "");
	status = run(argc, argv);

	/* ferror() first: a flush that has nothing left to do succeeds. */
	if (ferror(stdout) || fflush(stdout)) {
		warnx("cannot write the output: %s",
		      errno ? strerror(errno) : "I/O error");
		status = RS_FAILED;
	}
	return status;
}
