// SPDX-License-Identifier: GPL-2.0
/*
 * Scenarios in which pages are swapped out, or may be dropped instead.
 *
 * MADV_PAGEOUT skips a page that several processes map. So the page is swapped out first, and the
 * forks then copy the swap entry.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>

#include "exercise.h"

#define SWAP_TRIES 1000

static void need_swap(void)
{
	FILE *swaps = fopen("/proc/swaps", "re");
	char line[256];
	int lines = 0;

	while (swaps && lines < 2 && fgets(line, sizeof(line), swaps))
		lines++;
	if (swaps)
		fclose(swaps);
	/* The first line is the heading. */
	if (lines < 2)
		unsupported("no swap is in use; run swapon(8) first");
}

static unsigned int count_swapped(unsigned long va, unsigned int pages)
{
	unsigned int i, count = 0;

	for (i = 0; i < pages; i++)
		count += pagemap_swapped(0, va + i * page_size());
	return count;
}

/* MADV_PAGEOUT skips a page in a batch of another CPU, so try again. */
static void setup_swapped(struct exercise *ex)
{
	unsigned int pages = ex->opt[OPT_PAGES], done = 0, i;

	need_swap();
	mem_setup(ex);
	for (i = 0; i < SWAP_TRIES && done < pages; i++) {
		if (i)
			proc_pause(10);
		if (madvise((void *)ex->va, pages * page_size(), MADV_PAGEOUT))
			die(errno, "cannot set MADV_PAGEOUT");
		done = count_swapped(ex->va, pages);
	}
	if (done < pages)
		die(0, "the kernel swapped out %u of %u pages; is swap full?", done, pages);
}

static unsigned long read_in(struct exercise *ex, unsigned int index)
{
	(void)index;
	mem_read(ex->va, ex->opt[OPT_PAGES]);
	return ex->va;
}

static void run_swap(struct exercise *ex)
{
	unsigned int n = ex->opt[OPT_CHILDREN], readers = (n + 1) / 2;
	struct account_page *page;

	setup_swapped(ex);
	proc_spawn_range(ex, readers + 1, n, NULL);
	proc_spawn_range(ex, 1, readers, read_in);
	proc_await(n);

	page = account_page(ex, "swapped out, and read in again by some children", 0,
			    ex->opt[OPT_PAGES]);
	account_range(page, STATE_MAPPED, 1, readers, ex->va);
	account_range(page, STATE_SWAPPED, 0, 0, ex->va);
	account_range(page, STATE_SWAPPED, readers + 1, n, ex->va);
}

const struct scenario scenario_swap = {
	.name = "swap",
	.explain = "Some children read a page in from swap; it stays swapped out for the others.",
	.run = run_swap,
	.opt = {
		[OPT_CHILDREN] = { 4, MAX_CHILDREN },
		[OPT_PAGES] = { 1, MAX_PAGES },
	},
};

static void run_swap_out(struct exercise *ex)
{
	unsigned int n = ex->opt[OPT_CHILDREN];
	struct account_page *page;

	setup_swapped(ex);
	proc_spawn_range(ex, 1, n, NULL);
	proc_await(n);

	page = account_page(ex, "swapped out for all", 0, ex->opt[OPT_PAGES]);
	page->kind = KIND_SWAP;
	account_range(page, STATE_SWAPPED, 0, n, ex->va);
}

const struct scenario scenario_swap_out = {
	.name = "swap-out",
	.explain = "A page is swapped out, and no process has it in memory.",
	.run = run_swap_out,
	.opt = {
		[OPT_CHILDREN] = { 3, MAX_CHILDREN },
		[OPT_PAGES] = { 1, MAX_PAGES },
	},
};

/* MADV_FREE skips a page that several processes map, so it comes before the forks. */
static void run_madv_free(struct exercise *ex)
{
	unsigned int n = ex->opt[OPT_CHILDREN];
	struct account_page *page;

	mem_setup(ex);
	if (madvise((void *)ex->va, ex->opt[OPT_PAGES] * page_size(), MADV_FREE))
		die(errno, "cannot set MADV_FREE");
	proc_spawn_range(ex, 1, n, NULL);
	proc_await(n);

	page = account_page(ex, "may be dropped, but is still there", 0, ex->opt[OPT_PAGES]);
	account_range(page, STATE_MAPPED, 0, n, ex->va);
}

const struct scenario scenario_madv_free = {
	.name = "madv-free",
	.explain = "With MADV_FREE the kernel may drop the page instead of swapping it out.",
	.run = run_madv_free,
	.opt = {
		[OPT_CHILDREN] = { 3, MAX_CHILDREN },
		[OPT_PAGES] = { 1, MAX_PAGES },
	},
};
