// SPDX-License-Identifier: GPL-2.0
/*
 * A kernel that lacks what a part of the module needs, as the parameter without= pretends, or as
 * seen by a module that looks for another function. What the tool does then.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "child.h"
#include "command.h"
#include "module.h"
#include "test.h"

/* The module is loaded without scan. */
FIXTURE(without)
{
	char *page;
	char pid[16];
	char va[24];
	char range[32];
	struct child child;
	struct command run;
};

static bool have_module(void)
{
	return !access(module_path(), R_OK);
}

FIXTURE_SETUP(without)
{
	if (!have_module())
		SKIP(return, "no module at %s: set RMAPSCOPE_KO", module_path());
	if (module_loaded())
		ASSERT_EQ(0, module_unload());
	ASSERT_EQ(0, module_load("without=scan"));
	self->page = own_page();
	ASSERT_NE(NULL, self->page);
	ASSERT_OK(child_fork(&self->child));
	snprintf(self->pid, sizeof(self->pid), "%d", getpid());
	snprintf(self->va, sizeof(self->va), "%p", self->page);
	snprintf(self->range, sizeof(self->range), "%p+4096", self->page);
}

/* The programs after this one need the whole module. */
FIXTURE_TEARDOWN(without)
{
	command_free(&self->run);
	if (!have_module())
		return;
	EXPECT_OK(child_end(&self->child));
	if (module_loaded())
		EXPECT_EQ(0, module_unload());
	EXPECT_EQ(0, module_load(""));
}

static int read_info(struct report *info)
{
	int fd = interface_open("info", O_RDONLY), err;

	if (fd < 0)
		return fd;
	err = report_read(info, fd);
	close(fd);
	return err;
}

/* Check that the module has no scan, and that the rest works. */
static void has_no_scan(struct __test_metadata *_metadata, void *page)
{
	struct page_report report;
	const struct record *support, *symbol = NULL;
	struct report info;
	int missing = 0;

	EXPECT_EQ(-ENOENT, interface_open("scan", O_RDWR));
	EXPECT_EQ(-ENOENT, interface_open("scan_raw", O_RDWR));
	ASSERT_EQ(0, read_info(&info));
	support = report_next(&info, "support", NULL);
	EXPECT_STREQ("scan", record_text(support, "missing"));
	EXPECT_STREQ("page,tree,top,stats", record_text(support, "files"));
	EXPECT_EQ(0, report_count(&info, "scan"));
	while ((symbol = report_next(&info, "symbol", symbol))) {
		EXPECT_TRUE(record_get(symbol, "for") || record_num(symbol, "resolved") == 1);
		missing += record_num(symbol, "resolved") == 0;
	}
	EXPECT_LT(0, missing);
	report_free(&info);
	ASSERT_OK(page_report_at(&report, getpid(), (uintptr_t)page));
	EXPECT_EQ(2, report.mapped);
	page_report_free(&report);
}

TEST_F(without, scan_files_are_missing_and_info_says_so)
{
	has_no_scan(_metadata, self->page);
}

TEST_F(without, missing_function_of_scan_costs_only_scan)
{
	const struct record *symbol = NULL;
	struct report info;
	int found = 0;

	ASSERT_EQ(0, module_unload());
	ASSERT_EQ(0, module_load(""));
	ASSERT_EQ(0, read_info(&info));
	EXPECT_STREQ("-", record_text(report_next(&info, "support", NULL), "missing"));
	EXPECT_EQ(1, report_count(&info, "scan"));
	while ((symbol = report_next(&info, "symbol", symbol))) {
		char *changed;

		EXPECT_EQ(1, record_num(symbol, "resolved"));
		if (!record_get(symbol, "for"))
			continue;
		EXPECT_STREQ("scan", record_get(symbol, "for"));
		changed = strdup(record_get(symbol, "name"));
		ASSERT_NE(NULL, changed);
		changed[strlen(changed) - 1] ^= 1;
		ASSERT_EQ(0, module_unload());
		ASSERT_EQ(0, module_load_changed(record_get(symbol, "name"), changed));
		has_no_scan(_metadata, self->page);
		free(changed);
		found++;
	}
	EXPECT_LT(0, found);
	report_free(&info);
}

TEST_F(without, unknown_word_is_refused)
{
	static const char * const wrong[] = {
		"without=scans", "without=sca", "without=page", "without=scan,x", "without=",
		"without=Scan",
	};
	size_t i;

	ASSERT_EQ(0, module_unload());
	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		EXPECT_EQ(-EINVAL, module_load(wrong[i])) TH_LOG("%s", wrong[i]);
		EXPECT_FALSE(module_loaded());
		EXPECT_EQ(-ENOENT, interface_open("info", O_RDONLY));
	}
	EXPECT_EQ(0, module_load("without=scan,scan"));
}

#define NOTE	"rmapscope: on this kernel the module has no scan; going on with --method=index\n"

TEST_F(without, scan_and_record_go_on_with_an_index)
{
	static const char file[] = "/tmp/rmapscope-without";
	char rows[256];

	snprintf(rows, sizeof(rows), "%s 1 2 2 %d,%d\n", self->va, getpid(), self->child.pid);
	RUN("scan", "-p", self->pid, self->range, "--pages", "-n", "-r", "-o",
	    "VA,PAGES,MAPS,MMS,PIDS");
	EXPECT_EQ(0, self->run.status);
	EXPECT_STREQ(NOTE, self->run.err);
	EXPECT_STREQ(rows, self->run.out);
	RUN("record", file, "-p", self->pid, self->range);
	EXPECT_EQ(0, self->run.status);
	EXPECT_STREQ(NOTE, self->run.err);
	RUN_WELL("scan", "-i", file, "--pages", "-n", "-r", "-o", "VA,PAGES,MAPS,MMS,PIDS");
	EXPECT_STREQ(rows, self->run.out);
	RUN_WELL("scan", "-i", file, "-J");
	EXPECT_OUT("\"method\": \"index\"");
	unlink(file);
}

TEST_F(without, chosen_method_needs_no_note)
{
	RUN_WELL("scan", "-p", self->pid, self->range, "--method=scan", "-n", "-r", "-o", "RSS");
	EXPECT_STREQ("4K\n", self->run.out);
}

TEST_F(without, what_only_the_module_can_do_says_so)
{
	RUN_BADLY(1, "scan", "-p", self->pid, self->range, "--method=rmap");
	EXPECT_ERR("this kernel lacks what that needs");
	RUN_BADLY(1, "verify", "-p", self->pid, self->range);
	EXPECT_ERR("this kernel lacks what that needs");
	RUN_BADLY(1, "scan", "-p", self->pid, self->range, "--stuck");
	EXPECT_ERR("--stuck needs the module's scan");
	RUN_BADLY(1, "record", "/tmp/rmapscope-without", "-p", self->pid, "--extra-refs");
	EXPECT_ERR("--extra-refs needs the module's scan");
	EXPECT_EQ(-1, access("/tmp/rmapscope-without", F_OK));
}

TEST_F(without, other_commands_work)
{
	char rows[128];

	snprintf(rows, sizeof(rows), "mapped %d\nmapped %d\n", getpid(), self->child.pid);
	RUN_WELL("page", "-p", self->pid, "-a", self->va, "-n", "-r", "-o", "STATE,PID");
	EXPECT_STREQ(rows, self->run.out);
	RUN_WELL("tree", "-p", self->pid, "-a", self->va);
	RUN_WELL("why", "-p", self->pid, "-a", self->va);
	RUN_WELL("top", "-N", "1");
}

TEST_HARNESS_MAIN
