// SPDX-License-Identifier: GPL-2.0
/* The sentences and the JSON of "rmapscope why" match the module's report. */
#include <json-c/json.h>
#include <sys/mman.h>

#include "child.h"
#include "command.h"
#include "oracle.h"
#include "page_actions.h"
#include "test.h"

FIXTURE(cli_why) {
	struct command run;
	char *page;
	char pid[16];
	char va[24];
};

FIXTURE_SETUP(cli_why)
{
	NEEDS_MODULE();
	self->page = own_page();
	ASSERT_NE(NULL, self->page);
	snprintf(self->pid, sizeof(self->pid), "%d", getpid());
	snprintf(self->va, sizeof(self->va), "%p", self->page);
}

FIXTURE_TEARDOWN(cli_why)
{
	command_free(&self->run);
}

TEST_F(cli_why, quiet_page_has_no_unexplained_reference)
{
	ASSERT_OK(drain_batches());
	RUN("why", "-p", self->pid, "-a", self->va);
	EXPECT_EQ(0, self->run.status);
	EXPECT_STREQ("", self->run.err);
	EXPECT_NE(NULL, strstr(self->run.out, " 2 references; the kernel accounts for 2.\n"));
	EXPECT_EQ(NULL, strstr(self->run.out, "unexplained"));
}

TEST_F(cli_why, page_in_a_pipe_has_an_unexplained_reference)
{
	int ends[2];

	ASSERT_OK(drain_batches());
	ASSERT_OK(put_into_pipe(self->page, ends));
	RUN("why", "-p", self->pid, "-a", self->va);
	EXPECT_NE(NULL, strstr(self->run.out, " 3 references; the kernel accounts for 2.\n"));
	EXPECT_NE(NULL, strstr(self->run.out, "can be moved     NO, extra_refs: "));
	close(ends[0]);
	close(ends[1]);
}

TEST_F(cli_why, process_that_mlocked_the_page_is_named)
{
	char who[96];

	ASSERT_EQ(0, mlock(self->page, getpagesize()));
	snprintf(who, sizeof(who), "who:  process %s (cli_why), at %s", self->pid, self->va);
	RUN("why", "-p", self->pid, "-a", self->va);
	EXPECT_NE(NULL, strstr(self->run.out, "can be reclaimed NO, mlocked: "));
	EXPECT_NE(NULL, strstr(self->run.out, who)) TH_LOG("no \"%s\" in:\n%s", who,
							   self->run.out);
}

TEST_F(cli_why, json_has_all_verdicts_of_the_report)
{
	struct json_object *document, *verdicts, *value;
	const struct record *verdict = NULL;
	struct page_report report;
	size_t i = 0;

	ASSERT_EQ(0, mlock(self->page, getpagesize()));
	ASSERT_OK(drain_batches());
	RUN("why", "-p", self->pid, "-a", self->va, "--json");
	document = json_tokener_parse(self->run.out);
	ASSERT_NE(NULL, document);
	ASSERT_TRUE(json_object_object_get_ex(document, "verdict", &verdicts));
	ASSERT_OK(page_report_at(&report, getpid(), (uintptr_t)self->page));
	while ((verdict = report_next(&report.report, "verdict", verdict))) {
		struct json_object *entry = json_object_array_get_idx(verdicts, i++);

		ASSERT_NE(NULL, entry);
		ASSERT_TRUE(json_object_object_get_ex(entry, "op", &value));
		EXPECT_STREQ(record_get(verdict, "op"), json_object_get_string(value));
		ASSERT_TRUE(json_object_object_get_ex(entry, "ok", &value));
		EXPECT_EQ(record_num(verdict, "ok"), json_object_get_boolean(value));
		ASSERT_TRUE(json_object_object_get_ex(entry, "func", &value));
		EXPECT_STREQ(record_get(verdict, "func"), json_object_get_string(value));
	}
	EXPECT_EQ(3, i);
	EXPECT_EQ(3, json_object_array_length(verdicts));
	page_report_free(&report);
	json_object_put(document);
}

TEST_HARNESS_MAIN
