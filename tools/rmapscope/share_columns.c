// SPDX-License-Identifier: GPL-2.0
/*
 * The columns of `rmapscope share`.
 */
#include "columns_table.h"
#include "share.h"

static const struct column unit_column[] = {
	NUMBER("PID", "pid", .help = "process; -: several"),
	TEXT("COMM", "comm", .help = "its name, or the option that names several"),
	NUMBER("MMS", "mms", .extra = true, .help = "address spaces"),
	NUMBER("RSS", "rss", .help = "what it maps, without hugetlb; of several: each page once"),
	NUMBER("UNIQUE", "unique", .help = "what nothing else maps"),
	NUMBER("SHARED", "shared", .help = "the rest of RSS"),
	NUMBER("PSS", "pss", .help = "RSS, each page divided by the number of its mappings"),
	NUMBER("SWAP", "swap", .help = "swapped out; not a part of RSS"),
	NUMBER("WITH", "with", .help = "process with which it shares most"),
	TEXT("THROUGH", "through", .help = "and through what: fork, cache, shmem, ksm"),
	NUMBER("PRIVATE", "private", .extra = true,
	       .help = "what has one mapping in all, as Private in smaps"),
	NUMBER("ANON", "anon", .extra = true, .help = "part of UNIQUE that is freed if it ends"),
	NUMBER("FORK", "fork", .extra = true, .help = "part of SHARED: anonymous memory"),
	NUMBER("CACHE", "cache", .extra = true, .help = "part of SHARED: the page cache"),
	NUMBER("SHMEM", "shmem", .extra = true, .help = "part of SHARED: shared memory, tmpfs"),
	NUMBER("KSM", "ksm", .extra = true, .help = "part of SHARED: merged by ksmd"),
	NUMBER("SAVED", "saved", .extra = true,
	       .help = "what merging saves: each page less by its part of the page it became"),
	NUMBER("RMAPITEMS", "rmap_items", .extra = true,
	       .help = "what ksmd keeps for it, one for each page that it looks at"),
	NUMBER("KSMCOST", "ksm_cost", .extra = true,
	       .help = "memory of its RMAPITEMS: more than SAVED is a loss"),
	NUMBER("HUGETLB", "hugetlb", .extra = true, .help = "hugetlb pages; not a part of RSS"),
	NUMBER("OWNHUGETLB", "own_hugetlb", .extra = true,
	       .help = "those of them that nothing else maps"),
	NUMBER("OWNSWAP", "own_swap", .extra = true,
	       .help = "part of SWAP that nothing else refers to"),
};

static const struct column partner_column[] = {
	NUMBER("PID", "pid", .help = "process; -: one that is not visible, or several"),
	TEXT("COMM", "comm", .help = "its name"),
	NUMBER("SHARED", "shared", .help = "pages that both map, each counted once"),
	NUMBER("FORK", "fork", .help = "part of it: anonymous memory, the same since a fork"),
	NUMBER("CACHE", "cache", .help = "part of it: the page cache of files"),
	NUMBER("SHMEM", "shmem", .help = "part of it: shared memory, tmpfs"),
	NUMBER("KSM", "ksm", .help = "part of it: merged by ksmd"),
	NUMBER("HUGETLB", "hugetlb", .extra = true, .help = "hugetlb pages; not a part of SHARED"),
	NUMBER("SWAP", "swap", .extra = true, .help = "swap slots that both refer to"),
};

static const struct column vma_column[] = {
	NUMBER("PID", "pid", .extra = true, .help = "process"),
	HEX("START", "start", .help = "first address"),
	HEX("END", "end", .extra = true, .help = "address behind the last"),
	NUMBER("SIZE", "size", .help = "size of the VMA"),
	NUMBER("RSS", "rss", .help = "what is mapped of it, without hugetlb pages"),
	NUMBER("UNIQUE", "unique", .help = "what no other process maps"),
	NUMBER("SHARED", "shared", .help = "the rest of RSS"),
	NUMBER("PSS", "pss", .help = "RSS, each page divided by the number of its mappings"),
	NUMBER("SWAP", "swap", .help = "swapped out"),
	NUMBER("HUGETLB", "hugetlb", .extra = true, .help = "hugetlb pages"),
	NUMBER("MOST", "processes", .help = "most processes that map one page"),
	TEXT("PERMS", "perms", .extra = true, .help = "permissions, as in /proc/PID/maps"),
	TEXT("NAME", "name", .help = "file or special name"),
};

static const struct column file_column[] = {
	NUMBER("RSS", "rss", .help = "what is mapped of it, each page counted once"),
	NUMBER("UNIQUE", "unique", .help = "what no other process maps"),
	NUMBER("SHARED", "shared", .help = "the rest of RSS"),
	NUMBER("PSS", "pss", .help = "each page divided by the number of its mappings"),
	NUMBER("HUGETLB", "hugetlb", .extra = true, .help = "hugetlb pages"),
	TEXT("FILE", "file", .help = "path within its file system"),
};

static const struct column fork_column[] = {
	NUMBER("PID", "pid", .help = "child"),
	TEXT("COMM", "comm", .help = "its name"),
	NUMBER("ANON", "anon", .help = "its anonymous memory, swapped out or not"),
	NUMBER("STILL", "still", .help = "what it still shares with its parent"),
	NUMBER("COPIED", "copied", .help = "where both have a page, but another one"),
	NUMBER("NEW", "new", .help = "where its parent has no page"),
	NUMBER("STILL%", "percent", .help = "STILL, as a part of STILL and COPIED"),
	NUMBER("CHANGE", "change", .help = "with --watch: of STILL since the first look"),
	HEX("START", "start", .extra = true, .help = "with --vma: first address of the VMA"),
	TEXT("NAME", "name", .extra = true, .help = "with --vma: name of the VMA"),
};

static const struct column pair_column[] = {
	NUMBER(NULL, "pid"),
	TEXT(NULL, "comm"),
	NUMBER(NULL, "with"),
	TEXT(NULL, "with_comm"),
	NUMBER(NULL, "shared"),
	NUMBER(NULL, "fork"),
	NUMBER(NULL, "cache"),
	NUMBER(NULL, "shmem"),
	NUMBER(NULL, "ksm"),
	NUMBER(NULL, "hugetlb"),
	NUMBER(NULL, "swap"),
};

const struct column_set share_unit_columns = COLUMN_SET("process", unit_column);
const struct column_set share_partner_columns = COLUMN_SET("partner", partner_column);
const struct column_set share_vma_columns = COLUMN_SET("vma", vma_column);
const struct column_set share_file_columns = COLUMN_SET("file", file_column);
const struct column_set share_fork_columns = COLUMN_SET("child", fork_column);
const struct column_set share_pair_columns = COLUMN_SET("pair", pair_column);
