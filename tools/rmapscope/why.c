// SPDX-License-Identifier: GPL-2.0
/*
 * `rmapscope why`: what holds a page in memory, and what stops its reclaim, migration or split.
 */
#include <json-c/json.h>

#include "exit_status.h"
#include "explain.h"
#include "json.h"
#include "options.h"
#include "why.h"

static void print_json(const struct report *r)
{
	struct json_object *doc = json_object_new_object();

	json_add_one(doc, r, &report_columns);
	json_add_one(doc, r, &page_columns);
	json_add_one(doc, r, &refs_columns);
	json_add_all(doc, r, &verdict_columns);
	json_print(doc);
}

static int print_report(const struct options *o)
{
	char request[TARGET_MAX];
	struct report report;
	int err, status = RS_OK;

	target_format(&o->target, request, sizeof(request));
	err = report_take(&report, "page", request);
	if (err)
		status = explain_failure(&o->target, &report, -err);
	else if (o->json)
		print_json(&report);
	else
		why_print_text(&report);
	report_free(&report);
	return status;
}

static int run(struct options *o)
{
	int status = target_resolve(&o->target, why_command.name);

	return status ? status : print_report(o);
}

const struct command why_command = {
	.name = "why",
	.summary = "what keeps a page where it is",
	.help = "Show what holds references to a page, whether the kernel could reclaim,\n"
		"migrate or split it, and what is in the way. None of that is tried.",
	.groups = OPTIONS_TARGET,
	.run = run,
};
