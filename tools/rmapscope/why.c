// SPDX-License-Identifier: GPL-2.0
/*
 * `rmapscope why`: what holds a page in memory, and what stops its reclaim, migration or split.
 * why_range.c has the same of a range.
 */
#include <err.h>
#include <json-c/json.h>

#include "exit_status.h"
#include "explain.h"
#include "json.h"
#include "options.h"
#include "why.h"
#include "why_range.h"

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

/* What only a range has. */
static int check_page(const struct options *o)
{
	const struct table_style *style = &o->style;

	const struct target *t = &o->target;

	if (!t->has_pid && !t->has_addr && !t->has_pfn && !t->has_phys && !t->file)
		warnx("why: name a page or a range; see 'rmapscope why --help'");
	else if (o->has_op)
		warnx("why: --op needs a range; a page has the verdicts of all operations");
	else if (style->raw || style->noheadings || o->output || o->output_all || o->bytes)
		warnx("why: of a page there is no table: use --raw and --output with a range");
	else
		return RS_OK;
	return RS_USAGE;
}

static int run(struct options *o)
{
	int status;

	if (why_is_range(o))
		return why_range(o);
	status = check_page(o) ?: target_resolve(&o->target, why_command.name);
	return status ? status : print_report(o);
}

#define PAGE	"-p PID -a ADDR|--pfn N|--phys ADDR|--file PATH [--offset N]"
#define FRAMES	"--pfn A-B|--block memoryN...|--zone NAME [--node N]|--node N|--all|--dmesg[=FILE]"
#define OTHERS	"-p PID [START-END]|-i FILE"

const struct command why_command = {
	.name = "why",
	.summary = "what keeps a page or the pages of a range where they are",
	.help = "Show what holds references to a page, whether the kernel could reclaim,\n"
		"migrate or split it, and what is in the way. Of a range, show everything that\n"
		"stops one of these, by reason and owner. None of that is tried.",
	.usage = PAGE "|" FRAMES "|" OTHERS,
	.groups = OPTIONS_WHY | OPTIONS_BYTES | OPTIONS_JSON | OPTIONS_TABLE,
	.columns = &why_columns,
	.run = run,
};
