// SPDX-License-Identifier: GPL-2.0
/*
 * The values in the file "tree" must match how the tree was built and what /proc says. Also
 * limits on what it lists.
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

/* A page in a VMA of its own, which cannot merge with others. */
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

/* Each anon_vma holds a reference to itself, and one to the root. */
static void expect_refcounts(struct __test_metadata *_metadata, const struct tree_report *tree)
{
	size_t i;

	for (i = 0; i < tree->nr_avs; i++)
		EXPECT_EQ(tree->avs[i].parent == i ? tree->nr_avs : 1,
			  tree_report_num(tree, i, "refcount")) TH_LOG("av%zu", i);
}

TEST(anon_vma_counts_match_the_tree_that_was_built)
{
	struct tree_report tree;
	struct exercise run;
	struct child children[2];
	char *page;

	NEEDS_MODULE();
	page = lone_page();
	ASSERT_NE(NULL, page);
	ASSERT_OK(child_fork(&children[0]));
	ASSERT_OK(child_fork(&children[1]));
	ASSERT_OK(tree_report_at(&tree, getpid(), page));
	EXPECT_EQ(3, tree.nr_avs);
	EXPECT_EQ(3, tree_report_num(&tree, 0, "num_children"));
	expect_refcounts(_metadata, &tree);
	tree_report_free(&tree);
	EXPECT_OK(child_end(&children[0]));
	EXPECT_OK(child_end(&children[1]));

	ASSERT_OK(exercise_start(&run, "deep", "--depth", "3", NULL));
	ASSERT_OK(tree_report_at(&tree, run.pid, (void *)run.pages[0].mapped.v[0].va));
	EXPECT_EQ(4, tree.nr_avs);
	EXPECT_EQ(3, record_num(tree.total, "depth"));
	expect_refcounts(_metadata, &tree);
	tree_report_free(&tree);
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

static int compare_vma(const struct tree_vma *vma, bool is_file)
{
	char comm[64], bounds[48];
	struct oracle_vma real;
	uint64_t pgoff;

	if (oracle_vma(vma->pid, vma->start, &real) || proc_comm(vma->pid, comm))
		return -1;
	snprintf(bounds, sizeof(bounds), "%#" PRIx64 "-%#" PRIx64, real.start, real.end);
	/*
	 * Memory without a file has no offset in /proc. Its offset is its address at the first
	 * fault.
	 */
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

TEST(vmas_match_proc_maps)
{
	struct tree_report tree;
	struct child child;
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
	ASSERT_OK(child_fork(&child));
	ASSERT_OK(tree_report_at(&tree, getpid(), page));
	ASSERT_EQ(2, tree.nr_vmas);
	for (i = 0; i < 2; i++)
		EXPECT_OK(compare_vma(&tree.vmas[i], false));
	tree_report_free(&tree);
	ASSERT_OK(tree_report_at(&tree, child.pid, copy));
	ASSERT_EQ(2, tree.nr_vmas);
	for (i = 0; i < 2; i++)
		EXPECT_OK(compare_vma(&tree.vmas[i], true));
	EXPECT_STREQ("r--p", record_get(tree.vmas[0].record, "perms"));
	tree_report_free(&tree);
	EXPECT_OK(child_end(&child));
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
	struct tree_report tree;
	char tgids[64];

	NEEDS_MODULE();
	ASSERT_OK(exercise_start(&run, "clone-vm", NULL));
	page = &run.pages[0];
	ASSERT_OK(tree_report_at(&tree, page->mapped.v[0].pid, (void *)page->mapped.v[0].va));
	EXPECT_EQ(page->mapped.nr, tree.nr_vmas);
	EXPECT_EQ(page->mapped.nr, record_num(tree.total, "processes"));
	snprintf(tgids, sizeof(tgids), "%d,", page->mapped.v[0].pid);
	EXPECT_EQ(0, strncmp(record_get(tree.vmas[0].record, "tgids"), tgids, strlen(tgids)));
	EXPECT_EQ(page->sharers.nr - page->mapped.nr + 1,
		  count_words(record_get(tree.vmas[0].record, "tgids")));
	tree_report_free(&tree);
	EXPECT_OK(exercise_stop(&run));
}

/* The values are the same, except those that change by themselves. */
TEST(page_line_is_that_of_the_file_page)
{
	static const char * const keys[] = {
		"pfn", "paddr", "kind", "folio_pfn", "folio_order", "index_in_folio", "pgoff",
		"mapcount", "memcg", "node", "zone",
	};
	struct tree_report tree;
	struct child child;
	struct page_report report;
	char *page;
	size_t i;

	NEEDS_MODULE();
	page = lone_page();
	ASSERT_NE(NULL, page);
	ASSERT_OK(child_fork(&child));
	ASSERT_OK(tree_report_at(&tree, getpid(), page));
	ASSERT_OK(page_report_at(&report, getpid(), (uintptr_t)page));
	for (i = 0; i < ARRAY_SIZE(keys); i++)
		EXPECT_STREQ(record_get(report.page, keys[i]), record_get(tree.page, keys[i]));
	EXPECT_EQ(2, record_num(tree.page, "mapcount"));
	tree_report_free(&tree);
	page_report_free(&report);
	EXPECT_OK(child_end(&child));
}

/* The VMA is not the first of its tree by address, and the process is not the first either. */
TEST(only_the_vma_of_three_that_has_the_page_covers_it)
{
	size_t size = getpagesize(), i;
	struct tree_report tree;
	struct child child;
	char *pages;

	NEEDS_MODULE();
	pages = own_pages(4);
	ASSERT_NE(NULL, pages);
	memset(pages, 1, 4 * size);
	ASSERT_EQ(0, mprotect(pages + 2 * size, size, PROT_READ));
	ASSERT_OK(child_fork(&child));
	for (i = 0; i < 4; i++) {
		ASSERT_OK(tree_report_at(&tree, getpid(), pages + i * size));
		/*
		 * Each process has three VMAs, of which one covers the page. The parent's covers
		 * two pages.
		 */
		EXPECT_LE(6, tree.nr_vmas);
		EXPECT_EQ(2, tree_report_covering(&tree));
		EXPECT_TRUE(tree_report_vma(&tree, getpid(), pages + i * size)->covers);
		EXPECT_TRUE(tree_report_vma(&tree, child.pid, pages + i * size)->covers);
		EXPECT_EQ(2, record_num(tree.total, "processes"));
		tree_report_free(&tree);
	}
	EXPECT_OK(child_end(&child));
}

/* The VMAs with its first page, its last page, and all pages between. */
TEST(folio_is_covered_by_each_vma_that_has_a_part_of_it)
{
	size_t size = getpagesize();
	char *huge, *end;
	struct tree_report tree;

	NEEDS_MODULE();
	huge = own_thp();
	if (!huge)
		SKIP(return, "the kernel gives no transparent huge page");
	end = huge + thp_size();
	ASSERT_EQ(0, mprotect(huge, size, PROT_READ));
	ASSERT_EQ(0, mprotect(end - size, size, PROT_READ));
	ASSERT_OK(tree_report_at(&tree, getpid(), huge + 7 * size));
	EXPECT_EQ(1, tree_report_covering(&tree));
	tree_report_free(&tree);
	ASSERT_OK(tree_report_take(&tree, "folio pid=%d va=%p", getpid(), huge + 7 * size));
	EXPECT_EQ(3, tree_report_covering(&tree));
	EXPECT_TRUE(tree_report_vma(&tree, getpid(), huge)->covers);
	EXPECT_TRUE(tree_report_vma(&tree, getpid(), huge + 7 * size)->covers);
	EXPECT_TRUE(tree_report_vma(&tree, getpid(), end - size)->covers);
	tree_report_free(&tree);
}

FIXTURE(tree_line) {
	unsigned int before;
	struct exercise run;
};

FIXTURE_SETUP(tree_line)
{
	NEEDS_MODULE();
	ASSERT_OK(param_get(MAX_VMAS, &self->before));
}

FIXTURE_TEARDOWN(tree_line)
{
	if (self->before)
		EXPECT_OK(param_set(MAX_VMAS, self->before));
	EXPECT_OK(exercise_stop(&self->run));
}

/* Each generation has one chain more than the one before: 61 * 62 / 2 in all. */
TEST_F(tree_line, missing_chains_set_truncated)
{
	struct tree_report tree;
	void *va;

	ASSERT_OK(exercise_start(&self->run, "deep", "--depth", "60", NULL));
	va = (void *)self->run.pages[0].mapped.v[0].va;
	ASSERT_OK(tree_report_at(&tree, self->run.pid, va));
	EXPECT_EQ(61 * 62 / 2, tree.nr_links);
	EXPECT_FALSE(tree.truncated);
	tree_report_free(&tree);
	/* No ASSERT from here on: in some harnesses it would skip the teardown. */
	EXPECT_OK(param_set(MAX_VMAS, 70));
	EXPECT_OK(tree_report_at(&tree, self->run.pid, va));
	EXPECT_EQ(61, tree.nr_vmas);
	EXPECT_EQ(61, tree.nr_avs);
	EXPECT_EQ(16 * 70, tree.nr_links);
	EXPECT_TRUE(tree.truncated);
	EXPECT_EQ(1, record_num(tree.total, "truncated"));
	tree_report_free(&tree);
	/* As many as there are. */
	EXPECT_OK(param_set(MAX_VMAS, 120));
	EXPECT_OK(tree_report_at(&tree, self->run.pid, va));
	EXPECT_EQ(61 * 62 / 2, tree.nr_links);
	EXPECT_FALSE(tree.truncated);
	tree_report_free(&tree);
}

TEST_HARNESS_MAIN
