// SPDX-License-Identifier: GPL-2.0
/* "rmapscope tree" shows all that the module's report of a tree has. */
#include <inttypes.h>
#include <json-c/json.h>
#include <sys/mman.h>

#include "child.h"
#include "command.h"
#include "oracle.h"
#include "test.h"
#include "tree_report.h"

#define PROGRAM		"rmapscope"
#define NR_CHILDREN	3

/* A page that children share, and the arguments that name it. */
FIXTURE(cli_tree) {
	char *page;
	char pid[16], address[24];
	struct child children[NR_CHILDREN];
	struct tree_report tree;
};

FIXTURE_SETUP(cli_tree)
{
	int i;

	NEEDS_MODULE();
	self->page = own_page();
	ASSERT_NE(NULL, self->page);
	for (i = 0; i < NR_CHILDREN; i++)
		ASSERT_OK(child_fork(&self->children[i]));
	snprintf(self->pid, sizeof(self->pid), "%d", getpid());
	snprintf(self->address, sizeof(self->address), "%p", self->page);
	ASSERT_OK(tree_report_at(&self->tree, getpid(), self->page));
}

FIXTURE_TEARDOWN(cli_tree)
{
	int i;

	for (i = 0; i < NR_CHILDREN && self->children[i].pid; i++)
		EXPECT_OK(child_end(&self->children[i]));
	tree_report_free(&self->tree);
}

static size_t count_words(const char *text, const char *word)
{
	size_t n = 0;

	while ((text = strstr(text, word))) {
		n++;
		text += strlen(word);
	}
	return n;
}

TEST_F(cli_tree, table_has_a_row_for_each_object_and_marks_the_page)
{
	struct command cmd;

	ASSERT_OK(command_run(&cmd, PROGRAM, "tree", "-p", self->pid, "-a", self->address,
			      "-r", "-n", "-o", "OBJECT,PAGE,PID", NULL));
	ASSERT_EQ(0, cmd.status) {
		TH_LOG("%s", cmd.err);
	}
	EXPECT_EQ(self->tree.nr_avs + self->tree.nr_vmas, count_lines(cmd.out));
	EXPECT_EQ(1, count_words(cmd.out, " own "));
	EXPECT_EQ(NR_CHILDREN + 1, count_words(cmd.out, " covers "));
	EXPECT_NE(NULL, strstr(cmd.out, "av0 own -\n"));
	command_free(&cmd);
}

TEST_F(cli_tree, output_for_people_has_the_page_the_tree_and_its_size)
{
	struct command cmd;
	char count[32];

	ASSERT_OK(command_run(&cmd, PROGRAM, "tree", "-p", self->pid, "-a", self->address,
			      NULL));
	ASSERT_EQ(0, cmd.status);
	snprintf(count, sizeof(count), "\n%zu VMAs, ", self->tree.nr_vmas);
	EXPECT_NE(NULL, strstr(cmd.out, "kind") ?: strstr(cmd.out, "anon"));
	EXPECT_NE(NULL, strstr(cmd.out, count)) {
		TH_LOG("%s", cmd.out);
	}
	/* The root is not indented, but its VMA is. */
	EXPECT_NE(NULL, strstr(cmd.out, "\nav0 "));
	EXPECT_EQ(NULL, strstr(cmd.out, "\nvma0 "));
	EXPECT_STREQ("", cmd.err);
	command_free(&cmd);
}

static int compare_array(struct json_object *doc, const struct report *report,
			 const char *name)
{
	struct json_object *array = json_object_object_get(doc, name), *member;
	const struct record *record = NULL;
	size_t i, k;

	if (json_object_array_length(array) != report_count(report, name))
		return complain("%s: %zu of %zu", name, json_object_array_length(array),
				report_count(report, name));
	for (i = 0; (record = report_next(report, name, record)); i++) {
		struct json_object *one = json_object_array_get_idx(array, i);

		for (k = 0; k < record->nr_pairs; k++) {
			if (!json_object_object_get_ex(one, record->pair[k].key, &member))
				return complain("%s lacks %s", name, record->pair[k].key);
			if (json_object_is_type(member, json_type_string) &&
			    strcmp(json_object_get_string(member), record->pair[k].value))
				return complain("%s: %s=%s", name, record->pair[k].key,
						json_object_get_string(member));
		}
	}
	return 0;
}

TEST_F(cli_tree, json_has_the_complete_graph)
{
	struct json_object *doc;
	struct command cmd;

	ASSERT_OK(command_run(&cmd, PROGRAM, "tree", "-p", self->pid, "-a", self->address,
			      "--json", NULL));
	ASSERT_EQ(0, cmd.status);
	doc = json_tokener_parse(cmd.out);
	ASSERT_NE(NULL, doc);
	EXPECT_OK(compare_array(doc, &self->tree.report, "anon_vma"));
	EXPECT_OK(compare_array(doc, &self->tree.report, "vma"));
	EXPECT_OK(compare_array(doc, &self->tree.report, "avc"));
	doc = json_object_object_get(doc, "tree");
	EXPECT_EQ(self->tree.nr_links,
		  (size_t)json_object_get_int64(json_object_object_get(doc, "avcs")));
	command_free(&cmd);
}

TEST_F(cli_tree, dot_has_a_node_for_each_object_and_an_edge_for_each_link)
{
	struct command cmd;

	ASSERT_OK(command_run(&cmd, PROGRAM, "tree", "-p", self->pid, "-a", self->address,
			      "--dot", NULL));
	ASSERT_EQ(0, cmd.status);
	EXPECT_EQ(0, strncmp(cmd.out, "digraph ", 8));
	EXPECT_EQ(self->tree.nr_avs, count_words(cmd.out, "label=\"anon_vma av"));
	EXPECT_EQ(self->tree.nr_vmas, count_words(cmd.out, "label=\"VMA vma"));
	EXPECT_EQ(self->tree.nr_links, count_words(cmd.out, " -> vma"));
	/*
	 * Each anon_vma except the root has an edge from its parent, and there is one edge to the
	 * page.
	 */
	EXPECT_EQ(self->tree.nr_avs, count_words(cmd.out, " -> av"));
	EXPECT_NE(0, count_words(cmd.out, "color=firebrick];"));
	command_free(&cmd);
}

TEST(tree_of_a_file_page_is_explained)
{
	size_t size = getpagesize();
	char pid[16], address[24], *page;
	struct command cmd;
	int fd;

	NEEDS_MODULE();
	fd = memfd_create("tree", 0);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, ftruncate(fd, size));
	page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, page);
	page[0] = 1;
	snprintf(pid, sizeof(pid), "%d", getpid());
	snprintf(address, sizeof(address), "%p", page);
	ASSERT_OK(command_run(&cmd, PROGRAM, "tree", "-p", pid, "-a", address, NULL));
	EXPECT_EQ(1, cmd.status);
	EXPECT_STREQ("", cmd.out);
	EXPECT_NE(NULL, strstr(cmd.err, "belongs to no anon_vma tree")) {
		TH_LOG("%s", cmd.err);
	}
	command_free(&cmd);
}

static int usage_error(const char *first, const char *second, const char *third)
{
	struct command cmd;
	int ret;

	if (command_run(&cmd, PROGRAM, "tree", first, second, third, NULL))
		return -1;
	ret = cmd.status == 2 && !*cmd.out && *cmd.err ? 0 :
	      complain("%s: status %d, \"%s\"", first, cmd.status, cmd.err);
	command_free(&cmd);
	return ret;
}

TEST(wrong_usage_of_tree_is_refused)
{
	EXPECT_OK(usage_error("--json", "--dot", "--pfn=1"));
	EXPECT_OK(usage_error("--raw", "--dot", "--pfn=1"));
	EXPECT_OK(usage_error("--json", "--pfn=1", "--output=PID"));
	EXPECT_OK(usage_error("--pfn=1", "--output=NONSENSE", NULL));
	EXPECT_OK(usage_error("--pfn=1", "--pid=1", NULL));
	EXPECT_OK(usage_error("nonsense", NULL, NULL));
}

TEST_HARNESS_MAIN
