// SPDX-License-Identifier: GPL-2.0
/*
 * The JSON form of `rmapscope page`: the whole report as one document.
 */
#include <json-c/json.h>

#include "json.h"
#include "page.h"

/**
 * page_print_json() - print a report on a page as JSON
 * @r:    the report
 * @maps: the members of the objects in the "map" array
 */
void page_print_json(const struct report *r, const struct column_list *maps)
{
	struct json_object *doc = json_object_new_object();

	json_add_one(doc, r, &report_columns);
	json_add_one(doc, r, &page_columns);
	json_add_all(doc, r, &anon_vma_columns);
	json_add(doc, "map", json_records(r, "map", maps));
	json_add_all(doc, r, &mapcount_columns);
	json_add_one(doc, r, &refs_columns);
	json_add_all(doc, r, &verdict_columns);
	json_add_one(doc, r, &walk_columns);
	json_print(doc);
}
