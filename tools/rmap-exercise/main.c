// SPDX-License-Identifier: GPL-2.0
/*
 * rmap-exercise - set up processes that share pages in a known way
 *
 * Prints an account of what it did as JSON, holds the processes or runs a command, and takes
 * everything down.
 */
#include <alloca.h>
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exercise.h"

/* The value of each option that takes a number; -1 if the option was not given. */
struct given {
	long value[NR_OPTIONS];
};

static void print_hint(void)
{
	fputs("Try 'rmap-exercise --help' or 'rmap-exercise --list'.\n", stderr);
}

static noreturn void __printf(1, 2) usage_error(const char *fmt, ...)
{
	va_list args;

	fputs("rmap-exercise: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	print_hint();
	exit(2);
}

static void print_help(void)
{
	puts("Usage: rmap-exercise SCENARIO [OPTION...] [--hold | -- CMD [ARG...]]\n"
	     "       rmap-exercise --list | --help\n"
	     "\n"
	     "Sets up processes that share pages in a known way, prints as JSON what it did, and\n"
	     "takes everything down again.\n"
	     "\n"
	     "      --children N  fork N processes\n"
	     "      --depth N     fork N generations\n"
	     "      --pages N     do the same with N pages\n"
	     "      --writers N   let N of the children write to the pages\n"
	     "      --max-sharing N  set max_page_sharing of KSM (ksm), at least 2; 0: leave it\n"
	     "      --hold        keep everything up until SIGINT, SIGTERM or SIGHUP\n"
	     "      --twice       run CMD before the writes as well (cow-child)\n"
	     "  -q, --quiet       print no JSON\n"
	     "      --list        list the scenarios and what each does\n"
	     "  -h, --help        print this help\n"
	     "\n"
	     "CMD runs while everything is up. {pid} and {va} in its arguments stand for the\n"
	     "first mapping of the first page. Processes that it leaves running are killed.\n"
	     "Exit status: 0 done, 1 failed, 2 wrong usage, 77 not possible on this machine or\n"
	     "kernel; with CMD, the exit status of CMD.\n"
	     "\n"
	     "The options of each scenario, with default and range:");
	scenario_list_options();
}

static long parse_number(const char *name, const char *text)
{
	char *end;
	long value;

	errno = 0;
	value = strtol(text, &end, 10);
	if (errno || end == text || *end || value < 0)
		usage_error("--%s '%s': not a whole number", name, text);
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
		usage_error("--%s: scenario %s does not take this option", option_names[id],
			    sc->name);
	/* The default may be outside of the range, as the 0 of --max-sharing. */
	if (value == range->def)
		return;
	if (value < min || value > range->max)
		usage_error("--%s %ld: scenario %s takes %u to %u (default: %u)", option_names[id],
			    value, sc->name, min, range->max, range->def);
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
		usage_error("--writers %u: more than --children %u", writers,
			    children);
	if ((children + 1UL) * pages > MAX_MAPPINGS)
		usage_error("--children %u with --pages %u: more than %u mappings",
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
		case '?':	/* getopt_long() has printed why */
			print_hint();
			exit(2);
		default:
			given->value[opt] = parse_number(option_names[opt], optarg);
		}
	}
}

/*
 * The command after "--" may have options of its own, so cut it off before getopt_long() sees the
 * arguments.
 */
static void cut_command(int *argc, char **argv, struct exercise *ex)
{
	int i;

	for (i = 1; i < *argc; i++) {
		if (strcmp(argv[i], "--"))
			continue;
		if (i + 1 == *argc)
			usage_error("--: a command must follow");
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
		usage_error("no scenario was given");
	if (optind + 1 < argc)
		usage_error("'%s': only one scenario at a time",
			    argv[optind + 1]);
	ex->scenario = scenario_find(argv[optind]);
	if (!ex->scenario)
		usage_error("'%s': no such scenario", argv[optind]);
	if (ex->hold && ex->cmd)
		usage_error("--hold: not together with a command after --");
	if (ex->twice && !ex->scenario->twice)
		usage_error("--twice: scenario %s does not take this option", ex->scenario->name);
	if (ex->twice && !ex->cmd)
		usage_error("--twice: needs a command after --");
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
 * Reserves the pages of a scenario on the main stack. The rest of the program runs in deeper stack
 * frames, below these pages, so only the scenario writes to them.
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

/* What die() and unsupported() undo. */
static void take_down(void)
{
	end_takedown(false);
}

int main(int argc, char **argv)
{
	static struct exercise ex;

	if (helper_is_exec(argv))
		helper_resume(argv);
	parse(argc, argv, &ex);
	message_set_subject(ex.scenario->name);
	message_set_cleanup(take_down);
	proc_start(&ex);
	return ex.scenario->on_stack ? exercise_on_stack(&ex) : exercise(&ex);
}
