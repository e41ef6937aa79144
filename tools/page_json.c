// SPDX-License-Identifier: GPL-2.0
/*
 * `rmapscope page --json`: the whole report as one document.
 */
#include <json-c/json.h>

#include "json.h"
#include "page.h"

static void add_one(struct json_object *doc, const struct report *r,
		    const struct column_set *set)
{
	struct column_list list;

	columns_all(&list, set);
	json_add(doc, set->record,
		 json_record(report_next(r, set->record, NULL), &list));
}

/**
 * page_print_json() - print a report of a page as JSON
 * @r:    the report
 * @maps: the members of the objects in the "map" array
 */
void page_print_json(const struct report *r, const struct column_list *maps)
{
	struct json_object *doc = json_object_new_object();
	struct column_list anon_vma, mapcount, verdict;

	columns_all(&anon_vma, &anon_vma_columns);
	columns_all(&mapcount, &mapcount_columns);
	columns_all(&verdict, &verdict_columns);

	add_one(doc, r, &report_columns);
	add_one(doc, r, &page_columns);
	json_add(doc, "anon_vma", json_records(r, "anon_vma", &anon_vma));
	json_add(doc, "map", json_records(r, "map", maps));
	json_add(doc, "mapcount", json_records(r, "mapcount", &mapcount));
	add_one(doc, r, &refs_columns);
	json_add(doc, "verdict", json_records(r, "verdict", &verdict));
	add_one(doc, r, &walk_columns);
	json_print(doc);
}
