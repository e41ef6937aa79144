// SPDX-License-Identifier: GPL-2.0
/*
 * Scenarios with hugetlb pages. They enlarge the pool and shrink it again at the end.
 *
 * One entry maps a whole huge page. The account lists its first, middle and last small page, which
 * always have the same state.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>

#include "exercise.h"

#define MAX_HUGE_PAGES 16
#define MAX_HUGE_CHILDREN 1000
#define GIGA (1UL << 30)
#define FLAG_SHIFT 26		/* MAP_HUGE_SHIFT */
#define NR_SAMPLES 3

static unsigned long huge_page_size;
static const char *kind = KIND_HUGETLB_FILE;

static unsigned long size_2m(void)
{
	return GIGA >> 9;
}

/* Enlarge the pool for pages of @size by @count pages, until the end. */
static void reserve(unsigned long size, unsigned int count)
{
	char path[128];
	long had, has;

	snprintf(path, sizeof(path), "/sys/kernel/mm/hugepages/hugepages-%lukB/nr_hugepages",
		 size / 1024);
	if (!setting_exists(path))
		unsupported("this kernel or processor has no hugetlb pages of %lu MiB",
			    size >> 20);
	had = setting_number(path);
	setting_set_number(path, had + count);
	has = setting_number(path);
	if (has < had + count)
		unsupported("%u hugetlb pages of %lu MiB are needed; the kernel could allocate %ld",
			    count, size >> 20, has - had);
}

static int size_flag(unsigned long size)
{
	return __builtin_ctzl(size) << FLAG_SHIFT;
}

static unsigned long map_huge(unsigned long size, unsigned int count, int flags)
{
	return mem_shared(0, size * count, PROT_READ | PROT_WRITE,
			  MAP_ANONYMOUS | MAP_HUGETLB | size_flag(size) | flags, -1);
}

static void touch_huge(unsigned long va, unsigned long size, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		mem_touch(va + i * size, 1);
}

/* The index of a sample: the first page, one in the middle, the last. */
static unsigned int sample(unsigned int which)
{
	unsigned int last = huge_page_size / page_size() - 1;

	return which * last / (NR_SAMPLES - 1);
}

/*
 * On 7.3, fork() may not copy the entry of a 1 GiB page: it takes the page table for a shared one
 * because of a field that is not initialised there. So ask pagemap.
 */
static enum map_state state_after_fork(struct exercise *ex, unsigned int index,
				       unsigned long va)
{
	if (huge_page_size < GIGA || pagemap_present(ex->helpers[index].pid, va))
		return STATE_MAPPED;
	return STATE_NONE;
}

/* Helpers up to @last map the huge page; the later ones have the state @rest. */
static void account_huge(struct exercise *ex, unsigned long va, const char *note,
			 unsigned int last, enum map_state rest)
{
	unsigned int n = ex->nr_helpers - 1, i, j;

	for (i = 0; i < NR_SAMPLES; i++) {
		struct account_page *page = account_page(ex, note, 0, 1);
		unsigned int index = sample(i);
		unsigned long there = va + index * page_size();

		page->kind = kind;
		page->index = index;
		for (j = 0; j <= last; j++)
			account_range(page, state_after_fork(ex, j, va), j, j, there);
		account_range(page, rest, last + 1, n, there);
	}
}

static unsigned long write_huge(struct exercise *ex, unsigned int index)
{
	(void)index;
	touch_huge(ex->va, huge_page_size, ex->opt[OPT_PAGES]);
	return ex->va;
}

/* The copy of a writer belongs to its own anon_vma, whose tree has no other VMA. */
static void account_copy(struct exercise *ex, unsigned int writer)
{
	unsigned int i, j;

	for (i = 0; i < ex->opt[OPT_PAGES]; i++) {
		for (j = 0; j < NR_SAMPLES; j++) {
			unsigned int index = sample(j);
			struct account_page *page;

			page = account_page(ex, "the copy of child", writer, 1);
			page->kind = kind;
			page->index = index;
			account_range(page, STATE_MAPPED, writer, writer,
				      ex->va + i * huge_page_size + index * page_size());
		}
	}
}

/* The last children write. Each needs huge pages for its copies. */
static void share_private(struct exercise *ex, unsigned long size)
{
	unsigned int n = ex->opt[OPT_CHILDREN], pages = ex->opt[OPT_PAGES];
	unsigned int readers = n - ex->opt[OPT_WRITERS], i;

	huge_page_size = size;
	kind = KIND_HUGETLB_ANON;
	reserve(size, pages * (1 + ex->opt[OPT_WRITERS]));
	ex->va = map_huge(size, pages, MAP_PRIVATE);
	touch_huge(ex->va, size, pages);
	proc_spawn_range(ex, 1, readers, NULL);
	proc_spawn_range(ex, readers + 1, n, write_huge);
	proc_await(n);

	for (i = 0; i < pages; i++)
		account_huge(ex, ex->va + i * size, "private, shared over fork", readers,
			     STATE_COWED);
	for (i = readers + 1; i <= n; i++)
		account_copy(ex, i);
}

static void run_hugetlb(struct exercise *ex)
{
	share_private(ex, size_2m());
}

const struct scenario scenario_hugetlb = {
	.name = "hugetlb",
	.explain = "A private hugetlb page, shared over fork; writers get a copy.",
	.run = run_hugetlb,
	.opt = {
		[OPT_CHILDREN] = { 3, MAX_HUGE_CHILDREN },
		[OPT_PAGES] = { 1, MAX_HUGE_PAGES },
		[OPT_WRITERS] = { 1, MAX_HUGE_CHILDREN },
	},
};

static void run_hugetlb_1g(struct exercise *ex)
{
	share_private(ex, GIGA);
}

const struct scenario scenario_hugetlb_1g = {
	.name = "hugetlb-1g",
	.explain = "A private hugetlb page of 1 GiB, shared over fork.",
	.run = run_hugetlb_1g,
	.opt = {
		[OPT_CHILDREN] = { 3, MAX_HUGE_CHILDREN },
		[OPT_PAGES] = { 1, 1 },
	},
};

static unsigned long read_huge(struct exercise *ex, unsigned int index)
{
	unsigned int i;

	(void)index;
	for (i = 0; i < ex->opt[OPT_PAGES]; i++)
		mem_read(ex->va + i * huge_page_size, 1);
	return ex->va;
}

/* The region has one more page, which only the parent touches. */
static void run_hugetlb_shared(struct exercise *ex)
{
	unsigned int n = ex->opt[OPT_CHILDREN], pages = ex->opt[OPT_PAGES], i;
	unsigned long size = size_2m();

	huge_page_size = size;
	reserve(size, pages + 1);
	ex->va = map_huge(size, pages + 1, MAP_SHARED);
	touch_huge(ex->va, size, pages + 1);
	proc_spawn_range(ex, 1, n, read_huge);
	proc_await(n);

	for (i = 0; i < pages; i++)
		account_huge(ex, ex->va + i * size, "shared, read by all", n,
			     STATE_NONE);
	account_huge(ex, ex->va + pages * size, "shared, touched by the parent alone",
		     0, STATE_NONE);
}

const struct scenario scenario_hugetlb_shared = {
	.name = "hugetlb-shared",
	.explain = "Shared hugetlb pages, inherited over fork: a file without a name.",
	.run = run_hugetlb_shared,
	.opt = {
		[OPT_CHILDREN] = { 3, MAX_HUGE_CHILDREN },
		[OPT_PAGES] = { 1, MAX_HUGE_PAGES },
	},
};

static unsigned long read_first(struct exercise *ex, unsigned int index)
{
	mem_read(ex->va, 1);
	if (index == ex->opt[OPT_CHILDREN])
		mem_touch(ex->va + huge_page_size, 1);
	return ex->va;
}

/*
 * Processes that map the same GiB of a hugetlbfs file can share its page table. Then all of them
 * map the second page, which only the last child has touched; this is how to find out if they
 * share. The mapcount of such a page is 1.
 */
static void run_hugetlb_pmd_share(struct exercise *ex)
{
	unsigned int n = ex->opt[OPT_CHILDREN];
	unsigned long size = size_2m(), second;

	huge_page_size = size;
	reserve(size, 2);
	ex->va = mem_shared(huge_window(GIGA, GIGA), GIGA, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE | MAP_HUGETLB |
			    size_flag(size), -1);
	second = ex->va + size;
	mem_touch(ex->va, 1);
	proc_spawn_range(ex, 1, n, read_first);
	proc_await(n);
	if (!pagemap_present(0, second))
		unsupported("this kernel does not share page tables of hugetlb");

	account_huge(ex, ex->va, "touched by all", n, STATE_NONE);
	account_huge(ex, second, "touched by the last child, and so mapped by all", n,
		     STATE_NONE);
}

const struct scenario scenario_hugetlb_pmd_share = {
	.name = "hugetlb-pmd-share",
	.explain = "Processes that map the same GiB of hugetlb share its page table.",
	.run = run_hugetlb_pmd_share,
	.opt = { [OPT_CHILDREN] = { 3, MAX_HUGE_CHILDREN } },
};
