// SPDX-License-Identifier: GPL-2.0
/*
 * `rmapscope page` for people: the page, its anon_vmas, the VMAs that the
 * kernel's walk visited, and what the walk cost.
 */
#include <err.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mount.h"
#include "page.h"
#include "rmapscope.h"

#define PARAMETERS	"/sys/module/rmapscope/parameters"

/* A key of the page record, and the word that goes before its value. */
struct fact {
	const char *key;
	const char *label;
};

static const struct fact page_facts[] = {
	{ "pfn", "pfn " },
	{ "kind", "" },
	{ "swap_type", "type " },
	{ "swap_offset", "offset " },
	{ "swap_count", "swap_count " },
	{ "folio_order", "order " },
	{ "mapcount", "mapcount " },
	{ "refcount", "refcount " },
	{ "pgoff", "pgoff " },
	{ }
};

static const struct fact folio_facts[] = {
	{ "folio_pfn", "first pfn " },
	{ "index_in_folio", "this is page " },
	{ }
};

static const struct fact memory_facts[] = {
	{ "paddr", "physical " },
	{ "node", "node " },
	{ "zone", "zone " },
	{ "memcg", "memcg " },
	{ }
};

static unsigned long long count_of(const struct record *rec, const char *key)
{
	unsigned long long n = record_num(rec, key);

	return n == RECORD_NONE ? 0 : n;
}

static long long references_of_others(const struct record *refs)
{
	return count_of(refs, "total") - count_of(refs, "self");
}

static FILE *text_open(char **text, size_t *size)
{
	FILE *f = open_memstream(text, size);

	if (!f)
		err(RS_FAILED, "cannot print the page");
	return f;
}

/* A header line goes through a table, for what that does to strange names. */
static void header_row(struct libscols_table *tb, const char *what, char *text)
{
	if (text && *text)
		table_row(tb, (const char *[]){ what, text }, 2, NULL);
	free(text);
}

static void header_facts(struct libscols_table *tb, const char *what,
			 const struct record *page, const struct fact *fact)
{
	const char *gap = "";
	char *text = NULL;
	size_t size;
	FILE *f = text_open(&text, &size);

	for (; fact->key; fact++) {
		const char *value = record_get(page, fact->key);

		if (!value || !strcmp(value, "-"))
			continue;
		fprintf(f, "%s%s%s", gap, fact->label, value);
		gap = "  ";
	}
	fclose(f);
	header_row(tb, what, text);
}

/*
 * The kernel prints the bit by its first name, which it has on pages of files: for
 * anonymous ones it is PG_anon_exclusive ("mappedtodisk" until 6.1, then "owner_2").
 */
static const char *flag_name(const struct record *page, const char *word)
{
	const char *kind = record_get(page, "kind");
	bool anon = kind && (!strcmp(kind, "anon") || !strcmp(kind, "ksm") ||
			     !strcmp(kind, "hugetlb-anon"));

	if (anon && (!strcmp(word, "mappedtodisk") || !strcmp(word, "owner_2")))
		return "anon_exclusive";
	return word;
}

/* 0x14(uptodate|dirty|node=0) becomes "uptodate dirty (0x14)". */
static void header_flags(struct libscols_table *tb, const struct record *page)
{
	const char *value = record_get(page, "flags");
	char *text = NULL, *copy, *save, *word;
	size_t size;
	FILE *f;

	if (!value)
		return;
	copy = strdup(value);
	f = text_open(&text, &size);
	word = copy ? strtok_r(copy + strcspn(copy, "("), "(|)", &save) : NULL;
	for (; word; word = strtok_r(NULL, "(|)", &save))
		if (!strchr(word, '='))
			fprintf(f, "%s ", flag_name(page, word));
	fprintf(f, "(%.*s)", (int)strcspn(value, "("), value);
	fclose(f);
	free(copy);
	header_row(tb, "flags", text);
}

/* Its name is one that the kernel makes up, unless its file system is mounted somewhere. */
static const char *shmem_words(const char *name, bool mounted)
{
	if (mounted || !name || !strcmp(name, "-"))
		return "a file of a tmpfs, or other shared memory";
	if (!strncmp(name, "/dev/zero", 9))
		return "shared anonymous memory, which the kernel keeps as a nameless shmem file";
	if (!strncmp(name, "/SYSV", 5))
		return "System V shared memory";
	if (!strncmp(name, "/memfd:", 7))
		return "a memfd";
	return "a file of a tmpfs, or other shared memory";
}

/* What the word of its kind doesn't say. */
static void header_kind(struct libscols_table *tb, const struct report *r, bool mounted)
{
	const struct record *page = report_next(r, "page", NULL);
	const char *kind = record_get(page, "kind"), *name = record_get(page, "file");
	char text[128];
	const char *words = NULL;
	long long held;

	if (!kind)
		return;
	if (!name)
		name = record_get(report_next(r, "map", NULL), "name");
	if (!strcmp(kind, "swap"))
		words = "swapped out: there is no page, only a slot of a swap device";
	else if (!strcmp(kind, "ksm"))
		words = "several equal pages that ksmd has merged into one";
	else if (!strcmp(kind, "shmem") && name)
		words = shmem_words(name, mounted);
	if (!strcmp(kind, "orphaned")) {
		held = references_of_others(report_next(r, "refs", NULL));
		snprintf(text, sizeof(text),
			 "cut off from its file (truncated), and %lld reference%s still hold%s it",
			 held, held == 1 ? "" : "s", held == 1 ? "s" : "");
		words = text;
	}
	if (words)
		table_row(tb, (const char *[]){ "kind", words }, 2, NULL);
}

/* Which file it belongs to, also if no process maps it. */
static void header_file(struct libscols_table *tb, const struct record *page, const char *mount)
{
	const char *dev = record_get(page, "dev"), *ino = record_get(page, "ino");
	const char *name = record_get(page, "file");
	bool named = name && strcmp(name, "-");
	char *text = NULL;
	size_t size;
	FILE *f;

	if (!dev || !ino)
		return;
	f = text_open(&text, &size);
	fprintf(f, "%s%sinode %s of %s", named ? name : "", named ? ", " : "", ino, dev);
	if (mount)
		fprintf(f, " (%s)", mount);
	fclose(f);
	header_row(tb, "file", text);
}

static void header_poison(struct libscols_table *tb, const struct record *page)
{
	const char *flags = record_get(page, "flags");

	if (flags && strstr(flags, "hwpoison"))
		table_row(tb, (const char *[]){ "broken", "hwpoison: its memory failed, or was taken "
						"out of use (soft offline)" }, 2, NULL);
}

/**
 * page_print_head() - print what a page is, for people
 * @r: a report that has its record
 */
void page_print_head(const struct report *r)
{
	const struct record *page = report_next(r, "page", NULL);
	unsigned long long order = record_num(page, "folio_order");
	const char *dev = record_get(page, "dev");
	struct libscols_table *tb;
	char mount[512];
	bool mounted = dev && mount_describe(dev, mount, sizeof(mount));

	tb = table_new(&(struct table_style){ .noheadings = true });
	table_column(tb, "what", false);
	table_column(tb, "text", false);

	header_facts(tb, "page", page, page_facts);
	header_kind(tb, r, mounted);
	header_file(tb, page, mounted ? mount : NULL);
	header_poison(tb, page);
	if (order != RECORD_NONE && order > 0)
		header_facts(tb, "folio", page, folio_facts);
	header_facts(tb, "memory", page, memory_facts);
	header_flags(tb, page);
	table_finish(tb);
}

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
	unsigned long long holders = count_of(walk, "visited");

	printf("%llu VMA%s of the anon_vma tree hold%s the slot; ", holders,
	       holders == 1 ? "" : "s", holders == 1 ? "s" : "");
	print_time(record_num(walk, "ns"));
	printf("\n");
}

static void print_walk(const struct record *walk)
{
	unsigned long long visited = count_of(walk, "visited");
	unsigned long long mapped = count_of(walk, "mapped");
	unsigned long long entries = count_of(walk, "pte_maps");
	unsigned long long absent = count_of(walk, "absent");

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

static void remark_truncated(const struct report *r, const struct record *walk, bool bare)
{
	unsigned long long visited = count_of(walk, "visited");
	size_t listed = report_count(r, "map");

	if (visited > listed)
		remark(bare, "CUT SHORT: %zu of %llu VMAs are listed; raise max_vmas in " PARAMETERS,
		       listed, visited);
	else
		remark(bare, "CUT SHORT: not all VMAs were visited; raise max_visits in " PARAMETERS);
}

/*
 * "raced" in the walk's record has two reasons: a count moved, or the entries that were found
 * are another number than the count, which stood still. The record of references knows which.
 */
static void remark_counts(const struct report *r, const struct record *walk, bool bare)
{
	const struct record *refs = report_next(r, "refs", NULL);
	const struct record *page = report_next(r, "page", NULL);
	bool differs = count_of(refs, "mapcount_differs");

	if (differs)
		remark(bare, "MAPCOUNT DIFFERS: %llu entr%s found, and the kernel counts %llu",
		       count_of(walk, "pte_maps"), count_of(walk, "pte_maps") == 1 ? "y" : "ies",
		       count_of(page, "mapcount"));
	if (count_of(refs, "raced") || (count_of(walk, "raced") && !differs))
		remark(bare, "RACED: the page's mappings or references changed during the look; look again");
}

static void print_remarks(const struct report *r, const struct record *walk, bool bare)
{
	unsigned long long unreached = count_of(walk, "unreached");

	if (unreached)
		remark(bare, "UNREACHED: %llu of the mappings can't be found by the kernel's own walk, until ksmd comes by there",
		       unreached);
	if (count_of(walk, "truncated"))
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
