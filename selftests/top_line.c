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
#include "kernel_file.h"
#include "oracle.h"
#include "slab.h"
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

#define FORKS	5
#define VMAS	7
#define SLAB	"/sys/kernel/slab/"

/* The VMAs of the parent share one anon_vma. Each VMA of a child has its own, below that. */
TEST(chains_and_memory_are_as_many_vmas_and_forks_make_them)
{
	int64_t av_size = file_number(SLAB "anon_vma/object_size");
	int64_t avc_size = file_number(SLAB "anon_vma_chain/object_size");
	size_t size = getpagesize(), i;
	struct child child[FORKS];
	const struct record *tree;
	struct report report;
	char *pages;

	NEEDS_MODULE();
	pages = island(VMAS);
	ASSERT_NE(NULL, pages);
	memset(pages, 1, VMAS * size);
	for (i = 0; i < VMAS; i += 2)
		ASSERT_EQ(0, mprotect(pages + i * size, size, PROT_READ));
	for (i = 0; i < FORKS; i++)
		ASSERT_OK(child_fork(&child[i]));
	ASSERT_OK(top_report_take(&report));
	tree = tree_at(&report, getpid(), pages);
	ASSERT_NE(NULL, tree) TH_LOG("%s", why);
	EXPECT_EQ(VMAS * (1 + FORKS), record_num(tree, "vmas"));
	EXPECT_EQ(1 + VMAS * FORKS, record_num(tree, "anon_vmas"));
	EXPECT_EQ(VMAS * (1 + 2 * FORKS), record_num(tree, "avcs"));
	if (av_size > 0 && avc_size > 0)
		EXPECT_EQ((1 + VMAS * FORKS) * av_size + VMAS * (1 + 2 * FORKS) * avc_size,
			  record_num(tree, "bytes"));
	report_free(&report);
	for (i = 0; i < FORKS; i++)
		EXPECT_OK(child_end(&child[i]));
}

/*
 * Of the machine, by the file "top"; -1 if it can't be read. Allocates nothing: new memory of this
 * process could be in an anon_vma of its own.
 */
static int64_t count_anon_vmas(void)
{
	static char text[1 << 20];
	size_t len = 0;
	int64_t sum = 0;
	ssize_t got;
	char *at;
	int fd;

	memset(text, 0, sizeof(text));
	fd = interface_open("top", O_RDONLY);
	if (fd < 0)
		return -1;
	while ((got = read(fd, text + len, sizeof(text) - 1 - len)) > 0)
		len += got;
	close(fd);
	for (at = text; (at = strstr(at, " anon_vmas=")); at++)
		sum += atoll(strchr(at, '=') + 1);
	return got ? -1 : sum;
}

/*
 * A cache of type-safe objects is never merged with another one. ksmd may keep anon_vmas of
 * processes that have ended, so what is compared is how many more there are.
 */
TEST(slab_cache_has_as_many_anon_vmas)
{
	struct exercise run;
	int64_t objects[2], found[2];

	NEEDS_MODULE();
	ASSERT_LE(0, count_anon_vmas());
	objects[0] = slab_at_rest("anon_vma");
	found[0] = count_anon_vmas();
	ASSERT_OK(exercise_start(&run, "deep", "--depth", "20", NULL));
	objects[1] = slab_at_rest("anon_vma");
	found[1] = count_anon_vmas();
	EXPECT_OK(exercise_stop(&run));
	if (objects[0] < 0)
		SKIP(return, "this kernel does not count the objects of slab caches");
	EXPECT_LT(20 * 5, found[1] - found[0]);
	EXPECT_LE(found[0], objects[0]);
	EXPECT_EQ(objects[1] - objects[0], found[1] - found[0]);
}

TEST(vmas_are_unforked_until_a_child_inherits_them)
{
	size_t size = getpagesize(), i;
	const struct record *tree;
	struct report report;
	struct child child;
	char *pages;
	int forked;

	NEEDS_MODULE();
	pages = island(VMAS);
	ASSERT_NE(NULL, pages);
	memset(pages, 1, VMAS * size);
	for (i = 0; i < VMAS; i += 2)
		ASSERT_EQ(0, mprotect(pages + i * size, size, PROT_READ));
	/* top_report_take() compares unforked= with the trees that have one anon_vma. */
	for (forked = 0; forked < 3; forked++) {
		if (forked == 1)
			ASSERT_OK(child_fork(&child));
		if (forked == 2)
			ASSERT_OK(child_end(&child));
		ASSERT_OK(top_report_take(&report));
		tree = tree_at(&report, getpid(), pages);
		ASSERT_NE(NULL, tree) TH_LOG("%s", why);
		EXPECT_EQ(forked == 1 ? 1 + VMAS : 1, record_num(tree, "anon_vmas"));
		report_free(&report);
	}
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
	EXPECT_EQ(record_num(total[0], "unforked"), record_num(total[1], "unforked"));
	EXPECT_EQ(record_num(total[0], "avcs"), record_num(total[1], "avcs"));
	EXPECT_EQ(record_num(total[0], "bytes"), record_num(total[1], "bytes"));
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
