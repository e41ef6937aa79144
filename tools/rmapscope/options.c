// SPDX-License-Identifier: GPL-2.0
/*
 * The options of all subcommands: one table, from which getopt_long() and the help texts
 * (options_help.c) get what they need.
 */
#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exit_status.h"
#include "number.h"
#include "options.h"
#include "options_table.h"
#include "words.h"

/* Of a drawing: more than any terminal has. */
#define MAX_WIDTH	10000

#define MAX_SECONDS	1000000

/* Options without a letter. */
enum {
	OPT_PFN = OPT_NO_LETTER,
	OPT_PHYS,
	OPT_FILE,
	OPT_OFFSET,
	OPT_FOLIO,
	OPT_DOT,
	OPT_LIST_COLUMNS,
	OPT_PFN_RANGE,
	OPT_ALL,
	OPT_KIND,
	OPT_MIN_MAPS,
	OPT_EXTRA_REFS,
	OPT_STUCK,
	OPT_PAGES,
	OPT_MAP,
	OPT_WITH,
	OPT_METHOD,
	OPT_DESCENDANTS,
	OPT_CGROUP,
	OPT_COMM,
	OPT_VMA,
	OPT_BY_FILE,
	OPT_MATRIX,
	OPT_TREE,
	OPT_FORK,
	OPT_SORT,
	OPT_WATCH,
	OPT_PFN_OR_RANGE,
	OPT_BLOCK,
	OPT_ZONE,
	OPT_NODE,
	OPT_DMESG,
	OPT_OP,
};

/* Options of why as well, which takes a page or a range. */
#define OPTIONS_PAGE	(OPTIONS_TARGET | OPTIONS_WHY)

static const struct option_entry entries[] = {
	{ OPTIONS_TARGET, 'p', "pid", "PID", "process that has the page, with -a" },
	{ OPTIONS_WHY, 'p', "pid", "PID", "process: a page with -a, else a range" },
	{ OPTIONS_PAGE, 'a', "address", "ADDR", "address in that process" },
	{ OPTIONS_TARGET, OPT_PFN, "pfn", "N", "page frame number" },
	{ OPTIONS_WHY, OPT_PFN_OR_RANGE, "pfn", "N|A-B", "a frame; or from A to before B, A+N" },
	{ OPTIONS_PAGE, OPT_PHYS, "phys", "ADDR", "physical address" },
	{ OPTIONS_PAGE, OPT_FILE, "file", "PATH", "file that has the page in its page cache" },
	{ OPTIONS_PAGE, OPT_OFFSET, "offset", "N", "offset in that file, in bytes (default: 0)" },
	{ OPTIONS_PAGE, OPT_FOLIO, "folio", NULL, "report on the whole folio of the page" },
	{ OPTIONS_RANGE, 'p', "pid", "PID", "process; START-END are addresses in it" },
	{ OPTIONS_RANGE, OPT_PFN_RANGE, "pfn", "A-B", "frames from A to before B; A+N; or one" },
	{ OPTIONS_WHY, OPT_BLOCK, "block", "memoryN", "a block of memory; can be repeated" },
	{ OPTIONS_WHY, OPT_ZONE, "zone", "NAME", "a zone (see /proc/zoneinfo)" },
	{ OPTIONS_WHY, OPT_NODE, "node", "N", "a node" },
	{ OPTIONS_RANGE | OPTIONS_WHY, OPT_ALL, "all", NULL, "all frames of the machine" },
	{ OPTIONS_WHY, OPT_DMESG, "dmesg", "[=FILE]",
	  "the frames that the kernel log, or a copy of it, names" },
	{ OPTIONS_FILTER, OPT_KIND, "kind", "LIST", "of these kinds, as in anon,ksm" },
	{ OPTIONS_FILTER, OPT_MIN_MAPS, "min-maps", "N", "mapped by at least N entries" },
	{ OPTIONS_FILTER, OPT_EXTRA_REFS, "extra-refs", NULL, "with unexplained references" },
	{ OPTIONS_FILTER, OPT_STUCK, "stuck", NULL, "that cannot be migrated" },
	{ OPTIONS_METHOD, OPT_METHOD, "method", "HOW",
	  "rmap: ask the module (default); scan, index: read the page tables" },
	{ OPTIONS_SCAN | OPTIONS_WHY, 'i', "input", "FILE",
	  "read a recording, and not the module" },
	{ OPTIONS_WHY, OPT_OP, "op", "WHAT", "of a range: migrate (default), reclaim, split" },
	{ OPTIONS_SCAN, OPT_PAGES, "pages", NULL, "a row for each run of pages that are alike" },
	{ OPTIONS_SCAN, OPT_MAP, "map", "[=HOW]", "draw it, by kind (default) or sharers" },
	{ OPTIONS_SCAN, 'w', "width", "N", "width of the drawing (default: the terminal's)" },
	{ OPTIONS_SCAN | OPTIONS_BYTES | OPTIONS_SHARE_HOW, 'b', "bytes", NULL,
	  "print sizes in bytes" },
	{ OPTIONS_SHARE, 'p', "pid", "PID", "process; several of these are rows of their own" },
	{ OPTIONS_SHARE, OPT_DESCENDANTS, "descendants", "PID", "process and all its descendants" },
	{ OPTIONS_SHARE, OPT_CGROUP, "cgroup", "PATH", "processes of a control group" },
	{ OPTIONS_SHARE, OPT_COMM, "comm", "NAME", "processes of this name, or pattern" },
	{ OPTIONS_SHARE, OPT_ALL, "all", NULL, "all processes" },
	{ OPTIONS_SHARE, 'i', "input", "FILE", "read a recording, and not the module" },
	{ OPTIONS_SHARE_HOW, OPT_VMA, "vma", NULL, "a row for each VMA" },
	{ OPTIONS_SHARE_HOW, OPT_BY_FILE, "file", NULL, "a row for each file" },
	{ OPTIONS_SHARE_HOW, OPT_MATRIX, "matrix", NULL, "what each two of them share" },
	{ OPTIONS_SHARE_HOW, OPT_TREE, "tree", NULL, "rows below those of their parents" },
	{ OPTIONS_SHARE_HOW, OPT_FORK, "fork", NULL,
	  "what each child still shares with it, and has copied since" },
	{ OPTIONS_SHARE_HOW, OPT_WATCH, "watch", "N", "with --fork: look again every N seconds" },
	{ OPTIONS_SHARE_HOW, OPT_SORT, "sort", "COLUMN", "order of the rows (default: RSS)" },
	{ OPTIONS_SHARE_HOW, 'N', "lines", "N", "show N rows, 0 for all (default: 20)" },
	{ OPTIONS_RECORD, OPT_WITH, "with", "LIST",
	  "what is recorded: maps,visited,verdicts (default), none" },
	{ OPTIONS_LINES, 'N', "lines", "N", "show N trees, 0 for all (default: 20, all with -J)" },
	{ OPTIONS_JSON, 'J', "json", NULL, "print JSON" },
	{ OPTIONS_DOT, OPT_DOT, "dot", NULL, "print a graph: pipe it to dot -Tsvg (Graphviz)" },
	{ OPTIONS_TABLE, 'r', "raw", NULL, "print only the table, unaligned, for scripts" },
	{ OPTIONS_TABLE, 'n', "noheadings", NULL, "print only the rows of the table" },
	{ OPTIONS_TABLE, 'o', "output", "LIST",
	  "columns of the table; +LIST adds to the default" },
	{ OPTIONS_TABLE, 'O', "output-all", NULL, "all columns" },
	{ OPTIONS_TABLE, OPT_LIST_COLUMNS, "list-columns", NULL, "list the columns" },
	{ OPTIONS_ALWAYS, 'h', "help", NULL, "print this help" },
	{ OPTIONS_ALWAYS, 'V', "version", NULL, "print the versions of tool and reports" },
};

#define NR_ENTRIES	(sizeof(entries) / sizeof(entries[0]))

/* What getopt_long() takes: room for every option, with a colon behind a letter. */
struct option_tables {
	char letters[2 * NR_ENTRIES + 1];
	struct option names[NR_ENTRIES + 1];
};

/**
 * options_entry() - get an entry of the table of all options
 * @i: its index
 *
 * Return: the entry, or NULL behind the last.
 */
const struct option_entry *options_entry(size_t i)
{
	return i < NR_ENTRIES ? &entries[i] : NULL;
}

static void make_tables(const struct command *c, struct option_tables *tables)
{
	struct option *name = tables->names;
	char *letter = tables->letters;
	size_t i;

	for (i = 0; i < NR_ENTRIES; i++) {
		const struct option_entry *entry = &entries[i];

		if (!options_takes(c, entry))
			continue;
		*name++ = (struct option){ entry->name, options_argument(entry), NULL, entry->id };
		if (entry->id >= OPT_NO_LETTER)
			continue;
		*letter++ = entry->id;
		if (entry->argument)
			*letter++ = ':';
	}
	*letter = '\0';
	*name = (struct option){ };
}

static int take_lines(struct options *o, const char *arg)
{
	char *end;

	errno = 0;
	o->lines = strtoul(arg, &end, 10);
	if (*arg < '0' || *arg > '9' || *end || errno) {
		warnx("--lines \"%s\": not a number; 0 stands for all", arg);
		return RS_USAGE;
	}
	o->has_lines = true;
	return RS_OK;
}

static int take_map(struct options *o, const char *arg)
{
	if (!arg || !strcmp(arg, "kind"))
		o->map = MAP_KIND;
	else if (!strcmp(arg, "sharers"))
		o->map = MAP_SHARERS;
	else
		warnx("--map=%s: no such drawing; choose from: kind sharers", arg);
	return o->map ? RS_OK : RS_USAGE;
}

static int take_width(struct options *o, const char *arg)
{
	unsigned long long width;

	if (!number_parse(arg, false, &width) || !width || width > MAX_WIDTH) {
		warnx("--width \"%s\": not a number from 1 to %d", arg, MAX_WIDTH);
		return RS_USAGE;
	}
	o->width = width;
	return RS_OK;
}

static int take_watch(struct options *o, const char *arg)
{
	unsigned long long seconds;

	if (!number_only_digits(arg) || !number_parse(arg, false, &seconds) || !seconds ||
	    seconds > MAX_SECONDS) {
		warnx("--watch \"%s\": not a number of seconds from 1 to %d", arg, MAX_SECONDS);
		return RS_USAGE;
	}
	o->watch = seconds;
	return RS_OK;
}

/* The options of share. */
static int take_share_option(struct options *o, int id, const char *arg)
{
	switch (id) {
	case OPT_DESCENDANTS:
		return selection_add(&o->selection, SELECT_DESCENDANTS, arg);
	case OPT_CGROUP:
		return selection_add(&o->selection, SELECT_CGROUP, arg);
	case OPT_COMM:
		return selection_add(&o->selection, SELECT_COMM, arg);
	case OPT_WATCH:
		return take_watch(o, arg);
	case OPT_SORT:
		o->sort = arg;
		break;
	case OPT_VMA:
		o->vmas = true;
		break;
	case OPT_BY_FILE:
		o->files = true;
		break;
	case OPT_MATRIX:
		o->matrix = true;
		break;
	case OPT_TREE:
		o->tree = true;
		break;
	case OPT_FORK:
		o->fork = true;
		break;
	default:
		return RS_USAGE;	/* getopt_long() has printed why */
	}
	return RS_OK;
}

static int take_op(struct options *o, const char *arg)
{
	o->op = words_find_op(arg);
	o->has_op = true;
	if (o->op < RMS_NR_OPS && !strpbrk(arg, ":,"))
		return RS_OK;
	warnx("--op \"%s\": no such operation; choose from: migrate reclaim split", arg);
	return RS_USAGE;
}

/* The options of why that no other subcommand has. */
static int take_why_option(struct options *o, int id, const char *arg)
{
	switch (id) {
	case OPT_PFN_OR_RANGE:
		if (*arg && strpbrk(arg + 1, "-+"))
			return range_set_frames(&o->range, arg);
		return target_set_pfn(&o->target, arg);
	case OPT_BLOCK:
		return where_add_block(&o->where, arg);
	case OPT_ZONE:
		return where_set_zone(&o->where, arg);
	case OPT_NODE:
		return where_set_node(&o->where, arg);
	case OPT_DMESG:
		o->where.dmesg = true;
		o->where.log = arg;
		break;
	case OPT_OP:
		return take_op(o, arg);
	default:
		return take_share_option(o, id, arg);
	}
	return RS_OK;
}

/* The options of scan and record. */
static int take_scan_option(struct options *o, int id, const char *arg)
{
	switch (id) {
	case OPT_PFN_RANGE:
		return range_set_frames(&o->range, arg);
	case OPT_KIND:
		return range_set_kinds(&o->range, arg);
	case OPT_MIN_MAPS:
		return range_set_min_maps(&o->range, arg);
	case OPT_MAP:
		return take_map(o, arg);
	case 'w':
		return take_width(o, arg);
	case OPT_WITH:
		o->with = true;
		return range_set_options(&o->range, arg);
	case OPT_ALL:
		o->range.all = true;
		break;
	case OPT_EXTRA_REFS:
		o->range.options |= RMS_OPTION_EXTRA_REFS;
		break;
	case OPT_STUCK:
		o->range.options |= RMS_OPTION_STUCK;
		break;
	case OPT_PAGES:
		o->pages = true;
		break;
	case 'i':
		o->input = arg;
		break;
	case 'b':
		o->bytes = true;
		break;
	default:
		return take_why_option(o, id, arg);
	}
	return RS_OK;
}

static int take_option(struct options *o, int id, const char *arg)
{
	switch (id) {
	case 'p':
		if (o->several)
			return selection_add(&o->selection, SELECT_PID, arg);
		return target_set_pid(&o->target, arg);
	case 'a':
		return target_set_address(&o->target, arg);
	case OPT_PFN:
		return target_set_pfn(&o->target, arg);
	case OPT_PHYS:
		return target_set_phys(&o->target, arg);
	case OPT_FILE:
		return target_set_file(&o->target, arg);
	case OPT_OFFSET:
		return target_set_offset(&o->target, arg);
	case OPT_FOLIO:
		o->target.folio = true;
		break;
	case OPT_METHOD:
		return method_parse(arg, &o->method);
	case 'N':
		return take_lines(o, arg);
	case 'J':
		o->json = true;
		break;
	case OPT_DOT:
		o->dot = true;
		break;
	case 'r':
		o->style.raw = true;
		break;
	case 'n':
		o->style.noheadings = true;
		break;
	case 'o':
		o->output = arg;
		break;
	case OPT_LIST_COLUMNS:
		o->list_columns = true;
		break;
	case 'h':
		o->help = true;
		break;
	case 'V':
		o->version = true;
		break;
	case 'O':
		o->output_all = true;
		break;
	default:
		return take_scan_option(o, id, arg);
	}
	return RS_OK;
}

/* Arguments that are no options: the file that record writes, then START-END. */
static bool takes_argument(const struct options *o, const struct command *c)
{
	bool has_addresses = o->range.has_bounds && !o->range.frames;

	return c->groups & (OPTIONS_RANGE | OPTIONS_WHY) && !has_addresses;
}

static int take_argument(struct options *o, const struct command *c, const char *arg)
{
	if (c->groups & OPTIONS_RECORD && !o->file) {
		o->file = arg;
		return RS_OK;
	}
	return range_set_addresses(&o->range, arg);
}

static int check_combination(const struct options *o, const struct command *c)
{
	if (o->json + o->dot + o->style.raw > 1)
		warnx("%s: use only one of --json, %s--raw", c->name,
		      c->groups & OPTIONS_DOT ? "--dot, " : "");
	else
		return RS_OK;
	return RS_USAGE;
}

/**
 * options_parse() - read the command line of a subcommand
 * @o: zeroed; filled
 * @c: the subcommand
 * @argc: number of arguments, counting its name
 * @argv: the arguments
 *
 * Return: RS_OK, or RS_USAGE after an error message.
 */
int options_parse(struct options *o, const struct command *c, int argc, char **argv)
{
	struct option_tables tables = { };
	char name[32];
	int id;

	o->several = c->groups & OPTIONS_SHARE;
	make_tables(c, &tables);
	/* getopt_long() begins its messages with argv[0]. */
	snprintf(name, sizeof(name), "rmapscope %s", c->name);
	argv[0] = name;
	while ((id = getopt_long(argc, argv, tables.letters, tables.names, NULL)) != -1) {
		int status = take_option(o, id, optarg);

		if (id == '?')
			warnx("see '%s --help'", name);
		if (status)
			return status;
	}
	while (optind < argc && takes_argument(o, c)) {
		int status = take_argument(o, c, argv[optind++]);

		if (status)
			return status;
	}
	if (optind < argc) {
		warnx("%s: unexpected argument \"%s\"; see '%s --help'", c->name, argv[optind],
		      name);
		return RS_USAGE;
	}
	return check_combination(o, c);
}

/**
 * options_columns() - choose the columns of a table
 * @o: the options
 * @set: all columns that it can have
 * @normal: the columns without --output; NULL: the default of the set
 * @list: filled
 *
 * JSON and --output-all have all columns unless --output chooses some.
 *
 * Return: true, or false after an error message.
 */
bool options_columns(const struct options *o, const struct column_set *set, const char *normal,
		     struct column_list *list)
{
	if (o->json || o->output_all)
		columns_all(list, set);
	else if (normal)
		columns_select(list, set, normal);
	else
		columns_default(list, set);
	return !o->output || columns_select(list, set, o->output);
}
