// SPDX-License-Identifier: GPL-2.0
/*
 * rmapscope: from a physical page to the processes that map it, as the running kernel's own
 * reverse map finds them. This file chooses the subcommand.
 */
#include <err.h>
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "exit_status.h"
#include "options.h"

static const struct command * const commands[] = {
	&page_command,
	&tree_command,
	&why_command,
	&top_command,
	&scan_command,
	&share_command,
	&record_command,
	&verify_command,
};

#define NR_COMMANDS	(sizeof(commands) / sizeof(commands[0]))

static void print_help(void)
{
	size_t i;

	puts("Usage: rmapscope COMMAND [OPTIONS]\n"
	     "Ask the running kernel which processes map a physical page.\n"
	     "\nCommands:");
	for (i = 0; i < NR_COMMANDS; i++)
		printf("  %-8s%s\n", commands[i]->name, commands[i]->summary);
	puts("\nOptions:\n"
	     "  -h, --help     print this help; \"rmapscope COMMAND --help\" tells more\n"
	     "  -V, --version  print the versions of tool and reports\n"
	     "\nrmapscope needs root and the loaded rmapscope module, but for recordings and with\n"
	     "--method=scan or index. See rmapscope(8).");
}

static const struct command *find_command(const char *name)
{
	size_t i;

	for (i = 0; i < NR_COMMANDS; i++)
		if (!strcmp(commands[i]->name, name))
			return commands[i];
	return NULL;
}

static int run_command(const struct command *c, int argc, char **argv)
{
	struct options o = { };
	int status = options_parse(&o, c, argc, argv);

	if (status || options_answer(&o, c))
		return status;
	return c->run(&o);
}

static int run(int argc, char **argv)
{
	const struct command *c;
	const char *name = argv[1];

	if (argc < 2) {
		warnx("no command was given; see 'rmapscope --help'");
		return RS_USAGE;
	}
	if (!strcmp(name, "-h") || !strcmp(name, "--help")) {
		print_help();
		return RS_OK;
	}
	if (!strcmp(name, "-V") || !strcmp(name, "--version")) {
		options_print_version();
		return RS_OK;
	}

	c = find_command(name);
	if (!c) {
		warnx("%s: no such command; see 'rmapscope --help'", name);
		return RS_USAGE;
	}
	return run_command(c, argc - 1, argv + 1);
}

/**
 * main() - run the subcommand that the arguments name
 * @argc: number of arguments
 * @argv: the arguments
 *
 * Return: one of enum exit_status. Output that can't be written, for instance to a full disk, is
 * a failure as well.
 */
int main(int argc, char **argv)
{
	int status;

	setlocale(LC_ALL, "");
	status = run(argc, argv);

	/* Test ferror() first: after a failed write, fflush() can succeed. */
	if (ferror(stdout) || fflush(stdout)) {
		warnx("cannot write the output: %s",
		      errno ? strerror(errno) : "I/O error");
		status = RS_FAILED;
	}
	return status;
}
