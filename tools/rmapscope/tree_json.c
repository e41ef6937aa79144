// SPDX-License-Identifier: GPL-2.0
/*
 * The JSON form of `rmapscope tree`: the complete graph as one document.
 */
#include <json-c/json.h>

#include "json.h"
#include "tree.h"

static const struct column vma_column[] = {
	{ .key = "id" },
	{ .key = "pid", .type = VALUE_NUMBER },
	{ .key = "tgids", .type = VALUE_NUMBERS },
	{ .key = "comm" },
	{ .key = "vma" },
	{ .key = "perms" },
	{ .key = "vm_pgoff" },
	{ .key = "own" },
	{ .key = "name" },
};

static const struct column avc_column[] = {
	{ .key = "anon_vma" },
	{ .key = "vma" },
	{ .key = "covers_page", .type = VALUE_BOOLEAN },
};

static const struct column total_column[] = {
	{ .key = "vmas", .type = VALUE_NUMBER },
	{ .key = "anon_vmas", .type = VALUE_NUMBER },
	{ .key = "avcs", .type = VALUE_NUMBER },
	{ .key = "depth", .type = VALUE_NUMBER },
	{ .key = "processes", .type = VALUE_NUMBER },
	{ .key = "truncated", .type = VALUE_BOOLEAN },
	{ .key = "ns", .type = VALUE_NUMBER },
	{ .key = "lock_ns", .type = VALUE_NUMBER },
};

static const struct column_set vma_columns = COLUMN_SET("vma", vma_column);
static const struct column_set avc_columns = COLUMN_SET("avc", avc_column);
static const struct column_set tree_columns = COLUMN_SET("tree", total_column);

/**
 * tree_print_json() - print a report on a tree as JSON
 * @r: the report
 */
void tree_print_json(const struct report *r)
{
	struct json_object *doc = json_object_new_object();

	json_add_one(doc, r, &report_columns);
	json_add_one(doc, r, &page_columns);
	json_add_all(doc, r, &anon_vma_columns);
	json_add_all(doc, r, &vma_columns);
	json_add_all(doc, r, &avc_columns);
	json_add_one(doc, r, &tree_columns);
	json_print(doc);
}
