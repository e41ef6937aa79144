// SPDX-License-Identifier: GPL-2.0
/*
 * Compares the streams of the file "scan" with the pagemaps of all processes, and with the file
 * "page", while all other processes are stopped.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compare_scan.h"
#include "complain.h"
#include "frame_flags.h"
#include "page_report.h"
#include "scan_stream.h"

#define TRIES	3

/* Is one of the mappings this program's own, whose memory changes all the time? */
static bool has_own(const struct mappings *set)
{
	size_t i;

	for (i = 0; i < set->nr; i++)
		if (set->v[i].pid == getpid())
			return true;
	return false;
}

/* The module has no line for frames without a reverse map. */
static bool has_no_rmap(uint64_t pfn)
{
	uint64_t flags;

	return oracle_kpageflags(pfn, &flags) || flags & 1ULL << KPF_ZERO_PAGE ||
	       !(flags & FRAME_HAS_RMAP);
}

static int compare_sets(const struct oracle *seen, const struct oracle *expected, uint64_t pfn)
{
	struct mappings a = { 0 }, b = { 0 };
	int ret = oracle_find(seen, pfn, &a) || oracle_find(expected, pfn, &b) ? -1 : 0;

	if (!ret && !has_own(&a) && !has_own(&b) && !(b.nr && !a.nr && has_no_rmap(pfn)))
		ret = mappings_compare(&a, "the stream", &b, "the pagemaps");
	mappings_free(&a);
	mappings_free(&b);
	return ret;
}

/* The kernel's own threads still run. A difference only counts if it lasts. */
static int compare_frame_again(uint64_t pfn)
{
	struct mappings found = { 0 };
	struct scan_stream stream;
	struct oracle now = { 0 };
	int ret = -1, try;
	size_t i;

	for (try = 0; ret && try < TRIES; try++) {
		ret = scan_take(&stream, "pfn=%#" PRIx64 " count=1 maps", pfn);
		if (!ret)
			ret = oracle_mappers(pfn, &found);
		now.nr = 0;
		now.v = calloc(found.nr + 1, sizeof(*now.v));
		for (i = 0; now.v && i < found.nr; i++)
			now.v[now.nr++] = (struct oracle_entry){ pfn, found.v[i] };
		if (!ret)
			ret = compare_sets(&stream.mappings, &now, pfn);
		free(now.v);
		mappings_free(&found);
		scan_free(&stream);
	}
	return ret;
}

/**
 * compare_scan_of_frames() - compare a stream of all frames with the pagemaps
 * @m: set up by compare_frames_start()
 * @range: "all maps", or with more options that leave nothing out
 * @differs: called for each frame that differs
 * @arg: handed to @differs
 *
 * Return: 0 or -1.
 */
int compare_scan_of_frames(struct frame_comparison *m, const char *range, frame_differs_fn differs,
			   void *arg)
{
	struct scan_stream stream;
	uint64_t last = -1;
	int ret = scan_read(&stream, range);
	size_t i, n;

	if (ret < -1)
		complain("%s: %s", range, strerror(-ret));
	if (!ret)
		ret = oracle_scan(&m->all);
	for (n = 0; !ret && n < 2; n++) {
		/* What one of them has, the other must have. */
		const struct oracle *all = n ? &stream.mappings : &m->all;

		for (i = 0; i < all->nr; i++) {
			uint64_t pfn = all->v[i].pfn;

			if (pfn == last || pfn & PM_SWAPPED)
				continue;
			last = pfn;
			if (compare_sets(&stream.mappings, &m->all, pfn) &&
			    compare_frame_again(pfn) && differs(arg, pfn))
				break;
		}
	}
	scan_free(&stream);
	return ret;
}

/* Whether each page of the process is in the stream, by the pagemaps. */
static void compare_presence(const struct oracle *all, const struct scan_stream *stream, pid_t pid,
			     frame_differs_fn differs, void *arg)
{
	uint64_t entry;
	size_t i;

	for (i = 0; i < all->nr; i++) {
		uint64_t pfn = all->v[i].pfn, va = all->v[i].place.va;
		const struct scan_page *page;

		if (all->v[i].place.pid != pid)
			continue;
		page = scan_find(stream, va);
		if (page && page->key == pfn)
			continue;
		if (oracle_entry(pid, va, &entry))
			continue;
		/* Markers, migration entries and entries of devices look like swap in pagemap. */
		if (!(entry & PM_PRESENT) ? !page || pfn != (PM_PFN(entry) | PM_SWAPPED) :
		    PM_PFN(entry) != pfn || (!page && has_no_rmap(pfn)))
			continue;
		complain("pid %d va %#" PRIx64 " is %s the stream", pid, va,
			 page ? "another page in" : "not in");
		if (differs(arg, pfn))
			return;
	}
}

/**
 * compare_scan_of_process() - compare "pid= maps" with the pagemaps
 * @m: set up by compare_frames_start()
 * @pid: the process
 * @differs: called for each frame that differs
 * @arg: handed to @differs
 *
 * Return: 0 or -1.
 */
int compare_scan_of_process(struct frame_comparison *m, pid_t pid, frame_differs_fn differs,
			    void *arg)
{
	struct scan_stream stream;
	int ret = scan_take(&stream, "pid=%d maps", pid);
	size_t i;

	if (!ret)
		compare_presence(&m->all, &stream, pid, differs, arg);
	for (i = 0; !ret && i < stream.nr_pages; i++) {
		uint64_t key = stream.page[i].key;

		if (compare_sets(&stream.mappings, &m->all, key) &&
		    (key & PM_SWAPPED || compare_frame_again(key)) && differs(arg, key))
			break;
	}
	scan_free(&stream);
	return ret;
}

static int same(const struct record *a, const char *key, const struct record *b,
		const char *other)
{
	const char *x = record_get(a, key), *y = b ? record_get(b, other) : NULL;

	if (x && y && !strcmp(x, y))
		return 0;
	return complain("%s=%s in the stream, %s=%s in the report", key, x ?: "-", other,
			y ?: "-");
}

static int compare_verdicts(const struct record *page, const struct report *report)
{
	const struct record *v = NULL;
	int ret = 0;

	while (!ret && (v = report_next(report, "verdict", v))) {
		const char *op = record_get(v, "op"), *why = record_get(v, "why");
		const char *seen = record_get(page, op);

		if (!strcmp(why, "-"))
			why = "ok";
		if (!seen || strcmp(seen, why))
			ret = complain("%s=%s in the stream, %s in the report", op, seen ?: "-",
				       why);
	}
	return ret;
}

static int compare_with_page(pid_t pid, const struct scan_page *page)
{
	bool swap = page->key & PM_SWAPPED;
	const struct record *rec = page->record;
	const struct record *refs;
	struct page_report report;
	int ret;

	ret = page_report_at(&report, pid, page->at);
	if (!ret)
		ret = same(rec, "kind", report.page, "kind");
	if (!ret && !swap) {
		refs = report_next(&report.report, "refs", NULL);
		ret = same(rec, "order", report.page, "folio_order") ?:
		      same(rec, "extra_refs", refs, "unexplained") ?:
		      same(rec, "maps", report.walk, "pte_maps") ?:
		      compare_verdicts(rec, &report.report);
	}
	if (!ret)
		ret = same(rec, "visited", report.walk, "visited");
	page_report_free(&report);
	if (ret) {
		char *reason = strdup(why);

		complain("pid %d va %#" PRIx64 " kind=%s: %s", pid, page->at,
			 record_get(rec, "kind"), reason);
		free(reason);
	}
	return ret;
}

/**
 * compare_scan_with_pages() - compare "pid= maps verdicts" with reports on its pages
 * @pid: the process; the first page of each page line is compared
 * @differs: called for each frame that differs
 * @arg: handed to @differs
 *
 * Return: 0 or -1.
 */
int compare_scan_with_pages(pid_t pid, frame_differs_fn differs, void *arg)
{
	const struct record *last = NULL;
	struct scan_stream stream;
	int ret = scan_take(&stream, "pid=%d maps verdicts", pid);
	size_t i;

	for (i = 0; !ret && i < stream.nr_pages; i++) {
		const struct scan_page *page = &stream.page[i];

		if (page->record == last)
			continue;
		last = page->record;
		if (compare_with_page(pid, page) && differs(arg, page->key))
			break;
	}
	scan_free(&stream);
	return ret;
}
