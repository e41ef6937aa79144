// SPDX-License-Identifier: GPL-2.0
/*
 * `rmapscope why` of a range: what in it can't be migrated, reclaimed or split, and whose it is.
 * The module is asked once for each range of frames, as for a scan with verdicts.
 */
#include <err.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exit_status.h"
#include "interrupt.h"
#include "why.h"
#include "why_range.h"

static void take_run(struct scan *s, const struct scan_run *run)
{
	owners_take_run(s->data, s, run);
}

/* Filters of recordings that leave out pages whatever their verdicts are. */
#define OTHER_FILTERS	(RMS_OPTION_EXTRA_REFS | RMS_OPTION_KINDS | RMS_OPTION_MIN_MAPS)

static const struct scan_view view = { .run = take_run };

static void add_end(struct why_range *w, const struct collect *c)
{
	const struct rms_rec_end *end = &c->end;
	size_t i;

	if (!c->has_end)
		return;
	if (end->nr_unmapped > w->end.nr_unmapped)
		w->end.nr_unmapped = end->nr_unmapped;
	for (i = 0; i < end->nr_unmapped; i++)
		w->end.unmapped[i] += end->unmapped[i];
	w->end.pages += end->pages;
	w->end.raced += end->raced;
	w->end.skipped += end->skipped;
	w->end.ns += end->ns;
	w->end.complete = w->end.complete && end->complete;
}

static void take_head(struct why_range *w, const struct collect *c)
{
	w->head = c->head;
	w->has_head = true;
	w->has_maps = c->head.options & RMS_OPTION_MAPS;
	w->recorded = c->recorded;
	w->filtered = c->head.options & OTHER_FILTERS;
	if (c->head.form == RMS_FORM_PFN)
		w->frames += c->head.end - c->head.start;
}

/* Read a stream, of which the head may have been read. Return: an exit status. */
static int read_stream(struct why_range *w, struct scan *s, struct stream *stream, char *maps)
{
	s->view = &view;
	s->data = w;
	if (!s->collect.has_head)
		s->result = collect_head(&s->collect, stream);
	if (s->collect.has_head) {
		take_head(w, &s->collect);
		s->result = scan_read(s, stream, maps ?: "");
		scan_compare_vmas(s, maps);
		add_end(w, &s->collect);
	}
	w->broken_off = w->broken_off || s->result != STREAM_END || !s->collect.has_end;
	w->vmas_changed = s->vmas_changed;
	return scan_warn(s, stream);
}

static void end_scan(struct scan *s)
{
	vma_list_free(&s->vmas);
	collect_free(&s->collect);
}

static int ask(struct why_range *w, struct range range)
{
	/* No other method knows verdicts. */
	struct scan s = { .o = w->o, .method = METHOD_RMAP };
	struct stream stream;
	char *maps = NULL;
	int status;

	range.options |= RMS_OPTION_MAPS | RMS_OPTION_VERDICTS;
	if (w->op == RMS_OP_MIGRATE)
		range.options |= RMS_OPTION_STUCK;
	interrupt_catch();
	if (range.has_pid)
		maps = vma_list_read(range.pid);
	status = scan_open(&s, &stream, &range);
	if (!status) {
		status = read_stream(w, &s, &stream, maps);
		stream_finish(&stream);
	}
	free(maps);
	end_scan(&s);
	return status;
}

/* A range that can't be read doesn't keep the others from being shown. */
static int ask_places(struct why_range *w)
{
	struct places merged = { };
	int status = RS_OK;
	size_t i;

	places_merge(&merged, &w->places);
	for (i = 0; i < merged.nr && !interrupt_seen(); i++) {
		const struct place *place = &merged.place[i];
		int failed = ask(w, (struct range){ .has_bounds = true, .frames = true,
						    .start = place->start, .end = place->end });

		status = status ?: failed;
	}
	if (i < merged.nr && !w->broken_off) {
		w->broken_off = true;
		status = RS_FAILED;
		warnx("interrupted before pfn 0x%llx: the rest is missing", merged.place[i].start);
	}
	places_free(&merged);
	return status;
}

static bool has_verdicts(const struct why_range *w, const struct collect *c)
{
	const char *input = w->o->input;

	if (!c->has_head)
		return true;	/* read_stream() says why */
	if (c->method)
		warnx("%s: recorded with --method=%s, which knows no verdicts; record without it",
		      input, c->method);
	else if (!(c->head.options & (RMS_OPTION_VERDICTS | RMS_OPTION_STUCK)))
		warnx("%s: verdicts were not recorded; record with --with maps,verdicts", input);
	else if (w->op != RMS_OP_MIGRATE && c->head.options & RMS_OPTION_STUCK)
		warnx("%s: only pages that can't be migrated were recorded; record without --stuck",
		      input);
	else
		return true;
	return false;
}

static void warn_of_filters(const struct collect *c)
{
	if (c->has_head && c->head.options & OTHER_FILTERS)
		warnx("not all pages were recorded, but those of \"%s\"", c->recording.range);
	if (c->has_head && !(c->head.options & RMS_OPTION_MAPS))
		warnx("mappings were not recorded, so that owners are not known");
}

__attribute__((format(printf, 2, 3)))
static void set_title(struct why_range *w, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (vasprintf(&w->title, format, args) < 0)
		errx(RS_FAILED, "not enough memory for the title");
	va_end(args);
}

static int read_recording(struct why_range *w)
{
	struct scan s = { .o = w->o };
	struct stream stream;
	int status;

	interrupt_catch();
	status = scan_open_input(&s, &stream);
	if (status)
		return status;
	s.result = collect_head(&s.collect, &stream);
	if (!has_verdicts(w, &s.collect)) {
		status = RS_USAGE;
	} else {
		warn_of_filters(&s.collect);
		status = read_stream(w, &s, &stream, NULL);
	}
	w->whole = !strstr(s.collect.recording.range, " start=");
	if (s.collect.recording.pid)
		set_title(w, "process %u, recorded %s", s.collect.recording.pid,
			  s.collect.recording.date);
	else
		set_title(w, "frames, recorded %s", s.collect.recording.date);
	stream_finish(&stream);
	end_scan(&s);
	return status;
}

static int ask_range(struct why_range *w)
{
	const struct range *range = &w->o->range;

	w->whole = !range->has_bounds;
	if (range->has_pid)
		set_title(w, "process %llu", range->pid);
	else
		set_title(w, range->all ? "all frames" : "frames");
	return ask(w, *range);
}

static void print(struct why_range *w)
{
	const struct table_style *style = &w->o->style;
	bool bare = style->raw || style->noheadings;

	owners_sort(&w->owners);
	if (w->o->json) {
		why_print_range_json(w);
		return;
	}
	if (!bare)
		why_print_range_head(w);
	if (w->owners.nr && !bare)
		putchar('\n');
	if (w->owners.nr || bare)
		why_print_table(w);
	if (!bare)
		why_print_range_tail(w);
}

static int look(struct why_range *w)
{
	int status = where_find(&w->o->where, &w->places);

	if (status)
		return status;
	if (w->o->input)
		status = read_recording(w);
	else if (w->places.nr)
		status = ask_places(w);
	else
		status = ask_range(w);
	if (w->has_head)
		print(w);
	return status;
}

static int check(const struct options *o)
{
	const struct target *t = &o->target;
	const struct range *r = &o->range;
	bool by_frame = r->has_bounds && r->frames;

	if (t->has_addr || t->has_pfn || t->has_phys || t->file || t->has_offset || t->folio)
		warnx("why: name a page or a range, not both; see 'rmapscope why --help'");
	else if (r->has_bounds && !r->frames && !t->has_pid)
		warnx("why: the addresses 0x%llx-0x%llx need a process: add -p PID", r->start,
		      r->end);
	else if (t->has_pid + by_frame + r->all + !where_is_empty(&o->where) + !!o->input != 1)
		warnx("why: name one range only; see 'rmapscope why --help'");
	else
		return where_check(&o->where);
	return RS_USAGE;
}

/**
 * why_is_range() - test if the options name a range and not a page
 * @o: the options
 *
 * Return: true if they do.
 */
bool why_is_range(const struct options *o)
{
	return o->range.has_bounds || o->range.all || o->input || !where_is_empty(&o->where) ||
	       (o->target.has_pid && !o->target.has_addr && !o->target.has_pfn &&
		!o->target.has_phys && !o->target.file);
}

/**
 * why_range() - print what stops an operation in a range
 * @o: the options
 *
 * Return: an exit status.
 */
int why_range(struct options *o)
{
	struct why_range w = { .o = o, .op = o->has_op ? o->op : RMS_OP_MIGRATE,
			       .end = { .complete = 1 } };
	int status = check(o);

	if (status || !options_columns(o, why_command.columns, NULL, &w.columns))
		return RS_USAGE;
	o->range.has_pid = o->target.has_pid;
	o->range.pid = o->target.pid;
	status = look(&w);
	owners_free(&w.owners);
	users_free(&w.users);
	vma_names_free(&w.names);
	places_free(&w.places);
	free(w.title);
	return status;
}
