// SPDX-License-Identifier: GPL-2.0
/*
 * What --help, --version and --list-columns print.
 */
#include <stdio.h>
#include <string.h>

#include "options_table.h"
#include "report.h"

static void print_options(const struct command *c, unsigned int groups)
{
	const struct option_entry *entry;
	size_t i;

	for (i = 0; (entry = options_entry(i)); i++) {
		char text[32];

		if (!(groups & (c->groups | OPTIONS_ALWAYS) & entry->groups))
			continue;
		snprintf(text, sizeof(text), "%s%s%s", entry->name,
			 options_argument(entry) == required_argument ? " " : "",
			 entry->argument ?: "");
		if (entry->id < OPT_NO_LETTER)
			printf("  -%c, --%-17s %s\n", entry->id, text, entry->help);
		else
			printf("      --%-17s %s\n", text, entry->help);
	}
}

static void print_usage(const struct command *c)
{
	const char *usage = c->usage ?: "";

	do {
		size_t len = strcspn(usage, "|");

		printf("%s rmapscope %s%s%.*s [OPTIONS]\n", usage == c->usage || !c->usage ?
		       "Usage:" : "      ", c->name, *usage ? " " : "", (int)len, usage);
		usage += len;
	} while (*usage++);
}

static void print_help(const struct command *c)
{
	if (c->groups & OPTIONS_TARGET)
		printf("Usage: rmapscope %1$s -p PID -a ADDR [OPTIONS]\n"
		       "       rmapscope %1$s --pfn N [OPTIONS]\n"
		       "       rmapscope %1$s --phys ADDR [OPTIONS]\n"
		       "       rmapscope %1$s --file PATH [--offset N] [OPTIONS]\n", c->name);
	else
		print_usage(c);
	puts(c->help);
	if (c->groups & OPTIONS_TARGET) {
		puts("\nThe page:");
		print_options(c, OPTIONS_TARGET);
	}
	if (c->groups & OPTIONS_WHY) {
		puts("\nThe page or the range:");
		print_options(c, OPTIONS_WHY);
	}
	if (c->groups & OPTIONS_RANGE) {
		puts("\nThe range:");
		print_options(c, OPTIONS_RANGE);
	}
	if (c->groups & OPTIONS_SHARE) {
		puts("\nThe processes:");
		print_options(c, OPTIONS_SHARE);
	}
	if (c->groups & OPTIONS_FILTER) {
		puts("\nOnly pages");
		print_options(c, OPTIONS_FILTER);
	}
	if (c->groups & OPTIONS_METHOD) {
		puts("\nHow the mappings are found:");
		print_options(c, OPTIONS_METHOD);
	}
	puts("\nOutput:");
	print_options(c, ~(OPTIONS_TARGET | OPTIONS_WHY | OPTIONS_RANGE | OPTIONS_SHARE |
			   OPTIONS_FILTER | OPTIONS_METHOD));
	if (c->print_more_help)
		c->print_more_help();
	if (c->groups & (OPTIONS_TARGET | OPTIONS_WHY | OPTIONS_RANGE | OPTIONS_SHARE))
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
		table_of_columns(c->columns_of ? c->columns_of(o) : c->columns);
	return o->help || o->version || o->list_columns;
}
