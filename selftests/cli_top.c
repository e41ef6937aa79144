// SPDX-License-Identifier: GPL-2.0
/* "rmapscope top": its output in all formats, its messages and its exit status. */
#include <json-c/json.h>

#include "command.h"
#include "exercise.h"
#include "module.h"
#include "test.h"
#include "top_report.h"

#define PROGRAM		"rmapscope"

FIXTURE(cli_top)
{
	struct exercise exercise;
	struct command run;
};

FIXTURE_SETUP(cli_top)
{
	NEEDS_MODULE();
	ASSERT_OK(exercise_start(&self->exercise, "wide", "--children", "40", NULL));
}

FIXTURE_TEARDOWN(cli_top)
{
	command_free(&self->run);
	EXPECT_OK(exercise_stop(&self->exercise));
}

TEST_F(cli_top, table_has_a_heading_trees_and_the_total)
{
	const char *out;

	RUN_WELL("top");
	out = self->run.out;
	EXPECT_NE(NULL, strstr(out, "VMAS"));
	EXPECT_NE(NULL, strstr(out, "rmap-exercise"));
	EXPECT_NE(NULL, strstr(out, " trees; "));
	EXPECT_NE(NULL, strstr(out, " VMAs unforked ("));
}

/* Three families have more trees than are printed by default. */
TEST_F(cli_top, twenty_lines_by_default_and_as_many_as_asked_for)
{
	struct exercise more[2];
	struct report report;
	size_t trees;
	int i;

	for (i = 0; i < 2; i++)
		ASSERT_OK(exercise_start(&more[i], "fork", NULL));
	ASSERT_OK(top_report_take(&report));
	trees = report_count(&report, "tree");
	report_free(&report);
	ASSERT_LT(20, trees);
	RUN_WELL("top", "-n");
	EXPECT_EQ(20, count_lines(self->run.out));
	RUN_WELL("top", "-n", "-N", "3");
	EXPECT_EQ(3, count_lines(self->run.out));
	RUN_WELL("top", "-n", "--lines", "0");
	EXPECT_LE(trees, count_lines(self->run.out));
	for (i = 0; i < 2; i++)
		EXPECT_OK(exercise_stop(&more[i]));
}

TEST_F(cli_top, raw_has_one_line_for_each_tree)
{
	RUN_WELL("top", "-r", "-N", "4");
	EXPECT_EQ(5, count_lines(self->run.out));
	EXPECT_EQ(0, strncmp(self->run.out, "VMAS ANON-VMAS DEPTH ", 21));
	EXPECT_EQ(NULL, strstr(self->run.out, "  "));
}

TEST_F(cli_top, output_chooses_columns)
{
	struct top_family family;
	char expected[64];

	ASSERT_OK(top_family(&family, &self->exercise));
	RUN_WELL("top", "-n", "-r", "-N", "0", "-o", "VMAS,DEPTH,pages,PID");
	snprintf(expected, sizeof(expected), "\n%zu 1 %zu %d\n", family.nr, family.pages,
		 family.vmas[0].pid);
	EXPECT_NE(NULL, strstr(self->run.out, expected)) {
		TH_LOG("no line %s", expected);
	}
	/* 40 children have two chains each, and the parent has one. */
	RUN_WELL("top", "-n", "-r", "-N", "0", "-o", "PID,ANON-VMAS,AVCS");
	snprintf(expected, sizeof(expected), "\n%d 41 81\n", family.vmas[0].pid);
	EXPECT_NE(NULL, strstr(self->run.out, expected)) {
		TH_LOG("no line %s", expected);
	}
	RUN_WELL("top", "-r", "-N", "1", "-o", "+AVCS,BYTES");
	EXPECT_NE(NULL, strstr(self->run.out, " VA AVCS BYTES\n"));
	RUN_WELL("top", "-r", "-N", "1", "-o", "+TREE");
	EXPECT_NE(NULL, strstr(self->run.out, " TREE\n"));
	EXPECT_NE(NULL, strstr(self->run.out, " tree0\n"));
	top_family_free(&family);
}

TEST_F(cli_top, each_listed_column_can_be_chosen)
{
	char *list, *line, *rest;
	int columns = 0;

	RUN_WELL("top", "--list-columns");
	list = strdup(self->run.out);
	ASSERT_NE(NULL, list);
	for (line = strtok_r(list, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		char name[32];

		if (sscanf(line, "%31[A-Z-]", name) != 1 || line == list)
			continue;
		columns++;
		RUN_WELL("top", "-n", "-r", "-N", "2", "-o", name);
		EXPECT_EQ(2, count_lines(self->run.out));
	}
	EXPECT_EQ(12, columns);
	free(list);
}

static struct json_object *member(struct json_object *object, const char *key)
{
	struct json_object *value = NULL;

	json_object_object_get_ex(object, key, &value);
	return value;
}

TEST_F(cli_top, json_has_all_trees_in_order)
{
	struct json_object *doc, *trees, *total;
	int64_t vmas, before = INT64_MAX;
	char id[32];
	size_t i;

	RUN_WELL("top", "--json");
	doc = json_tokener_parse(self->run.out);
	ASSERT_NE(NULL, doc);
	trees = member(doc, "tree");
	total = member(doc, "total");
	ASSERT_EQ(json_type_array, json_object_get_type(trees));
	EXPECT_EQ(json_object_get_int64(member(total, "trees")),
		  (int64_t)json_object_array_length(trees));
	for (i = 0; i < json_object_array_length(trees); i++) {
		struct json_object *tree = json_object_array_get_idx(trees, i);

		snprintf(id, sizeof(id), "tree%zu", i);
		EXPECT_STREQ(id, json_object_get_string(member(tree, "id")));
		vmas = json_object_get_int64(member(tree, "vmas"));
		EXPECT_LT(0, vmas);
		EXPECT_LE(vmas, before);
		EXPECT_EQ(json_type_int, json_object_get_type(member(tree, "pid_pages")));
		EXPECT_EQ(json_type_int, json_object_get_type(member(tree, "avcs")));
		EXPECT_EQ(json_type_int, json_object_get_type(member(tree, "bytes")));
		EXPECT_EQ(json_type_string, json_object_get_type(member(tree, "va")));
		before = vmas;
	}
	EXPECT_EQ(json_type_int, json_object_get_type(member(total, "unforked")));
	EXPECT_EQ(json_type_int, json_object_get_type(member(total, "bytes")));
	EXPECT_EQ(json_type_boolean, json_object_get_type(member(total, "truncated")));
	json_object_put(doc);
}

TEST_F(cli_top, usage_errors_exit_2)
{
	RUN_BADLY(2, "top", "superfluous");
	RUN_BADLY(2, "top", "-N", "many");
	RUN_BADLY(2, "top", "-N", "-1");
	RUN_BADLY(2, "top", "-N", "");
	RUN_BADLY(2, "top", "-J", "-r");
	RUN_BADLY(2, "top", "-o", "NOSUCHCOLUMN");
}

TEST_F(cli_top, missing_module_exits_1_and_says_so)
{
	if (access(module_path(), R_OK))
		SKIP(return, "no module at %s: set RMAPSCOPE_KO", module_path());
	ASSERT_EQ(0, module_unload());
	RUN("top");
	ASSERT_EQ(0, module_load(""));
	EXPECT_EQ(1, self->run.status);
	EXPECT_EQ(1, count_lines(self->run.err));
	EXPECT_NE(NULL, strstr(self->run.err, "module"));
}

TEST_HARNESS_MAIN
