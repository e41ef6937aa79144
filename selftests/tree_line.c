// SPDX-License-Identifier: GPL-2.0
/*
 * The figures of the file "tree", by how the tree was built, and the rest of its lines by what
 * /proc says; and the limits on what it lists.
 */
#include <inttypes.h>
#include <sys/mman.h>

#include "child.h"
#include "exercise.h"
#include "oracle.h"
#include "page_actions.h"
#include "param.h"
#include "test.h"
#include "tree_report.h"

#define MAX_VMAS "max_vmas"

/* A page of a VMA of its own, with room around that nothing merges with. */
static char *lone_page(void)
{
	size_t size = getpagesize();
	char *pages = own_pages(3);

	if (!pages || mprotect(pages, size, PROT_NONE) ||
	    mprotect(pages + 2 * size, size, PROT_NONE))
		return NULL;
	pages[size] = 1;
	return pages + size;
}

/* All but the root are held by themselves alone, and each holds the root. */
static void expect_refcounts(struct __test_metadata *_metadata, const struct graph *graph)
{
	size_t i;

	for (i = 0; i < graph->nr_avs; i++)
		EXPECT_EQ(graph->avs[i].parent == i ? graph->nr_avs : 1,
			  graph_av_num(graph, i, "refcount")) TH_LOG("av%zu", i);
}

TEST(anon_vmas_are_counted_as_they_were_made)
{
	struct graph graph;
	struct exercise run;
	struct hand hands[2];
	char *page;

	NEEDS_MODULE();
	page = lone_page();
	ASSERT_NE(NULL, page);
	ASSERT_OK(hand_fork(&hands[0]));
	ASSERT_OK(hand_fork(&hands[1]));
	ASSERT_OK(graph_at(&graph, getpid(), page));
	EXPECT_EQ(3, graph.nr_avs);
	EXPECT_EQ(3, graph_av_num(&graph, 0, "num_children"));
	expect_refcounts(_metadata, &graph);
	graph_free(&graph);
	EXPECT_OK(hand_end(&hands[0]));
	EXPECT_OK(hand_end(&hands[1]));

	ASSERT_OK(exercise_start(&run, "deep", "--depth", "3", NULL));
	ASSERT_OK(graph_at(&graph, run.pid, (void *)run.pages[0].mapped.v[0].va));
	EXPECT_EQ(4, graph.nr_avs);
	EXPECT_EQ(3, record_num(graph.total, "depth"));
	expect_refcounts(_metadata, &graph);
	graph_free(&graph);
	EXPECT_OK(exercise_stop(&run));
}

static int proc_comm(pid_t pid, char comm[64])
{
	char path[32];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	file = fopen(path, "re");
	if (!file || !fgets(comm, 64, file))
		return complain("%s: %s", path, strerror(errno));
	fclose(file);
	comm[strcspn(comm, "\n")] = '\0';
	return 0;
}

static int compare_vma(const struct graph_vma *vma, bool is_file)
{
	char comm[64], bounds[48];
	struct oracle_vma real;
	uint64_t pgoff;

	if (oracle_vma(vma->pid, vma->start, &real) || proc_comm(vma->pid, comm))
		return -1;
	snprintf(bounds, sizeof(bounds), "%#" PRIx64 "-%#" PRIx64, real.start, real.end);
	/* Nameless memory has no offset in /proc; it is where it was at its first fault. */
	pgoff = is_file ? real.offset / getpagesize() : real.start / getpagesize();
	if (strcmp(bounds, record_get(vma->record, "vma")) ||
	    strcmp(real.perms, record_get(vma->record, "perms")) ||
	    strcmp(comm, record_get(vma->record, "comm")) ||
	    strcmp(*real.name ? real.name : "-", record_get(vma->record, "name")) ||
	    record_num(vma->record, "vm_pgoff") != pgoff)
		return complain("vma=%s perms=%s vm_pgoff=%s comm=%s name=%s, not %s %s %s %s",
				record_get(vma->record, "vma"), record_get(vma->record, "perms"),
				record_get(vma->record, "vm_pgoff"),
				record_get(vma->record, "comm"), record_get(vma->record, "name"),
				bounds, real.perms, comm, real.name);
	return 0;
}

TEST(vmas_are_those_of_proc_maps)
{
	struct graph graph;
	struct hand hand;
	char *page, *copy;
	size_t i;
	int fd;

	NEEDS_MODULE();
	page = lone_page();
	ASSERT_NE(NULL, page);
	/* The third page of a file, and a private copy of it. */
	fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	ASSERT_LE(0, fd);
	copy = mmap(NULL, getpagesize(), PROT_READ | PROT_WRITE, MAP_PRIVATE, fd,
		    2 * getpagesize());
	ASSERT_NE(MAP_FAILED, copy);
	copy[0]++;
	ASSERT_EQ(0, mprotect(copy, getpagesize(), PROT_READ));
	ASSERT_OK(hand_fork(&hand));
	ASSERT_OK(graph_at(&graph, getpid(), page));
	ASSERT_EQ(2, graph.nr_vmas);
	for (i = 0; i < 2; i++)
		EXPECT_OK(compare_vma(&graph.vmas[i], false));
	graph_free(&graph);
	ASSERT_OK(graph_at(&graph, hand.pid, copy));
	ASSERT_EQ(2, graph.nr_vmas);
	for (i = 0; i < 2; i++)
		EXPECT_OK(compare_vma(&graph.vmas[i], true));
	EXPECT_STREQ("r--p", record_get(graph.vmas[0].record, "perms"));
	graph_free(&graph);
	EXPECT_OK(hand_end(&hand));
}

static size_t count_words(const char *list)
{
	size_t words = 1;

	for (; (list = strchr(list, ',')); list++)
		words++;
	return words;
}

TEST(processes_that_share_an_mm_have_one_vma)
{
	const struct exercise_page *page;
	struct exercise run;
	struct graph graph;
	char tgids[64];

	NEEDS_MODULE();
	ASSERT_OK(exercise_start(&run, "clone-vm", NULL));
	page = &run.pages[0];
	ASSERT_OK(graph_at(&graph, page->mapped.v[0].pid, (void *)page->mapped.v[0].va));
	EXPECT_EQ(page->mapped.nr, graph.nr_vmas);
	EXPECT_EQ(page->mapped.nr, record_num(graph.total, "processes"));
	snprintf(tgids, sizeof(tgids), "%d,", page->mapped.v[0].pid);
	EXPECT_EQ(0, strncmp(record_get(graph.vmas[0].record, "tgids"), tgids, strlen(tgids)));
	EXPECT_EQ(page->sharers.nr - page->mapped.nr + 1,
		  count_words(record_get(graph.vmas[0].record, "tgids")));
	graph_free(&graph);
	EXPECT_OK(exercise_stop(&run));
}

/* But for what passes by itself. */
TEST(page_is_described_as_in_the_file_page)
{
	static const char * const keys[] = {
		"pfn", "paddr", "kind", "folio_pfn", "folio_order", "index_in_folio", "pgoff",
		"mapcount", "memcg", "node", "zone",
	};
	struct graph graph;
	struct hand hand;
	struct look look;
	char *page;
	size_t i;

	NEEDS_MODULE();
	page = lone_page();
	ASSERT_NE(NULL, page);
	ASSERT_OK(hand_fork(&hand));
	ASSERT_OK(graph_at(&graph, getpid(), page));
	ASSERT_OK(look_at(&look, getpid(), (uintptr_t)page));
	for (i = 0; i < ARRAY_SIZE(keys); i++)
		EXPECT_STREQ(record_get(look.page, keys[i]), record_get(graph.page, keys[i]));
	EXPECT_EQ(2, record_num(graph.page, "mapcount"));
	graph_free(&graph);
	look_free(&look);
	EXPECT_OK(hand_end(&hand));
}

/* What isn't the first VMA of its tree by address, nor the first process. */
TEST(the_one_vma_of_three_that_has_the_page_covers_it)
{
	size_t size = getpagesize(), i;
	struct graph graph;
	struct hand hand;
	char *pages;

	NEEDS_MODULE();
	pages = own_pages(4);
	ASSERT_NE(NULL, pages);
	memset(pages, 1, 4 * size);
	ASSERT_EQ(0, mprotect(pages + 2 * size, size, PROT_READ));
	ASSERT_OK(hand_fork(&hand));
	for (i = 0; i < 4; i++) {
		ASSERT_OK(graph_at(&graph, getpid(), pages + i * size));
		/* Each process has three, and one covers; the first holds two of the pages. */
		EXPECT_LE(6, graph.nr_vmas);
		EXPECT_EQ(2, graph_covering(&graph));
		EXPECT_TRUE(graph_vma_at(&graph, getpid(), pages + i * size)->covers);
		EXPECT_TRUE(graph_vma_at(&graph, hand.pid, pages + i * size)->covers);
		EXPECT_EQ(2, record_num(graph.total, "processes"));
		graph_free(&graph);
	}
	EXPECT_OK(hand_end(&hand));
}

/* The VMAs of its first page, of its last one, and of all between. */
TEST(folio_is_covered_by_each_vma_that_has_a_part_of_it)
{
	size_t size = getpagesize();
	char *huge, *end;
	struct graph graph;

	NEEDS_MODULE();
	huge = own_thp();
	if (!huge)
		SKIP(return, "no transparent huge page to be had");
	end = huge + thp_size();
	ASSERT_EQ(0, mprotect(huge, size, PROT_READ));
	ASSERT_EQ(0, mprotect(end - size, size, PROT_READ));
	ASSERT_OK(graph_at(&graph, getpid(), huge + 7 * size));
	EXPECT_EQ(1, graph_covering(&graph));
	graph_free(&graph);
	ASSERT_OK(graph_take(&graph, "folio pid=%d va=%p", getpid(), huge + 7 * size));
	EXPECT_EQ(3, graph_covering(&graph));
	EXPECT_TRUE(graph_vma_at(&graph, getpid(), huge)->covers);
	EXPECT_TRUE(graph_vma_at(&graph, getpid(), huge + 7 * size)->covers);
	EXPECT_TRUE(graph_vma_at(&graph, getpid(), end - size)->covers);
	graph_free(&graph);
}

FIXTURE(limits) {
	unsigned int before;
	struct exercise run;
};

FIXTURE_SETUP(limits)
{
	NEEDS_MODULE();
	ASSERT_OK(param_get(MAX_VMAS, &self->before));
}

FIXTURE_TEARDOWN(limits)
{
	if (self->before)
		EXPECT_OK(param_set(MAX_VMAS, self->before));
	EXPECT_OK(exercise_stop(&self->run));
}

/* Each generation has one chain more than the one before: 61 * 62 / 2 in all. */
TEST_F(limits, chains_that_have_no_room_are_said_to_be_missing)
{
	struct graph graph;
	void *va;

	ASSERT_OK(exercise_start(&self->run, "deep", "--depth", "60", NULL));
	va = (void *)self->run.pages[0].mapped.v[0].va;
	ASSERT_OK(graph_at(&graph, self->run.pid, va));
	EXPECT_EQ(61 * 62 / 2, graph.nr_links);
	EXPECT_FALSE(graph.truncated);
	graph_free(&graph);
	/* No ASSERT from here: some harnesses don't come to the teardown after one. */
	EXPECT_OK(param_set(MAX_VMAS, 70));
	EXPECT_OK(graph_at(&graph, self->run.pid, va));
	EXPECT_EQ(61, graph.nr_vmas);
	EXPECT_EQ(61, graph.nr_avs);
	EXPECT_EQ(16 * 70, graph.nr_links);
	EXPECT_TRUE(graph.truncated);
	EXPECT_EQ(1, record_num(graph.total, "truncated"));
	graph_free(&graph);
	/* As many as there are. */
	EXPECT_OK(param_set(MAX_VMAS, 120));
	EXPECT_OK(graph_at(&graph, self->run.pid, va));
	EXPECT_EQ(61 * 62 / 2, graph.nr_links);
	EXPECT_FALSE(graph.truncated);
	graph_free(&graph);
}

TEST_HARNESS_MAIN
