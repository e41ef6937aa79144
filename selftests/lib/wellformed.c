// SPDX-License-Identifier: GPL-2.0
/*
 * What has to hold for every report on a page, whatever it is and whatever the
 * machine is doing meanwhile.
 */
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

/* The frame that an entry of some level leads to, for the page at @va. */
static uint64_t entry_pfn(const struct record *map, uint64_t pte, uint64_t va)
{
	const char *level = record_get(map, "level");
	uint64_t pages = !strcmp(level, "pte") ? 1 : !strcmp(level, "pmd") ? 1 << 9 : 1 << 18;

	/* Bit 12 of a huge entry is a flag. */
	return (PTE_PFN(pte) & -pages) + ((va >> 12) & (pages - 1));
}

/* x86 stores the frame of a PROT_NONE entry with all bits inverted. */
static int check_pte(const struct look *look, const struct record *map)
{
	const char *bits = record_get(map, "bits");
	uint64_t pte = record_num(map, "pte"), pfn = look->pfn;
	bool protnone = strstr(bits, "protnone");

	if (look->whole)
		pfn = look->folio_pfn + record_num(map, "first");
	if (!look_kind_is(look, "hugetlb-anon hugetlb-file") &&
	    !strcmp(record_get(map, "level"), "pud"))
		return complain("level=pud for a page of kind %s", look->kind);
	/* Bits 9 to 58 of an entry in exclusive use by a device begin with the frame, inverted, too. */
	if (!strncmp(bits, "device|exclusive", 16) ? (~pte >> 9 & ((1ULL << 40) - 1)) != pfn :
	    entry_pfn(map, protnone ? ~pte : pte, record_num(map, "va")) != pfn)
		return complain("pte=%s at va=%s is not of pfn %#" PRIx64,
				record_get(map, "pte"), record_get(map, "va"), pfn);
	if (strncmp(bits, "present", 7) || (!protnone && !strstr(bits, "|user")))
		return complain("bits=%s lacks present or user", bits);
	return 0;
}

static int check_stretch(const struct look *look, const struct record *map)
{
	uint64_t pages = 1ULL << record_num(look->page, "folio_order");
	uint64_t first = record_num(map, "first"), count = record_num(map, "count");

	if (!look->whole)
		return record_get(map, "first") || record_get(map, "count") ?
		       complain("first= or count= where one page was asked for") : 0;
	if (!count || first >= pages || count > pages - first)
		return complain("first=%s count=%s of %" PRIu64 " pages",
				record_get(map, "first"), record_get(map, "count"), pages);
	return 0;
}

static int check_map(const struct look *look, const struct record *map)
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
	if (check_stretch(look, map))
		return -1;
	return strcmp(state, "mapped") ? 0 : check_pte(look, map);
}

static int check_page_keys(const struct look *look)
{
	static const char * const keys[] = {
		"pfn", "paddr", "kind", "folio_pfn", "folio_order", "index_in_folio",
		"pgoff", "mapcount", "refcount", "flags", "memcg", "node", "zone",
	};
	static const char * const swap_keys[] = {
		"kind", "swap_type", "swap_offset", "swap_count", "pgoff",
	};
	bool swap = look_kind_is(look, "swap");
	const char * const *key = swap ? swap_keys : keys;
	size_t i, n = swap ? sizeof(swap_keys) / sizeof(*keys) : sizeof(keys) / sizeof(*keys);

	for (i = 0; i < n; i++)
		if (!record_get(look->page, key[i]))
			return complain("the page line lacks %s=", key[i]);
	if (swap && record_get(look->page, "pfn"))
		return complain("pfn=%s of a page that is swapped out",
				record_get(look->page, "pfn"));
	return 0;
}

static int check_page_line(const struct look *look)
{
	uint64_t order, index;

	if (!look_kind_is(look, "anon ksm file shmem hugetlb-anon hugetlb-file swap orphaned"))
		return complain("unknown kind=%s", look->kind);
	if (check_page_keys(look))
		return -1;
	if (look_kind_is(look, "swap"))
		return 0;
	order = record_num(look->page, "folio_order");
	index = record_num(look->page, "index_in_folio");
	if (record_num(look->page, "paddr") != look->pfn * sysconf(_SC_PAGESIZE))
		return complain("pfn=%s but paddr=%s", record_get(look->page, "pfn"),
				record_get(look->page, "paddr"));
	if (order > 18 || index >= 1ULL << order || look->folio_pfn + index != look->pfn)
		return complain("pfn=%s folio_pfn=%s folio_order=%s index_in_folio=%s",
				record_get(look->page, "pfn"),
				record_get(look->page, "folio_pfn"),
				record_get(look->page, "folio_order"),
				record_get(look->page, "index_in_folio"));
	return 0;
}

static const struct record *find_anon_vma(const struct look *look, const char *id)
{
	const struct record *av = NULL;

	while ((av = report_next(&look->report, "anon_vma", av)))
		if (!strcmp(record_get(av, "id"), id))
			return av;
	return NULL;
}

static int check_anon_vma(const struct look *look, const struct record *av)
{
	static const char * const keys[] = {
		"id", "root", "parent", "depth", "num_children", "num_active_vmas", "refcount",
	};
	const struct record *parent, *root;
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (!record_get(av, keys[i]))
			return complain("an anon_vma line lacks %s=", keys[i]);
	parent = find_anon_vma(look, record_get(av, "parent"));
	root = find_anon_vma(look, record_get(av, "root"));
	if (!parent || !root)
		return complain("%s: parent=%s or root=%s is not there", record_get(av, "id"),
				record_get(av, "parent"), record_get(av, "root"));
	if (strcmp(record_get(parent, "root"), record_get(av, "root")) ||
	    strcmp(record_get(root, "parent"), record_get(root, "id")))
		return complain("%s has another root than its parent, or that one a parent",
				record_get(av, "id"));
	if (av == root ? record_num(av, "depth") != 0 :
			 record_num(av, "depth") != record_num(parent, "depth") + 1)
		return complain("%s has depth=%s", record_get(av, "id"), record_get(av, "depth"));
	if (!record_num(av, "refcount"))
		return complain("%s has no reference", record_get(av, "id"));
	return 0;
}

/*
 * The page's own anon_vma comes first, then its ancestors up to the root. The
 * page of a process that is gone may live on for a while without any. A KSM page
 * hangs in one tree for each line of processes that it was merged from.
 */
static int check_anon_vmas(const struct look *look)
{
	bool anon = look_kind_is(look, "anon ksm hugetlb-anon swap");
	const struct record *av = NULL;
	size_t n = 0;

	while ((av = report_next(&look->report, "anon_vma", av))) {
		if (check_anon_vma(look, av))
			return -1;
		n++;
		if (!look_kind_is(look, "ksm") && n > 1 &&
		    strcmp(record_get(av, "root"),
			   record_get(report_next(&look->report, "anon_vma", NULL), "root")))
			return complain("two roots for kind=%s", look->kind);
	}
	if (!anon && n)
		return complain("%zu anon_vma lines for kind=%s", n, look->kind);
	if (anon && !n && report_count(&look->report, "map"))
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

		/* Records that are not known yet may stand anywhere. */
		if (now < 0)
			continue;
		if (now < last)
			return complain("record %s stands too late", record->name);
		last = now;
	}
	if (report_count(report, "rmapscope") != 1 || report_count(report, "page") != 1 ||
	    report_count(report, "walk") != 1)
		return complain("a report must have one rmapscope, page and walk line each");
	return 0;
}

/* One line for each VMA; several where a folio's pages fare differently in it. */
static bool is_another_vma(const struct record *map, const struct record *last)
{
	return !last || strcmp(record_get(map, "vma"), record_get(last, "vma")) ||
	       strcmp(record_get(map, "pid"), record_get(last, "pid")) ||
	       record_num(map, "first") <= record_num(last, "first");
}

struct tally {
	size_t vmas, mapped_vmas, entries;
};

static int count_maps(const struct look *look, struct tally *tally)
{
	const struct record *map = NULL, *last = NULL;
	bool any = false;

	while ((map = report_next(&look->report, "map", map))) {
		if (check_map(look, map))
			return -1;
		if (!look->whole || is_another_vma(map, last)) {
			tally->vmas++;
			any = false;
		}
		last = map;
		if (strcmp(record_get(map, "state"), "mapped"))
			continue;
		if (!any)
			tally->mapped_vmas++;
		any = true;
		tally->entries += look->whole && !strcmp(record_get(map, "level"), "pte") ?
				  record_num(map, "count") : 1;
	}
	return 0;
}

static int check_counts(struct look *look)
{
	struct tally t = { };
	uint64_t entries = record_num(look->walk, "pte_maps");

	if (count_maps(look, &t))
		return -1;
	look->visited = record_num(look->walk, "visited");
	look->mapped = record_num(look->walk, "mapped");
	look->absent = record_num(look->walk, "absent");
	if (record_num(look->walk, "truncated") != 0)
		return complain("truncated=%s", record_get(look->walk, "truncated"));
	/* hugetlb may share page tables: one entry is then seen from several VMAs. */
	if (look->visited != t.vmas || look->mapped != t.mapped_vmas ||
	    look->absent != t.vmas - t.mapped_vmas || entries > t.entries ||
	    (entries < t.entries && !look_kind_is(look, "hugetlb-file")))
		return complain("visited=%zu mapped=%zu absent=%zu pte_maps=%s, lines: %zu %zu %zu",
				look->visited, look->mapped, look->absent,
				record_get(look->walk, "pte_maps"), t.vmas, t.mapped_vmas,
				t.entries);
	if (record_num(look->walk, "skipped") == RECORD_NONE)
		return complain("the walk line lacks skipped=");
	if (record_num(look->walk, "ns") == RECORD_NONE ||
	    record_num(look->walk, "lock_ns") > record_num(look->walk, "ns"))
		return complain("ns=%s lock_ns=%s", record_get(look->walk, "ns"),
				record_get(look->walk, "lock_ns"));
	return 0;
}

static long long signed_num(const struct record *record, const char *key)
{
	const char *value = record_get(record, key);

	return value ? strtoll(value, NULL, 0) : LLONG_MIN / 16;
}

/* References always add up, and only races and bugs make them fewer than expected. */
static int check_refs(const struct look *look)
{
	static const char * const parts[] = {
		"maps", "pagecache", "swapcache", "private", "self", "unexplained",
	};
	const struct record *refs = report_next(&look->report, "refs", NULL);
	size_t expected = look_kind_is(look, "swap") ? 0 : 1;
	long long sum = 0;
	size_t i;

	if (report_count(&look->report, "refs") != expected ||
	    report_count(&look->report, "verdict") != 3 * expected)
		return complain("%zu refs and %zu verdict lines for kind=%s",
				report_count(&look->report, "refs"),
				report_count(&look->report, "verdict"), look->kind);
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
 * look_check() - is a report well-formed?
 * @look: a look whose report is read; its other members are filled
 *
 * Return: 0 or -1.
 */
int look_check(struct look *look)
{
	const struct record *head = report_next(&look->report, "rmapscope", NULL);

	if (check_order(&look->report))
		return -1;
	if (!record_get(head, "file") || strcmp(record_get(head, "file"), "page"))
		return complain("the first line does not say file=page");
	look->page = report_next(&look->report, "page", NULL);
	look->walk = report_next(&look->report, "walk", NULL);
	look->kind = record_get(look->page, "kind");
	look->pfn = record_num(look->page, "pfn");
	look->folio_pfn = record_num(look->page, "folio_pfn");
	return check_page_line(look) || check_anon_vmas(look) || check_counts(look) ||
	       check_refs(look) ? -1 : 0;
}
