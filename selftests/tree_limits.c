// SPDX-License-Identifier: GPL-2.0
/*
 * The file "tree": which targets have a tree, how large it may be, what a pid namespace hides,
 * and that it is complete while it changes.
 */
#include <inttypes.h>
#include <linux/memfd.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "busy_sharers.h"
#include "child.h"
#include "exercise.h"
#include "frame_flags.h"
#include "kernel_file.h"
#include "oracle.h"
#include "tree_report.h"

#define LIMIT_FIXTURE_NAME	max_vmas
#include "limit_fixture.h"

#define NR_HUGEPAGES "/proc/sys/vm/nr_hugepages"

TEST(pfn_and_address_lead_to_the_same_tree)
{
	struct tree_report by_pid, by_pfn;
	struct child child;
	uint64_t pfn;
	size_t i;
	char *page;

	NEEDS_MODULE();
	page = own_page();
	ASSERT_NE(NULL, page);
	ASSERT_OK(child_fork(&child));
	ASSERT_OK(oracle_pfn(child.pid, (uintptr_t)page, &pfn));
	ASSERT_OK(tree_report_at(&by_pid, child.pid, page));
	ASSERT_OK(tree_report_take(&by_pfn, "pfn=%#" PRIx64, pfn));
	ASSERT_EQ(by_pid.nr_vmas, by_pfn.nr_vmas);
	ASSERT_EQ(by_pid.nr_avs, by_pfn.nr_avs);
	EXPECT_EQ(by_pid.nr_links, by_pfn.nr_links);
	for (i = 0; i < by_pid.nr_vmas; i++) {
		EXPECT_EQ(by_pid.vmas[i].pid, by_pfn.vmas[i].pid);
		EXPECT_EQ(by_pid.vmas[i].start, by_pfn.vmas[i].start);
		EXPECT_EQ(by_pid.vmas[i].own, by_pfn.vmas[i].own);
	}
	tree_report_free(&by_pid);
	tree_report_free(&by_pfn);
	EXPECT_OK(child_end(&child));
}

/* The VMA has an anon_vma, but the page was not written to, so it is the file's. */
TEST(page_of_a_file_has_no_tree)
{
	size_t size = getpagesize();
	struct tree_report tree;
	uint64_t pfn;
	char *pages;
	int fd;

	NEEDS_MODULE();
	fd = memfd_create("tree", 0);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, ftruncate(fd, 2 * size));
	pages = mmap(NULL, 2 * size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	ASSERT_NE(MAP_FAILED, pages);
	pages[0] = 1;
	ASSERT_EQ(0, *(volatile char *)(pages + size));
	EXPECT_EQ(-EOPNOTSUPP, tree_report_at(&tree, getpid(), pages + size));
	tree_report_free(&tree);
	ASSERT_OK(oracle_pfn(getpid(), (uintptr_t)pages + size, &pfn));
	EXPECT_EQ(-EOPNOTSUPP, tree_report_take(&tree, "pfn=%#" PRIx64, pfn));
	tree_report_free(&tree);

	ASSERT_OK(tree_report_at(&tree, getpid(), pages));
	EXPECT_EQ(1, tree_report_covering(&tree));
	EXPECT_NE(NULL, strstr(record_get(tree.vmas[0].record, "name"), "memfd:tree"));
	tree_report_free(&tree);
}

TEST(address_in_swap_has_the_tree_of_its_vma)
{
	struct tree_report tree;
	struct child child;
	uint64_t entry = 0;
	char *page;
	int i;

	NEEDS_MODULE();
	if (!have_swap())
		SKIP(return, "no swap: /proc/swaps is empty");
	page = own_page();
	ASSERT_NE(NULL, page);
	/* A page in the batch of another CPU cannot be reclaimed yet, so this retries. */
	for (i = 0; i < 1000 && !(entry & PM_SWAPPED); i++) {
		ASSERT_EQ(0, madvise(page, getpagesize(), MADV_PAGEOUT));
		ASSERT_OK(oracle_entry(getpid(), (uintptr_t)page, &entry));
	}
	ASSERT_NE(0, entry & PM_SWAPPED);
	ASSERT_OK(child_fork(&child));
	ASSERT_OK(tree_report_at(&tree, child.pid, page));
	EXPECT_STREQ("swap", record_get(tree.page, "kind"));
	EXPECT_LE(2, tree.nr_vmas);
	/* A swap slot has no anon_vma, so the first one is that of the VMA. */
	EXPECT_EQ(0, tree_report_vma(&tree, child.pid, page)->own);
	EXPECT_EQ(1, tree.avs[0].depth);
	EXPECT_TRUE(tree_report_vma(&tree, getpid(), page)->covers);
	tree_report_free(&tree);
	ASSERT_OK(oracle_entry(getpid(), (uintptr_t)page, &entry));
	EXPECT_NE(0, entry & PM_SWAPPED);
	EXPECT_OK(child_end(&child));
}

TEST(ksm_page_has_a_tree_by_address_only)
{
	const struct exercise_page *page;
	struct exercise run;
	struct tree_report tree;
	uint64_t pfn;
	int err;

	NEEDS_MODULE();
	err = exercise_start(&run, "ksm", NULL);
	if (err == EXERCISE_UNSUPPORTED)
		SKIP(return, "%s", why);
	ASSERT_EQ(0, err);
	page = &run.pages[0];
	ASSERT_NE(0, page->mapped.nr);
	ASSERT_OK(tree_report_at(&tree, page->mapped.v[0].pid, (void *)page->mapped.v[0].va));
	EXPECT_STREQ("ksm", record_get(tree.page, "kind"));
	EXPECT_EQ(0, tree_report_vma(&tree, page->mapped.v[0].pid,
				     (void *)page->mapped.v[0].va)->own);
	EXPECT_TRUE(tree_report_vma(&tree, page->mapped.v[0].pid,
				    (void *)page->mapped.v[0].va)->covers);
	tree_report_free(&tree);
	ASSERT_OK(oracle_pfn(page->mapped.v[0].pid, page->mapped.v[0].va, &pfn));
	EXPECT_EQ(-EOPNOTSUPP, tree_report_take(&tree, "pfn=%#" PRIx64, pfn));
	tree_report_free(&tree);
	EXPECT_OK(exercise_stop(&run));
}

TEST(anonymous_hugetlb_page_has_a_tree)
{
	size_t size = 2 << 20;
	struct tree_report tree;
	struct child child;
	char *page;

	NEEDS_MODULE();
	if (write_text(NR_HUGEPAGES, "2"))
		SKIP(return, "%s", why);
	page = mmap(NULL, size, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
	if (page == MAP_FAILED)
		SKIP(return, "the kernel gives no huge page: %s", strerror(errno));
	page[0] = 1;
	ASSERT_OK(child_fork(&child));
	ASSERT_OK(tree_report_at(&tree, getpid(), page + 5 * getpagesize()));
	EXPECT_STREQ("hugetlb-anon", record_get(tree.page, "kind"));
	EXPECT_EQ(2, tree.nr_avs);
	EXPECT_EQ(2, tree_report_covering(&tree));
	tree_report_free(&tree);
	EXPECT_OK(child_end(&child));
	ASSERT_EQ(0, munmap(page, size));
	EXPECT_OK(write_text(NR_HUGEPAGES, "0"));
}

/* The child maps all of the huge page except its first small page. */
TEST(vma_covers_a_folio_if_it_covers_any_of_its_pages)
{
	size_t size = 2 << 20;
	uint64_t pfn, flags = 0;
	struct tree_report tree;
	struct child child;
	char *huge;

	NEEDS_MODULE();
	huge = mmap(NULL, 2 * size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, huge);
	huge = (char *)(((uintptr_t)huge + size - 1) & -size);
	if (madvise(huge, size, MADV_HUGEPAGE))
		SKIP(return, "no transparent huge pages: %s", strerror(errno));
	huge[0] = 1;
	ASSERT_OK(oracle_pfn(getpid(), (uintptr_t)huge, &pfn));
	ASSERT_OK(oracle_kpageflags(pfn, &flags));
	if (!(flags & (1ULL << KPF_THP)))
		SKIP(return, "the kernel gives no huge page");
	ASSERT_OK(child_fork(&child));
	ASSERT_OK(child_do(&child, CHILD_UNMAP, huge));

	ASSERT_OK(tree_report_at(&tree, getpid(), huge));
	EXPECT_EQ(2, tree.nr_avs);
	EXPECT_TRUE(tree_report_vma(&tree, getpid(), huge)->covers);
	EXPECT_FALSE(tree_report_vma(&tree, child.pid, huge + getpagesize())->covers);
	tree_report_free(&tree);
	ASSERT_OK(tree_report_take(&tree, "folio pid=%d va=%p", getpid(), huge));
	EXPECT_TRUE(tree_report_vma(&tree, getpid(), huge)->covers);
	EXPECT_TRUE(tree_report_vma(&tree, child.pid, huge + getpagesize())->covers);
	tree_report_free(&tree);

	/* A small page that both map: one as part of a huge entry, the other with a small one. */
	ASSERT_OK(tree_report_at(&tree, child.pid, huge + 7 * getpagesize()));
	EXPECT_EQ(pfn + 7, record_num(tree.page, "pfn"));
	EXPECT_TRUE(tree_report_vma(&tree, getpid(), huge)->covers);
	EXPECT_TRUE(tree_report_vma(&tree, child.pid, huge + getpagesize())->covers);
	tree_report_free(&tree);
	EXPECT_OK(child_end(&child));
}

TEST_F(max_vmas, tree_is_truncated_at_the_limit)
{
	static const unsigned int limits[] = { 0, 1, 20, 40, 41, 42 };
	struct exercise run;
	struct tree_report tree;
	size_t i;

	ASSERT_OK(exercise_start(&run, "fork", "--children", "40", NULL));
	for (i = 0; i < sizeof(limits) / sizeof(*limits); i++) {
		/* No ASSERT here: in some harnesses it would skip the teardown. */
		EXPECT_OK(param_set(LIMIT_PARAMETER, limits[i]));
		EXPECT_OK(tree_report_at(&tree, run.pid, (void *)run.pages[0].mapped.v[0].va));
		EXPECT_EQ(limits[i] < 41, tree.truncated);
		EXPECT_EQ(limits[i] < 41 ? limits[i] : 41, tree.nr_vmas);
		EXPECT_EQ(41, record_num(tree.total, "vmas"));
		EXPECT_EQ(41, tree.nr_avs);
		tree_report_free(&tree);
	}
	EXPECT_OK(exercise_stop(&run));
}

TEST(five_hundred_children_are_all_in_the_tree)
{
	const struct exercise_page *page;
	struct exercise run;
	struct tree_report tree;
	size_t i;

	NEEDS_MODULE();
	ASSERT_OK(exercise_start(&run, "fork", "--children", "500", NULL));
	page = &run.pages[0];
	ASSERT_EQ(501, page->mapped.nr);
	ASSERT_OK(tree_report_at(&tree, run.pid, (void *)page->mapped.v[0].va));
	EXPECT_EQ(501, tree.nr_vmas);
	EXPECT_EQ(501, tree.nr_avs);
	EXPECT_EQ(1001, tree.nr_links);
	EXPECT_EQ(501, tree_report_covering(&tree));
	EXPECT_EQ(501, tree_report_num(&tree, 0, "num_children"));
	for (i = 0; i < page->mapped.nr; i++)
		EXPECT_NE(NULL, tree_report_vma(&tree, page->mapped.v[i].pid,
						(void *)page->mapped.v[i].va));
	tree_report_free(&tree);
	EXPECT_OK(exercise_stop(&run));
}

TEST(tree_is_complete_while_sharers_come_and_go)
{
	enum { LOOKS = 1500 };
	struct busy_sharers sharers;
	struct tree_report tree;
	int i, good = 0;
	char *page;

	NEEDS_MODULE();
	page = own_page();
	ASSERT_NE(NULL, page);
	ASSERT_OK(busy_sharers_start(&sharers, 4, busy_fork, page));
	for (i = 0; i < LOOKS; i++) {
		int err = tree_report_at(&tree, getpid(), page);

		EXPECT_TRUE(!err || err == -EAGAIN) {
			TH_LOG("error %d: %s", err, why);
		}
		if (!err) {
			EXPECT_NE(NULL, tree_report_vma(&tree, getpid(), page));
			good++;
		}
		tree_report_free(&tree);
	}
	EXPECT_OK(busy_sharers_stop(&sharers));
	TH_LOG("%d of %d tries gave a tree", good, LOOKS);
	EXPECT_LT(LOOKS / 2, good);
}

/* Runs in a new pid namespace, without the page. Returns the line of the check that failed. */
static int check_from_outside(void *page, uint64_t pfn)
{
	struct tree_report tree;
	size_t i;

	if (munmap(page, getpagesize()) || tree_report_take(&tree, "pfn=%#" PRIx64, pfn))
		return __LINE__;
	if (tree.nr_vmas != 1 || record_num(tree.total, "processes") != 1)
		return __LINE__;
	for (i = 0; i < tree.nr_vmas; i++)
		if (tree.vmas[i].pid || strcmp(record_get(tree.vmas[i].record, "comm"), "-"))
			return __LINE__;
	tree_report_free(&tree);
	return 0;
}

TEST(reader_in_another_pid_namespace_sees_the_tree_without_names)
{
	int status, line = 0, lines[2];
	size_t size = getpagesize();
	uint64_t pfn;
	pid_t pid;
	char *page;

	NEEDS_MODULE();
	page = own_pages(3);
	ASSERT_NE(NULL, page);
	/* Keeps a distance to other VMAs, which would be in the same tree. */
	ASSERT_EQ(0, mprotect(page, size, PROT_NONE));
	ASSERT_EQ(0, mprotect(page + 2 * size, size, PROT_NONE));
	page += size;
	page[0] = 1;
	ASSERT_OK(oracle_pfn(getpid(), (uintptr_t)page, &pfn));
	ASSERT_EQ(0, pipe(lines));
	if (unshare(CLONE_NEWPID))
		SKIP(return, "no pid namespaces: %s", strerror(errno));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		line = check_from_outside(page, pfn);
		_exit(write(lines[1], &line, sizeof(line)) != sizeof(line));
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	ASSERT_EQ((ssize_t)sizeof(line), read(lines[0], &line, sizeof(line)));
	ASSERT_EQ(0, line) {
		TH_LOG("the check on line %d failed", line);
	}
}

TEST_HARNESS_MAIN
