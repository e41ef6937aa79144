// SPDX-License-Identifier: GPL-2.0
/*
 * `rmapscope tree`: the anon_vma tree of a page.
 */
#include <err.h>
#include <errno.h>

#include "exit_status.h"
#include "explain.h"
#include "options.h"
#include "tree.h"
#include "words.h"

/*
 * The module refuses a tree for pages of some kinds. A report of the file "page" has the kind.
 * Return: the words to print, or NULL if the kind is not the reason.
 */
static const char *why_no_tree(const char *request)
{
	const struct kind_word *kind = NULL;
	struct report report;

	if (!report_take(&report, "page", request))
		kind = words_kind(record_get(report_next(&report, "page", NULL), "kind"));
	report_free(&report);
	return kind ? kind->no_tree : NULL;
}

static int explain(const struct target *t, const struct report *r, const char *request,
		   int err)
{
	const char *words = err == EOPNOTSUPP ? why_no_tree(request) : NULL;
	char name[TARGET_MAX];

	if (err == ENOENT || err == EPROTO || err == EPROTONOSUPPORT)
		return explain_file("tree", r, err);
	if (!words)
		return explain_failure(t, r, err);
	target_name(t, name, sizeof(name));
	warnx("%s: %s", name, words);
	return RS_FAILED;
}

static int print_tree(const struct options *o, const struct report *r,
		      const struct column_list *columns)
{
	struct tree tree;
	bool ok = tree_build(&tree, r);

	if (!ok)
		warn("the report cannot be shown as a tree");
	else if (o->json)
		tree_print_json(r);
	else if (o->dot)
		tree_print_dot(&tree);
	else
		tree_print_text(&tree, columns, &o->style);
	if (ok && !o->json)
		tree_print_warnings(&tree);
	tree_free(&tree);
	return ok ? RS_OK : RS_FAILED;
}

static int print_report(const struct options *o, const struct column_list *columns)
{
	char request[TARGET_MAX];
	struct report report;
	int err, status;

	target_format(&o->target, request, sizeof(request));
	err = report_take(&report, "tree", request);
	if (err)
		status = explain(&o->target, &report, request, -err);
	else
		status = print_tree(o, &report, columns);
	report_free(&report);
	return status;
}

static int run(struct options *o)
{
	struct column_list columns;
	int status;

	if ((o->json || o->dot) && o->output) {
		warnx("tree: --output chooses columns of the table: leave out --json or --dot");
		return RS_USAGE;
	}
	if (!options_columns(o, tree_command.columns, NULL, &columns))
		return RS_USAGE;
	status = target_resolve(&o->target, tree_command.name);
	return status ? status : print_report(o, &columns);
}

const struct command tree_command = {
	.name = "tree",
	.summary = "the anon_vma tree of a page",
	.help = "Show the whole anon_vma tree of a page: all anon_vmas, and below each the\n"
		"VMAs whose own anon_vma it is. --json and --dot also have all\n"
		"anon_vma_chains.",
	.groups = OPTIONS_JSON | OPTIONS_TARGET | OPTIONS_DOT | OPTIONS_TABLE,
	.columns = &tree_row_columns,
	.run = run,
};
