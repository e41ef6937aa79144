// SPDX-License-Identifier: GPL-2.0
/*
 * The columns of `rmapscope scan`, and what the module has to be asked for so that they can be
 * filled.
 */
#include <string.h>

#include "columns_table.h"
#include "scan.h"

static const struct column vma_column[] = {
	HEX("START", "start", .help = "first address, within the range"),
	HEX("END", "end", .help = "address behind the last"),
	NUMBER("SIZE", "size", .help = "size of the VMA, within the range"),
	NUMBER("RSS", "rss", .help = "pages in memory; the next columns are parts of it"),
	NUMBER("EXCL", "excl", .help = "mapped once"),
	NUMBER("SHARED", "shared", .help = "mapped more than once"),
	NUMBER("ANON", "anon", .extra = true, .help = "anonymous memory"),
	NUMBER("FILE", "file", .extra = true, .help = "in the page cache of a file"),
	NUMBER("SHMEM", "shmem", .extra = true, .help = "a file of a tmpfs, or shared memory"),
	NUMBER("HUGETLB", "hugetlb", .extra = true, .help = "of hugetlbfs"),
	NUMBER("KSM", "ksm", .help = "merged by ksmd"),
	NUMBER("HUGE", "huge", .help = "mapped by an entry for many pages (PMD or PUD)"),
	NUMBER("PTEHUGE", "ptehuge", .help = "in large folios, but mapped page by page"),
	NUMBER("LARGE", "large", .extra = true, .help = "in large folios"),
	NUMBER("EXTRA", "extra", .help = "with references that nobody explains"),
	NUMBER("STUCK", "stuck", .extra = true, .help = "that cannot be migrated"),
	NUMBER("SWAP", "swap", .help = "swapped out; not a part of RSS"),
	NUMBER("MAPPINGS", "mappings", .extra = true,
	       .help = "number of entries that map these pages, of all processes"),
	NUMBER("MAXMAPS", "max_maps", .extra = true,
	       .help = "most entries that map one page"),
	NUMBER("MAXVISITED", "max_visited",
	       .help = "most VMAs that the kernel's walk of one page visits"),
	NUMBER("RATIO", "ratio", .help = "VMAs visited for each mapping found"),
	TEXT("PERMS", "perms", .help = "permissions of the VMA, as in /proc/PID/maps"),
	TEXT("NAME", "name", .help = "file or special name of the VMA"),
};

static const struct column page_column[] = {
	HEX("VA", "va", .help = "address of the first page of the row"),
	HEX("PFN", "pfn", .help = "frame of the first page; the others follow"),
	NUMBER("PAGES", "pages", .help = "number of pages in a row that are alike"),
	NUMBER("SIZE", "size", .extra = true, .help = "their size"),
	TEXT("KIND", "kind", .help = "anon, ksm, file, shmem, swap and others"),
	NUMBER("ORDER", "order", .help = "order of the folio of each page"),
	TEXT("LEVEL", "level", .help = "entry that maps it here: pte, pmd, pud"),
	NUMBER("MAPS", "maps", .help = "entries that map each page"),
	NUMBER("MMS", "mms", .extra = true, .help = "address spaces that map each page"),
	NUMBER("VISITED", "visited", .extra = true,
	       .help = "VMAs that the kernel's walk of each page visits"),
	NUMBER("EXTRA", "extra_refs", .help = "references to its folio that nobody explains"),
	TEXT("RECLAIM", "reclaim", .extra = true, .help = "ok, or why it cannot be reclaimed"),
	TEXT("MIGRATE", "migrate", .extra = true, .help = "ok, or why it cannot be migrated"),
	TEXT("SPLIT", "split", .extra = true, .help = "ok, or why its folio cannot be split"),
	TEXT("SLOT", "slot", .extra = true,
	     .help = "swap device and offset of a page that is swapped out"),
	TEXT("PIDS", "pids", .type = VALUE_NUMBERS, .extra = true,
	     .help = "processes that map each page; 0: one that is not visible"),
	TEXT("FILE", "file", .extra = true, .help = "path of its file, within its file system"),
	TEXT("NAME", "name", .help = "name of the VMA, or path of the file"),
};

static const struct column kind_column[] = {
	TEXT("KIND", "kind", .help = "kind of page, or why frames have no reverse map"),
	NUMBER("PAGES", "pages", .help = "number of pages"),
	NUMBER("SIZE", "size", .help = "their size; the next columns are parts of it"),
	NUMBER("EXCL", "excl", .help = "mapped once"),
	NUMBER("SHARED", "shared", .help = "mapped more than once"),
	NUMBER("LARGE", "large", .help = "in large folios"),
	NUMBER("EXTRA", "extra", .help = "with references that nobody explains"),
	NUMBER("STUCK", "stuck", .extra = true, .help = "that cannot be migrated"),
	NUMBER("MAPPINGS", "mappings", .help = "number of entries that map these pages"),
	NUMBER("MAXMAPS", "max_maps", .help = "most entries that map one page"),
	NUMBER("MAXVISITED", "max_visited", .extra = true,
	       .help = "most VMAs that the kernel's walk of one page visits"),
	NUMBER("RATIO", "ratio", .extra = true, .help = "VMAs visited for each mapping found"),
};

static const struct column range_column[] = {
	{ .key = "asked" },
	{ .key = "pid", .type = VALUE_NUMBER },
	{ .key = "start" },
	{ .key = "end" },
	{ .key = "page_size", .type = VALUE_NUMBER },
	{ .key = "method" },
	{ .key = "date" },
};

static const struct column end_column[] = {
	{ .key = "pages", .type = VALUE_NUMBER },
	{ .key = "mappings", .type = VALUE_NUMBER },
	{ .key = "visited", .type = VALUE_NUMBER },
	{ .key = "raced", .type = VALUE_NUMBER },
	{ .key = "skipped", .type = VALUE_NUMBER },
	{ .key = "complete", .type = VALUE_BOOLEAN },
	{ .key = "broken_off", .type = VALUE_BOOLEAN },
	{ .key = "vmas_changed", .type = VALUE_BOOLEAN },
	{ .key = "ns", .type = VALUE_NUMBER },
	{ .key = "hole", .type = VALUE_NUMBER },
	{ .key = "offline", .type = VALUE_NUMBER },
	{ .key = "reserved", .type = VALUE_NUMBER },
	{ .key = "free", .type = VALUE_NUMBER },
	{ .key = "slab", .type = VALUE_NUMBER },
	{ .key = "typed", .type = VALUE_NUMBER },
	{ .key = "kernel", .type = VALUE_NUMBER },
	{ .key = "zero", .type = VALUE_NUMBER },
	{ .key = "raw", .type = VALUE_NUMBER },
	{ .key = "hwpoison", .type = VALUE_NUMBER },
};

const struct column_set scan_vma_columns = COLUMN_SET("vma", vma_column);
const struct column_set scan_page_columns = COLUMN_SET("page", page_column);
const struct column_set scan_kind_columns = COLUMN_SET("kind", kind_column);
const struct column_set scan_range_columns = COLUMN_SET("range", range_column);
const struct column_set scan_end_columns = COLUMN_SET("end", end_column);

/* Columns that the module only gives if it is asked for them. */
static const struct {
	const char *key;
	unsigned int option;
} needs[] = {
	{ "max_visited", RMS_OPTION_VISITED },
	{ "ratio", RMS_OPTION_VISITED },
	{ "visited", RMS_OPTION_VISITED },
	{ "mms", RMS_OPTION_VISITED },
	{ "stuck", RMS_OPTION_VERDICTS },
	{ "reclaim", RMS_OPTION_VERDICTS },
	{ "migrate", RMS_OPTION_VERDICTS },
	{ "split", RMS_OPTION_VERDICTS },
	{ "pids", RMS_OPTION_MAPS },
};

/**
 * scan_needs() - find out what the module must be asked for
 * @list: the columns of the table
 *
 * Return: RMS_OPTION_*, all combined.
 */
unsigned int scan_needs(const struct column_list *list)
{
	unsigned int options = 0;
	size_t i, k;

	for (i = 0; i < list->n; i++)
		for (k = 0; k < sizeof(needs) / sizeof(needs[0]); k++)
			if (!strcmp(list->column[i]->key, needs[k].key))
				options |= needs[k].option;
	return options;
}

/* How a sum is printed. */
static const struct {
	const char *key;
	enum tally_item item;
	enum { SUM_SIZE, SUM_NUMBER, SUM_HUNDREDTHS } form;
} sums[] = {
	{ "rss", TALLY_RSS, SUM_SIZE },
	{ "excl", TALLY_EXCLUSIVE, SUM_SIZE },
	{ "shared", TALLY_SHARED, SUM_SIZE },
	{ "anon", TALLY_ANON, SUM_SIZE },
	{ "file", TALLY_FILE, SUM_SIZE },
	{ "shmem", TALLY_SHMEM, SUM_SIZE },
	{ "hugetlb", TALLY_HUGETLB, SUM_SIZE },
	{ "ksm", TALLY_KSM, SUM_SIZE },
	{ "huge", TALLY_HUGE, SUM_SIZE },
	{ "ptehuge", TALLY_PTE_HUGE, SUM_SIZE },
	{ "large", TALLY_LARGE, SUM_SIZE },
	{ "extra", TALLY_EXTRA, SUM_SIZE },
	{ "stuck", TALLY_STUCK, SUM_SIZE },
	{ "swap", TALLY_SWAP, SUM_SIZE },
	{ "mappings", TALLY_MAPPINGS, SUM_NUMBER },
	{ "max_maps", TALLY_MAX_MAPS, SUM_NUMBER },
	{ "max_visited", TALLY_MAX_VISITED, SUM_NUMBER },
	{ "ratio", TALLY_HUNDREDTHS, SUM_HUNDREDTHS },
};

/**
 * scan_tally_row() - write sums into a row
 * @r: the rows
 * @t: the sums; what is not known is left out
 * @page_size: in bytes
 */
void scan_tally_row(struct rows *r, const struct tally *t, unsigned long long page_size)
{
	size_t i;

	for (i = 0; i < sizeof(sums) / sizeof(sums[0]); i++) {
		unsigned long long value = tally_get(t, sums[i].item);

		if (value == TALLY_UNKNOWN)
			continue;
		if (sums[i].form == SUM_SIZE)
			rows_size(r, sums[i].key, value * page_size);
		else if (sums[i].form == SUM_NUMBER)
			rows_number(r, sums[i].key, value);
		else
			rows_hundredths(r, sums[i].key, value);
	}
}
