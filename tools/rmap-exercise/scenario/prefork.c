// SPDX-License-Identifier: GPL-2.0
/*
 * A server that builds a heap and then forks its workers, as those for Python and Ruby do. Each
 * worker copies the pages that it writes to, and its new pages are its own.
 */
#include "exercise.h"

/* Workers differ in the number of pages, so that no two figures of a worker are equal. */
#define MOST_COPIES	8
#define NEW_PAGES	9

/* A worker writes to so many pages from the start of the heap on. */
static unsigned int copies_of(const struct exercise *ex, unsigned int worker)
{
	unsigned int pages = ex->opt[OPT_PAGES];

	return 1 + (worker - 1) % (pages < MOST_COPIES ? pages : MOST_COPIES);
}

/* It also writes to so many pages behind those of the parent, in the same VMA. */
static unsigned int news_of(unsigned int worker)
{
	return NEW_PAGES - (worker - 1) % NEW_PAGES;
}

static unsigned long new_pages(const struct exercise *ex)
{
	return ex->va + ex->opt[OPT_PAGES] * page_size();
}

static unsigned long work(struct exercise *ex, unsigned int index)
{
	mem_touch(ex->va, copies_of(ex, index));
	mem_touch(new_pages(ex), news_of(index));
	return ex->va;
}

/* All workers have the pages behind the first ones. */
static void account_heap(struct exercise *ex)
{
	unsigned int n = ex->opt[OPT_CHILDREN], pages = ex->opt[OPT_PAGES], i, worker;
	struct account_page *page;

	for (i = 0; i < pages && i < MOST_COPIES; i++) {
		unsigned long va = ex->va + i * page_size();

		page = account_page(ex, "of the parent's heap, left by workers", 0, 1);
		account_range(page, STATE_MAPPED, 0, 0, va);
		for (worker = 1; worker <= n; worker++)
			account_range(page, copies_of(ex, worker) > i ? STATE_COWED : STATE_MAPPED,
				      worker, worker, va);
	}
	if (i == pages)
		return;
	page = account_page(ex, "of the parent's heap, shared by all", 0, pages - i);
	account_range(page, STATE_MAPPED, 0, n, ex->va + i * page_size());
}

static void account_worker(struct exercise *ex, unsigned int worker)
{
	unsigned int copies = copies_of(ex, worker), news = news_of(worker);
	struct share_region *region;
	struct account_page *page;

	page = account_page(ex, "the copy of worker", worker, copies);
	account_range(page, STATE_MAPPED, worker, worker, ex->va);
	page = account_page(ex, "a new page of worker", worker, news);
	account_range(page, STATE_MAPPED, worker, worker, new_pages(ex));

	region = sharing_region(ex, "the heap", worker, 0, ex->va);
	sharing_run(region, SHARE_COPIED, copies);
	sharing_run(region, SHARE_SHARED, ex->opt[OPT_PAGES] - copies);
	sharing_run(region, SHARE_NEW, news);
	sharing_run(region, SHARE_NONE, NEW_PAGES - news);
}

static void run_prefork(struct exercise *ex)
{
	unsigned int n = ex->opt[OPT_CHILDREN], pages = ex->opt[OPT_PAGES], i;

	ex->va = mem_region(pages + NEW_PAGES);
	mem_touch(ex->va, pages);
	for (i = 1; i <= n; i++) {
		ex->helpers[i].role = "worker";
		ex->helpers[i].num = i;
	}
	proc_spawn_range(ex, 1, n, work);
	proc_await(n);

	account_heap(ex);
	for (i = 1; i <= n; i++)
		account_worker(ex, i);
}

const struct scenario scenario_prefork = {
	.name = "prefork",
	.explain = "A server builds a heap and forks workers, which write to some of its pages.",
	.run = run_prefork,
	.opt = {
		[OPT_CHILDREN] = { 4, MAX_CHILDREN },
		[OPT_PAGES] = { 256, MAX_HEAP_PAGES },
	},
};
