// SPDX-License-Identifier: GPL-2.0
/*
 * The table of what stops an operation in a range, and the JSON form.
 */
#include <json-c/json.h>
#include <stdlib.h>

#include "columns_table.h"
#include "json.h"
#include "table.h"
#include "why_range.h"
#include "words.h"

static const char * const why_words[] = RMS_WHY_WORDS;
static const char * const unmapped_words[] = RMS_UNMAPPED_WORDS;
static const char * const op_words[] = RMS_OP_WORDS;

static const struct column blocker_column[] = {
	NUMBER("PAGES", "pages", .help = "pages that are stopped; the rows have no page in common"),
	NUMBER("SIZE", "size", .help = "their size"),
	TEXT("WHY", "why", .help = "the first condition that stops them"),
	NUMBER("NPROCS", "nprocs", .help = "most processes that map one of the pages"),
	NUMBER("PID", "pid", .help = "the first of these processes; 0 if it is not visible"),
	TEXT("COMM", "comm", .help = "name of that process"),
	HEX("PFN", "pfn", .extra = true, .help = "frame of the first page"),
	HEX("VA", "va", .extra = true, .help = "address of that page in the process PID"),
	TEXT("NAME", "name", .help = "file or name of the VMA, or the kind in brackets"),
};

static const struct column range_column[] = {
	{ .key = "name" },
	{ .key = "start" },
	{ .key = "end" },
};

static const struct column reason_column[] = {
	{ .key = "why" },
	{ .key = "meaning" },
	{ .key = "advice" },
};

static const struct column unmapped_column[] = {
	{ .key = "kind" },
	{ .key = "pages", .type = VALUE_NUMBER },
	{ .key = "size", .type = VALUE_NUMBER },
	{ .key = "stops" },
};

static const struct column sum_column[] = {
	{ .key = "op" },
	{ .key = "pages", .type = VALUE_NUMBER },
	{ .key = "size", .type = VALUE_NUMBER },
	{ .key = "frames", .type = VALUE_NUMBER },
	{ .key = "unmapped", .type = VALUE_NUMBER },
	{ .key = "raced", .type = VALUE_NUMBER },
	{ .key = "skipped", .type = VALUE_NUMBER },
	{ .key = "complete", .type = VALUE_BOOLEAN },
	{ .key = "broken_off", .type = VALUE_BOOLEAN },
	{ .key = "vmas_changed", .type = VALUE_BOOLEAN },
	{ .key = "ns", .type = VALUE_NUMBER },
};

const struct column_set why_columns = COLUMN_SET("blocker", blocker_column);
static const struct column_set range_columns = COLUMN_SET("range", range_column);
static const struct column_set reason_columns = COLUMN_SET("reason", reason_column);
static const struct column_set unmapped_columns = COLUMN_SET("unmapped", unmapped_column);
static const struct column_set sum_columns = COLUMN_SET("sum", sum_column);

static void write_owner(const struct why_range *w, struct rows *r, const struct owner *owner)
{
	rows_record(r, "blocker", &w->columns);
	rows_number(r, "pages", owner->pages);
	rows_size(r, "size", owner->pages * w->head.page_size);
	rows_text(r, "why", owner->why < RMS_NR_WHYS ? why_words[owner->why] : "?");
	if (w->has_maps)
		rows_number(r, "nprocs", owner->processes);
	if (owner->pid >= 0)
		rows_number(r, "pid", owner->pid);
	rows_text(r, "comm", owner->comm);
	rows_hex(r, "pfn", owner->pfn);
	if (owner->va)
		rows_hex(r, "va", owner->va);
	rows_text(r, "name", owner->name);
}

static void begin(struct why_range *w, struct rows *r, bool bytes)
{
	size_t i;

	rows_begin(r, w->head.release, bytes);
	for (i = 0; i < w->owners.nr; i++)
		write_owner(w, r, w->owners.owner[i]);
}

/**
 * why_print_table() - print the table
 * @w: the range
 */
void why_print_table(struct why_range *w)
{
	struct report report;
	struct rows rows;

	begin(w, &rows, w->o->bytes);
	rows_end(&rows, &report);
	table_of_records(&report, why_columns.record, &w->columns, &w->o->style);
	report_free(&report);
}

static void write_range(struct rows *r, const char *name, unsigned long long start,
			unsigned long long end)
{
	rows_record(r, "range", NULL);
	rows_text(r, "name", name);
	rows_hex(r, "start", start);
	rows_hex(r, "end", end);
}

static void write_ranges(const struct why_range *w, struct rows *r)
{
	size_t i;

	for (i = 0; i < w->places.nr; i++)
		write_range(r, w->places.place[i].name, w->places.place[i].start,
			    w->places.place[i].end);
	if (!w->places.nr)
		write_range(r, w->title, w->head.start, w->head.end);
}

static void write_reasons(const struct why_range *w, struct rows *r)
{
	bool seen[RMS_NR_WHYS] = { };
	size_t i;

	for (i = 0; i < w->owners.nr; i++) {
		enum rms_why why = w->owners.owner[i]->why;
		const struct why_word *known;

		if (why >= RMS_NR_WHYS || seen[why])
			continue;
		seen[why] = true;
		known = words_reason(why_words[why]);
		rows_record(r, "reason", NULL);
		rows_text(r, "why", why_words[why]);
		rows_text(r, "meaning", known ? known->meaning : NULL);
		rows_text(r, "advice", known ? known->advice : NULL);
	}
}

static void write_unmapped(const struct why_range *w, struct rows *r)
{
	size_t i;

	for (i = 0; i < w->end.nr_unmapped; i++) {
		if (!w->end.unmapped[i])
			continue;
		rows_record(r, "unmapped", NULL);
		rows_text(r, "kind", unmapped_words[i]);
		rows_number(r, "pages", w->end.unmapped[i]);
		rows_number(r, "size", w->end.unmapped[i] * w->head.page_size);
		rows_text(r, "stops", frames_stop(w, i));
	}
}

static void write_sum(const struct why_range *w, struct rows *r)
{
	rows_record(r, "sum", NULL);
	rows_text(r, "op", op_words[w->op]);
	rows_number(r, "pages", w->stopped);
	rows_number(r, "size", w->stopped * w->head.page_size);
	if (w->head.form == RMS_FORM_PFN)
		rows_number(r, "frames", w->frames);
	rows_number(r, "unmapped", scan_count_unmapped(&w->end));
	rows_number(r, "raced", w->end.raced);
	rows_number(r, "skipped", w->end.skipped);
	rows_number(r, "complete", !w->broken_off && w->end.complete);
	rows_number(r, "broken_off", w->broken_off);
	rows_number(r, "vmas_changed", w->vmas_changed);
	rows_number(r, "ns", w->end.ns);
}

/**
 * why_print_range_json() - print all as JSON
 * @w: the range
 */
void why_print_range_json(struct why_range *w)
{
	struct json_object *doc = json_object_new_object();
	struct report report;
	struct rows rows;

	begin(w, &rows, true);
	write_ranges(w, &rows);
	write_reasons(w, &rows);
	write_unmapped(w, &rows);
	write_sum(w, &rows);
	rows_end(&rows, &report);
	json_add_one(doc, &report, &report_columns);
	json_add_all(doc, &report, &range_columns);
	json_add(doc, why_columns.record, json_records(&report, why_columns.record, &w->columns));
	json_add_all(doc, &report, &reason_columns);
	json_add_all(doc, &report, &unmapped_columns);
	json_add_one(doc, &report, &sum_columns);
	json_print(doc);
	report_free(&report);
}
