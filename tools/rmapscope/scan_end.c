// SPDX-License-Identifier: GPL-2.0
/*
 * The end of a scan: the line with the totals, and what is missing or went wrong.
 */
#include <err.h>
#include <stdio.h>
#include <string.h>

#include "duration.h"
#include "exit_status.h"
#include "scan.h"

#define MISSING		"the rest of the range is missing"
#define SAME_VERSION	"use module and tool of the same version"

static const char * const reasons[] = RMS_UNMAPPED_WORDS;

/* Filters of the tool leave out pages that the module has counted. */
static bool filtered(const struct scan *s)
{
	return s->collect.filter;
}

/**
 * scan_count_unmapped() - count the frames or addresses without a reverse map
 * @end: the totals
 *
 * Return: how many there are.
 */
unsigned long long scan_count_unmapped(const struct rms_rec_end *end)
{
	unsigned long long pages = 0;
	size_t i;

	for (i = 0; i < end->nr_unmapped; i++)
		pages += end->unmapped[i];
	return pages;
}

static void print_unmapped(const struct rms_rec_end *end)
{
	unsigned long long pages = scan_count_unmapped(end);
	const char *separator = " (";
	size_t i;

	if (!pages)
		return;
	printf(", %llu without a reverse map", pages);
	for (i = 0; i < end->nr_unmapped; i++) {
		if (!end->unmapped[i])
			continue;
		printf("%s%s %llu", separator, reasons[i], end->unmapped[i]);
		separator = ", ";
	}
	putchar(')');
}

static unsigned long long count_pages(const struct scan *s)
{
	bool by_module = s->collect.has_end && !filtered(s);

	return by_module ? s->collect.end.pages : s->collect.pages;
}

static void print_totals(const struct scan *s)
{
	const struct rms_rec_end *end = &s->collect.end;
	unsigned int options = s->collect.head.options;

	printf("%s%llu pages", s->view->finish ? "\n" : "", count_pages(s));
	if (!s->collect.has_end) {
		puts(" until then; incomplete");
		return;
	}
	if (options & RMS_OPTION_MAPS && !filtered(s))
		printf(", %llu mappings", end->mappings);
	print_unmapped(end);
	if (end->raced)
		printf(", %llu raced", end->raced);
	if (end->skipped)
		printf(", %llu skipped", end->skipped);
	fputs("; ", stdout);
	duration_print(end->ns);
	putchar('\n');
}

static void warn_of_no_head(const struct scan *s, const struct stream *stream)
{
	const char *input = s->o->input;
	bool is_recording = s->collect.recorded || stream->bad_type == RECORDING_HEAD;

	if (s->result == STREAM_INTERRUPTED)
		warnx("interrupted before the first record");
	else if (s->result == STREAM_FAILED)
		warnx("%s: cannot be read: %s", input ?: "scan_raw", strerror(stream->error));
	else if (input && s->collect.stopped)
		warnx("%s: the recording was stopped before its first record (%s)", input,
		      s->collect.stopped);
	else if (s->result == STREAM_BAD && (!input || is_recording))
		warnx("%s: %s", input ?: "scan_raw", stream->trouble);
	else if (input)
		warnx("%s: no recording of rmapscope, or one that ends within its head", input);
	else
		warnx("scan_raw: the module gave no records; %s", SAME_VERSION);
}

/* Where the stream broke off. */
static void describe_place(const struct scan *s, char *text, size_t size)
{
	const struct collect *c = &s->collect;

	if (c->head.form == RMS_FORM_VA)
		snprintf(text, size, "address 0x%llx", c->reached);
	else
		snprintf(text, size, "pfn 0x%llx", c->reached);
}

static void warn_of_break(const struct scan *s, const struct stream *stream)
{
	const char *input = s->o->input;
	const char *name = input ?: "scan_raw";
	char place[64];

	if (!s->collect.has_head) {
		warn_of_no_head(s, stream);
		return;
	}
	describe_place(s, place, sizeof(place));
	switch (s->result) {
	case STREAM_INTERRUPTED:
		warnx("interrupted at %s: %s", place, MISSING);
		break;
	case STREAM_FAILED:
		warnx("%s: cannot be read on at %s: %s; %s", name, place,
		      strerror(stream->error), MISSING);
		break;
	case STREAM_BAD:
		warnx("%s: %s; what is behind %s is not shown%s%s", name, stream->trouble, place,
		      input ? "" : "; ", input ? "" : SAME_VERSION);
		break;
	case STREAM_CUT:
		warnx("%s: ends within a record, at byte %llu and %s; %s", name,
		      stream->offset + (stream->end - stream->begin), place, MISSING);
		break;
	default:
		if (s->collect.stopped)
			warnx("%s: the recording was stopped at %s (%s); %s", name, place,
			      s->collect.stopped, MISSING);
		else
			warnx("%s: ends at %s, before the end of the range; %s", name, place,
			      MISSING);
	}
}

static void warn_of_gaps(const struct scan *s)
{
	const struct rms_rec_end *end = &s->collect.end;

	if (s->vmas_changed)
		warnx("pid %llu: its VMAs changed during the scan; rows differ in their moment",
		      s->o->input ? s->collect.recording.pid : s->o->range.pid);
	if (!s->collect.has_end || end->complete)
		return;
	if (end->skipped)
		warnx("incomplete: %llu pages kept changing and were skipped; scan again",
		      end->skipped);
	else
		warnx("incomplete: mappings are missing, since they kept changing; scan again");
}

/**
 * scan_warn() - warn of what is missing
 * @s: the scan
 * @stream: its stream
 *
 * Return: the exit status: RS_FAILED if the stream was not read to the end of the range.
 */
int scan_warn(const struct scan *s, const struct stream *stream)
{
	bool whole = s->result == STREAM_END && s->collect.has_end;

	if (!whole)
		warn_of_break(s, stream);
	warn_of_gaps(s);
	return whole ? RS_OK : RS_FAILED;
}

/**
 * scan_conclude() - print the totals, and warn of what is missing
 * @s: the scan
 * @stream: its stream
 *
 * Return: the exit status: RS_FAILED if the stream was not read to the end of the range.
 */
int scan_conclude(const struct scan *s, const struct stream *stream)
{
	const struct table_style *style = &s->o->style;

	if (s->collect.has_head && !s->o->json && !style->raw && !style->noheadings)
		print_totals(s);
	fflush(stdout);
	return scan_warn(s, stream);
}

static void range_record(struct scan *s)
{
	const struct collect *c = &s->collect;
	char asked[RANGE_MAX];

	range_format(&s->o->range, asked, sizeof(asked));
	rows_record(&s->rows, "range", NULL);
	rows_text(&s->rows, "asked", c->recorded ? c->recording.range : asked);
	if (s->o->range.has_pid || c->recording.pid)
		rows_number(&s->rows, "pid", c->recorded ? c->recording.pid : s->o->range.pid);
	rows_hex(&s->rows, "start", c->head.start);
	rows_hex(&s->rows, "end", c->head.end);
	rows_number(&s->rows, "page_size", c->head.page_size);
	rows_text(&s->rows, "method", c->method ?: method_word(METHOD_RMAP));
	if (c->recorded)
		rows_text(&s->rows, "date", c->recording.date);
}

/**
 * scan_end_record() - write records for JSON: the range, and the totals
 * @s: the scan
 */
void scan_end_record(struct scan *s)
{
	const struct collect *c = &s->collect;
	const struct rms_rec_end *end = &c->end;
	bool whole = s->result == STREAM_END && c->has_end;
	size_t i;

	range_record(s);
	rows_record(&s->rows, "end", NULL);
	rows_number(&s->rows, "complete", whole && end->complete);
	rows_number(&s->rows, "broken_off", !whole);
	rows_number(&s->rows, "vmas_changed", s->vmas_changed);
	rows_number(&s->rows, "pages", count_pages(s));
	if (!c->has_end)
		return;
	if (c->head.options & RMS_OPTION_MAPS && !filtered(s))
		rows_number(&s->rows, "mappings", end->mappings);
	if (c->head.options & (RMS_OPTION_MAPS | RMS_OPTION_VISITED) && !filtered(s) &&
	    !c->method)
		rows_number(&s->rows, "visited", end->visited);
	rows_number(&s->rows, "raced", end->raced);
	rows_number(&s->rows, "skipped", end->skipped);
	rows_number(&s->rows, "ns", end->ns);
	for (i = 0; i < end->nr_unmapped; i++)
		rows_number(&s->rows, reasons[i], end->unmapped[i]);
}
