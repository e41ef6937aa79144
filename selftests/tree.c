// SPDX-License-Identifier: GPL-2.0
/*
 * The anon_vma tree of a page, and how it changes with what a process does to its memory.
 * tree_report_take() also checks that each report is complete and consistent.
 */
#include <inttypes.h>
#include <sys/mman.h>

#include "child.h"
#include "exercise.h"
#include "oracle.h"
#include "test.h"
#include "tree_report.h"

/*
 * Pages between two inaccessible ones, so that the VMA cannot merge with others and share their
 * anon_vma.
 */
static char *lone_pages(size_t nr)
{
	size_t size = getpagesize();
	char *pages = own_pages(nr + 2);

	if (!pages || mprotect(pages, size, PROT_NONE) ||
	    mprotect(pages + (nr + 1) * size, size, PROT_NONE)) {
		complain("no pages for the test: %s", strerror(errno));
		return NULL;
	}
	return pages + size;
}

TEST(first_fault_creates_the_anon_vma)
{
	const struct tree_vma *vma;
	struct tree_report tree;
	uint64_t pfn;
	char *page;

	NEEDS_MODULE();
	page = lone_pages(1);
	ASSERT_NE(NULL, page);
	EXPECT_EQ(-ENODATA, tree_report_at(&tree, getpid(), page));
	tree_report_free(&tree);

	page[0] = 1;
	ASSERT_OK(tree_report_at(&tree, getpid(), page));
	EXPECT_EQ(1, tree.nr_avs);
	EXPECT_EQ(1, tree.nr_vmas);
	EXPECT_EQ(1, tree.nr_links);
	EXPECT_EQ(1, tree_report_num(&tree, 0, "refcount"));
	ASSERT_OK(oracle_pfn(getpid(), (uintptr_t)page, &pfn));
	EXPECT_EQ(pfn, record_num(tree.page, "pfn"));
	vma = tree_report_vma(&tree, getpid(), page);
	ASSERT_NE(NULL, vma);
	EXPECT_EQ((uintptr_t)page, vma->start);
	EXPECT_EQ((uintptr_t)page + getpagesize(), vma->end);
	EXPECT_STREQ("rw-p", record_get(vma->record, "perms"));
	EXPECT_EQ(0, vma->own);
	EXPECT_TRUE(vma->covers);
	EXPECT_EQ(1, record_num(tree.total, "processes"));
	tree_report_free(&tree);
}

TEST(fork_gives_the_child_an_anon_vma_chained_to_the_parents)
{
	const struct tree_vma *parent_vma, *child_vma;
	struct tree_report tree;
	struct child child;
	char *page;

	NEEDS_MODULE();
	page = lone_pages(1);
	ASSERT_NE(NULL, page);
	page[0] = 1;
	ASSERT_OK(child_fork(&child));
	ASSERT_OK(tree_report_at(&tree, getpid(), page));
	EXPECT_EQ(2, tree.nr_avs);
	EXPECT_EQ(2, tree.nr_vmas);
	EXPECT_EQ(3, tree.nr_links);
	parent_vma = tree_report_vma(&tree, getpid(), page);
	child_vma = tree_report_vma(&tree, child.pid, page);
	ASSERT_NE(NULL, parent_vma);
	ASSERT_NE(NULL, child_vma);
	EXPECT_EQ(0, parent_vma->own);
	EXPECT_EQ(1, child_vma->own);
	EXPECT_EQ(0, tree.avs[1].parent);
	EXPECT_TRUE(tree_report_linked(&tree, child_vma, 0));
	EXPECT_FALSE(tree_report_linked(&tree, parent_vma, 1));
	EXPECT_EQ(2, tree_report_covering(&tree));
	EXPECT_EQ(2, record_num(tree.total, "processes"));
	tree_report_free(&tree);
	EXPECT_OK(child_end(&child));
}

TEST(each_generation_is_chained_to_all_its_ancestors)
{
	enum { DEPTH = 6 };
	const struct exercise_page *page;
	struct exercise run;
	struct tree_report tree;
	size_t i;

	NEEDS_MODULE();
	ASSERT_OK(exercise_start(&run, "deep", "--depth", "6", NULL));
	page = &run.pages[0];
	ASSERT_EQ(DEPTH + 1, run.nr_processes);
	ASSERT_OK(tree_report_at(&tree, run.pid, (void *)page->mapped.v[0].va));
	EXPECT_EQ(DEPTH + 1, tree.nr_avs);
	EXPECT_EQ(DEPTH + 1, tree.nr_vmas);
	EXPECT_EQ((DEPTH + 1) * (DEPTH + 2) / 2, tree.nr_links);
	EXPECT_EQ(DEPTH, record_num(tree.total, "depth"));
	/* rmap-exercise lists processes in the order of their creation. */
	for (i = 0; i < run.nr_processes; i++) {
		const struct tree_vma *vma;

		vma = tree_report_vma(&tree, run.processes[i].pid,
				      (void *)page->mapped.v[0].va);
		ASSERT_NE(NULL, vma);
		ASSERT_NE(TREE_NONE, vma->own);
		EXPECT_EQ(i, tree.avs[vma->own].depth);
		EXPECT_EQ(i + 1, tree_report_chain(&tree, vma));
	}
	tree_report_free(&tree);
	EXPECT_OK(exercise_stop(&run));
}

TEST(copied_page_belongs_to_the_childs_anon_vma)
{
	const struct tree_vma *vma;
	struct tree_report tree;
	struct child child;
	char *page;

	NEEDS_MODULE();
	page = lone_pages(1);
	ASSERT_NE(NULL, page);
	page[0] = 1;
	ASSERT_OK(child_fork(&child));
	ASSERT_OK(child_do(&child, CHILD_WRITE, page));
	ASSERT_OK(tree_report_at(&tree, child.pid, page));
	/* The page's own anon_vma comes first. The tree is the same. */
	EXPECT_EQ(2, tree.nr_avs);
	EXPECT_EQ(2, tree.nr_vmas);
	EXPECT_EQ(1, tree.avs[0].depth);
	EXPECT_EQ(1, tree.avs[0].parent);
	vma = tree_report_vma(&tree, child.pid, page);
	ASSERT_NE(NULL, vma);
	EXPECT_EQ(0, vma->own);
	tree_report_free(&tree);

	/* The parent's page is still in the root. */
	ASSERT_OK(tree_report_at(&tree, getpid(), page));
	EXPECT_EQ(0, tree.avs[0].depth);
	tree_report_free(&tree);
	EXPECT_OK(child_end(&child));
}

static const struct exercise_process *with_role(const struct exercise *run, const char *role)
{
	size_t i;

	for (i = 0; i < run->nr_processes; i++)
		if (!strcmp(run->processes[i].role, role))
			return &run->processes[i];
	return NULL;
}

/* The exited process in the middle has left its anon_vma to the grandchild's child. */
TEST(anon_vma_of_an_exited_ancestor_is_reused)
{
	const struct exercise_process *grandchild, *last;
	const struct tree_vma *parent, *lower, *reuser;
	struct exercise run;
	struct tree_report tree;
	void *va;

	NEEDS_MODULE();
	ASSERT_OK(exercise_start(&run, "reuse", NULL));
	grandchild = with_role(&run, "grandchild");
	last = with_role(&run, "great-grandchild");
	ASSERT_NE(NULL, grandchild);
	ASSERT_NE(NULL, last);
	va = (void *)run.pages[0].mapped.v[0].va;
	ASSERT_OK(tree_report_at(&tree, last->pid, va));
	EXPECT_EQ(3, tree.nr_avs);
	EXPECT_EQ(3, tree.nr_vmas);
	parent = tree_report_vma(&tree, run.pid, va);
	lower = tree_report_vma(&tree, grandchild->pid, va);
	reuser = tree_report_vma(&tree, last->pid, va);
	ASSERT_NE(NULL, parent);
	ASSERT_NE(NULL, lower);
	ASSERT_NE(NULL, reuser);
	/* The younger process has the older anon_vma, and its page belongs to that. */
	EXPECT_EQ(0, reuser->own);
	EXPECT_EQ(1, tree.avs[reuser->own].depth);
	EXPECT_EQ(2, tree.avs[lower->own].depth);
	EXPECT_EQ(reuser->own, tree.avs[lower->own].parent);
	EXPECT_EQ(parent->own, tree.avs[reuser->own].parent);
	EXPECT_TRUE(tree_report_linked(&tree, reuser, lower->own));
	EXPECT_EQ(3, tree_report_chain(&tree, lower));
	EXPECT_EQ(3, tree_report_chain(&tree, reuser));
	EXPECT_EQ(1, tree_report_chain(&tree, parent));
	tree_report_free(&tree);
	EXPECT_OK(exercise_stop(&run));
}

TEST(parts_of_a_split_vma_keep_the_anon_vma)
{
	size_t size = getpagesize(), i;
	struct tree_report tree;
	char *pages;

	NEEDS_MODULE();
	pages = lone_pages(3);
	ASSERT_NE(NULL, pages);
	memset(pages, 1, 3 * size);
	ASSERT_EQ(0, mprotect(pages + size, size, PROT_READ));
	ASSERT_OK(tree_report_at(&tree, getpid(), pages + size));
	EXPECT_EQ(1, tree.nr_avs);
	EXPECT_EQ(3, tree.nr_vmas);
	EXPECT_EQ(3, tree.nr_links);
	EXPECT_EQ(3, tree_report_num(&tree, 0, "num_active_vmas"));
	EXPECT_EQ(1, record_num(tree.total, "processes"));
	for (i = 0; i < 3; i++) {
		const struct tree_vma *vma = tree_report_vma(&tree, getpid(), pages + i * size);

		ASSERT_NE(NULL, vma);
		EXPECT_EQ(0, vma->own);
		EXPECT_EQ(i == 1, vma->covers);
		EXPECT_EQ((uintptr_t)pages + i * size, vma->start);
	}
	tree_report_free(&tree);

	/* The VMAs are merged again. */
	ASSERT_EQ(0, mprotect(pages + size, size, PROT_READ | PROT_WRITE));
	ASSERT_OK(tree_report_at(&tree, getpid(), pages + size));
	EXPECT_EQ(1, tree.nr_vmas);
	EXPECT_EQ(1, tree_report_num(&tree, 0, "num_active_vmas"));
	EXPECT_EQ(3 * size, tree.vmas[0].end - tree.vmas[0].start);
	tree_report_free(&tree);
}

TEST(untouched_part_merged_into_a_vma_takes_its_anon_vma)
{
	size_t size = getpagesize();
	struct tree_report tree;
	char *pages;

	NEEDS_MODULE();
	pages = lone_pages(2);
	ASSERT_NE(NULL, pages);
	ASSERT_EQ(0, mprotect(pages + size, size, PROT_READ));
	pages[0] = 1;
	ASSERT_OK(tree_report_at(&tree, getpid(), pages));
	EXPECT_EQ(1, tree.nr_vmas);
	EXPECT_EQ(size, tree.vmas[0].end - tree.vmas[0].start);
	tree_report_free(&tree);

	ASSERT_EQ(0, mprotect(pages + size, size, PROT_READ | PROT_WRITE));
	pages[size] = 1;
	ASSERT_OK(tree_report_at(&tree, getpid(), pages + size));
	EXPECT_EQ(1, tree.nr_avs);
	EXPECT_EQ(1, tree.nr_vmas);
	EXPECT_EQ((uintptr_t)pages, tree.vmas[0].start);
	EXPECT_EQ(2 * size, tree.vmas[0].end - tree.vmas[0].start);
	tree_report_free(&tree);
}

/* VMAs that differ only in their protection share an anon_vma from the first fault on. */
TEST(neighbour_takes_the_anon_vma_at_its_first_fault)
{
	size_t size = getpagesize();
	struct tree_report tree;
	char *pages;

	NEEDS_MODULE();
	pages = lone_pages(2);
	ASSERT_NE(NULL, pages);
	ASSERT_EQ(0, mprotect(pages + size, size, PROT_READ | PROT_WRITE | PROT_EXEC));
	pages[0] = 1;
	pages[size] = 1;
	ASSERT_OK(tree_report_at(&tree, getpid(), pages + size));
	EXPECT_EQ(1, tree.nr_avs);
	EXPECT_EQ(2, tree.nr_vmas);
	EXPECT_EQ(1, tree_report_covering(&tree));
	EXPECT_EQ(2, tree_report_num(&tree, 0, "num_active_vmas"));
	tree_report_free(&tree);
}

TEST(vma_moved_by_mremap_keeps_the_anon_vma)
{
	size_t size = getpagesize(), i;
	const struct tree_vma *vma;
	struct tree_report tree;
	char *pages, *away;

	NEEDS_MODULE();
	pages = lone_pages(3);
	away = lone_pages(1);
	ASSERT_NE(NULL, pages);
	ASSERT_NE(NULL, away);
	memset(pages, 1, 3 * size);
	ASSERT_EQ(away, mremap(pages + size, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, away));
	ASSERT_OK(tree_report_at(&tree, getpid(), away));
	EXPECT_EQ(1, tree.nr_avs);
	EXPECT_EQ(3, tree.nr_vmas);
	for (i = 0; i < 3; i++)
		EXPECT_EQ(0, tree.vmas[i].own);
	vma = tree_report_vma(&tree, getpid(), away);
	ASSERT_NE(NULL, vma);
	EXPECT_TRUE(vma->covers);
	EXPECT_EQ((uintptr_t)away, vma->start);
	/* The moved VMA keeps its offsets, which are between those of the other two. */
	EXPECT_EQ(1, tree_report_covering(&tree));
	EXPECT_EQ(record_num(tree.page, "pgoff"), record_num(vma->record, "vm_pgoff"));
	tree_report_free(&tree);
}

TEST(vma_that_a_child_unmapped_leaves_the_tree)
{
	struct tree_report tree;
	struct child child;
	char *page;

	NEEDS_MODULE();
	page = lone_pages(1);
	ASSERT_NE(NULL, page);
	page[0] = 1;
	ASSERT_OK(child_fork(&child));
	ASSERT_OK(child_do(&child, CHILD_UNMAP, page));
	ASSERT_OK(tree_report_at(&tree, getpid(), page));
	EXPECT_EQ(1, tree.nr_avs);
	EXPECT_EQ(1, tree.nr_vmas);
	tree_report_free(&tree);
	EXPECT_OK(child_end(&child));
}

TEST_HARNESS_MAIN
