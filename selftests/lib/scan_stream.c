// SPDX-License-Identifier: GPL-2.0
/* The text of the file "scan", taken apart into pages and mappings. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "complain.h"
#include "page_report.h"
#include "scan_stream.h"

/* The run of the records that follow. */
struct place {
	bool frames;
	uint64_t start;
	uint64_t count;
	const char *order;	/* pages between commas; NULL: they are as they are */
};

static int add_pages(struct scan_stream *s, const struct record *page, const struct place *run)
{
	uint64_t first = record_num(page, "first"), count = record_num(page, "count"), i;
	const char *kind = record_get(page, "kind");
	struct scan_page *larger = realloc(s->page, (s->nr_pages + count) * sizeof(*larger));

	if (!larger)
		return complain("no memory for %zu pages", s->nr_pages + count);
	s->page = larger;
	if (!kind || !count || first + count > run->count)
		return complain("page line outside of its run: first=%ju count=%ju",
				(uintmax_t)first, (uintmax_t)count);
	for (i = 0; i < count; i++) {
		struct scan_page *p = &s->page[s->nr_pages];
		uint64_t unit = run->frames ? 1 : (uint64_t)getpagesize();

		p->at = run->start + (first + i) * unit;
		p->record = page;
		p->key = strcmp(kind, "swap") ? record_num(page, "pfn") + i :
			 oracle_swap_key(record_num(page, "swap_type"),
					 record_num(page, "swap_offset") + i);
		if (s->nr_pages++ && p[-1].at >= p->at)
			return complain("pages are not in ascending order at %#jx",
					(uintmax_t)p->at);
	}
	return 0;
}

static int add_mapping(struct oracle *all, uint64_t key, pid_t pid, uint64_t va)
{
	if (all->nr == all->room) {
		size_t room = all->room ? 2 * all->room : 4096;
		struct oracle_entry *v = realloc(all->v, room * sizeof(*v));

		if (!v)
			return complain("no memory for %zu mappings", room);
		all->v = v;
		all->room = room;
	}
	all->v[all->nr++] = (struct oracle_entry){
		.pfn = key,
		.place = { .pid = pid, .va = va },
	};
	return 0;
}

/* Which page of the run the mappings call the @nr-th. */
static uint64_t nth_page(const struct place *run, uint64_t nr)
{
	const char *at = run->order;

	for (; at && nr; nr--) {
		at = strchr(at, ',');
		at += !!at;
	}
	return run->order ? at ? strtoull(at, NULL, 10) : run->count : nr;
}

/* A mapping for each process that shares the mm. */
static int add_mappings(struct scan_stream *s, const struct record *map, const struct place *run)
{
	uint64_t first = record_num(map, "first"), count = record_num(map, "count"), i;
	uint64_t unit = run->frames ? 1 : (uint64_t)getpagesize();
	const char *tgids = record_get(map, "tgids") ?: record_get(map, "pid");

	s->nr_mappings += count;
	while (*tgids) {
		char *end;
		pid_t pid = strtol(tgids, &end, 10);

		for (i = 0; i < count; i++) {
			const struct scan_page *p;

			p = scan_find(s, run->start + nth_page(run, first + i) * unit);
			if (!p)
				return complain("map line without its page: first=%ju",
						(uintmax_t)first);
			if (add_mapping(&s->mappings, p->key, pid,
					record_num(map, "va") + i * getpagesize()))
				return -1;
		}
		tgids = end + (*end == ',');
	}
	return 0;
}

static int by_frame(const void *a, const void *b)
{
	const struct oracle_entry *x = a, *y = b;

	return x->pfn < y->pfn ? -1 : x->pfn > y->pfn;
}

static int take_apart(struct scan_stream *s)
{
	const struct record *record = NULL;
	struct place run = { 0 };
	int ret = 0;

	while (!ret && (record = report_next(&s->report, NULL, record))) {
		if (s->end)
			return complain("a line behind the end line");
		if (!strcmp(record->name, "run")) {
			run.frames = record_get(record, "pfn");
			run.start = record_num(record, run.frames ? "pfn" : "va");
			run.count = record_num(record, "count");
			run.order = NULL;
		} else if (!strcmp(record->name, "order")) {
			run.order = record_get(record, "pages");
		} else if (!strcmp(record->name, "page")) {
			ret = add_pages(s, record, &run);
		} else if (!strcmp(record->name, "map")) {
			ret = add_mappings(s, record, &run);
		} else if (!strcmp(record->name, "end")) {
			s->end = record;
		}
	}
	if (!ret && !s->end)
		return complain("no end line");
	if (!ret && record_num(s->end, "pages") != s->nr_pages)
		return complain("the end line counts %s pages, there are %zu",
				record_get(s->end, "pages"), s->nr_pages);
	if (!ret && record_num(s->end, "mappings") != s->nr_mappings)
		return complain("the end line counts %s mappings, there are %zu",
				record_get(s->end, "mappings"), s->nr_mappings);
	if (s->mappings.nr)
		qsort(s->mappings.v, s->mappings.nr, sizeof(*s->mappings.v), by_frame);
	return ret;
}

/* Reads to the end. A read(2) returns whole lines, so its buffer must not become too small. */
static char *read_all(int fd, size_t *len)
{
	enum { CHUNK = 65536 };
	char *text = NULL;
	ssize_t got;

	for (*len = 0;; *len += got) {
		char *larger = realloc(text, *len + CHUNK);

		if (!larger) {
			free(text);
			errno = ENOMEM;
			return NULL;
		}
		text = larger;
		got = read(fd, text + *len, CHUNK);
		if (got > 0)
			continue;
		if (!got)
			return text;
		free(text);
		return NULL;
	}
}

/**
 * scan_read() - take a range and take the stream apart
 * @stream: filled; the caller calls scan_free() in any case
 * @range: what to write
 *
 * Return: 0, the -errno of the module, or -1 with the reason in why[].
 */
int scan_read(struct scan_stream *stream, const char *range)
{
	int fd = interface_open("scan", O_RDWR), err;
	char *text = NULL;
	size_t len;

	memset(stream, 0, sizeof(*stream));
	err = fd < 0 ? fd : interface_write(fd, range);
	if (!err)
		text = read_all(fd, &len);
	if (!err)
		err = text ? report_parse(&stream->report, text, len) : -errno;
	if (fd >= 0)
		close(fd);
	free(text);
	return err ?: take_apart(stream);
}

/**
 * scan_take() - the same, with a range as by printf()
 * @stream: as for scan_read()
 * @format: the range
 *
 * Return: as scan_read().
 */
int scan_take(struct scan_stream *stream, const char *format, ...)
{
	char range[256];
	va_list args;

	va_start(args, format);
	vsnprintf(range, sizeof(range), format, args);
	va_end(args);
	return scan_read(stream, range);
}

/**
 * scan_find() - find a page of a stream
 * @stream: the stream
 * @at: its address, or its frame if the range is of frames
 *
 * Return: the page, or NULL.
 */
const struct scan_page *scan_find(const struct scan_stream *stream, uint64_t at)
{
	size_t low = 0, high = stream->nr_pages;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (stream->page[middle].at < at)
			low = middle + 1;
		else
			high = middle;
	}
	return low < stream->nr_pages && stream->page[low].at == at ? &stream->page[low] : NULL;
}

/**
 * scan_free() - free a stream
 * @stream: filled by scan_read(), or zeroed
 */
void scan_free(struct scan_stream *stream)
{
	report_free(&stream->report);
	free(stream->page);
	oracle_free(&stream->mappings);
	memset(stream, 0, sizeof(*stream));
}
