// SPDX-License-Identifier: GPL-2.0
/*
 * The values in the file "top" that name a process and a page, and the line of totals. They must
 * match what this test has set up and what /proc has.
 */
#include <dirent.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "child.h"
#include "exercise.h"
#include "oracle.h"
#include "top_report.h"

#define LIMIT_FIXTURE_NAME	max_trees
#include "limit_fixture.h"

/* Pages with a distance to other VMAs, so that no neighbour shares its anon_vma. */
static char *island(size_t nr)
{
	size_t size = getpagesize();
	char *pages = own_pages(nr + 2);

	if (!pages || mprotect(pages, size, PROT_NONE) ||
	    mprotect(pages + (nr + 1) * size, size, PROT_NONE))
		return NULL;
	return pages + size;
}

static const struct record *tree_at(const struct report *report, pid_t pid, const void *va)
{
	const struct record *tree = NULL;

	while ((tree = report_next(report, "tree", tree)))
		if (record_num(tree, "pid") == (unsigned long long)pid &&
		    record_num(tree, "va") == (uintptr_t)va)
			return tree;
	complain("no tree of pid %d with va=%p", pid, va);
	return NULL;
}

TEST(address_is_that_of_the_first_page)
{
	size_t size = getpagesize(), i;
	const struct record *tree;
	struct report report;
	char *pages;

	NEEDS_MODULE();
	pages = island(20);
	ASSERT_NE(NULL, pages);
	for (i = 7; i < 15; i += 3)
		pages[i * size] = 1;
	ASSERT_OK(top_report_take(&report));
	tree = tree_at(&report, getpid(), pages + 7 * size);
	ASSERT_NE(NULL, tree) TH_LOG("%s", why);
	EXPECT_EQ(3, record_num(tree, "pages"));
	EXPECT_EQ(3, record_num(tree, "pid_pages"));
	report_free(&report);

	/* Without any page it is the start of the VMA. */
	ASSERT_EQ(0, madvise(pages, 20 * size, MADV_DONTNEED));
	ASSERT_OK(top_report_take(&report));
	tree = tree_at(&report, getpid(), pages);
	ASSERT_NE(NULL, tree) TH_LOG("%s", why);
	EXPECT_EQ(0, record_num(tree, "pages"));
	EXPECT_EQ(0, record_num(tree, "pid_pages"));
	EXPECT_EQ(1, record_num(tree, "vmas"));
	report_free(&report);
}

/* The child has the most pages. Its first page is not the first page of the tree. */
TEST(process_with_most_pages_is_named_with_its_first_page)
{
	size_t size = getpagesize(), i;
	const struct record *tree;
	struct report report;
	struct child child;
	char *pages;

	NEEDS_MODULE();
	pages = island(9);
	ASSERT_NE(NULL, pages);
	pages[0] = 1;
	ASSERT_OK(child_fork(&child));
	ASSERT_OK(child_do(&child, CHILD_DONTNEED, pages));
	for (i = 2; i < 6; i++)
		ASSERT_OK(child_do(&child, CHILD_WRITE, pages + i * size));
	ASSERT_OK(top_report_take(&report));
	tree = tree_at(&report, child.pid, pages + 2 * size);
	ASSERT_NE(NULL, tree) TH_LOG("%s", why);
	EXPECT_EQ(4, record_num(tree, "pid_pages"));
	EXPECT_EQ(5, record_num(tree, "pages"));
	EXPECT_EQ(2, record_num(tree, "vmas"));
	EXPECT_EQ(2, record_num(tree, "processes"));
	EXPECT_STREQ("top_line", record_get(tree, "comm"));
	report_free(&report);
	EXPECT_OK(child_end(&child));
}

/* One page each, in a tree of its own. */
TEST(process_whose_leading_thread_is_gone_has_its_tree)
{
	const struct record *tree;
	struct exercise run;
	struct report report;
	size_t i;

	NEEDS_MODULE();
	ASSERT_OK(exercise_start(&run, "threads", NULL));
	ASSERT_EQ(2, run.nr_pages);
	ASSERT_OK(top_report_take(&report));
	for (i = 0; i < run.nr_pages; i++) {
		const struct mapping *place = &run.pages[i].mapped.v[0];

		tree = tree_at(&report, place->pid, (void *)place->va);
		EXPECT_NE(NULL, tree) TH_LOG("%s: %s", run.pages[i].note, why);
		EXPECT_EQ(1, tree ? record_num(tree, "processes") : 0);
		EXPECT_EQ(1, tree ? record_num(tree, "pid_pages") : 0);
	}
	report_free(&report);
	EXPECT_OK(exercise_stop(&run));
}

TEST(owner_of_an_mm_is_named_for_all_that_share_it)
{
	const struct exercise_page *page;
	const struct record *tree;
	struct top_family family;
	struct exercise run;
	struct report report;

	NEEDS_MODULE();
	ASSERT_OK(exercise_start(&run, "clone-vm", NULL));
	page = &run.pages[0];
	ASSERT_OK(top_family(&family, &run));
	ASSERT_OK(top_report_take(&report));
	tree = top_report_find(&report, &family);
	ASSERT_NE(NULL, tree) TH_LOG("%s", why);
	EXPECT_EQ(page->mapped.v[0].pid, record_num(tree, "pid"));
	EXPECT_EQ(page->mapped.v[0].va, record_num(tree, "va"));
	report_free(&report);
	top_family_free(&family);
	EXPECT_OK(exercise_stop(&run));
}

/*
 * Two processes share an mm, and the reader sees only one of them: the child of vfork() is in a
 * new pid namespace, and its parent is not.
 */
TEST(visible_process_is_named_for_a_hidden_one)
{
	struct report report;
	char *page;
	int status;
	pid_t pid;

	NEEDS_MODULE();
	page = island(1);
	ASSERT_NE(NULL, page);
	page[0] = 1;
	if (unshare(CLONE_NEWPID))
		SKIP(return, "no pid namespaces: %s", strerror(errno));
	pid = vfork();
	ASSERT_LE(0, pid);
	if (!pid)
		_exit(top_report_take(&report) || !tree_at(&report, 1, page));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status) TH_LOG("%s", why);
}

/* Counts processes with memory. Each has its own mm here. */
static size_t count_processes(void)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	char path[300], link[8];
	size_t nr = 0;

	while (proc && (entry = readdir(proc))) {
		if (atoi(entry->d_name) <= 0)
			continue;
		snprintf(path, sizeof(path), "/proc/%s/exe", entry->d_name);
		nr += readlink(path, link, sizeof(link)) > 0;
	}
	if (proc)
		closedir(proc);
	return nr;
}

TEST(total_counts_each_mm_once)
{
	size_t before = count_processes();
	struct exercise run;
	struct report report;

	NEEDS_MODULE();
	ASSERT_OK(top_report_take(&report));
	EXPECT_EQ(before, record_num(report_next(&report, "total", NULL), "processes"));
	EXPECT_EQ(0, record_num(report_next(&report, "total", NULL), "skipped"));
	EXPECT_LT(0, record_num(report_next(&report, "total", NULL), "ns"));
	report_free(&report);
	/* The two that share an mm count once. The process that has forked them counts as well. */
	ASSERT_OK(exercise_start(&run, "clone-vm", NULL));
	ASSERT_OK(top_report_take(&report));
	EXPECT_EQ(before + run.nr_processes - (run.pages[0].sharers.nr - run.pages[0].mapped.nr),
		  record_num(report_next(&report, "total", NULL), "processes"));
	report_free(&report);
	EXPECT_OK(exercise_stop(&run));
}

/* The totals are those of the machine, but only the first trees are listed. */
TEST_F(max_trees, trees_that_are_cut_off_are_in_the_total)
{
	const struct record *one = NULL, *other = NULL, *total[2];
	struct report whole, cut;
	struct exercise run;
	int i;

	ASSERT_OK(exercise_start(&run, "wide", "--children", "50", NULL));
	/* No ASSERT from here on: in some harnesses it would skip the teardown. */
	EXPECT_OK(top_report_take(&whole));
	EXPECT_OK(param_set(LIMIT_PARAMETER, 3));
	EXPECT_OK(top_report_take(&cut));
	total[0] = report_next(&whole, "total", NULL);
	total[1] = report_next(&cut, "total", NULL);
	EXPECT_EQ(record_num(total[0], "trees"), record_num(total[1], "trees"));
	EXPECT_EQ(record_num(total[0], "vmas"), record_num(total[1], "vmas"));
	EXPECT_EQ(3, record_num(total[1], "shown"));
	EXPECT_EQ(3, report_count(&cut, "tree"));
	for (i = 0; i < 3; i++) {
		one = report_next(&whole, "tree", one);
		other = report_next(&cut, "tree", other);
		EXPECT_STREQ(record_get(one, "vmas"), record_get(other, "vmas"));
		EXPECT_STREQ(record_get(one, "pid"), record_get(other, "pid"));
		EXPECT_STREQ(record_get(one, "va"), record_get(other, "va"));
	}
	report_free(&whole);
	report_free(&cut);
	EXPECT_OK(exercise_stop(&run));
}

TEST_HARNESS_MAIN
