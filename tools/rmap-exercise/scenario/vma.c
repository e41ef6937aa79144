// SPDX-License-Identifier: GPL-2.0
/*
 * Scenarios in which VMAs are split, merged and moved, and scenarios on the heap and the stack.
 */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "exercise.h"

/* Map a region of three parts, with --pages pages each. Return: the address of the middle one. */
static unsigned long setup_parts(struct exercise *ex)
{
	unsigned int pages = ex->opt[OPT_PAGES];

	ex->va = mem_region(3 * pages);
	mem_touch(ex->va, 3 * pages);
	return ex->va + pages * page_size();
}

/* Make the middle part read-only, which splits the VMA in three. */
static void split_middle(struct exercise *ex, unsigned long middle)
{
	unsigned int pages = ex->opt[OPT_PAGES];

	mem_protect(middle, pages, PROT_READ);
	mem_expect_vma(middle, pages, "split the VMA");
}

static void account_parts(struct exercise *ex)
{
	static const char * const notes[] = {
		"in the lower part", "in the middle", "in the upper part",
	};
	unsigned int pages = ex->opt[OPT_PAGES], i;
	struct account_page *page;

	for (i = 0; i < 3; i++) {
		page = account_page(ex, notes[i], 0, pages);
		account_range(page, STATE_MAPPED, 0, ex->opt[OPT_CHILDREN],
			      ex->va + i * pages * page_size());
	}
}

/*
 * The parts have the same anon_vma. The walk of a page visits only the VMA that covers it, which is
 * one VMA in each process, split or not.
 */
static void run_split(struct exercise *ex)
{
	unsigned int n = ex->opt[OPT_CHILDREN];
	unsigned long middle = setup_parts(ex);

	proc_spawn_range(ex, 1, (n + 1) / 2, NULL);
	split_middle(ex, middle);
	proc_spawn_range(ex, (n + 1) / 2 + 1, n, NULL);
	proc_await(n);
	account_parts(ex);
}

const struct scenario scenario_split = {
	.name = "split",
	.explain = "mprotect() splits the parent's VMA in three, between two rounds of forks.",
	.run = run_split,
	.opt = {
		[OPT_CHILDREN] = { 2, MAX_CHILDREN },
		[OPT_PAGES] = { 1, MAX_PAGES },
	},
};

static void run_merge(struct exercise *ex)
{
	unsigned int n = ex->opt[OPT_CHILDREN], pages = ex->opt[OPT_PAGES];
	unsigned long middle = setup_parts(ex);

	split_middle(ex, middle);
	proc_spawn_range(ex, 1, (n + 1) / 2, NULL);
	mem_protect(middle, pages, PROT_READ | PROT_WRITE);
	mem_expect_vma(ex->va, 3 * pages, "merge the VMAs");
	proc_spawn_range(ex, (n + 1) / 2 + 1, n, NULL);
	proc_await(n);
	account_parts(ex);
}

const struct scenario scenario_merge = {
	.name = "merge",
	.explain = "The parent's VMA is split and merged again, with forks between and after.",
	.run = run_merge,
	.opt = {
		[OPT_CHILDREN] = { 2, MAX_CHILDREN },
		[OPT_PAGES] = { 1, MAX_PAGES },
	},
};

/* mremap() keeps the vm_pgoff of the VMA, so the walk finds the page at its new address. */
static void run_mremap(struct exercise *ex)
{
	unsigned int n = ex->opt[OPT_CHILDREN], pages = ex->opt[OPT_PAGES];
	size_t size = pages * page_size();
	unsigned long target;
	struct account_page *page;

	mem_setup(ex);
	target = mem_reserve(pages);
	proc_spawn_range(ex, 1, n, NULL);
	proc_await(n);
	if (mremap((void *)ex->va, size, size, MREMAP_MAYMOVE | MREMAP_FIXED,
		   (void *)target) == MAP_FAILED)
		die(errno, "cannot move 0x%lx to 0x%lx", ex->va, target);

	page = account_page(ex, "moved in the parent", 0, pages);
	account_range(page, STATE_MAPPED, 0, 0, target);
	account_range(page, STATE_MAPPED, 1, n, ex->va);
}

const struct scenario scenario_mremap = {
	.name = "mremap",
	.explain = "The parent moves the page to another address after the forks.",
	.run = run_mremap,
	.opt = {
		[OPT_CHILDREN] = { 2, MAX_CHILDREN },
		[OPT_PAGES] = { 1, MAX_PAGES },
	},
};

static void share_with_children(struct exercise *ex, const char *note)
{
	unsigned int n = ex->opt[OPT_CHILDREN], pages = ex->opt[OPT_PAGES];
	struct account_page *page;

	mem_no_huge_vma(ex->va);
	mem_touch(ex->va, pages);
	proc_spawn_range(ex, 1, n, NULL);
	proc_await(n);

	page = account_page(ex, note, 0, pages);
	account_range(page, STATE_MAPPED, 0, n, ex->va);
}

/* malloc() does not use pages that it has not got from sbrk() itself. */
static void run_brk(struct exercise *ex)
{
	unsigned long size = page_size(), start;
	void *area;

	area = sbrk((ex->opt[OPT_PAGES] + 1) * size);
	if (area == (void *)-1)
		die(errno, "cannot extend the heap");
	start = (unsigned long)area;
	ex->va = (start + size - 1) & ~(size - 1);
	share_with_children(ex, "on the heap");
}

const struct scenario scenario_brk = {
	.name = "brk",
	.explain = "The shared page is on the heap that brk() grows.",
	.run = run_brk,
	.opt = {
		[OPT_CHILDREN] = { 1, MAX_CHILDREN },
		[OPT_PAGES] = { 1, MAX_SMALL_PAGES },
	},
};

static void run_stack(struct exercise *ex)
{
	ex->va = ex->stack;
	share_with_children(ex, "on the main stack");
}

const struct scenario scenario_stack = {
	.name = "stack",
	.explain = "The shared page is on the main stack, in a part that is not used otherwise.",
	.run = run_stack,
	.on_stack = true,
	.opt = {
		[OPT_CHILDREN] = { 1, MAX_CHILDREN },
		[OPT_PAGES] = { 1, MAX_SMALL_PAGES },
	},
};
