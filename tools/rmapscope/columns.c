// SPDX-License-Identifier: GPL-2.0
/*
 * The keys of each record, and how -o chooses among them.
 */
#include <ctype.h>
#include <err.h>
#include <string.h>

#include "columns.h"

static const struct column report_column[] = {
	{ .key = "abi", .type = VALUE_NUMBER },
	{ .key = "kernel" },
};

static const struct column page_column[] = {
	{ .key = "pfn" },
	{ .key = "paddr" },
	{ .key = "kind" },
	{ .key = "swap_type", .type = VALUE_NUMBER },
	{ .key = "swap_offset" },
	{ .key = "swap_count", .type = VALUE_NUMBER },
	{ .key = "folio_pfn" },
	{ .key = "folio_order", .type = VALUE_NUMBER },
	{ .key = "index_in_folio", .type = VALUE_NUMBER },
	{ .key = "pgoff" },
	{ .key = "mapcount", .type = VALUE_NUMBER },
	{ .key = "refcount", .type = VALUE_NUMBER },
	{ .key = "flags", .type = VALUE_FLAGS },
	{ .key = "kpageflags", .type = VALUE_FLAGS },
	{ .key = "memcg" },
	{ .key = "node", .type = VALUE_NUMBER },
	{ .key = "zone" },
	{ .key = "dev" },
	{ .key = "ino", .type = VALUE_NUMBER },
	{ .key = "file" },
};

static const struct column anon_vma_column[] = {
	{ .name = "ANON-VMA", .key = "id" },
	{ .name = "ROOT", .key = "root", .extra = true },
	{ .name = "PARENT", .key = "parent" },
	{ .name = "DEPTH", .key = "depth", .type = VALUE_NUMBER, .right = true },
	{ .name = "CHILDREN", .key = "num_children", .type = VALUE_NUMBER,
	  .right = true },
	{ .name = "ACTIVE-VMAS", .key = "num_active_vmas", .type = VALUE_NUMBER,
	  .right = true },
	{ .name = "REFCOUNT", .key = "refcount", .type = VALUE_NUMBER,
	  .right = true },
};

static const struct column map_column[] = {
	{ .name = "STATE", .key = "state",
	  .help = "mapped, or what is there instead: cowed, none, swapped, device" },
	{ .name = "PID", .key = "pid", .type = VALUE_NUMBER, .right = true,
	  .help = "process that owns the address space; 0 if none is visible" },
	{ .name = "TGIDS", .key = "tgids", .type = VALUE_NUMBERS, .extra = true,
	  .help = "all processes that share the address space" },
	{ .name = "COMM", .key = "comm", .help = "name of the process" },
	{ .name = "VA", .key = "va", .right = true,
	  .help = "address where the page is, or would be" },
	{ .name = "VMA", .key = "vma", .right = true,
	  .help = "first and last-plus-one address of the VMA" },
	{ .name = "PERMS", .key = "perms",
	  .help = "permissions of the VMA, as in /proc/PID/maps" },
	{ .name = "VM-PGOFF", .key = "vm_pgoff", .right = true, .extra = true,
	  .help = "offset of the VMA in its file or address space, in pages" },
	{ .name = "LEVEL", .key = "level",
	  .help = "level of the entry: pte, pmd, pud" },
	{ .name = "FIRST", .key = "first", .type = VALUE_NUMBER, .right = true, .extra = true,
	  .help = "with --folio: the first page, as an index into the folio" },
	{ .name = "COUNT", .key = "count", .type = VALUE_NUMBER, .right = true, .extra = true,
	  .help = "with --folio: number of pages in a row with the same entries" },
	{ .name = "PTE", .key = "pte", .right = true, .extra = true,
	  .help = "the entry as it is in the page table" },
	{ .name = "BITS", .key = "bits", .type = VALUE_NAMES,
	  .help = "bits of the entry by name" },
	{ .name = "NOW-PFN", .key = "now_pfn", .right = true,
	  .help = "frame of the other page, if cowed" },
	{ .name = "ANON-VMA", .key = "anon_vma", .extra = true,
	  .help = "the VMA's own anon_vma" },
	{ .name = "NAME", .key = "name",
	  .help = "file or special name of the VMA" },
};

static const struct column mapcount_column[] = {
	{ .name = "FIRST", .key = "first", .type = VALUE_NUMBER, .right = true },
	{ .name = "COUNT", .key = "count", .type = VALUE_NUMBER, .right = true },
	{ .name = "FOUND", .key = "found", .type = VALUE_NUMBER, .right = true },
	{ .name = "KERNEL", .key = "kernel", .type = VALUE_NUMBER, .right = true },
};

static const struct column refs_column[] = {
	{ .key = "total", .type = VALUE_NUMBER },
	{ .key = "maps", .type = VALUE_NUMBER },
	{ .key = "pagecache", .type = VALUE_NUMBER },
	{ .key = "swapcache", .type = VALUE_NUMBER },
	{ .key = "private", .type = VALUE_NUMBER },
	{ .key = "self", .type = VALUE_NUMBER },
	{ .key = "unexplained", .type = VALUE_NUMBER },
	{ .key = "maybe_pinned", .type = VALUE_BOOLEAN },
	{ .key = "pins", .type = VALUE_NUMBER },
	{ .key = "off_lru", .type = VALUE_BOOLEAN },
	{ .key = "raced", .type = VALUE_BOOLEAN },
	{ .key = "mapcount_differs", .type = VALUE_BOOLEAN },
};

static const struct column verdict_column[] = {
	{ .key = "op" },
	{ .key = "ok", .type = VALUE_BOOLEAN },
	{ .key = "why" },
	{ .key = "func" },
	{ .key = "pid", .type = VALUE_NUMBER },
	{ .key = "va" },
	{ .key = "note", .type = VALUE_NUMBERS },
};

static const struct column walk_column[] = {
	{ .key = "visited", .type = VALUE_NUMBER },
	{ .key = "mapped", .type = VALUE_NUMBER },
	{ .key = "absent", .type = VALUE_NUMBER },
	{ .key = "pte_maps", .type = VALUE_NUMBER },
	{ .key = "skipped", .type = VALUE_NUMBER },
	{ .key = "complete", .type = VALUE_BOOLEAN },
	{ .key = "raced", .type = VALUE_BOOLEAN },
	{ .key = "truncated", .type = VALUE_BOOLEAN },
	{ .key = "ns", .type = VALUE_NUMBER },
	{ .key = "lock_ns", .type = VALUE_NUMBER },
	{ .key = "method" },
	{ .key = "spaces", .type = VALUE_NUMBER },
	{ .key = "unreached", .type = VALUE_NUMBER },
	{ .key = "unsearched", .type = VALUE_NUMBER },
};

static const struct column top_column[] = {
	{ .name = "TREE", .key = "id", .extra = true,
	  .help = "number of the tree in this report" },
	{ .name = "VMAS", .key = "vmas", .type = VALUE_NUMBER, .right = true,
	  .help = "VMAs in the tree: a walk visits at most that many" },
	{ .name = "ANON-VMAS", .key = "anon_vmas", .type = VALUE_NUMBER, .right = true,
	  .help = "anon_vmas in the tree" },
	{ .name = "AVCS", .key = "avcs", .type = VALUE_NUMBER, .right = true, .extra = true,
	  .help = "anon_vma_chains in the tree" },
	{ .name = "BYTES", .key = "bytes", .type = VALUE_NUMBER, .right = true, .extra = true,
	  .help = "memory of the anon_vmas and anon_vma_chains" },
	{ .name = "DEPTH", .key = "depth", .type = VALUE_NUMBER, .right = true,
	  .help = "largest distance of an anon_vma from the root" },
	{ .name = "PROCESSES", .key = "processes", .type = VALUE_NUMBER, .right = true,
	  .help = "number of address spaces that have these VMAs" },
	{ .name = "PAGES", .key = "pages", .type = VALUE_NUMBER, .right = true,
	  .help = "anonymous pages mapped, summed over the processes" },
	{ .name = "PID", .key = "pid", .type = VALUE_NUMBER, .right = true,
	  .help = "process that maps most of these pages; 0 if not visible" },
	{ .name = "COMM", .key = "comm", .help = "name of that process" },
	{ .name = "PID-PAGES", .key = "pid_pages", .type = VALUE_NUMBER, .right = true,
	  .help = "pages that this process maps" },
	{ .name = "VA", .key = "va", .right = true,
	  .help = "address of the first of these pages" },
};

static const struct column total_column[] = {
	{ .key = "trees", .type = VALUE_NUMBER },
	{ .key = "shown", .type = VALUE_NUMBER },
	{ .key = "vmas", .type = VALUE_NUMBER },
	{ .key = "unforked", .type = VALUE_NUMBER },
	{ .key = "avcs", .type = VALUE_NUMBER },
	{ .key = "bytes", .type = VALUE_NUMBER },
	{ .key = "processes", .type = VALUE_NUMBER },
	{ .key = "skipped", .type = VALUE_NUMBER },
	{ .key = "truncated", .type = VALUE_BOOLEAN },
	{ .key = "ns", .type = VALUE_NUMBER },
};

const struct column_set report_columns = COLUMN_SET("rmapscope", report_column);
const struct column_set page_columns = COLUMN_SET("page", page_column);
const struct column_set anon_vma_columns =
	COLUMN_SET("anon_vma", anon_vma_column);
const struct column_set map_columns = COLUMN_SET("map", map_column);
const struct column_set mapcount_columns = COLUMN_SET("mapcount", mapcount_column);
const struct column_set refs_columns = COLUMN_SET("refs", refs_column);
const struct column_set verdict_columns = COLUMN_SET("verdict", verdict_column);
const struct column_set walk_columns = COLUMN_SET("walk", walk_column);
const struct column_set top_columns = COLUMN_SET("tree", top_column);
const struct column_set total_columns = COLUMN_SET("total", total_column);

/* Case does not matter, and "-" is the same as "_". */
static bool same_name(const char *name, const char *arg, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		int c = arg[i] == '_' ? '-' : toupper((unsigned char)arg[i]);
		int n = name[i] == '_' ? '-' : toupper((unsigned char)name[i]);

		if (c != n)
			return false;
	}
	return name[len] == '\0';
}

static const struct column *find_column(const struct column_set *set,
					const char *arg, size_t len)
{
	size_t i;

	for (i = 0; i < set->n; i++)
		if (same_name(set->column[i].name, arg, len) ||
		    same_name(set->column[i].key, arg, len))
			return &set->column[i];
	return NULL;
}

/**
 * columns_all() - choose every column
 * @list: filled
 * @set:  the columns of one kind of record
 */
void columns_all(struct column_list *list, const struct column_set *set)
{
	for (list->n = 0; list->n < set->n; list->n++)
		list->column[list->n] = &set->column[list->n];
}

/**
 * columns_default() - choose the columns that a table has by default
 * @list: filled
 * @set:  the columns of one kind of record
 */
void columns_default(struct column_list *list, const struct column_set *set)
{
	size_t i;

	list->n = 0;
	for (i = 0; i < set->n; i++)
		if (!set->column[i].extra)
			list->column[list->n++] = &set->column[i];
}

/* A column that is in the list already keeps its place. */
static void add_column(struct column_list *list, const struct column *col)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		if (list->column[i] == col)
			return;
	list->column[list->n++] = col;
}

/**
 * columns_select() - choose columns by name
 * @list: filled, with each column once; with a '+', the columns are added to those in it
 * @set:  the columns of one kind of record
 * @arg:  argument of -o: [+]COL,COL...
 *
 * Return: true, or false after an error message.
 */
bool columns_select(struct column_list *list, const struct column_set *set,
		    const char *arg)
{
	if (*arg == '+')
		arg++;
	else
		list->n = 0;

	for (;;) {
		size_t len = strcspn(arg, ",");
		const struct column *col = find_column(set, arg, len);

		if (!col) {
			warnx("no column has the name \"%.*s\"; see --list-columns",
			      (int)len, arg);
			return false;
		}
		add_column(list, col);
		if (!arg[len])
			return true;
		arg += len + 1;
	}
}
