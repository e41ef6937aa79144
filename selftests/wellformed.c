// SPDX-License-Identifier: GPL-2.0
/*
 * What has to hold for every report on an anonymous page, whatever the machine
 * is doing meanwhile.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "look.h"
#include "why.h"

#define PTE_PFN(pte)	(((pte) & 0x000ffffffffff000ULL) >> 12)

static bool known_state(const char *state)
{
	static const char * const states[] = {
		"mapped", "migrating", "cowed", "none", "swapped",
	};
	size_t i;

	for (i = 0; state && i < sizeof(states) / sizeof(states[0]); i++)
		if (!strcmp(state, states[i]))
			return true;
	return false;
}

/* x86 stores the frame of a PROT_NONE entry with all bits inverted. */
static int check_pte(const struct look *look, const struct record *map)
{
	const char *bits = record_get(map, "bits");
	uint64_t pte = record_num(map, "pte");
	bool protnone = strstr(bits, "protnone");

	if (strcmp(record_get(map, "level"), "pte"))
		return complain("level=%s for a single page", record_get(map, "level"));
	if (PTE_PFN(protnone ? ~pte : pte) != look->pfn)
		return complain("pte=%s is not of pfn %#" PRIx64, record_get(map, "pte"),
				look->pfn);
	if (strncmp(bits, "present", 7) || (!protnone && !strstr(bits, "|user")))
		return complain("bits=%s lacks present or user", bits);
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
	return strcmp(state, "mapped") ? 0 : check_pte(look, map);
}

static int check_page_line(const struct look *look)
{
	static const char * const keys[] = {
		"pfn", "paddr", "kind", "folio_pfn", "folio_order", "index_in_folio",
		"pgoff", "mapcount", "refcount", "flags", "memcg", "node", "zone",
	};
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (!record_get(look->page, keys[i]))
			return complain("the page line lacks %s=", keys[i]);
	if (record_num(look->page, "paddr") != look->pfn * sysconf(_SC_PAGESIZE))
		return complain("pfn=%s but paddr=%s", record_get(look->page, "pfn"),
				record_get(look->page, "paddr"));
	if (strcmp(record_get(look->page, "kind"), "anon") ||
	    record_num(look->page, "folio_pfn") != look->pfn ||
	    record_num(look->page, "folio_order") != 0 ||
	    record_num(look->page, "index_in_folio") != 0)
		return complain("the page line is not that of a single anonymous page");
	return 0;
}

/*
 * The page's own anon_vma comes first, then its ancestors up to the root. The
 * page of a process that is gone may live on for a while without any.
 */
static int check_anon_vmas(const struct look *look)
{
	const struct record *next, *av = report_next(&look->report, "anon_vma", NULL);
	const char *root = record_get(av, "root");

	if (!av && record_num(look->page, "mapcount"))
		return complain("no anon_vma line");
	for (; av; av = next) {
		const char *id = record_get(av, "id"), *parent = record_get(av, "parent");
		uint64_t depth = record_num(av, "depth");

		next = report_next(&look->report, "anon_vma", av);
		if (!id || !parent || !record_get(av, "root") ||
		    strcmp(record_get(av, "root"), root))
			return complain("an anon_vma line lacks a key or has another root");
		if (strcmp(parent, next ? record_get(next, "id") : root))
			return complain("%s has parent=%s, which is not the next line",
					id, parent);
		if (next ? depth != record_num(next, "depth") + 1 : depth != 0)
			return complain("%s has depth=%" PRIu64, id, depth);
		if (!next && strcmp(id, root))
			return complain("the last anon_vma line is %s, not root %s", id, root);
		if (record_num(av, "num_children") == RECORD_NONE ||
		    record_num(av, "num_active_vmas") == RECORD_NONE ||
		    record_num(av, "refcount") == RECORD_NONE || !record_num(av, "refcount"))
			return complain("%s lacks a count", id);
	}
	return 0;
}

static int rank(const char *name)
{
	static const char * const order[] = { "rmapscope", "page", "anon_vma", "map", "walk" };
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

static int check_counts(struct look *look)
{
	const struct record *map = NULL;
	size_t maps = 0, mapped = 0;

	while ((map = report_next(&look->report, "map", map))) {
		if (check_map(look, map))
			return -1;
		maps++;
		mapped += !strcmp(record_get(map, "state"), "mapped") ||
			  !strcmp(record_get(map, "state"), "migrating");
	}
	look->visited = record_num(look->walk, "visited");
	look->mapped = record_num(look->walk, "mapped");
	look->absent = record_num(look->walk, "absent");
	if (record_num(look->walk, "truncated") != 0)
		return complain("truncated=%s", record_get(look->walk, "truncated"));
	if (look->visited != maps || look->mapped != mapped ||
	    look->absent != maps - mapped || record_num(look->walk, "pte_maps") != mapped)
		return complain("visited=%zu mapped=%zu absent=%zu pte_maps=%s, lines: %zu/%zu",
				look->visited, look->mapped, look->absent,
				record_get(look->walk, "pte_maps"), mapped, maps);
	if (record_num(look->walk, "ns") == RECORD_NONE ||
	    record_num(look->walk, "lock_ns") > record_num(look->walk, "ns"))
		return complain("ns=%s lock_ns=%s", record_get(look->walk, "ns"),
				record_get(look->walk, "lock_ns"));
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
	look->pfn = record_num(look->page, "pfn");
	return check_page_line(look) || check_anon_vmas(look) || check_counts(look) ? -1 : 0;
}
