// SPDX-License-Identifier: GPL-2.0
/*
 * `rmapscope page`: one page, and every VMA that the kernel visits to find its mappings.
 */
#include "exit_status.h"
#include "explain.h"
#include "options.h"
#include "page.h"
#include "page_method.h"
#include "words.h"

/* The default columns, and those that say which pages of the folio a row is about. */
#define FOLIO_COLUMNS "STATE,PID,COMM,VA,VMA,PERMS,LEVEL,FIRST,COUNT,BITS,NOW-PFN,NAME"

static int print_report(const struct options *o, const struct column_list *columns)
{
	char request[TARGET_MAX];
	struct report report;
	int status = RS_OK;
	int err;

	target_format(&o->target, request, sizeof(request));
	if (o->method > METHOD_RMAP)
		err = page_method_take(&report, &o->target, o->method);
	else
		err = report_take(&report, "page", request);
	if (err)
		status = explain_failure(&o->target, &report, -err);
	else if (o->json)
		page_print_json(&report, columns);
	else
		page_print_text(&report, columns, &o->style);
	report_free(&report);
	return status;
}

static int run(struct options *o)
{
	const char *normal = o->target.folio ? FOLIO_COLUMNS : NULL;
	struct column_list columns;
	int status;

	if (!options_columns(o, page_command.columns, normal, &columns))
		return RS_USAGE;
	status = target_resolve(&o->target, page_command.name);
	return status ? status : print_report(o, &columns);
}

const struct command page_command = {
	.name = "page",
	.summary = "one page, and every VMA and page-table entry that maps it",
	.help = "Show a page, and every VMA that the kernel visits to find its mappings.",
	.groups = OPTIONS_JSON | OPTIONS_TARGET | OPTIONS_METHOD | OPTIONS_TABLE,
	.columns = &map_columns,
	.print_more_help = words_print_states,
	.run = run,
};
