/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Records of reports as JSON.
 */
#ifndef RMAPSCOPE_JSON_H
#define RMAPSCOPE_JSON_H

#include "columns.h"
#include "report.h"

struct json_object;

struct json_object *json_record(const struct record *rec,
				const struct column_list *list);
struct json_object *json_records(const struct report *r, const char *record,
				 const struct column_list *list);
void json_add(struct json_object *obj, const char *key,
	      struct json_object *value);
void json_add_one(struct json_object *doc, const struct report *r,
		  const struct column_set *set);
void json_add_all(struct json_object *doc, const struct report *r,
		  const struct column_set *set);
void json_print(struct json_object *doc);

#endif
