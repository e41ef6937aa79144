// SPDX-License-Identifier: GPL-2.0
#include <json-c/json.h>

#include "complain.h"
#include "json_part.h"

static int has_part(struct json_object *whole, struct json_object *part, const char *name);

static int has_members(struct json_object *whole, struct json_object *part)
{
	json_object_object_foreach(part, key, value) {
		struct json_object *same;

		if (!json_object_object_get_ex(whole, key, &same))
			return complain("no member \"%s\"", key);
		if (has_part(same, value, key))
			return -1;
	}
	return 0;
}

static int has_entries(struct json_object *whole, struct json_object *part, const char *name)
{
	size_t i, nr = json_object_array_length(part);

	if (json_object_array_length(whole) != nr)
		return complain("\"%s\" has %zu entries, not %zu", name,
				json_object_array_length(whole), nr);
	for (i = 0; i < nr; i++)
		if (has_part(json_object_array_get_idx(whole, i),
			     json_object_array_get_idx(part, i), name))
			return -1;
	return 0;
}

static int has_part(struct json_object *whole, struct json_object *part, const char *name)
{
	if (json_object_get_type(whole) == json_object_get_type(part)) {
		if (json_object_is_type(part, json_type_object))
			return has_members(whole, part);
		if (json_object_is_type(part, json_type_array))
			return has_entries(whole, part, name);
		if (json_object_equal(whole, part))
			return 0;
	}
	return complain("\"%s\" is %s, not %s", name, json_object_to_json_string(whole),
			json_object_to_json_string(part));
}

/**
 * json_has_part() - does a JSON document contain another one?
 * @document: the document
 * @part: what it must contain; objects may lack members of the document's objects, but lists must
 *   have as many entries
 *
 * Return: 0, or -1 with the first difference in why[].
 */
int json_has_part(const char *document, const char *part)
{
	struct json_object *whole = json_tokener_parse(document);
	struct json_object *expected = json_tokener_parse(part);
	int ret = whole && expected ? has_part(whole, expected, "document") :
		  complain("no JSON: %s", whole ? part : document);

	json_object_put(whole);
	json_object_put(expected);
	return ret;
}
