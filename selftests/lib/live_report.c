// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "complain.h"
#include "each_frame.h"
#include "live_report.h"
#include "page_report.h"
#include "scan_stream.h"

/**
 * live_report_target() - write the target of a report, or the range of a stream
 * @seen: says which page
 * @text: filled
 * @size: of @text
 */
void live_report_target(const struct live_report *seen, char *text, size_t size)
{
	const char *folio = seen->whole ? " folio" : "";

	if (seen->stream && seen->pid)
		snprintf(text, size, "pid=%d start=%#" PRIx64 " end=%#" PRIx64 " maps", seen->pid,
			 seen->va, seen->va + getpagesize());
	else if (seen->stream)
		snprintf(text, size, "pfn=%#" PRIx64 " count=1 maps", seen->pfn);
	else if (seen->pid)
		snprintf(text, size, "pid=%d va=%#" PRIx64 "%s", seen->pid, seen->va, folio);
	else
		snprintf(text, size, "pfn=%#" PRIx64 "%s", seen->pfn, folio);
}

/* All processes of a map line that have a pagemap. An mm without a process has none. */
static int add_processes(struct live_report *seen, const struct record *map, uint64_t va)
{
	const char *tgids = record_get(map, "tgids");

	if (!record_num(map, "pid"))
		return 0;
	while (*tgids) {
		char *end;
		pid_t pid = strtoul(tgids, &end, 10);

		if (end == tgids)
			return complain("tgids=%s", record_get(map, "tgids"));
		if (mappings_add(&seen->seen, pid, va))
			return -1;
		tgids = *end == ',' ? end + 1 : end;
	}
	return 0;
}

/* In a report on a folio: the lines that cover the page. */
static int read_mappings(struct live_report *seen, const struct page_report *report,
			 const char *state)
{
	uint64_t index = seen->key - report->folio_pfn;
	const struct record *map = NULL;

	while ((map = page_report_map(report, map, state))) {
		uint64_t va = record_num(map, "va");

		if (seen->whole) {
			uint64_t first = record_num(map, "first");

			if (index < first || index - first >= record_num(map, "count"))
				continue;
			va += (index - first) * getpagesize();
		}
		if (add_processes(seen, map, va))
			return -1;
	}
	mappings_sort(&seen->seen);
	return 0;
}

static int read_report(struct live_report *seen, struct page_report *report)
{
	seen->raced = record_num(report->walk, "raced");
	if (page_report_kind_is(report, "swap")) {
		seen->key = oracle_swap_key(record_num(report->page, "swap_type"),
					    record_num(report->page, "swap_offset"));
		return read_mappings(seen, report, "swapped");
	}
	seen->key = report->pfn;
	if (seen->whole) {
		uint64_t index = seen->pfn - report->folio_pfn;

		/* The address may be in another folio by now. */
		if (index < 1ULL << record_num(report->page, "folio_order"))
			seen->key = seen->pfn;
		else
			seen->raced = true;
	}
	return read_mappings(seen, report, "mapped");
}

/* A stream without the page says so in its end. */
static int read_stream(struct live_report *seen, const struct scan_stream *stream)
{
	size_t i;

	seen->raced = record_num(stream->end, "raced") || !record_num(stream->end, "complete");
	if (!stream->nr_pages)
		return seen->raced ? -EAGAIN : -EOPNOTSUPP;
	seen->key = stream->page[0].key;
	for (i = 0; i < stream->mappings.nr; i++) {
		const struct mapping *place = &stream->mappings.v[i].place;

		/* An mm without a process has no pagemap. */
		if (place->pid && mappings_add(&seen->seen, place->pid, place->va))
			return -EPROTO;
	}
	mappings_sort(&seen->seen);
	return 0;
}

static void take_stream(struct live_report *seen, const char *range)
{
	struct scan_stream stream;
	int err = scan_read(&stream, range);

	seen->err = err ? (err == -1 ? -EPROTO : err) : read_stream(seen, &stream);
	scan_free(&stream);
}

/**
 * live_report_take() - take the report
 * @seen: says which page; the rest is filled. live_report_free() must follow
 * @fd: the file "page", open
 */
void live_report_take(struct live_report *seen, int fd)
{
	struct page_report report = { .whole = seen->whole };
	char target[80];

	live_report_target(seen, target, sizeof(target));
	if (seen->stream) {
		take_stream(seen, target);
		return;
	}
	seen->err = interface_write(fd, target);
	if (seen->err)
		return;
	seen->err = report_read(&report.report, fd);
	if (seen->err)
		complain("reading: %s", strerror(-seen->err));
	else if (page_report_check(&report) || read_report(seen, &report))
		seen->err = -EPROTO;
	report_free(&report.report);
}

static bool has(const struct mappings *set, const struct mapping *place)
{
	size_t i;

	for (i = 0; i < set->nr; i++)
		if (set->v[i].pid == place->pid && set->v[i].va == place->va)
			return true;
	return false;
}

/*
 * What a scan has at an address, 0 for nothing. Returns false if the scan does not have the
 * process.
 */
static bool find_entry(const struct oracle *all, const struct mapping *place, uint64_t *key)
{
	bool known = false;
	size_t i;

	*key = 0;
	for (i = 0; i < all->nr; i++) {
		const struct oracle_entry *entry = &all->v[i];

		known |= entry->place.pid == place->pid;
		if (entry->place.pid == place->pid && entry->place.va == place->va)
			*key = entry->pfn;
	}
	return known;
}

struct scans {
	const struct oracle *before, *after;
	/* The mappings of the page in each scan. */
	struct mappings first, last;
};

/*
 * A mapping may have appeared and vanished between the scans, or moved from one page to another
 * and then to a third.
 */
static bool stood_still(const struct scans *scans, const struct mapping *place)
{
	uint64_t first, last;

	return find_entry(scans->before, place, &first) &&
	       find_entry(scans->after, place, &last) && first == last;
}

/* A frame that is refused although it is mapped in both scans must have no reverse map. */
static enum live_verdict judge_refusal(const struct live_report *seen, const struct scans *scans)
{
	bool lasting = false;
	uint64_t flags;
	size_t i;

	for (i = 0; i < scans->first.nr; i++) {
		const struct mapping *place = &scans->first.v[i];

		if ((!seen->pid || (place->pid == seen->pid && place->va == seen->va)) &&
		    has(&scans->last, place))
			lasting = true;
	}
	if (!lasting)
		return LIVE_AGREES;
	/* A non-present entry can be a marker, which belongs to no page. */
	if (seen->err == -EAGAIN || seen->pfn & PM_SWAPPED)
		return LIVE_MOVED;
	if ((seen->err == -EOPNOTSUPP || seen->err == -ENXIO) &&
	    !oracle_kpageflags(seen->pfn, &flags) &&
	    (flags & 1ULL << KPF_ZERO_PAGE || !(flags & FRAME_HAS_RMAP)))
		return LIVE_AGREES;
	complain("pfn %#" PRIx64 " is mapped in %zu places, but its report failed: %s", seen->pfn,
		 scans->first.nr, strerror(-seen->err));
	return LIVE_DIFFERS;
}

static enum live_verdict judge_report(const struct live_report *seen, const struct scans *scans)
{
	bool quiet = scans->first.nr == scans->last.nr;
	size_t i;

	if (seen->raced)
		return LIVE_MOVED;
	for (i = 0; i < scans->first.nr; i++) {
		const struct mapping *place = &scans->first.v[i];

		if (!has(&scans->last, place)) {
			quiet = false;
		} else if (!has(&seen->seen, place)) {
			complain("pfn or slot %#" PRIx64 ": the pagemap of pid %d has it at %#"
				 PRIx64 ", the report has not (%zu against %zu)", seen->key,
				 place->pid, place->va, scans->first.nr, seen->seen.nr);
			return LIVE_DIFFERS;
		}
	}
	for (i = 0; i < seen->seen.nr; i++) {
		const struct mapping *place = &seen->seen.v[i];

		if (has(&scans->first, place) || has(&scans->last, place))
			continue;
		if (!stood_still(scans, place))
			return LIVE_MOVED;
		complain("pfn or slot %#" PRIx64 ": the report has pid %d va %#" PRIx64
			 ", its pagemap has not (%zu against %zu)", seen->key, place->pid,
			 place->va, seen->seen.nr, scans->first.nr);
		return LIVE_DIFFERS;
	}
	return quiet ? LIVE_AGREES : LIVE_MOVED;
}

/**
 * live_report_judge() - does a report agree with the pagemaps?
 * @seen: the report
 * @before: a scan that ended before the report began
 * @after: a scan that began after the report was taken
 *
 * A mapping in both scans must be in the report. A mapping in neither must not be.
 *
 * Return: LIVE_DIFFERS with the reason in why[]; the page may have moved away and back between
 * the scans.
 */
enum live_verdict live_report_judge(const struct live_report *seen, const struct oracle *before,
				    const struct oracle *after)
{
	uint64_t key = seen->err ? seen->pfn : seen->key;
	struct scans scans = { .before = before, .after = after };
	enum live_verdict verdict = LIVE_MOVED;

	if (!oracle_find(before, key, &scans.first) && !oracle_find(after, key, &scans.last))
		verdict = seen->err ? judge_refusal(seen, &scans) :
				       judge_report(seen, &scans);
	mappings_free(&scans.first);
	mappings_free(&scans.last);
	return verdict;
}

/**
 * live_report_free() - free a report
 * @seen: the report
 */
void live_report_free(struct live_report *seen)
{
	mappings_free(&seen->seen);
}
