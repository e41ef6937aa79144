// SPDX-License-Identifier: GPL-2.0
/* The file "top": all anon_vma trees of the machine, the largest first. */
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "busy_sharers.h"
#include "child.h"
#include "exercise.h"
#include "top_report.h"

#define LIMIT_FIXTURE_NAME	max_trees
#include "limit_fixture.h"

FIXTURE(top) {
	struct exercise run;
	struct top_family family;
};

FIXTURE_VARIANT(top) {
	const char *scenario;
	const char *option;
	const char *number;
	/* Expected values. The VMAs are counted in /proc. */
	size_t anon_vmas;
	size_t avcs;
	size_t depth;
};

#define VARIANT(name, ...)	FIXTURE_VARIANT_ADD(top, name) { __VA_ARGS__ }

/*
 * Each child has its own anon_vma below that of its parent, and a chain to each of them up to the
 * root.
 */
VARIANT(wide, .scenario = "wide", .option = "--children", .number = "60",
	.anon_vmas = 61, .avcs = 1 + 60 * 2, .depth = 1);
VARIANT(deep, .scenario = "deep", .option = "--depth", .number = "30",
	.anon_vmas = 31, .avcs = 31 * 32 / 2, .depth = 30);
/* Copying a page does not change the tree. */
VARIANT(cow_child, .scenario = "cow-child", .option = "--children", .number = "8",
	.anon_vmas = 9, .avcs = 1 + 8 * 2, .depth = 1);
/* The anon_vma of the exited process is still there, without a VMA. */
VARIANT(orphan, .scenario = "orphan", .option = "--children", .number = "3",
	.anon_vmas = 5, .avcs = 1 + 3 * 3, .depth = 2);
/* The great-grandchild reuses the anon_vma of the exited child. It has the chains of its parent. */
VARIANT(reuse, .scenario = "reuse", .anon_vmas = 3, .avcs = 1 + 3 + 3, .depth = 2);
/*
 * The three VMAs of the parent share one anon_vma. Those of the second child have one each. The
 * first child was forked before the split.
 */
VARIANT(split, .scenario = "split", .option = "--children", .number = "2",
	.anon_vmas = 5, .avcs = 3 + 2 + 3 * 2, .depth = 1);

FIXTURE_SETUP(top)
{
	NEEDS_MODULE();
	ASSERT_OK(exercise_start(&self->run, variant->scenario, variant->option,
				 variant->number, NULL));
	ASSERT_OK(top_family(&self->family, &self->run));
}

FIXTURE_TEARDOWN(top)
{
	top_family_free(&self->family);
	EXPECT_OK(exercise_stop(&self->run));
}

TEST_F(top, values_match_what_was_built)
{
	const struct record *tree;
	struct report report;

	ASSERT_OK(top_report_take(&report));
	tree = top_report_find(&report, &self->family);
	ASSERT_NE(NULL, tree) TH_LOG("%s", why);
	EXPECT_EQ(self->family.nr, record_num(tree, "vmas"));
	EXPECT_EQ(self->family.processes, record_num(tree, "processes"));
	EXPECT_EQ(self->family.pages, record_num(tree, "pages"));
	EXPECT_EQ(self->family.most_pages, record_num(tree, "pid_pages"));
	EXPECT_EQ(variant->anon_vmas, record_num(tree, "anon_vmas"));
	EXPECT_EQ(variant->avcs, record_num(tree, "avcs"));
	EXPECT_EQ(variant->depth, record_num(tree, "depth"));
	EXPECT_STREQ("rmap-exercise", record_get(tree, "comm"));
	report_free(&report);
}

TEST(two_families_have_two_trees)
{
	static const char * const children[] = { "3", "5" };
	const struct record *tree[2];
	struct top_family family[2];
	struct exercise run[2];
	struct report report;
	int i;

	NEEDS_MODULE();
	for (i = 0; i < 2; i++) {
		ASSERT_OK(exercise_start(&run[i], "fork", "--children", children[i], NULL));
		ASSERT_OK(top_family(&family[i], &run[i]));
	}
	ASSERT_OK(top_report_take(&report));
	for (i = 0; i < 2; i++) {
		tree[i] = top_report_find(&report, &family[i]);
		ASSERT_NE(NULL, tree[i]) TH_LOG("%s", why);
		EXPECT_EQ(family[i].nr, record_num(tree[i], "vmas"));
		EXPECT_EQ(family[i].processes, record_num(tree[i], "processes"));
		EXPECT_EQ(family[i].pages, record_num(tree[i], "pages"));
	}
	EXPECT_EQ(4, family[0].nr);
	EXPECT_EQ(6, family[1].nr);
	EXPECT_LT(tree[1], tree[0]);
	report_free(&report);
	for (i = 0; i < 2; i++) {
		top_family_free(&family[i]);
		EXPECT_OK(exercise_stop(&run[i]));
	}
}

TEST(processes_that_share_memory_count_once)
{
	const struct record *tree;
	struct top_family family;
	struct exercise run;
	struct report report;

	NEEDS_MODULE();
	ASSERT_OK(exercise_start(&run, "clone-vm", NULL));
	ASSERT_OK(top_family(&family, &run));
	ASSERT_OK(top_report_take(&report));
	tree = top_report_find(&report, &family);
	ASSERT_NE(NULL, tree) TH_LOG("%s", why);
	EXPECT_LT(run.pages[0].mapped.nr, run.pages[0].sharers.nr);
	EXPECT_EQ(family.nr, record_num(tree, "vmas"));
	EXPECT_EQ(family.processes, record_num(tree, "processes"));
	EXPECT_EQ(family.pages, record_num(tree, "pages"));
	report_free(&report);
	top_family_free(&family);
	EXPECT_OK(exercise_stop(&run));
}

/* All except the test's own tree, which changes meanwhile. */
TEST(each_tree_leads_to_an_anonymous_page)
{
	const struct record *tree = NULL;
	struct exercise run;
	struct report report;
	size_t checked = 0;
	bool anonymous;

	NEEDS_MODULE();
	ASSERT_OK(exercise_start(&run, "fork", NULL));
	ASSERT_OK(top_report_take(&report));
	while ((tree = report_next(&report, "tree", tree))) {
		pid_t pid = record_num(tree, "pid");

		if (!record_num(tree, "pid_pages") || pid == getpid() || pid == getppid())
			continue;
		ASSERT_OK(top_page_present(pid, record_num(tree, "va"), &anonymous));
		EXPECT_TRUE(anonymous) {
			TH_LOG("pid %d va %s", pid, record_get(tree, "va"));
		}
		checked++;
	}
	EXPECT_LT(4, checked);
	report_free(&report);
	EXPECT_OK(exercise_stop(&run));
}

static int mode_of(int fd)
{
	struct stat st;

	return fstat(fd, &st) ? -1 : (int)(st.st_mode & 07777);
}

TEST(file_is_readable_for_root_only)
{
	int fd;

	NEEDS_MODULE();
	fd = interface_open("top", O_RDONLY);
	ASSERT_LE(0, fd);
	EXPECT_EQ(0400, mode_of(fd));
	close(fd);
	fd = interface_open("top", O_RDWR);
	ASSERT_LE(0, fd);
	EXPECT_EQ(-EINVAL, interface_write(fd, "pfn=1"));
	close(fd);
	ASSERT_EQ(0, setuid(65534));
	fd = interface_open("top", O_RDONLY);
	EXPECT_TRUE(fd == -EACCES || fd == -EPERM);
}

TEST(snapshot_is_that_of_the_first_read)
{
	struct exercise run;
	char *first, *again, byte;
	int fd;

	NEEDS_MODULE();
	fd = interface_open("top", O_RDONLY);
	ASSERT_LE(0, fd);
	ASSERT_EQ(1, read(fd, &byte, 1));
	ASSERT_EQ(0, lseek(fd, 0, SEEK_SET));
	first = interface_read(fd);
	ASSERT_NE(NULL, first);
	ASSERT_OK(exercise_start(&run, "fork", NULL));
	ASSERT_EQ(0, lseek(fd, 0, SEEK_SET));
	again = interface_read(fd);
	EXPECT_STREQ(first, again);
	EXPECT_OK(exercise_stop(&run));
	free(first);
	free(again);
	close(fd);
}

TEST_F(max_trees, report_is_truncated_at_the_limit)
{
	static const unsigned int limits[] = { 0, 1, 2, 4 };
	const struct record *total;
	struct report report;
	struct exercise run;
	size_t i;

	ASSERT_OK(exercise_start(&run, "wide", "--children", "20", NULL));
	/* No ASSERT from here on: in some harnesses it would skip the teardown. */
	for (i = 0; i < sizeof(limits) / sizeof(*limits); i++) {
		EXPECT_OK(param_set(LIMIT_PARAMETER, limits[i]));
		EXPECT_OK(top_report_take(&report));
		total = report_next(&report, "total", NULL);
		EXPECT_EQ(limits[i], report_count(&report, "tree"));
		EXPECT_EQ(1, record_num(total, "truncated"));
		EXPECT_LT(4, record_num(total, "trees"));
		report_free(&report);
	}
	EXPECT_OK(param_set(LIMIT_PARAMETER, 100000));
	EXPECT_OK(top_report_take(&report));
	total = report_next(&report, "total", NULL);
	EXPECT_EQ(0, record_num(total, "truncated"));
	EXPECT_LT(4, record_num(total, "shown"));
	report_free(&report);
	EXPECT_OK(exercise_stop(&run));
}

/* Runs as pid 1 of a new namespace. Returns the line of the check that failed. */
static int check_from_namespace(const struct top_family *outside, const char *page)
{
	const struct record *tree = NULL;
	bool self = false, invisible = false;
	struct report report;

	if (getpid() != 1)
		return __LINE__;
	if (top_report_take(&report))
		return __LINE__;
	while ((tree = report_next(&report, "tree", tree))) {
		unsigned long pid = record_num(tree, "pid");

		if (pid > 1)
			return __LINE__;
		self |= pid == 1;
		if (pid)
			continue;
		if (strcmp(record_get(tree, "comm"), "-"))
			return __LINE__;
		/* The family's tree is listed, but without pid and name. */
		invisible |= record_num(tree, "vmas") == outside->nr &&
			     record_num(tree, "pages") == outside->pages &&
			     record_num(tree, "processes") == outside->processes;
	}
	report_free(&report);
	if (!self)
		return __LINE__;
	return invisible ? 0 : __LINE__;
}

TEST(pids_are_those_of_the_openers_namespace)
{
	struct top_family family;
	struct exercise run;
	int status;
	pid_t pid;

	NEEDS_MODULE();
	ASSERT_OK(exercise_start(&run, "wide", "--children", "23", NULL));
	ASSERT_OK(top_family(&family, &run));
	if (unshare(CLONE_NEWPID))
		SKIP(return, "no pid namespaces: %s", strerror(errno));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		/* Only this process has these pages, so it has the most pages of the tree. */
		char *pages = own_pages(8);

		memset(pages, 1, 8 * getpagesize());
		status = check_from_namespace(&family, pages);
		if (status)
			fprintf(stderr, "# the check on line %d failed: %s\n", status, why);
		_exit(status ? 1 : 0);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	top_family_free(&family);
	EXPECT_OK(exercise_stop(&run));
}

TEST_HARNESS_MAIN
