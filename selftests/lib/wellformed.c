// SPDX-License-Identifier: GPL-2.0
/* Checks what must hold for every report on a page, also while the page changes. */
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "complain.h"
#include "page_report.h"

#define PTE_PFN(pte)	(((pte) & 0x000ffffffffff000ULL) >> 12)

/**
 * page_report_kind_is() - is the page of one of some kinds?
 * @report: the report
 * @kinds: their names, with blanks between
 *
 * Return: true if so.
 */
bool page_report_kind_is(const struct page_report *report, const char *kinds)
{
	size_t len = report->kind ? strlen(report->kind) : 0;
	const char *at = kinds;

	while (len && (at = strstr(at, report->kind))) {
		if ((at == kinds || at[-1] == ' ') && (at[len] == ' ' || !at[len]))
			return true;
		at += len;
	}
	return false;
}

static bool known_state(const char *state)
{
	static const char * const states[] = {
		"mapped", "migrating", "cowed", "none", "swapped", "device",
	};
	size_t i;

	for (i = 0; state && i < sizeof(states) / sizeof(states[0]); i++)
		if (!strcmp(state, states[i]))
			return true;
	return false;
}

/* An entry in exclusive use by a device has its frame from bit 9 on, with all bits inverted. */
#define DEVICE_PFN(pte)	(~(pte) >> 9 & ((1ULL << 40) - 1))

/* The frame that an entry at some level has for the page at @va. */
static uint64_t entry_pfn(const struct record *map, uint64_t pte, uint64_t va)
{
	const char *level = record_get(map, "level");
	uint64_t pages = !strcmp(level, "pte") ? 1 : !strcmp(level, "pmd") ? 1 << 9 : 1 << 18;

	/* In a huge entry bit 12 is the PAT flag. */
	return (PTE_PFN(pte) & -pages) + ((va >> 12) & (pages - 1));
}

/* x86 inverts the frame number in a PROT_NONE entry. */
static int check_pte(const struct page_report *report, const struct record *map)
{
	const char *bits = record_get(map, "bits");
	uint64_t pte = record_num(map, "pte"), pfn = report->pfn;
	bool device = !strncmp(bits, "device|exclusive", 16);
	bool protnone = strstr(bits, "protnone");

	if (report->whole)
		pfn = report->folio_pfn + record_num(map, "first");
	if (!page_report_kind_is(report, "hugetlb-anon hugetlb-file") &&
	    !strcmp(record_get(map, "level"), "pud"))
		return complain("level=pud for a page of kind %s", report->kind);
	if ((device ? DEVICE_PFN(pte) :
	     entry_pfn(map, protnone ? ~pte : pte, record_num(map, "va"))) != pfn)
		return complain("pte=%s at va=%s is not of pfn %#" PRIx64,
				record_get(map, "pte"), record_get(map, "va"), pfn);
	if (device)
		return 0;	/* not present, but counted as a mapping */
	if (strncmp(bits, "present", 7) || (!protnone && !strstr(bits, "|user")))
		return complain("bits=%s lacks present or user", bits);
	return 0;
}

static int check_stretch(const struct page_report *report, const struct record *map)
{
	uint64_t pages = 1ULL << record_num(report->page, "folio_order");
	uint64_t first = record_num(map, "first"), count = record_num(map, "count");

	if (!report->whole)
		return record_get(map, "first") || record_get(map, "count") ?
		       complain("first= or count= in a report on one page") : 0;
	if (!count || first >= pages || count > pages - first)
		return complain("first=%s count=%s of %" PRIu64 " pages",
				record_get(map, "first"), record_get(map, "count"), pages);
	return 0;
}

static int check_map(const struct page_report *report, const struct record *map)
{
	static const char * const keys[] = {
		"state", "pid", "tgids", "comm", "va", "vma", "perms", "vm_pgoff",
		"level", "pte", "bits", "anon_vma", "name",
	};
	const char *state = record_get(map, "state");
	uint64_t start = 0, end = 0, va = record_num(map, "va");
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (!record_get(map, keys[i]))
			return complain("a map line lacks %s=", keys[i]);
	if (!known_state(state))
		return complain("unknown state=%s", state);
	if (sscanf(record_get(map, "vma"), "%" SCNx64 "-%" SCNx64, &start, &end) != 2 ||
	    va < start || va >= end)
		return complain("va=%s is outside of vma=%s", record_get(map, "va"),
				record_get(map, "vma"));
	if (!strcmp(state, "cowed") != !!record_get(map, "now_pfn"))
		return complain("state=%s and now_pfn=%s", state, record_get(map, "now_pfn"));
	if (check_stretch(report, map))
		return -1;
	return strcmp(state, "mapped") ? 0 : check_pte(report, map);
}

static int check_page_keys(const struct page_report *report)
{
	static const char * const keys[] = {
		"pfn", "paddr", "kind", "folio_pfn", "folio_order", "index_in_folio",
		"pgoff", "mapcount", "refcount", "flags", "memcg", "node", "zone",
	};
	static const char * const swap_keys[] = {
		"kind", "swap_type", "swap_offset", "swap_count", "pgoff",
	};
	bool swap = page_report_kind_is(report, "swap");
	const char * const *key = swap ? swap_keys : keys;
	size_t i, n = swap ? sizeof(swap_keys) / sizeof(*keys) : sizeof(keys) / sizeof(*keys);

	for (i = 0; i < n; i++)
		if (!record_get(report->page, key[i]))
			return complain("the page line lacks %s=", key[i]);
	if (swap && record_get(report->page, "pfn"))
		return complain("pfn=%s of a page that is swapped out",
				record_get(report->page, "pfn"));
	return 0;
}

static int check_page_line(const struct page_report *report)
{
	uint64_t order, index;

	if (!page_report_kind_is(report,
				 "anon ksm file shmem hugetlb-anon hugetlb-file swap orphaned"))
		return complain("unknown kind=%s", report->kind);
	if (check_page_keys(report))
		return -1;
	if (page_report_kind_is(report, "swap"))
		return 0;
	order = record_num(report->page, "folio_order");
	index = record_num(report->page, "index_in_folio");
	if (record_num(report->page, "paddr") != report->pfn * sysconf(_SC_PAGESIZE))
		return complain("pfn=%s but paddr=%s", record_get(report->page, "pfn"),
				record_get(report->page, "paddr"));
	if (order > 18 || index >= 1ULL << order || report->folio_pfn + index != report->pfn)
		return complain("pfn=%s folio_pfn=%s folio_order=%s index_in_folio=%s",
				record_get(report->page, "pfn"),
				record_get(report->page, "folio_pfn"),
				record_get(report->page, "folio_order"),
				record_get(report->page, "index_in_folio"));
	return 0;
}

static const struct record *find_anon_vma(const struct page_report *report, const char *id)
{
	const struct record *av = NULL;

	while ((av = report_next(&report->report, "anon_vma", av)))
		if (!strcmp(record_get(av, "id"), id))
			return av;
	return NULL;
}

static int check_anon_vma(const struct page_report *report, const struct record *av)
{
	static const char * const keys[] = {
		"id", "root", "parent", "depth", "num_children", "num_active_vmas", "refcount",
	};
	const struct record *parent, *root;
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (!record_get(av, keys[i]))
			return complain("an anon_vma line lacks %s=", keys[i]);
	parent = find_anon_vma(report, record_get(av, "parent"));
	root = find_anon_vma(report, record_get(av, "root"));
	if (!parent || !root)
		return complain("%s: no line for parent=%s or root=%s", record_get(av, "id"),
				record_get(av, "parent"), record_get(av, "root"));
	if (strcmp(record_get(parent, "root"), record_get(av, "root")) ||
	    strcmp(record_get(root, "parent"), record_get(root, "id")))
		return complain("%s: its root differs from its parent's, or the root has a parent",
				record_get(av, "id"));
	if (av == root ? record_num(av, "depth") != 0 :
			 record_num(av, "depth") != record_num(parent, "depth") + 1)
		return complain("%s has depth=%s", record_get(av, "id"), record_get(av, "depth"));
	if (!record_num(av, "refcount"))
		return complain("%s has no reference", record_get(av, "id"));
	return 0;
}

/*
 * The page's own anon_vma comes first, then its ancestors up to the root. A page of a process
 * that is gone can live on for a while without any. A KSM page has one tree for each family of
 * processes that it was merged from.
 */
static int check_anon_vmas(const struct page_report *report)
{
	bool anon = page_report_kind_is(report, "anon ksm hugetlb-anon swap");
	const struct record *av = NULL;
	size_t n = 0;

	while ((av = report_next(&report->report, "anon_vma", av))) {
		if (check_anon_vma(report, av))
			return -1;
		n++;
		if (!page_report_kind_is(report, "ksm") && n > 1 &&
		    strcmp(record_get(av, "root"),
			   record_get(report_next(&report->report, "anon_vma", NULL), "root")))
			return complain("two roots for kind=%s", report->kind);
	}
	if (!anon && n)
		return complain("%zu anon_vma lines for kind=%s", n, report->kind);
	if (anon && !n && report_count(&report->report, "map"))
		return complain("no anon_vma line");
	return 0;
}

static int rank(const char *name)
{
	static const char * const order[] = {
		"rmapscope", "page", "anon_vma", "map", "mapcount", "refs", "verdict", "walk",
	};
	size_t i;

	for (i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		if (!strcmp(name, order[i]))
			return i;
	return -1;
}

static int check_order(const struct report *report)
{
	const struct record *record = NULL;
	int last = 0;

	while ((record = report_next(report, NULL, record))) {
		int now = rank(record->name);

		/* Unknown records can stand anywhere. */
		if (now < 0)
			continue;
		if (now < last)
			return complain("record %s comes too late", record->name);
		last = now;
	}
	if (report_count(report, "rmapscope") != 1 || report_count(report, "page") != 1 ||
	    report_count(report, "walk") != 1)
		return complain("a report must have one rmapscope, page and walk line each");
	return 0;
}

/* Each VMA has one line, or several if the pages of a folio differ in it. */
static bool is_another_vma(const struct record *map, const struct record *last)
{
	return !last || strcmp(record_get(map, "vma"), record_get(last, "vma")) ||
	       strcmp(record_get(map, "pid"), record_get(last, "pid")) ||
	       record_num(map, "first") <= record_num(last, "first");
}

struct counts {
	size_t vmas, mapped_vmas, entries;
};

static int count_maps(const struct page_report *report, struct counts *counts)
{
	const struct record *map = NULL, *last = NULL;
	bool any = false;

	while ((map = report_next(&report->report, "map", map))) {
		if (check_map(report, map))
			return -1;
		if (!report->whole || is_another_vma(map, last)) {
			counts->vmas++;
			any = false;
		}
		last = map;
		if (strcmp(record_get(map, "state"), "mapped"))
			continue;
		if (!any)
			counts->mapped_vmas++;
		any = true;
		counts->entries += report->whole && !strcmp(record_get(map, "level"), "pte") ?
				  record_num(map, "count") : 1;
	}
	return 0;
}

static int check_counts(struct page_report *report)
{
	struct counts t = { };
	uint64_t entries = record_num(report->walk, "pte_maps");

	if (count_maps(report, &t))
		return -1;
	report->visited = record_num(report->walk, "visited");
	report->mapped = record_num(report->walk, "mapped");
	report->absent = record_num(report->walk, "absent");
	if (record_num(report->walk, "truncated") != 0)
		return complain("truncated=%s", record_get(report->walk, "truncated"));
	/* hugetlb can share page tables, so several VMAs can have the same entry. */
	if (report->visited != t.vmas || report->mapped != t.mapped_vmas ||
	    report->absent != t.vmas - t.mapped_vmas || entries > t.entries ||
	    (entries < t.entries && !page_report_kind_is(report, "hugetlb-file")))
		return complain("visited=%zu mapped=%zu absent=%zu pte_maps=%s, lines: %zu %zu %zu",
				report->visited, report->mapped, report->absent,
				record_get(report->walk, "pte_maps"), t.vmas, t.mapped_vmas,
				t.entries);
	if (record_num(report->walk, "skipped") == RECORD_NONE)
		return complain("the walk line lacks skipped=");
	if (record_num(report->walk, "ns") == RECORD_NONE ||
	    record_num(report->walk, "lock_ns") > record_num(report->walk, "ns"))
		return complain("ns=%s lock_ns=%s", record_get(report->walk, "ns"),
				record_get(report->walk, "lock_ns"));
	return 0;
}

static long long signed_num(const struct record *record, const char *key)
{
	const char *value = record_get(record, key);

	return value ? strtoll(value, NULL, 0) : LLONG_MIN / 16;
}

/* References must add up. Only a race or a bug makes them fewer than expected. */
static int check_refs(const struct page_report *report)
{
	static const char * const parts[] = {
		"maps", "pagecache", "swapcache", "private", "self", "unexplained",
	};
	const struct record *refs = report_next(&report->report, "refs", NULL);
	size_t expected = page_report_kind_is(report, "swap") ? 0 : 1;
	long long sum = 0;
	size_t i;

	if (report_count(&report->report, "refs") != expected ||
	    report_count(&report->report, "verdict") != 3 * expected)
		return complain("%zu refs and %zu verdict lines for kind=%s",
				report_count(&report->report, "refs"),
				report_count(&report->report, "verdict"), report->kind);
	if (!refs)
		return 0;
	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		sum += signed_num(refs, parts[i]);
	if (sum != signed_num(refs, "total") || signed_num(refs, "self") != 1)
		return complain("total=%s, but the parts are %lld, self=%s",
				record_get(refs, "total"), sum, record_get(refs, "self"));
	if (signed_num(refs, "unexplained") < 0 && !record_num(refs, "raced"))
		return complain("unexplained=%s without raced=1",
				record_get(refs, "unexplained"));
	if (record_num(refs, "mapcount_differs"))
		return complain("mapcount_differs=%s", record_get(refs, "mapcount_differs"));
	return 0;
}

/**
 * page_report_check() - is a report well-formed?
 * @report: its member report is set; the other members are filled
 *
 * Return: 0 or -1.
 */
int page_report_check(struct page_report *report)
{
	const struct record *head = report_next(&report->report, "rmapscope", NULL);

	if (check_order(&report->report))
		return -1;
	if (!record_get(head, "file") || strcmp(record_get(head, "file"), "page"))
		return complain("the first line does not say file=page");
	report->page = report_next(&report->report, "page", NULL);
	report->walk = report_next(&report->report, "walk", NULL);
	report->kind = record_get(report->page, "kind");
	report->pfn = record_num(report->page, "pfn");
	report->folio_pfn = record_num(report->page, "folio_pfn");
	return check_page_line(report) || check_anon_vmas(report) || check_counts(report) ||
	       check_refs(report) ? -1 : 0;
}
