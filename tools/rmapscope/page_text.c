// SPDX-License-Identifier: GPL-2.0
/*
 * `rmapscope page` for people: the page, its anon_vmas, the VMAs that the
 * kernel's walk visited, and what the walk cost.
 */
#include <err.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>

#include "page.h"

#define PARAMETERS	"/sys/module/rmapscope/parameters"
#define RACED		"RACED: mappings or references changed during the look; look again"

static void print_anon_vmas(const struct report *r)
{
	struct column_list list;

	if (!report_next(r, "anon_vma", NULL))
		return;
	columns_default(&list, &anon_vma_columns);
	table_of_records(r, "anon_vma", &list, &(struct table_style){ });
	putchar('\n');
}

static void print_time(unsigned long long ns)
{
	if (ns == RECORD_NONE)
		printf("an unknown time");
	else if (ns < 1000)
		printf("%llu ns", ns);
	else if (ns < 1000 * 1000)
		printf("%.2f us", ns / 1e3);
	else if (ns < 1000 * 1000 * 1000)
		printf("%.2f ms", ns / 1e6);
	else
		printf("%.2f s", ns / 1e9);
}

/* How often each page of a folio is mapped: as found, and by the kernel's own count. */
static void print_mapcounts(const struct report *r)
{
	struct column_list list;

	if (!report_next(r, "mapcount", NULL))
		return;
	printf("Mappings of each page, as found and as the kernel counts:\n");
	columns_all(&list, &mapcount_columns);
	table_of_records(r, "mapcount", &list, &(struct table_style){ });
	putchar('\n');
}

/* Nobody has the page: those that hold its slot in its place. */
static void print_slot(const struct record *walk)
{
	unsigned long long holders = record_count(walk, "visited");

	printf("%llu VMA%s of the anon_vma tree hold%s the slot; ", holders,
	       holders == 1 ? "" : "s", holders == 1 ? "s" : "");
	print_time(record_num(walk, "ns"));
	printf("\n");
}

static void print_walk(const struct record *walk)
{
	unsigned long long visited = record_count(walk, "visited");
	unsigned long long mapped = record_count(walk, "mapped");
	unsigned long long entries = record_count(walk, "pte_maps");
	unsigned long long absent = record_count(walk, "absent");

	printf("%llu VMA%s visited: ", visited, visited == 1 ? "" : "s");
	if (mapped)
		printf("%llu map%s the page (%llu entr%s), ", mapped,
		       mapped == 1 ? "s" : "", entries, entries == 1 ? "y" : "ies");
	else
		printf("none maps the page, ");
	if (absent)
		printf("%llu do%s not; ", absent, absent == 1 ? "es" : "");
	else
		printf("none in vain; ");
	print_time(record_num(walk, "ns"));
	printf(", ");
	print_time(record_num(walk, "lock_ns"));
	printf(" of it under the rmap locks\n");
}

/* A table without anything around it still must not keep this quiet. */
static void remark(bool bare, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void remark(bool bare, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (bare) {
		fflush(stdout);
		vwarnx(format, args);
	} else {
		vprintf(format, args);
		putchar('\n');
	}
	va_end(args);
}

static unsigned long long max_vmas(void)
{
	FILE *file = fopen(PARAMETERS "/max_vmas", "re");
	unsigned long long max = ULLONG_MAX;

	if (!file)
		return max;
	if (fscanf(file, "%llu", &max) != 1)
		max = ULLONG_MAX;
	fclose(file);
	return max;
}

/* Of a folio, a VMA may have a line for each page: then the lines reach their limit first. */
static void remark_truncated(const struct report *r, const struct record *walk, bool bare)
{
	unsigned long long visited = record_count(walk, "visited"), max = max_vmas();
	size_t listed = report_count(r, "map");

	if (visited > listed)
		remark(bare, "CUT SHORT: %zu of %llu VMAs are listed; raise %s/max_vmas",
		       listed, visited, PARAMETERS);
	else if (listed >= max || report_count(r, "anon_vma") >= max)
		remark(bare, "CUT SHORT: the report ends at its limit of %llu lines; raise %s/max_vmas",
		       max, PARAMETERS);
	else
		remark(bare, "CUT SHORT: not all VMAs were visited; raise %s/max_visits",
		       PARAMETERS);
}

/*
 * "raced" in the walk's record has two reasons: a count moved, or the entries that were found
 * are another number than the count, which stood still. The record of references knows which.
 */
static void remark_counts(const struct report *r, const struct record *walk, bool bare)
{
	const struct record *refs = report_next(r, "refs", NULL);
	const struct record *page = report_next(r, "page", NULL);
	bool differs = record_count(refs, "mapcount_differs");
	unsigned long long found = record_count(walk, "pte_maps");

	if (differs)
		remark(bare, "MAPCOUNT DIFFERS: %llu entr%s found, and the kernel counts %llu",
		       found, found == 1 ? "y" : "ies", record_count(page, "mapcount"));
	if (record_count(refs, "raced") || (record_count(walk, "raced") && !differs))
		remark(bare, "%s", RACED);
}

static void print_remarks(const struct report *r, const struct record *walk, bool bare)
{
	unsigned long long unreached = record_count(walk, "unreached");

	if (unreached)
		remark(bare, "UNREACHED: %llu of the mappings %s, until ksmd comes by there",
		       unreached, "can't be found by the kernel's own walk");
	if (record_count(walk, "unsearched"))
		remark(bare, "UNSEARCHED: %llu more mappings %s; look again in a moment",
		       record_count(walk, "unsearched"),
		       "can't be found by the kernel's own walk");
	if (record_count(walk, "truncated"))
		remark_truncated(r, walk, bare);
	remark_counts(r, walk, bare);
}

/**
 * page_print_text() - print a report of a page for people
 * @r:     the report
 * @maps:  the columns of the table of VMAs
 * @style: raw or without headings leaves the table alone
 */
void page_print_text(const struct report *r, const struct column_list *maps,
		     const struct table_style *style)
{
	const struct record *walk = report_next(r, "walk", NULL);
	bool bare = style->raw || style->noheadings;

	if (!bare) {
		page_print_head(r);
		putchar('\n');
		print_anon_vmas(r);
	}
	table_of_records(r, "map", maps, style);
	if (!bare) {
		if (report_next(r, "map", NULL))
			putchar('\n');
		print_mapcounts(r);
		if (record_get(report_next(r, "page", NULL), "swap_type"))
			print_slot(walk);
		else
			print_walk(walk);
	}
	print_remarks(r, walk, bare);
}
