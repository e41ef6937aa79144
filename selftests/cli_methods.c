// SPDX-License-Identifier: GPL-2.0
/*
 * The --method of "rmapscope page" and "rmapscope scan": messages, values that are not known, and
 * how they do without the module.
 */
#include <stdlib.h>
#include <string.h>

#include "child.h"
#include "command.h"
#include "module.h"
#include "test.h"

static const char * const methods[] = { "--method=rmap", "--method=scan", "--method=index" };

#define NR_METHODS	ARRAY_SIZE(methods)

/* Scan the page. */
#define SCAN(...)	RUN("scan", "-p", self->pid, self->range, __VA_ARGS__)
#define SCAN_WELL(...)	RUN_WELL("scan", "-p", self->pid, self->range, __VA_ARGS__)

FIXTURE(cli_methods)
{
	char *page;
	char pid[16];
	char va[24];
	char range[32];
	struct command run;
};

FIXTURE_SETUP(cli_methods)
{
	self->page = own_page();
	ASSERT_NE(NULL, self->page);
	snprintf(self->pid, sizeof(self->pid), "%d", getpid());
	snprintf(self->va, sizeof(self->va), "%p", self->page);
	snprintf(self->range, sizeof(self->range), "%p+4096", self->page);
}

FIXTURE_TEARDOWN(cli_methods)
{
	command_free(&self->run);
}

TEST_F(cli_methods, missing_pages_are_explained_in_the_same_way)
{
	const char *cases[][5] = {
		{ "3", "-p", "4194305", "-a", self->va },
		{ "3", "-p", "2", "-a", self->va },
		{ "3", "-p", self->pid, "-a", "0x800000000000" },
		{ "3", "-p", self->pid, "-a", "0xffffffffff600000" },
		{ "3", "--pfn", "0xffffffffff", "--folio", "-r" },
		{ "3", "-p", self->pid, "-a", NULL },
		{ "1", "-p", self->pid, "-a", NULL },
	};
	char text[2][24], first[512];
	volatile char *pages = own_pages(3);
	size_t i, which;

	NEEDS_MODULE();
	ASSERT_NE(NULL, pages);
	/* Never touched, and the zero page. */
	ASSERT_EQ(0, pages[2 * getpagesize()]);
	snprintf(text[0], sizeof(text[0]), "%p", pages);
	snprintf(text[1], sizeof(text[1]), "%p", pages + 2 * getpagesize());
	cases[5][4] = text[0];
	cases[6][4] = text[1];
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		for (which = 0; which < NR_METHODS; which++) {
			RUN_BADLY(atoi(cases[i][0]), "page", cases[i][1], cases[i][2], cases[i][3],
				  cases[i][4], methods[which]);
			if (!which)
				snprintf(first, sizeof(first), "%s", self->run.err);
			EXPECT_STREQ(first, self->run.err);
		}
	}
}

TEST_F(cli_methods, missing_ranges_are_explained_in_the_same_way)
{
	const char *cases[][4] = {
		{ "-p", "4194305" },
		{ "-p", "2" },
		{ "-p", self->pid, "0x1000-0x2000" },
		{ "-p", self->pid, "0xffffffffff600000-0xffffffffff601000" },
		{ "--pfn", "0xffffffffff" },
	};
	char first[512];
	size_t i, which;

	NEEDS_MODULE();
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		for (which = 0; which < NR_METHODS; which++) {
			RUN_BADLY(3, "scan", methods[which], cases[i][0], cases[i][1], cases[i][2]);
			if (!which)
				snprintf(first, sizeof(first), "%s", self->run.err);
			EXPECT_STREQ(first, self->run.err);
		}
	}
}

TEST_F(cli_methods, what_page_tables_do_not_tell_is_a_dash)
{
	size_t which;

	NEEDS_MODULE();
	for (which = 1; which < NR_METHODS; which++) {
		RUN_WELL("page", "-p", self->pid, "-a", self->va, methods[which], "-n", "-r", "-o",
			 "VM-PGOFF,LEVEL,FIRST,COUNT,PTE,BITS,NOW-PFN,ANON-VMA");
		EXPECT_STREQ("- - - - - - - -\n", self->run.out);
		SCAN_WELL(methods[which], "--pages", "-n", "-r", "-o",
			  "LEVEL,VISITED,EXTRA,RECLAIM,MIGRATE,SPLIT,SLOT,FILE");
		EXPECT_STREQ("- - - - - - - -\n", self->run.out);
		SCAN_WELL(methods[which], "-n", "-r", "-o",
			  "RSS,HUGE,PTEHUGE,EXTRA,STUCK,MAXVISITED,RATIO");
		EXPECT_STREQ("4K - - - - - -\n", self->run.out);
		SCAN_WELL(methods[which], "-o", "MAXVISITED", "-J");
		EXPECT_OUT("\"raced\": 0,");
		EXPECT_OUT("\"complete\": true");
		RUN_WELL("page", "-p", self->pid, "-a", self->va, methods[which], "-J");
		EXPECT_NOT_OUT("refcount");
		EXPECT_NOT_OUT("visited");
	}
}

TEST_F(cli_methods, filters_that_need_the_module_are_refused)
{
	NEEDS_MODULE();
	RUN_BADLY(2, "scan", "-p", self->pid, "--stuck", "--method=index");
	EXPECT_ERR("--stuck needs the module's scan: use it without --method=index");
	RUN_BADLY(2, "scan", "--all", "--extra-refs", "--method=scan");
	EXPECT_ERR("--extra-refs needs the module's scan");
	RUN_BADLY(2, "scan", "--all", "--method=guess");
	EXPECT_ERR("choose from: rmap scan index");
	RUN_BADLY(2, "scan", "-i", "/dev/null", "--method=scan");
	/* getopt_long() adds a line. */
	RUN("verify", "--all", "--method=scan");
	EXPECT_EQ(2, self->run.status);
}

/* The other filters work as those of the module. */
TEST_F(cli_methods, filters_leave_out_the_same_pages)
{
	size_t which;

	NEEDS_MODULE();
	for (which = 0; which < NR_METHODS; which++) {
		SCAN_WELL(methods[which], "-n", "-r", "-o", "RSS",
			  "--min-maps", "2");
		EXPECT_STREQ("0B\n", self->run.out);
		SCAN_WELL(methods[which], "-n", "-r", "-o", "RSS",
			  "--kind", "file,shmem");
		EXPECT_STREQ("0B\n", self->run.out);
		SCAN_WELL(methods[which], "-n", "-r", "-o", "RSS",
			  "--min-maps", "1");
		EXPECT_STREQ("4K\n", self->run.out);
	}
}

TEST_F(cli_methods, scan_and_index_need_no_module)
{
	char *first;
	size_t which;

	NEEDS_MODULE();
	if (access(module_path(), R_OK))
		SKIP(return, "no module at %s: set RMAPSCOPE_KO", module_path());
	RUN_WELL("page", "-p", self->pid, "-a", self->va, "-n", "-r", "-o", "STATE,PID,VA,VMA");
	first = strdup(self->run.out);
	ASSERT_EQ(0, module_unload());
	for (which = 1; which < NR_METHODS; which++) {
		RUN("page", "-p", self->pid, "-a", self->va, methods[which], "-n", "-r", "-o",
		    "STATE,PID,VA,VMA");
		EXPECT_EQ(0, self->run.status);
		EXPECT_STREQ(first, self->run.out);
		SCAN(methods[which], "-n", "-r", "-o", "RSS,EXCL");
		EXPECT_EQ(0, self->run.status);
		EXPECT_STREQ("4K 4K\n", self->run.out);
	}
	ASSERT_EQ(0, module_load(""));
	free(first);
}

TEST_F(cli_methods, recording_says_how_its_mappings_were_found)
{
	static const char file[] = "/tmp/rmapscope-method";
	char *first;

	NEEDS_MODULE();
	SCAN_WELL("--pages", "-n", "-r", "-o",
		  "VA,PFN,MAPS,MMS,PIDS,NAME");
	first = strdup(self->run.out);
	RUN_WELL("record", file, "-p", self->pid, self->range, "--method=index");
	RUN_WELL("scan", "-i", file, "--pages", "-n", "-r", "-o", "VA,PFN,MAPS,MMS,PIDS,NAME");
	EXPECT_STREQ(first, self->run.out);
	RUN_WELL("scan", "-i", file, "-J");
	EXPECT_OUT("\"method\": \"index\"");
	SCAN_WELL("-J");
	EXPECT_OUT("\"method\": \"rmap\"");
	unlink(file);
	free(first);
}

TEST_HARNESS_MAIN
