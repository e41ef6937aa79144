// SPDX-License-Identifier: GPL-2.0
/*
 * Scenarios with one generation of children.
 *
 * Each anon_vma has a tree of the VMAs that may map its pages: those of its own process and of all
 * descendants. A page belongs to the anon_vma of the process that first touched it, or that copied
 * it by a write.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "exercise.h"

static void advise(struct exercise *ex, int advice, const char *name)
{
	if (madvise((void *)ex->va, ex->opt[OPT_PAGES] * page_size(), advice))
		die(errno, "cannot set %s", name);
}

static void run_exclusive(struct exercise *ex)
{
	struct account_page *page;

	mem_setup(ex);
	page = account_page(ex, "the only process's page", 0, ex->opt[OPT_PAGES]);
	account_range(page, STATE_MAPPED, 0, 0, ex->va);
}

const struct scenario scenario_exclusive = {
	.name = "exclusive",
	.explain = "One process touches a page and shares it with no other.",
	.run = run_exclusive,
	.opt = { [OPT_PAGES] = { 1, MAX_PAGES } },
};

static void run_fork(struct exercise *ex)
{
	unsigned int n = ex->opt[OPT_CHILDREN];
	struct account_page *page;

	mem_setup(ex);
	proc_spawn_range(ex, 1, n, NULL);
	proc_await(n);

	page = account_page(ex, "shared by the parent and all children", 0,
			    ex->opt[OPT_PAGES]);
	account_range(page, STATE_MAPPED, 0, n, ex->va);
}

const struct scenario scenario_fork = {
	.name = "fork",
	.explain = "A process touches a page and forks children that all share it.",
	.run = run_fork,
	.opt = {
		[OPT_CHILDREN] = { 3, MAX_CHILDREN },
		[OPT_PAGES] = { 1, MAX_PAGES },
	},
};

/*
 * The children do not have the late pages. These pages belong to the anon_vma of the parent. The
 * VMAs of the children are in its tree, so the walk visits them without finding it.
 */
static void run_wide(struct exercise *ex)
{
	unsigned int n = ex->opt[OPT_CHILDREN], pages = ex->opt[OPT_PAGES];
	unsigned long late;
	struct account_page *page;

	ex->va = mem_region(2 * pages);
	mem_touch(ex->va, pages);
	proc_spawn_range(ex, 1, n, NULL);
	proc_await(n);
	late = ex->va + pages * page_size();
	mem_touch(late, pages);

	page = account_page(ex, "shared by the parent and all children", 0, pages);
	account_range(page, STATE_MAPPED, 0, n, ex->va);
	page = account_page(ex, "first touched by the parent after the forks", 0,
			    pages);
	account_range(page, STATE_MAPPED, 0, 0, late);
	account_range(page, STATE_NONE, 1, n, late);
}

const struct scenario scenario_wide = {
	.name = "wide",
	.explain = "Many children; the parent has another page, whose walk visits all their VMAs.",
	.run = run_wide,
	.opt = {
		[OPT_CHILDREN] = { 100, MAX_CHILDREN },
		[OPT_PAGES] = { 1, MAX_PAGES },
	},
};

/* A pipe. While its write end is open, the writers wait and the command runs. */
static int gate[2] = { -1, -1 };

static void close_gate(void)
{
	if (gate[1] >= 0)
		close(gate[1]);
	gate[1] = -1;
}

static unsigned long write_behind_gate(struct exercise *ex, unsigned int index)
{
	close_gate();
	if (gate[0] >= 0)
		helper_wait_closed(gate[0]);
	return mem_write(ex, index);
}

static unsigned long leave_gate(struct exercise *ex, unsigned int index)
{
	(void)index;
	close_gate();
	return ex->va;
}

static void run_cow_child(struct exercise *ex)
{
	unsigned int n = ex->opt[OPT_CHILDREN], pages = ex->opt[OPT_PAGES];
	unsigned int writers = ex->opt[OPT_WRITERS], i;
	struct account_page *page;

	mem_setup(ex);
	if (ex->twice && pipe2(gate, O_CLOEXEC))
		die(errno, "cannot make a pipe");
	proc_spawn_range(ex, 1, writers, write_behind_gate);
	proc_spawn_range(ex, writers + 1, n, leave_gate);

	page = account_page(ex, "the original, left by the children that wrote", 0,
			    pages);
	account_range(page, STATE_MAPPED, 0, 0, ex->va);
	account_range(page, STATE_MAPPED, writers + 1, n, ex->va);
	account_range(page, STATE_COWED, 1, writers, ex->va);
	for (i = 1; i <= writers; i++) {
		page = account_page(ex, "the copy of child", i, pages);
		account_range(page, STATE_MAPPED, i, i, ex->va);
	}

	/* The children share the page from their fork on, so the command need not wait. */
	if (ex->twice)
		ex->status = cmd_run(ex);
	close_gate();
	proc_await(n);
}

const struct scenario scenario_cow_child = {
	.name = "cow-child",
	.explain = "Some of the children write to the page, and each gets a copy of its own.",
	.run = run_cow_child,
	.opt = {
		[OPT_CHILDREN] = { 3, MAX_CHILDREN },
		[OPT_PAGES] = { 1, MAX_PAGES },
		[OPT_WRITERS] = { 1, MAX_CHILDREN },
	},
	.twice = true,
};

/* The copy of the parent belongs to the same anon_vma as the original. */
static void run_cow_parent(struct exercise *ex)
{
	unsigned int n = ex->opt[OPT_CHILDREN], pages = ex->opt[OPT_PAGES];
	struct account_page *page;

	mem_setup(ex);
	proc_spawn_range(ex, 1, n, NULL);
	proc_await(n);
	mem_touch(ex->va, pages);

	page = account_page(ex, "the original, left by the parent", 0, pages);
	account_range(page, STATE_MAPPED, 1, n, ex->va);
	account_range(page, STATE_COWED, 0, 0, ex->va);
	page = account_page(ex, "the copy of the parent", 0, pages);
	account_range(page, STATE_MAPPED, 0, 0, ex->va);
	account_range(page, STATE_COWED, 1, n, ex->va);
}

const struct scenario scenario_cow_parent = {
	.name = "cow-parent",
	.explain = "The parent writes to the page and leaves the original to its children.",
	.run = run_cow_parent,
	.opt = {
		[OPT_CHILDREN] = { 3, MAX_CHILDREN },
		[OPT_PAGES] = { 1, MAX_PAGES },
	},
};

static void run_dontfork(struct exercise *ex)
{
	unsigned int n = ex->opt[OPT_CHILDREN];
	struct account_page *page;

	mem_setup(ex);
	advise(ex, MADV_DONTFORK, "MADV_DONTFORK");
	proc_spawn_range(ex, 1, n, NULL);
	proc_await(n);

	page = account_page(ex, "kept from the children", 0, ex->opt[OPT_PAGES]);
	account_range(page, STATE_MAPPED, 0, 0, ex->va);
}

const struct scenario scenario_dontfork = {
	.name = "dontfork",
	.explain = "With MADV_DONTFORK the children do not get the VMA.",
	.run = run_dontfork,
	.opt = {
		[OPT_CHILDREN] = { 3, MAX_CHILDREN },
		[OPT_PAGES] = { 1, MAX_PAGES },
	},
};

/* A wiped VMA has no anon_vma. Its first fault makes the root of a new tree. */
static void run_wipeonfork(struct exercise *ex)
{
	unsigned int n = ex->opt[OPT_CHILDREN], pages = ex->opt[OPT_PAGES], i;
	struct account_page *page;

	mem_setup(ex);
	advise(ex, MADV_WIPEONFORK, "MADV_WIPEONFORK");
	proc_spawn_range(ex, 1, n, mem_write);
	proc_await(n);

	page = account_page(ex, "the parent's page, wiped in the children", 0, pages);
	account_range(page, STATE_MAPPED, 0, 0, ex->va);
	for (i = 1; i <= n; i++) {
		page = account_page(ex, "a fresh page of child", i, pages);
		account_range(page, STATE_MAPPED, i, i, ex->va);
	}
}

const struct scenario scenario_wipeonfork = {
	.name = "wipeonfork",
	.explain = "With MADV_WIPEONFORK the children get an empty VMA and fault in new pages.",
	.run = run_wipeonfork,
	.opt = {
		[OPT_CHILDREN] = { 3, MAX_CHILDREN },
		[OPT_PAGES] = { 1, MAX_PAGES },
	},
};
