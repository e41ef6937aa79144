// SPDX-License-Identifier: GPL-2.0
/* "rmapscope page --json" prints all that the module's report has. */
#include <inttypes.h>

#include <json-c/json.h>

#include "child.h"
#include "command.h"
#include "test.h"

#define PROGRAM		"rmapscope"

/* Joins the entries of a list with the separator that the report has. */
static bool same_list(struct json_object *array, const char *value)
{
	size_t i, nr = json_object_array_length(array);
	const char *at = value;

	for (i = 0; i < nr; i++) {
		struct json_object *one = json_object_array_get_idx(array, i);
		const char *word = json_object_get_string(one);

		if (!word || strncmp(at, word, strlen(word)))
			return false;
		at += strlen(word);
		if (*at && !strchr("|,", *at++))
			return false;
	}
	return nr && !*at;
}

static bool same_value(struct json_object *json, const struct report_pair *pair)
{
	char *end;

	switch (json_object_get_type(json)) {
	case json_type_null:
		return !strcmp(pair->value, "-");
	case json_type_int:
		return (uint64_t)json_object_get_uint64(json) ==
		       strtoull(pair->value, &end, 0) && !*end;
	case json_type_boolean:
		return json_object_get_boolean(json) == (strcmp(pair->value, "0") != 0);
	case json_type_array:
		return same_list(json, pair->value);
	case json_type_string:
		/* The names of flags are a separate member. */
		if (!strcmp(pair->key, "flags"))
			return !strncmp(pair->value, json_object_get_string(json),
					strcspn(pair->value, "("));
		return !strcmp(pair->value, json_object_get_string(json));
	default:
		return false;
	}
}

static int compare_record(struct json_object *object, const struct record *record)
{
	size_t i;

	for (i = 0; i < record->nr_pairs; i++) {
		const struct report_pair *pair = &record->pair[i];
		struct json_object *value;

		/* Keys that differ in each report, and keys that the tool adds. */
		if (!strcmp(pair->key, "ns") || !strcmp(pair->key, "lock_ns") ||
		    !strcmp(pair->key, "file"))
			continue;
		if (!json_object_object_get_ex(object, pair->key, &value))
			return complain("JSON lacks %s.%s", record->name, pair->key);
		if (!same_value(value, pair))
			return complain("%s.%s is %s, not %s", record->name, pair->key,
					json_object_to_json_string(value), pair->value);
	}
	return 0;
}

static int compare_records(struct json_object *value, const struct report *report,
			   const char *name)
{
	const struct record *record = NULL;
	size_t nr = 0;

	if (!json_object_is_type(value, json_type_array))
		return compare_record(value, report_next(report, name, NULL));
	while ((record = report_next(report, name, record)))
		if (compare_record(json_object_array_get_idx(value, nr++), record))
			return -1;
	if (json_object_array_length(value) != nr)
		return complain("JSON has %zu %s, the report %zu",
				json_object_array_length(value), name, nr);
	return 0;
}

static int compare_document(struct json_object *document, const struct report *report)
{
	static const char * const names[] = { "rmapscope", "page", "anon_vma", "map", "walk" };
	struct json_object *value;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (!json_object_object_get_ex(document, names[i], &value))
			return complain("JSON lacks %s", names[i]);
		if (compare_records(value, report, names[i]))
			return -1;
	}
	return 0;
}

/* Two children: one shares the page, the other has copied it. */
FIXTURE(cli_json)
{
	struct child children[2];
	struct command run;
	char *page;
	char pid[16];
	char va[24];
};

FIXTURE_SETUP(cli_json)
{
	self->page = own_page();
	ASSERT_NE(NULL, self->page);
	ASSERT_OK(child_fork(&self->children[0]));
	ASSERT_OK(child_fork(&self->children[1]));
	ASSERT_OK(child_do(&self->children[1], CHILD_WRITE, self->page));
	snprintf(self->pid, sizeof(self->pid), "%d", getpid());
	snprintf(self->va, sizeof(self->va), "%p", self->page);
}

FIXTURE_TEARDOWN(cli_json)
{
	int i;

	command_free(&self->run);
	for (i = 0; i < 2; i++)
		EXPECT_OK(child_end(&self->children[i]));
}

TEST_F(cli_json, document_is_the_whole_report)
{
	struct json_object *document;
	struct page_report report;

	NEEDS_MODULE();
	ASSERT_OK(page_report_at(&report, getpid(), (uintptr_t)self->page));
	ASSERT_OK(command_run(&self->run, PROGRAM, "page", "-J", "-p", self->pid, "-a",
			      self->va, NULL));
	if (self->run.status == 127)
		SKIP(return, "no " PROGRAM " in PATH");
	EXPECT_EQ(0, self->run.status);
	EXPECT_STREQ("", self->run.err);
	document = json_tokener_parse(self->run.out);
	ASSERT_NE(NULL, document);
	EXPECT_OK(compare_document(document, &report.report));
	json_object_put(document);
	page_report_free(&report);
}

TEST_F(cli_json, output_chooses_the_members_of_map)
{
	struct json_object *document, *maps, *map, *value;
	size_t i;

	NEEDS_MODULE();
	ASSERT_OK(command_run(&self->run, PROGRAM, "page", "--json", "-o", "VA,STATE",
			      "-p", self->pid, "-a", self->va, NULL));
	if (self->run.status == 127)
		SKIP(return, "no " PROGRAM " in PATH");
	document = json_tokener_parse(self->run.out);
	ASSERT_NE(NULL, document);
	ASSERT_TRUE(json_object_object_get_ex(document, "map", &maps));
	ASSERT_EQ(3, json_object_array_length(maps));
	for (i = 0; i < 3; i++) {
		map = json_object_array_get_idx(maps, i);
		EXPECT_EQ(2, json_object_object_length(map));
		EXPECT_TRUE(json_object_object_get_ex(map, "state", &value));
		EXPECT_TRUE(json_object_object_get_ex(map, "va", &value));
		EXPECT_STREQ(self->va, json_object_get_string(value));
	}
	json_object_put(document);
}

TEST_HARNESS_MAIN
