// SPDX-License-Identifier: GPL-2.0
/*
 * rmap-exercise - build a known situation of processes that share pages
 *
 * Prints as JSON what it did, holds it or runs a command, and takes it down.
 */
#include <alloca.h>
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exercise.h"

/* What each --number option was given; -1 where it was not. */
struct given {
	long value[NR_OPTIONS];
};

static noreturn void __printf(1, 2) usage_error(const char *fmt, ...)
{
	va_list args;

	fputs("rmap-exercise: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputs("\nTry 'rmap-exercise --help' or 'rmap-exercise --list'.\n", stderr);
	exit(2);
}

static void print_help(void)
{
	puts("Usage: rmap-exercise SCENARIO [OPTION...] [--hold | -- CMD [ARG...]]\n"
	     "       rmap-exercise --list | --help\n"
	     "\n"
	     "Builds a known situation of processes that share pages, prints what it did as\n"
	     "JSON and takes everything down again.\n"
	     "\n"
	     "      --children N  how many processes to fork\n"
	     "      --depth N     how many generations to fork\n"
	     "      --pages N     how many pages share the same fate\n"
	     "      --writers N   how many of the children write to the page\n"
	     "      --max-sharing N  set KSM's max_page_sharing (ksm); 0 leaves it\n"
	     "      --hold        keep all up until SIGINT or SIGTERM\n"
	     "      --twice       run CMD before the write, too (cow-child)\n"
	     "  -q, --quiet       print no JSON\n"
	     "      --list        print what each scenario does\n"
	     "  -h, --help        print this\n"
	     "\n"
	     "CMD runs while all is up; {pid} and {va} in its arguments stand for the first\n"
	     "mapping of the first page. Whatever it leaves running is killed.\n"
	     "Exit status: 0 done, 1 failed, 2 usage, 77 not possible on this machine or\n"
	     "kernel; with CMD that of CMD.\n"
	     "\n"
	     "Which scenario takes which option, with its default and range:");
	scenario_list_options();
}

static long parse_number(const char *name, const char *text)
{
	char *end;
	long value;

	errno = 0;
	value = strtol(text, &end, 10);
	if (errno || end == text || *end || value < 0)
		usage_error("--%s takes a whole number, not '%s'", name, text);
	return value;
}

static void apply_option(struct exercise *ex, enum option_id id, long value)
{
	const struct scenario *sc = ex->scenario;
	const struct option_range *range = &sc->opt[id];
	unsigned int min = scenario_option_min(id);

	ex->opt[id] = range->def;
	if (value < 0)
		return;
	if (!range->max)
		usage_error("%s takes no --%s", sc->name, option_names[id]);
	if (value < min || value > range->max)
		usage_error("%s takes --%s from %u to %u, not %ld", sc->name,
			    option_names[id], min, range->max, value);
	ex->opt[id] = value;
}

static void apply_options(struct exercise *ex, const struct given *given)
{
	unsigned int children, pages, writers;
	int id;

	for (id = 0; id < NR_OPTIONS; id++)
		apply_option(ex, id, given->value[id]);

	children = ex->opt[OPT_CHILDREN];
	pages = ex->opt[OPT_PAGES];
	writers = ex->opt[OPT_WRITERS];
	if (writers > children)
		usage_error("--writers %u is more than --children %u", writers,
			    children);
	if ((children + 1UL) * pages > MAX_MAPPINGS)
		usage_error("--children %u times --pages %u is more than %u mappings",
			    children, pages, MAX_MAPPINGS);
}

static void parse_options(int argc, char **argv, struct exercise *ex,
			  struct given *given)
{
	static const struct option options[] = {
		{ "children", required_argument, NULL, OPT_CHILDREN },
		{ "depth", required_argument, NULL, OPT_DEPTH },
		{ "pages", required_argument, NULL, OPT_PAGES },
		{ "writers", required_argument, NULL, OPT_WRITERS },
		{ "max-sharing", required_argument, NULL, OPT_MAX_SHARING },
		{ "hold", no_argument, NULL, 'H' },
		{ "twice", no_argument, NULL, 't' },
		{ "quiet", no_argument, NULL, 'q' },
		{ "list", no_argument, NULL, 'l' },
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	int opt;

	while ((opt = getopt_long(argc, argv, "hq", options, NULL)) != -1) {
		switch (opt) {
		case 'H':
			ex->hold = true;
			break;
		case 't':
			ex->twice = true;
			break;
		case 'q':
			ex->quiet = true;
			break;
		case 'l':
			scenario_list();
			exit(0);
		case 'h':
			print_help();
			exit(0);
		case '?':
			exit(2);
		default:
			given->value[opt] = parse_number(option_names[opt], optarg);
		}
	}
}

/*
 * What follows "--" is the command, whatever it looks like, so it is cut off
 * before getopt_long() sorts the arguments.
 */
static void cut_command(int *argc, char **argv, struct exercise *ex)
{
	int i;

	for (i = 1; i < *argc; i++) {
		if (strcmp(argv[i], "--"))
			continue;
		if (i + 1 == *argc)
			usage_error("a command must follow '--'");
		ex->cmd = argv + i + 1;
		*argc = i;
		return;
	}
}

static void parse(int argc, char **argv, struct exercise *ex)
{
	struct given given;
	int id;

	for (id = 0; id < NR_OPTIONS; id++)
		given.value[id] = -1;
	cut_command(&argc, argv, ex);
	parse_options(argc, argv, ex, &given);

	if (optind == argc)
		usage_error("which scenario?");
	if (optind + 1 < argc)
		usage_error("one scenario at a time, not also '%s'",
			    argv[optind + 1]);
	ex->scenario = scenario_find(argv[optind]);
	if (!ex->scenario)
		usage_error("there is no scenario '%s'", argv[optind]);
	if (ex->hold && ex->cmd)
		usage_error("with a command, all stays up while it runs: no --hold");
	if (ex->twice && !ex->scenario->twice)
		usage_error("%s takes no --twice", ex->scenario->name);
	if (ex->twice && !ex->cmd)
		usage_error("--twice goes with a command");
	apply_options(ex, &given);
}

static int exercise(struct exercise *ex)
{
	int status;

	ex->scenario->run(ex);
	proc_built();
	status = ex->status;
	if (!ex->quiet)
		account_print(ex);
	if (ex->cmd && !status)
		status = cmd_run(ex);
	else if (ex->hold)
		end_hold();
	end_takedown(ex->cmd);
	return status;
}

/*
 * All the rest runs in deeper frames, below these pages, so nobody writes to
 * them unless the scenario does.
 */
static int exercise_on_stack(struct exercise *ex)
{
	unsigned long size = page_size(), area;
	int status;

	area = (unsigned long)alloca((ex->opt[OPT_PAGES] + 1) * size);
	ex->stack = (area + size - 1) & ~(size - 1);
	status = exercise(ex);
	ex->stack = 0;
	return status;
}

int main(int argc, char **argv)
{
	static struct exercise ex;

	parse(argc, argv, &ex);
	proc_start(&ex);
	return ex.scenario->on_stack ? exercise_on_stack(&ex) : exercise(&ex);
}
