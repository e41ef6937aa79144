// SPDX-License-Identifier: GPL-2.0
/*
 * `rmapscope tree`: the anon_vma tree that a page hangs in.
 */
#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "options.h"
#include "rmapscope.h"
#include "tree.h"

enum {
	OPT_DOT = OPT_OWN,
};

struct tree_options {
	struct options common;
	bool dot;
};

static const char short_options[] = TARGET_SHORTOPTS "Jrno:hV";

static const struct option long_options[] = {
	TARGET_LONGOPT_PID,
	TARGET_LONGOPT_ADDRESS,
	TARGET_LONGOPT_PFN,
	TARGET_LONGOPT_PHYS,
	TARGET_LONGOPT_FILE,
	TARGET_LONGOPT_OFFSET,
	TARGET_LONGOPT_FOLIO,
	{ "json",		no_argument,		NULL, 'J' },
	{ "dot",		no_argument,		NULL, OPT_DOT },
	{ "raw",		no_argument,		NULL, 'r' },
	{ "noheadings",		no_argument,		NULL, 'n' },
	{ "output",		required_argument,	NULL, 'o' },
	{ "list-columns",	no_argument,		NULL, OPT_LIST_COLUMNS },
	{ "help",		no_argument,		NULL, 'h' },
	{ "version",		no_argument,		NULL, 'V' },
	{ }
};

static void print_help(void)
{
	puts("Usage: rmapscope tree -p PID -a ADDR [OPTIONS]\n"
	     "       rmapscope tree --pfn N [OPTIONS]\n"
	     "       rmapscope tree --phys ADDR [OPTIONS]\n"
	     "       rmapscope tree --file PATH [--offset N] [OPTIONS]\n"
	     "Show the whole anon_vma tree that a page hangs in: all anon_vmas, and below\n"
	     "each the VMAs whose own anon_vma it is.\n"
	     "\nThe page:\n"
	     TARGET_HELP
	     "\nOutput:\n"
	     "  -J, --json          all of it as JSON, with all anon_vma_chains\n"
	     "      --dot           a drawing: pipe it to dot -Tsvg (Graphviz)\n"
	     OPTIONS_HELP_TABLE
	     OPTIONS_HELP_END
	     "\nNumbers are decimal, or hex with 0x or where letters make it plain.\n"
	     "Exit status: 0 done, 1 failed, 2 wrong usage, 3 no such page or process.");
}

static int take_own(void *own, int opt, const char *arg)
{
	struct tree_options *o = own;

	(void)arg;	/* it takes none */
	if (opt != OPT_DOT)
		return RS_USAGE;
	o->dot = true;
	return RS_OK;
}

static const struct command tree_command = {
	.name = "tree",
	.short_options = short_options,
	.long_options = long_options,
	.columns = &tree_row_columns,
	.print_help = print_help,
	.take_own = take_own,
};

static bool go_together(const struct tree_options *o)
{
	const struct options *common = &o->common;

	if (o->dot && (common->json || common->style.raw)) {
		warnx("tree: --json, --dot and --raw exclude each other");
		return false;
	}
	if ((common->json || o->dot) && common->output) {
		warnx("tree: --output is for the table: --json and --dot show all there is");
		return false;
	}
	return true;
}

/* Pages that can be reported on, and still hang in no tree: by kind. */
static const struct {
	const char *kind;
	const char *words;
} treeless[] = {
	{ "ksm",
	  "a KSM page hangs in the trees of all it was merged from; name one with -p PID -a ADDR" },
	{ "file", "a page of a file hangs in no anon_vma tree; see rmapscope page" },
	{ "shmem", "a page of shared memory hangs in no anon_vma tree; see rmapscope page" },
	{ "hugetlb-file",
	  "a page of hugetlbfs hangs in no anon_vma tree; see rmapscope page" },
	{ "orphaned",
	  "a page that was cut off from its file hangs in no anon_vma tree; see rmapscope page" },
};

/* The file "page" knows the kind. */
static const char *why_no_tree(const char *request)
{
	const char *kind, *words = NULL;
	struct report report;
	size_t i;

	if (!report_take(&report, "page", request)) {
		kind = record_get(report_next(&report, "page", NULL), "kind");
		for (i = 0; kind && i < sizeof(treeless) / sizeof(treeless[0]); i++)
			if (!strcmp(kind, treeless[i].kind))
				words = treeless[i].words;
	}
	report_free(&report);
	return words;
}

static int explain(const struct target *t, const struct report *r, const char *request,
		   int err)
{
	const char *words = err == EOPNOTSUPP ? why_no_tree(request) : NULL;
	char name[TARGET_MAX];

	if (err == ENOENT)
		return explain_file("tree", r, err);
	if (!words)
		return explain_failure(t, r, err);
	target_name(t, name, sizeof(name));
	warnx("%s: %s", name, words);
	return RS_FAILED;
}

static int show(const struct tree_options *o, const struct report *r,
		const struct column_list *columns)
{
	struct tree tree;
	bool ok = tree_build(&tree, r);

	if (!ok)
		warn("cannot make a tree of the report");
	else if (o->common.json)
		tree_print_json(r);
	else if (o->dot)
		tree_print_dot(&tree);
	else
		tree_print_text(&tree, columns, &o->common.style);
	if (ok && !o->common.json)
		tree_print_warnings(&tree);
	tree_free(&tree);
	return ok ? RS_OK : RS_FAILED;
}

static int look(const struct tree_options *o, const struct column_list *columns)
{
	char request[TARGET_MAX];
	struct report report;
	int err, status;

	target_format(&o->common.target, request, sizeof(request));
	err = report_take(&report, "tree", request);
	if (err)
		status = explain(&o->common.target, &report, request, -err);
	else
		status = show(o, &report, columns);
	report_free(&report);
	return status;
}

/**
 * cmd_tree() - the subcommand "tree"
 * @argc: number of arguments, counting its name
 * @argv: the arguments
 *
 * Return: an exit status of enum rmapscope_exit.
 */
int cmd_tree(int argc, char **argv)
{
	const struct command *c = &tree_command;
	struct tree_options o = { };
	struct target *target = &o.common.target;
	struct column_list columns;
	int status = options_parse(c, &o.common, &o, argc, argv);

	if (status)
		return status;
	if (!go_together(&o))
		return RS_USAGE;
	if (options_answer(c, &o.common))
		return RS_OK;
	if (!options_columns(c, &o.common, NULL, &columns) || !target_complete(target, c->name))
		return RS_USAGE;
	status = target_find_file(target);
	return status ? status : look(&o, &columns);
}
