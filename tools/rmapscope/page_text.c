// SPDX-License-Identifier: GPL-2.0
/*
 * The text form of `rmapscope page`: the page, its anon_vmas, the VMAs that the kernel's walk
 * visited, and what the walk cost.
 */
#include <err.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>

#include "duration.h"
#include "page.h"

#define PARAMETERS	"/sys/module/rmapscope/parameters"
#define RACED	"RACED: mappings or references changed while the report was made; ask again"

static void print_anon_vmas(const struct report *r)
{
	struct column_list list;

	if (!report_next(r, "anon_vma", NULL))
		return;
	columns_default(&list, &anon_vma_columns);
	table_of_records(r, "anon_vma", &list, &(struct table_style){ });
	putchar('\n');
}

/* With --folio: how many mappings of each page the walk found, and how many the kernel counts. */
static void print_mapcounts(const struct report *r)
{
	struct column_list list;

	if (!report_next(r, "mapcount", NULL))
		return;
	printf("Mappings of each page: FOUND by the walk, and counted by the KERNEL (mapcount):\n");
	columns_all(&list, &mapcount_columns);
	table_of_records(r, "mapcount", &list, &(struct table_style){ });
	putchar('\n');
}

/* The page is swapped out: the VMAs are those whose entries hold its slot. */
static void print_slot(const struct report *r, const struct record *walk)
{
	bool by_module = record_get(walk, "visited");
	unsigned long long holders = by_module ? record_count(walk, "visited") :
						 report_count(r, "map");

	printf("%llu VMA%s of %s hold%s the swap slot; ", holders, holders == 1 ? "" : "s",
	       by_module ? "the anon_vma tree" : "all processes", holders == 1 ? "s" : "");
	duration_print(record_num(walk, "ns"));
	printf("\n");
}

/* The module was not asked. */
static void print_pass(const struct record *walk)
{
	unsigned long long mapped = record_count(walk, "mapped");
	unsigned long long entries = record_num(walk, "pte_maps");

	printf("page tables of %s processes: %llu VMA%s map%s the page",
	       record_text(walk, "spaces"), mapped, mapped == 1 ? "" : "s",
	       mapped == 1 ? "s" : "");
	if (entries != RECORD_NONE)
		printf(" (%llu entr%s)", entries, entries == 1 ? "y" : "ies");
	printf("; ");
	duration_print(record_num(walk, "ns"));
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
		printf("%llu map%s the page (%llu entr%s)", mapped,
		       mapped == 1 ? "s" : "", entries, entries == 1 ? "y" : "ies");
	else
		printf("none maps the page");
	if (absent)
		printf(", %llu do%s not", absent, absent == 1 ? "es" : "");
	printf("; ");
	duration_print(record_num(walk, "ns"));
	printf(", ");
	duration_print(record_num(walk, "lock_ns"));
	printf(" of it under the rmap locks\n");
}

/* Beside a bare table (--raw, --noheadings) a remark goes to stderr. */
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

static unsigned long long line_limit(void)
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

/*
 * max_vmas limits the lines, and max_visits limits the VMAs that are visited. With --folio a VMA
 * can have a line for each page, so the lines can reach their limit before all VMAs are listed.
 */
static void remark_truncated(const struct report *r, const struct record *walk, bool bare)
{
	unsigned long long visited = record_count(walk, "visited"), max = line_limit();
	size_t listed = report_count(r, "map");

	if (visited > listed)
		remark(bare, "CUT SHORT: %zu of %llu VMAs are listed; raise %s/max_vmas",
		       listed, visited, PARAMETERS);
	else if (listed >= max || report_count(r, "anon_vma") >= max)
		remark(bare, "CUT SHORT: the report ends at its limit of %llu lines; raise %s",
		       max, PARAMETERS "/max_vmas");
	else
		remark(bare, "CUT SHORT: not all VMAs were visited; raise %s/max_visits",
		       PARAMETERS);
}

/*
 * "raced" of the walk record has two reasons: a count changed, or the number of entries found
 * differs from a mapcount that did not change. The refs record tells which one it is.
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
		remark(bare, "UNREACHED: %llu of the mappings cannot be found by %s",
		       unreached, "the kernel's own walk until ksmd has scanned them");
	if (record_count(walk, "unsearched"))
		remark(bare, "UNSEARCHED: %llu more mappings exist, %s; ask again later",
		       record_count(walk, "unsearched"),
		       "but the time for searches is used up (parameter max_search)");
	if (record_count(walk, "truncated"))
		remark_truncated(r, walk, bare);
	remark_counts(r, walk, bare);
}

/**
 * page_print_text() - print a report on a page as text
 * @r:     the report
 * @maps:  the columns of the table of VMAs
 * @style: raw or without headings prints only the table
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
			print_slot(r, walk);
		else if (record_get(walk, "method"))
			print_pass(walk);
		else
			print_walk(walk);
	}
	print_remarks(r, walk, bare);
}
