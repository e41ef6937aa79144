// SPDX-License-Identifier: GPL-2.0
/*
 * Compares a report with what rmap-exercise did and with the pagemaps of all processes. This only
 * works while no mapping changes.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "check_report.h"
#include "complain.h"
#include "oracle.h"
#include "page_actions.h"

/* Checks vma= and perms= against /proc/PID/maps. */
static int check_vma(const struct record *map)
{
	pid_t pid = record_num(map, "pid");
	struct oracle_vma vma;
	char bounds[48];

	if (oracle_vma(pid, record_num(map, "va"), &vma))
		return -1;
	snprintf(bounds, sizeof(bounds), "0x%" PRIx64 "-0x%" PRIx64, vma.start, vma.end);
	if (strcmp(bounds, record_get(map, "vma")))
		return complain("pid %d: vma=%s, /proc/PID/maps has %s", pid,
				record_get(map, "vma"), bounds);
	if (strcmp(vma.perms, record_get(map, "perms")))
		return complain("pid %d: perms=%s, /proc/PID/maps has %s", pid,
				record_get(map, "perms"), vma.perms);
	return 0;
}

/* Checks that a VMA without the page holds what its state says. */
static int check_absent_state(const struct page_report *report, const struct record *map)
{
	const char *state = record_get(map, "state");
	pid_t pid = record_num(map, "pid");
	uint64_t entry;

	if (oracle_entry(pid, record_num(map, "va"), &entry))
		return -1;
	if (!strcmp(state, "cowed")) {
		if (!(entry & PM_PRESENT) || PM_PFN(entry) != record_num(map, "now_pfn") ||
		    PM_PFN(entry) == report->pfn)
			return complain("pid %d: now_pfn=%s, pagemap entry %#" PRIx64, pid,
					record_get(map, "now_pfn"), entry);
	} else if (!strcmp(state, "none")) {
		if (entry & (PM_PRESENT | PM_SWAPPED))
			return complain("pid %d: state=none, pagemap entry %#" PRIx64, pid,
					entry);
	} else if (!strcmp(state, "swapped")) {
		if (!(entry & PM_SWAPPED))
			return complain("pid %d: state=swapped, pagemap entry %#" PRIx64,
					pid, entry);
	} else {
		return complain("state=%s although no mapping changes", state);
	}
	return 0;
}

static int check_comm(const struct record *map)
{
	char path[32], comm[64] = "";
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%llu/comm", record_num(map, "pid"));
	file = fopen(path, "r");
	if (file) {
		if (fgets(comm, sizeof(comm), file))
			comm[strcspn(comm, "\n")] = '\0';
		fclose(file);
	}
	if (strcmp(comm, record_get(map, "comm")))
		return complain("comm=%s, %s says '%s'", record_get(map, "comm"), path, comm);
	return 0;
}

/**
 * check_each_map() - do the map lines agree with /proc?
 * @report: the report
 *
 * No mapping may change meanwhile. Lines of an mm without a visible process are skipped, as /proc
 * does not show that mm.
 *
 * Return: 0 or -1.
 */
int check_each_map(const struct page_report *report)
{
	const struct record *map = NULL;

	while ((map = page_report_map(report, map, NULL))) {
		if (!record_num(map, "pid"))
			continue;
		if (check_vma(map) || check_comm(map))
			return -1;
		if (strcmp(record_get(map, "state"), "mapped") &&
		    check_absent_state(report, map))
			return -1;
	}
	return 0;
}

static int compare_mapped(const struct page_report *report, const struct mappings *owners_expected,
			  const struct mappings *sharers_expected, const char *expected_by)
{
	struct mappings owners = { 0 }, sharers = { 0 };
	int ret = page_report_mapped(report, &owners, &sharers);

	if (!ret && owners_expected)
		ret = mappings_compare(&owners, "the report", owners_expected, expected_by);
	if (!ret)
		ret = mappings_compare(&sharers, "the report", sharers_expected, expected_by);
	mappings_free(&owners);
	mappings_free(&sharers);
	return ret;
}

/**
 * check_against_pagemaps() - does a report list exactly the mappings that the pagemaps have?
 * @report: the report
 *
 * Reads the pagemaps of all processes.
 *
 * Return: 0 or -1.
 */
int check_against_pagemaps(const struct page_report *report)
{
	struct mappings found = { 0 };
	int ret = oracle_mappers(report->pfn, &found);

	if (!ret)
		ret = compare_mapped(report, NULL, &found, "the scan of all pagemaps");
	mappings_free(&found);
	return ret;
}

static int check_absent(const struct page_report *report, const struct exercise_page *page)
{
	size_t i;

	if (report->absent != page->nr_absent)
		return complain("absent=%zu, rmap-exercise says %zu", report->absent,
				page->nr_absent);
	for (i = 0; i < page->nr_absent; i++) {
		const struct exercise_absent *absent = &page->absent[i];
		const struct record *map = page_report_map_at(report, absent->place.pid,
							      absent->place.va);

		if (!map)
			return -1;
		if (strcmp(record_get(map, "state"), absent->state))
			return complain("pid %d va %#" PRIx64 ": state=%s, rmap-exercise says %s",
					absent->place.pid, absent->place.va,
					record_get(map, "state"), absent->state);
	}
	return 0;
}

static int check_kind(const struct page_report *report, const struct exercise_page *page)
{
	if (*page->kind && strcmp(page->kind, report->kind))
		return complain("kind=%s, rmap-exercise says %s", report->kind, page->kind);
	if (page->index >= 0 && record_num(report->page, "index_in_folio") != page->index)
		return complain("index_in_folio=%s, rmap-exercise says %ld",
				record_get(report->page, "index_in_folio"), page->index);
	return 0;
}

static int check_report(const struct page_report *report, const struct exercise_page *page)
{
	uint64_t pfn;

	if (oracle_pfn(page->mapped.v[0].pid, page->mapped.v[0].va, &pfn))
		return -1;
	if (report->pfn != pfn)
		return complain("pfn=%#" PRIx64 ", pagemap says %#" PRIx64, report->pfn, pfn);
	if (check_kind(report, page) ||
	    compare_mapped(report, &page->mapped, &page->sharers, "rmap-exercise") ||
	    check_absent(report, page))
		return -1;
	if (page->visited >= 0 && report->visited != (size_t)page->visited)
		return complain("visited=%zu, rmap-exercise says %ld", report->visited,
				page->visited);
	/*
	 * The kernel's mapcount must match, except where processes share a page table of hugetlb.
	 */
	if (record_num(report->page, "mapcount") != record_num(report->walk, "pte_maps"))
		return complain("mapcount=%s with %s entries",
				record_get(report->page, "mapcount"),
				record_get(report->walk, "pte_maps"));
	if (record_num(report->walk, "complete") != 1 || record_num(report->walk, "raced") != 0)
		return complain("complete=%s raced=%s although no mapping changes",
				record_get(report->walk, "complete"),
				record_get(report->walk, "raced"));
	return check_each_map(report);
}

/* No process maps the page any more: all of them hold the same swap slot. */
static int check_swapped(const struct page_report *report, const struct exercise_page *page)
{
	struct mappings found = { 0 };
	uint64_t entry;
	size_t i;
	int ret;

	if (oracle_entry(page->absent[0].place.pid, page->absent[0].place.va, &entry))
		return -1;
	if (!page_report_kind_is(report, "swap"))
		return complain("kind=%s of a page that is swapped out", report->kind);
	if (record_num(report->page, "swap_type") != PM_SWAP_TYPE(entry) ||
	    record_num(report->page, "swap_offset") != PM_SWAP_OFFSET(entry))
		return complain("swap_type=%s swap_offset=%s, pagemap has %#" PRIx64,
				record_get(report->page, "swap_type"),
				record_get(report->page, "swap_offset"), entry);
	ret = oracle_swapped(entry, &found);
	if (!ret && (found.nr != report->absent || report->mapped ||
		     record_num(report->page, "swap_count") != found.nr))
		ret = complain("absent=%zu swap_count=%s, the pagemaps have %zu", report->absent,
			       record_get(report->page, "swap_count"), found.nr);
	for (i = 0; !ret && i < found.nr; i++)
		if (!page_report_map_at(report, found.v[i].pid, found.v[i].va))
			ret = -1;
	mappings_free(&found);
	return ret ? ret : check_absent(report, page);
}

/* Checks the page as part of its folio: the mappings must be the same, and match the mapcount. */
static int check_folio_page(const struct page_report *report, const struct exercise_page *page,
			    pid_t pid, uint64_t va)
{
	uint64_t index = record_num(report->page, "index_in_folio");
	struct mappings sharers = { 0 };
	struct page_report whole;
	int ret;

	ret = page_report_take(&whole, "pid=%d va=%#" PRIx64 " folio", pid, va);
	if (!ret)
		ret = page_report_mapped_pages(&whole, index, &sharers);
	if (!ret)
		ret = mappings_compare(&sharers, "the report on the folio", &page->sharers,
				       "rmap-exercise");
	if (!ret && page->folio_visited >= 0 && whole.visited != (size_t)page->folio_visited)
		ret = complain("folio: visited=%zu, rmap-exercise says %ld", whole.visited,
			       page->folio_visited);
	if (!ret && (record_num(whole.walk, "raced") ||
		     record_num(whole.page, "mapcount") != record_num(whole.walk, "pte_maps")))
		ret = complain("folio: raced=%s mapcount=%s with %s entries",
			       record_get(whole.walk, "raced"),
			       record_get(whole.page, "mapcount"),
			       record_get(whole.walk, "pte_maps"));
	if (!ret)
		ret = check_folio_counts(&whole);
	mappings_free(&sharers);
	page_report_free(&whole);
	return ret;
}

static int check_swapped_page(const struct exercise_page *page)
{
	struct page_report report;
	size_t i;
	int ret = 0;

	for (i = 0; !ret && i < page->nr_absent; i++) {
		ret = page_report_at(&report, page->absent[i].place.pid, page->absent[i].place.va);
		if (!ret)
			ret = check_swapped(&report, page);
		page_report_free(&report);
	}
	return ret;
}

static int check_refused_page(const struct exercise_page *page)
{
	struct page_report report;
	int err = page_report_at(&report, page->mapped.v[0].pid, page->mapped.v[0].va);

	page_report_free(&report);
	return err == -EOPNOTSUPP ? 0 : complain("error %d for a page without a reverse map", err);
}

/**
 * check_exercise_page() - check the report on a page of rmap-exercise in all ways
 * @page: what rmap-exercise says about it; skipped if no process maps it or has it swapped out
 *
 * Return: 0 or -1.
 */
int check_exercise_page(const struct exercise_page *page)
{
	const struct mapping *first = page->mapped.v;
	struct page_report report;
	int ret;

	if (!strcmp(page->kind, "swap"))
		return check_swapped_page(page);
	if (!page->mapped.nr)
		return 0;
	if (page->refused)
		return check_refused_page(page);
	ret = page_report_at(&report, first->pid, first->va);
	if (!ret)
		ret = check_report(&report, page);
	if (!ret)
		ret = check_against_pagemaps(&report);
	if (!ret)
		ret = check_ways_agree(&report, first->pid, first->va);
	if (!ret && record_num(report.page, "folio_order"))
		ret = check_folio_page(&report, page, first->pid, first->va);
	page_report_free(&report);
	return ret;
}

/**
 * check_folio_counts() - do the mapcount lines of a folio add up?
 * @report: the report on a whole folio
 *
 * Each page of the folio must be in one of the lines, in order. Its count must match the map
 * lines and the kernel.
 *
 * Return: 0 or -1.
 */
int check_folio_counts(const struct page_report *report)
{
	uint64_t next = 0, pages = 1ULL << record_num(report->page, "folio_order");
	const struct record *count = NULL;

	while ((count = report_next(&report->report, "mapcount", count))) {
		uint64_t first = record_num(count, "first"), nr = record_num(count, "count");
		struct mappings sharers = { 0 };
		int ret = page_report_mapped_pages(report, first, &sharers);

		if (!ret && (first != next || !nr || nr > pages - first))
			ret = complain("mapcount first=%" PRIu64 " count=%" PRIu64
				       ", expected first=%" PRIu64, first, nr, next);
		if (!ret && record_num(count, "found") != record_num(count, "kernel"))
			ret = complain("page %" PRIu64 ": found=%s kernel=%s", first,
				       record_get(count, "found"), record_get(count, "kernel"));
		if (!ret && !page_report_kind_is(report, "hugetlb-file") &&
		    record_num(count, "found") != sharers.nr)
			ret = complain("page %" PRIu64 ": found=%s, map lines %zu", first,
				       record_get(count, "found"), sharers.nr);
		mappings_free(&sharers);
		if (ret)
			return ret;
		next += nr;
	}
	return next == (pages > 1 ? pages : 0) ? 0 :
	       complain("mapcount lines end at page %" PRIu64 " of %" PRIu64, next, pages);
}

static int ways_agree(const struct page_report *report, pid_t pid, uint64_t va)
{
	struct page_report again, by_pfn, by_phys;
	int ret;

	ret = page_report_at(&again, pid, va);
	if (!ret)
		ret = page_report_same(report, &again);
	page_report_free(&again);
	if (ret)
		return ret;

	ret = page_report_take(&by_pfn, "pfn=%#" PRIx64, report->pfn);
	if (!ret)
		ret = page_report_same(report, &by_pfn);
	page_report_free(&by_pfn);
	if (ret)
		return ret;

	ret = page_report_take(&by_phys, "phys=%s", record_get(report->page, "paddr"));
	if (!ret)
		ret = page_report_same(report, &by_phys);
	page_report_free(&by_phys);
	return ret;
}

/**
 * check_ways_agree() - pid+va, pfn and phys lead to the same report
 * @report: the report on @va of @pid
 * @pid: the process
 * @va: address
 *
 * Between two reports, a page may leave the LRU batch of a CPU, and then be migrated. If the
 * reports differ, this drains the batches and compares once more.
 *
 * Return: 0 or -1.
 */
int check_ways_agree(const struct page_report *report, pid_t pid, uint64_t va)
{
	struct page_report drained;
	int ret;

	if (!ways_agree(report, pid, va))
		return 0;
	ret = drain_batches();
	if (ret)
		return ret;
	ret = page_report_at(&drained, pid, va);
	if (!ret)
		ret = ways_agree(&drained, pid, va);
	page_report_free(&drained);
	return ret;
}
