// SPDX-License-Identifier: GPL-2.0
/*
 * Scenarios with several generations: a deep anon_vma tree, a tree from which a process in the
 * middle has exited, and a tree in which the kernel reuses an anon_vma.
 */
#include <unistd.h>

#include "exercise.h"

/* Generation @index writes a page of its own, then forks the next generation. */
static unsigned long next_generation(struct exercise *ex, unsigned int index)
{
	mem_touch(ex->va + index * page_size(), 1);
	if (index < ex->opt[OPT_DEPTH]) {
		helper_watch_children();
		proc_spawn(ex, index + 1, next_generation);
	}
	return ex->va;
}

static void run_deep(struct exercise *ex)
{
	unsigned int depth = ex->opt[OPT_DEPTH], i;
	struct account_page *page;

	ex->va = mem_region(depth + 1);
	mem_touch(ex->va, depth + 1);
	proc_spawn(ex, 1, next_generation);
	proc_await(depth);

	page = account_page(ex, "shared by all generations", 0, 1);
	account_range(page, STATE_MAPPED, 0, depth, ex->va);
	for (i = 1; i <= depth; i++) {
		unsigned long va = ex->va + i * page_size();

		page = account_page(ex, "the original of the page written by generation",
				    i, 1);
		account_range(page, STATE_MAPPED, 0, i - 1, va);
		account_range(page, STATE_COWED, i, depth, va);
		page = account_page(ex, "the copy of generation", i, 1);
		account_range(page, STATE_MAPPED, i, depth, va);
	}
}

const struct scenario scenario_deep = {
	.name = "deep",
	.explain = "Each child writes a page of its own and forks the next child.",
	.run = run_deep,
	.opt = { [OPT_DEPTH] = { 4, MAX_DEPTH } },
};

static unsigned long write_fork_exit(struct exercise *ex, unsigned int index)
{
	(void)index;
	mem_touch(ex->va, ex->opt[OPT_PAGES]);
	helper_watch_children();
	proc_spawn_range(ex, 1, ex->opt[OPT_CHILDREN], NULL);
	_exit(0);
}

/*
 * The copy belongs to the anon_vma of the process that has exited. This anon_vma stays while VMAs
 * of the children are in its tree.
 */
static void run_orphan(struct exercise *ex)
{
	unsigned int n = ex->opt[OPT_CHILDREN], pages = ex->opt[OPT_PAGES];
	struct account_page *page;

	mem_setup(ex);
	proc_spawn_leaver(ex, write_fork_exit);
	proc_await(n);

	page = account_page(ex, "the copy of the process that has exited", 0, pages);
	account_range(page, STATE_MAPPED, 1, n, ex->va);
	page = account_page(ex, "the original, which that process left", 0, pages);
	account_range(page, STATE_MAPPED, 0, 0, ex->va);
	account_range(page, STATE_COWED, 1, n, ex->va);
}

const struct scenario scenario_orphan = {
	.name = "orphan",
	.explain = "A child writes the page, forks and exits; its own children share the copy.",
	.run = run_orphan,
	.opt = {
		[OPT_CHILDREN] = { 2, MAX_CHILDREN },
		[OPT_PAGES] = { 1, MAX_PAGES },
	},
};

/* Process C: forks after B has exited. */
static unsigned long wait_then_fork(struct exercise *ex, unsigned int index)
{
	helper_watch_children();
	helper_wait_go();
	proc_spawn(ex, index + 1, mem_write);
	return ex->va;
}

/* Process B: after its exit its anon_vma has one child, that of C, and no active VMA. */
static unsigned long fork_exit(struct exercise *ex, unsigned int index)
{
	(void)index;
	proc_spawn(ex, 1, wait_then_fork);
	_exit(0);
}

/*
 * When C forks D, anon_vma_clone() finds the anon_vma of B, which has fewer than two children and
 * no active VMA, and reuses it for the VMA of D. The VMA of C is in the tree of this anon_vma as
 * well, so the walk of a page that D writes visits C, the parent of D.
 */
static void run_reuse(struct exercise *ex)
{
	unsigned int pages = ex->opt[OPT_PAGES];
	struct account_page *page;

	mem_setup(ex);
	ex->helpers[1].role = "grandchild";
	ex->helpers[2].role = "great-grandchild";
	proc_spawn_leaver(ex, fork_exit);
	proc_await(0);
	proc_go();
	proc_await(2);

	page = account_page(ex, "the copy of the great-grandchild, in the reused anon_vma",
			    0, pages);
	account_range(page, STATE_MAPPED, 2, 2, ex->va);
	account_range(page, STATE_COWED, 1, 1, ex->va);
	page = account_page(ex, "the original", 0, pages);
	account_range(page, STATE_MAPPED, 0, 1, ex->va);
	account_range(page, STATE_COWED, 2, 2, ex->va);
}

const struct scenario scenario_reuse = {
	.name = "reuse",
	.explain = "A process gets the anon_vma of an ancestor that has exited, and writes.",
	.run = run_reuse,
	.opt = { [OPT_PAGES] = { 1, MAX_PAGES } },
};
