// SPDX-License-Identifier: GPL-2.0
/*
 * `rmapscope scan`: every page of a process, of a block of memory or of the machine.
 */
#include <err.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "exit_status.h"
#include "interrupt.h"
#include "json.h"
#include "scan.h"
#include "table.h"

/**
 * scan_alloc() - allocate zeroed memory
 * @nr: number of elements
 * @size: of each
 *
 * Return: the memory, never NULL.
 */
void *scan_alloc(size_t nr, size_t size)
{
	void *p = calloc(nr, size);

	if (!p)
		errx(RS_FAILED, "not enough memory for the scan");
	return p;
}

/**
 * scan_reached() - test if a place of the range was looked at
 * @s: the scan, after its last run
 * @at: an address or a frame
 *
 * Return: false if the stream broke off before.
 */
bool scan_reached(const struct scan *s, unsigned long long at)
{
	return s->collect.has_end || at < s->collect.reached;
}

static const struct scan_view *choose_view(const struct options *o, bool frames)
{
	if (o->map)
		return &scan_strips;
	if (o->pages)
		return &scan_pages;
	return frames ? &scan_kinds : &scan_vmas;
}

/* As some columns cost the module much, JSON has no more of them than a table. */
static bool choose_columns(struct scan *s)
{
	const struct column_set *set = s->view->columns;
	const char *output = s->o->output;

	if (!set)
		return true;
	if (s->o->output_all)
		columns_all(&s->columns, set);
	else
		columns_default(&s->columns, set);
	return !output || columns_select(&s->columns, set, output);
}

/**
 * scan_flush() - print the rows that were written, and go on without them
 * @s: the scan
 */
void scan_flush(struct scan *s)
{
	struct table_style style = s->o->style;
	struct report report;

	rows_end(&s->rows, &report);
	style.noheadings = style.noheadings || s->flushed;
	table_of_records(&report, s->view->columns->record, &s->columns, &style);
	report_free(&report);
	rows_begin(&s->rows, s->collect.head.release, s->o->bytes);
	s->flushed = true;
}

static void print_json(struct scan *s)
{
	struct json_object *doc = json_object_new_object();
	struct report report;

	scan_end_record(s);
	rows_end(&s->rows, &report);
	json_add_one(doc, &report, &report_columns);
	json_add_one(doc, &report, &scan_range_columns);
	json_add(doc, s->view->columns->record,
		 json_records(&report, s->view->columns->record, &s->columns));
	json_add_one(doc, &report, &scan_end_columns);
	json_print(doc);
	report_free(&report);
}

/* How much of the range was walked: of its VMAs, as the holes between them cost no time. */
static unsigned long long walked(const struct scan *s, unsigned long long to)
{
	const struct rms_rec_head *head = &s->collect.head;
	unsigned long long size = 0;
	size_t i;

	if (!s->vmas.nr)
		return to - head->start;
	for (i = 0; i < s->vmas.nr && s->vmas.vma[i].start < to; i++) {
		const struct vma_line *vma = &s->vmas.vma[i];
		unsigned long long start = vma->start > head->start ? vma->start : head->start;
		unsigned long long end = vma->end < to ? vma->end : to;

		size += start < end ? end - start : 0;
	}
	return size;
}

static void take_run(void *arg, const struct scan_run *run)
{
	struct scan *s = arg;

	s->view->run(s, run);
	if (progress_due(&s->progress))
		progress_show(&s->progress, walked(s, s->collect.reached),
			      walked(s, s->collect.head.end), s->collect.pages);
}

/**
 * scan_compare_vmas() - find out if the VMAs of the process changed during the scan
 * @s: the scan, after its end
 * @before: the VMAs of the process before, if they are not in the stream
 */
void scan_compare_vmas(struct scan *s, const char *before)
{
	const struct collect *c = &s->collect;
	char *after = NULL;

	if (c->recorded) {
		s->vmas_changed = c->maps_after;
	} else if (before) {
		after = vma_list_read(s->o->range.pid);
		s->vmas_changed = !after || strcmp(before, after);
		free(after);
	}
}

static void read_vmas(struct scan *s, const char *maps)
{
	if (maps && vma_list_parse(&s->vmas, maps))
		warnx("%s: the list of VMAs is damaged; VMAs behind the first %zu are missing",
		      s->o->input ?: "/proc/PID/maps", s->vmas.nr);
	else if (!maps && s->collect.head.form == RMS_FORM_VA)
		warnx("%s has no list of VMAs (/proc/PID/maps); use --pages",
		      s->o->input ?: "the process");
}

/**
 * scan_read() - read a stream from its head on
 * @s: the scan, with a view; filled
 * @stream: the stream
 * @maps: the VMAs of the process, if it is not in the stream
 *
 * Return: STREAM_END, or why there are no more records.
 */
enum stream_result scan_read(struct scan *s, struct stream *stream, const char *maps)
{
	enum stream_result result = STREAM_RECORD;
	const struct collect *c = &s->collect;

	if (!c->has_head)
		result = collect_head(&s->collect, stream);
	if (c->has_head) {
		read_vmas(s, c->recorded ? c->maps : maps);
		s->collect.on_run = take_run;
		s->collect.arg = s;
		if (s->view->begin)
			s->view->begin(s);
		progress_begin(&s->progress);
		result = collect_runs(&s->collect, stream);
		progress_end(&s->progress);
	}
	interrupt_release();
	return result;
}

/* Read all runs and print the report. The head may have been read. */
static int report(struct scan *s, struct stream *stream, const char *maps)
{
	if (!s->collect.has_head)
		s->result = collect_head(&s->collect, stream);
	if (!s->collect.has_head)
		return scan_conclude(s, stream);
	rows_begin(&s->rows, s->collect.head.release, s->o->bytes || s->o->json);
	s->result = scan_read(s, stream, maps);
	scan_compare_vmas(s, maps);
	s->view->finish(s);
	if (s->o->json)
		print_json(s);
	else if (s->view->columns)
		scan_flush(s);
	rows_free(&s->rows);
	return scan_conclude(s, stream);
}

static int scan_module(struct scan *s)
{
	struct range range = s->o->range;
	struct stream stream;
	char *maps = NULL;
	int status;

	s->view = choose_view(s->o, !range.has_pid);
	if (!choose_columns(s))
		return RS_USAGE;
	range.options |= scan_needs(&s->columns);
	if (range.has_pid)
		maps = vma_list_read(range.pid);
	status = scan_open(s, &stream, &range);
	if (!status) {
		status = report(s, &stream, maps);
		stream_finish(&stream);
	}
	free(maps);
	return status;
}

/* Filters that need what the recording lacks would silently keep nothing. */
static bool can_filter(const struct scan *s)
{
	bool stuck = s->o->range.options & RMS_OPTION_STUCK;

	if (!stuck || !s->collect.has_head || s->collect.head.options & RMS_OPTION_VERDICTS)
		return true;
	warnx("%s: --stuck needs verdicts, which were not recorded; record with --with verdicts",
	      s->o->input);
	return false;
}

static int scan_recording(struct scan *s)
{
	struct stream stream;
	int status = scan_open_input(s, &stream);

	if (status)
		return status;
	s->collect.filter = s->o->range.options ? &s->o->range : NULL;
	s->result = collect_head(&s->collect, &stream);
	s->view = choose_view(s->o, s->collect.head.form == RMS_FORM_PFN);
	if (!can_filter(s) || !choose_columns(s))
		status = RS_USAGE;
	else
		status = report(s, &stream, NULL);
	stream_finish(&stream);
	return status;
}

static int check_combination(const struct options *o)
{
	const struct range *r = &o->range;

	if (o->input && (r->has_pid || r->has_bounds || r->all))
		warnx("scan: a recording has its own range: use --input without -p, --pfn, --all");
	else if (o->map && (o->json || o->style.raw || o->output || o->output_all))
		warnx("scan: --map is no table: use it without --json, --raw and --output");
	else if (o->map && o->pages)
		warnx("scan: use only one of --pages, --map");
	else if (o->input && o->method)
		warnx("scan: a recording has its mappings: use --input without --method");
	else if (o->width && !o->map)
		warnx("scan: --width needs --map");
	else
		return o->input ? RS_OK : range_check(r, "scan");
	return RS_USAGE;
}

static int run(struct options *o)
{
	struct scan s = { .o = o, .method = o->method };
	int status;

	o->range.has_pid = o->target.has_pid;
	o->range.pid = o->target.pid;
	status = check_combination(o);
	if (status)
		return status;
	interrupt_catch();
	status = o->input ? scan_recording(&s) : scan_module(&s);
	vma_list_free(&s.vmas);
	collect_free(&s.collect);
	return status;
}

static const struct column_set *columns_of(const struct options *o)
{
	bool frames = o->range.all || (o->range.has_bounds && o->range.frames);

	return choose_view(o, frames)->columns ?: &scan_vma_columns;
}

const struct command scan_command = {
	.name = "scan",
	.summary = "every page of a process, of a range of frames, or of the machine",
	.help = "Show a row for each VMA of a process, for each kind of page in a range of\n"
		"frames, or, with --pages, for each run of pages that are alike.",
	.usage = "-p PID [START-END]|--pfn A-B|--all|-i FILE",
	.groups = OPTIONS_RANGE | OPTIONS_FILTER | OPTIONS_METHOD | OPTIONS_SCAN | OPTIONS_JSON |
		  OPTIONS_TABLE,
	.columns_of = columns_of,
	.run = run,
};
