// SPDX-License-Identifier: GPL-2.0
/*
 * The anon_vma tree of a page: how it grows and changes with what a process does to
 * its memory. Each report is also found complete and consistent by graph_take().
 */
#include <inttypes.h>
#include <sys/mman.h>

#include "child.h"
#include "exercise.h"
#include "oracle.h"
#include "test.h"
#include "tree_report.h"

/*
 * Pages between two without access: apart from neighbours, of which a merged VMA would
 * bring the anon_vma.
 */
static char *lone_pages(size_t nr)
{
	size_t size = getpagesize();
	char *pages = own_pages(nr + 2);

	if (!pages || mprotect(pages, size, PROT_NONE) ||
	    mprotect(pages + (nr + 1) * size, size, PROT_NONE)) {
		complain("no lone pages: %s", strerror(errno));
		return NULL;
	}
	return pages + size;
}

TEST(first_fault_creates_the_anon_vma)
{
	const struct graph_vma *vma;
	struct graph graph;
	uint64_t pfn;
	char *page;

	NEEDS_MODULE();
	page = lone_pages(1);
	ASSERT_NE(NULL, page);
	EXPECT_EQ(-ENODATA, graph_at(&graph, getpid(), page));
	graph_free(&graph);

	page[0] = 1;
	ASSERT_OK(graph_at(&graph, getpid(), page));
	EXPECT_EQ(1, graph.nr_avs);
	EXPECT_EQ(1, graph.nr_vmas);
	EXPECT_EQ(1, graph.nr_links);
	EXPECT_EQ(1, graph_av_num(&graph, 0, "refcount"));
	ASSERT_OK(oracle_pfn(getpid(), (uintptr_t)page, &pfn));
	EXPECT_EQ(pfn, record_num(graph.page, "pfn"));
	vma = graph_vma_at(&graph, getpid(), page);
	ASSERT_NE(NULL, vma);
	EXPECT_EQ((uintptr_t)page, vma->start);
	EXPECT_EQ((uintptr_t)page + getpagesize(), vma->end);
	EXPECT_STREQ("rw-p", record_get(vma->record, "perms"));
	EXPECT_EQ(0, vma->own);
	EXPECT_TRUE(vma->covers);
	EXPECT_EQ(1, record_num(graph.total, "processes"));
	graph_free(&graph);
}

TEST(fork_gives_the_child_an_anon_vma_chained_to_the_parents)
{
	const struct graph_vma *parent, *child;
	struct graph graph;
	struct hand hand;
	char *page;

	NEEDS_MODULE();
	page = lone_pages(1);
	ASSERT_NE(NULL, page);
	page[0] = 1;
	ASSERT_OK(hand_fork(&hand));
	ASSERT_OK(graph_at(&graph, getpid(), page));
	EXPECT_EQ(2, graph.nr_avs);
	EXPECT_EQ(2, graph.nr_vmas);
	EXPECT_EQ(3, graph.nr_links);
	parent = graph_vma_at(&graph, getpid(), page);
	child = graph_vma_at(&graph, hand.pid, page);
	ASSERT_NE(NULL, parent);
	ASSERT_NE(NULL, child);
	EXPECT_EQ(0, parent->own);
	EXPECT_EQ(1, child->own);
	EXPECT_EQ(0, graph.avs[1].parent);
	EXPECT_TRUE(graph_linked(&graph, child, 0));
	EXPECT_FALSE(graph_linked(&graph, parent, 1));
	EXPECT_EQ(2, graph_covering(&graph));
	EXPECT_EQ(2, record_num(graph.total, "processes"));
	graph_free(&graph);
	EXPECT_OK(hand_end(&hand));
}

TEST(each_generation_is_chained_to_all_its_ancestors)
{
	enum { DEPTH = 6 };
	const struct exercise_page *page;
	struct exercise run;
	struct graph graph;
	size_t i;

	NEEDS_MODULE();
	ASSERT_OK(exercise_start(&run, "deep", "--depth", "6", NULL));
	page = &run.pages[0];
	ASSERT_EQ(DEPTH + 1, run.nr_processes);
	ASSERT_OK(graph_at(&graph, run.pid, (void *)page->mapped.v[0].va));
	EXPECT_EQ(DEPTH + 1, graph.nr_avs);
	EXPECT_EQ(DEPTH + 1, graph.nr_vmas);
	EXPECT_EQ((DEPTH + 1) * (DEPTH + 2) / 2, graph.nr_links);
	EXPECT_EQ(DEPTH, record_num(graph.total, "depth"));
	/* Processes are told in the order in which they were born. */
	for (i = 0; i < run.nr_processes; i++) {
		const struct graph_vma *vma;

		vma = graph_vma_at(&graph, run.processes[i].pid,
				   (void *)page->mapped.v[0].va);
		ASSERT_NE(NULL, vma);
		ASSERT_NE(GRAPH_NONE, vma->own);
		EXPECT_EQ(i, graph.avs[vma->own].depth);
		EXPECT_EQ(i + 1, graph_chain(&graph, vma));
	}
	graph_free(&graph);
	EXPECT_OK(exercise_stop(&run));
}

TEST(page_that_a_child_copied_hangs_in_its_own_anon_vma)
{
	const struct graph_vma *vma;
	struct graph graph;
	struct hand hand;
	char *page;

	NEEDS_MODULE();
	page = lone_pages(1);
	ASSERT_NE(NULL, page);
	page[0] = 1;
	ASSERT_OK(hand_fork(&hand));
	ASSERT_OK(hand_do(&hand, HAND_WRITE, page));
	ASSERT_OK(graph_at(&graph, hand.pid, page));
	/* The page's own comes first, and the tree is the same. */
	EXPECT_EQ(2, graph.nr_avs);
	EXPECT_EQ(2, graph.nr_vmas);
	EXPECT_EQ(1, graph.avs[0].depth);
	EXPECT_EQ(1, graph.avs[0].parent);
	vma = graph_vma_at(&graph, hand.pid, page);
	ASSERT_NE(NULL, vma);
	EXPECT_EQ(0, vma->own);
	graph_free(&graph);

	/* The original stays where it was. */
	ASSERT_OK(graph_at(&graph, getpid(), page));
	EXPECT_EQ(0, graph.avs[0].depth);
	graph_free(&graph);
	EXPECT_OK(hand_end(&hand));
}

static const struct exercise_process *with_role(const struct exercise *run, const char *role)
{
	size_t i;

	for (i = 0; i < run->nr_processes; i++)
		if (!strcmp(run->processes[i].role, role))
			return &run->processes[i];
	return NULL;
}

/* The exited one in the middle left its anon_vma to the grandchild's child. */
TEST(anon_vma_of_an_exited_ancestor_is_reused)
{
	const struct exercise_process *grandchild, *last;
	const struct graph_vma *parent, *lower, *reuser;
	struct exercise run;
	struct graph graph;
	void *va;

	NEEDS_MODULE();
	ASSERT_OK(exercise_start(&run, "reuse", NULL));
	grandchild = with_role(&run, "grandchild");
	last = with_role(&run, "great-grandchild");
	ASSERT_NE(NULL, grandchild);
	ASSERT_NE(NULL, last);
	va = (void *)run.pages[0].mapped.v[0].va;
	ASSERT_OK(graph_at(&graph, last->pid, va));
	EXPECT_EQ(3, graph.nr_avs);
	EXPECT_EQ(3, graph.nr_vmas);
	parent = graph_vma_at(&graph, run.pid, va);
	lower = graph_vma_at(&graph, grandchild->pid, va);
	reuser = graph_vma_at(&graph, last->pid, va);
	ASSERT_NE(NULL, parent);
	ASSERT_NE(NULL, lower);
	ASSERT_NE(NULL, reuser);
	/* The younger process has the older anon_vma, and its page hangs there. */
	EXPECT_EQ(0, reuser->own);
	EXPECT_EQ(1, graph.avs[reuser->own].depth);
	EXPECT_EQ(2, graph.avs[lower->own].depth);
	EXPECT_EQ(reuser->own, graph.avs[lower->own].parent);
	EXPECT_EQ(parent->own, graph.avs[reuser->own].parent);
	EXPECT_TRUE(graph_linked(&graph, reuser, lower->own));
	EXPECT_EQ(3, graph_chain(&graph, lower));
	EXPECT_EQ(3, graph_chain(&graph, reuser));
	EXPECT_EQ(1, graph_chain(&graph, parent));
	graph_free(&graph);
	EXPECT_OK(exercise_stop(&run));
}

TEST(parts_of_a_split_vma_keep_the_anon_vma)
{
	size_t size = getpagesize(), i;
	struct graph graph;
	char *pages;

	NEEDS_MODULE();
	pages = lone_pages(3);
	ASSERT_NE(NULL, pages);
	memset(pages, 1, 3 * size);
	ASSERT_EQ(0, mprotect(pages + size, size, PROT_READ));
	ASSERT_OK(graph_at(&graph, getpid(), pages + size));
	EXPECT_EQ(1, graph.nr_avs);
	EXPECT_EQ(3, graph.nr_vmas);
	EXPECT_EQ(3, graph.nr_links);
	EXPECT_EQ(3, graph_av_num(&graph, 0, "num_active_vmas"));
	EXPECT_EQ(1, record_num(graph.total, "processes"));
	for (i = 0; i < 3; i++) {
		const struct graph_vma *vma = graph_vma_at(&graph, getpid(), pages + i * size);

		ASSERT_NE(NULL, vma);
		EXPECT_EQ(0, vma->own);
		EXPECT_EQ(i == 1, vma->covers);
		EXPECT_EQ((uintptr_t)pages + i * size, vma->start);
	}
	graph_free(&graph);

	/* Together again. */
	ASSERT_EQ(0, mprotect(pages + size, size, PROT_READ | PROT_WRITE));
	ASSERT_OK(graph_at(&graph, getpid(), pages + size));
	EXPECT_EQ(1, graph.nr_vmas);
	EXPECT_EQ(1, graph_av_num(&graph, 0, "num_active_vmas"));
	EXPECT_EQ(3 * size, graph.vmas[0].end - graph.vmas[0].start);
	graph_free(&graph);
}

TEST(untouched_part_merged_into_a_vma_adopts_its_anon_vma)
{
	size_t size = getpagesize();
	struct graph graph;
	char *pages;

	NEEDS_MODULE();
	pages = lone_pages(2);
	ASSERT_NE(NULL, pages);
	ASSERT_EQ(0, mprotect(pages + size, size, PROT_READ));
	pages[0] = 1;
	ASSERT_OK(graph_at(&graph, getpid(), pages));
	EXPECT_EQ(1, graph.nr_vmas);
	EXPECT_EQ(size, graph.vmas[0].end - graph.vmas[0].start);
	graph_free(&graph);

	ASSERT_EQ(0, mprotect(pages + size, size, PROT_READ | PROT_WRITE));
	pages[size] = 1;
	ASSERT_OK(graph_at(&graph, getpid(), pages + size));
	EXPECT_EQ(1, graph.nr_avs);
	EXPECT_EQ(1, graph.nr_vmas);
	EXPECT_EQ((uintptr_t)pages, graph.vmas[0].start);
	EXPECT_EQ(2 * size, graph.vmas[0].end - graph.vmas[0].start);
	graph_free(&graph);
}

/* VMAs that could be merged but for their protection share an anon_vma from the start. */
TEST(neighbour_adopts_the_anon_vma_at_its_first_fault)
{
	size_t size = getpagesize();
	struct graph graph;
	char *pages;

	NEEDS_MODULE();
	pages = lone_pages(2);
	ASSERT_NE(NULL, pages);
	ASSERT_EQ(0, mprotect(pages + size, size, PROT_READ | PROT_WRITE | PROT_EXEC));
	pages[0] = 1;
	pages[size] = 1;
	ASSERT_OK(graph_at(&graph, getpid(), pages + size));
	EXPECT_EQ(1, graph.nr_avs);
	EXPECT_EQ(2, graph.nr_vmas);
	EXPECT_EQ(1, graph_covering(&graph));
	EXPECT_EQ(2, graph_av_num(&graph, 0, "num_active_vmas"));
	graph_free(&graph);
}

TEST(vma_moved_by_mremap_keeps_the_anon_vma)
{
	size_t size = getpagesize(), i;
	const struct graph_vma *vma;
	struct graph graph;
	char *pages, *away;

	NEEDS_MODULE();
	pages = lone_pages(3);
	away = lone_pages(1);
	ASSERT_NE(NULL, pages);
	ASSERT_NE(NULL, away);
	memset(pages, 1, 3 * size);
	ASSERT_EQ(away, mremap(pages + size, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, away));
	ASSERT_OK(graph_at(&graph, getpid(), away));
	EXPECT_EQ(1, graph.nr_avs);
	EXPECT_EQ(3, graph.nr_vmas);
	for (i = 0; i < 3; i++)
		EXPECT_EQ(0, graph.vmas[i].own);
	vma = graph_vma_at(&graph, getpid(), away);
	ASSERT_NE(NULL, vma);
	EXPECT_TRUE(vma->covers);
	EXPECT_EQ((uintptr_t)away, vma->start);
	/* It keeps its place in the tree, between the two that stayed. */
	EXPECT_EQ(1, graph_covering(&graph));
	EXPECT_EQ(record_num(graph.page, "pgoff"), record_num(vma->record, "vm_pgoff"));
	graph_free(&graph);
}

TEST(vma_that_a_child_unmapped_leaves_the_tree)
{
	struct graph graph;
	struct hand hand;
	char *page;

	NEEDS_MODULE();
	page = lone_pages(1);
	ASSERT_NE(NULL, page);
	page[0] = 1;
	ASSERT_OK(hand_fork(&hand));
	ASSERT_OK(hand_do(&hand, HAND_UNMAP, page));
	ASSERT_OK(graph_at(&graph, getpid(), page));
	EXPECT_EQ(1, graph.nr_avs);
	EXPECT_EQ(1, graph.nr_vmas);
	graph_free(&graph);
	EXPECT_OK(hand_end(&hand));
}

TEST_HARNESS_MAIN
