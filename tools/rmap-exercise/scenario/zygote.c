// SPDX-License-Identifier: GPL-2.0
/*
 * The processes of a browser. A zygote forks renderers, and the first of them forks another
 * process. The heap of the zygote has parts with different fates. A memfd connects the zygote, the
 * renderers with an odd number and the grandchild.
 */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "exercise.h"

/* The parts of the heap, each as long as --pages says. */
enum part {
	PART_SHARED,		/* no process writes to it */
	PART_RENDERERS,		/* each renderer writes to it; the first one before its fork */
	PART_FIRST,		/* the first renderer does, and the grandchild again */
	PART_ZYGOTE,		/* the zygote does after the forks */
	PART_NEW,		/* the first renderer touches it first, before its fork */
	NR_PARTS,
};

#define ZYGOTE		0U
#define FIRST		1U

static int shared_fd = -1;
static unsigned long shared_va;

static unsigned int grandchild_of(const struct exercise *ex)
{
	return ex->opt[OPT_CHILDREN] + 1;
}

static unsigned long part_va(const struct exercise *ex, enum part part)
{
	return ex->va + (unsigned long)part * ex->opt[OPT_PAGES] * page_size();
}

static void touch_part(const struct exercise *ex, enum part part)
{
	mem_touch(part_va(ex, part), ex->opt[OPT_PAGES]);
}

static void map_memfd(const struct exercise *ex)
{
	unsigned int pages = ex->opt[OPT_PAGES];

	shared_va = mem_shared(mem_reserve(pages), pages * page_size(), PROT_READ | PROT_WRITE,
			       MAP_SHARED, shared_fd);
	mem_read(shared_va, pages);
}

/* The mapping of the memfd is inherited, but fork() copies no entries of it. */
static unsigned long be_grandchild(struct exercise *ex, unsigned int index)
{
	(void)index;
	touch_part(ex, PART_FIRST);
	mem_read(shared_va, ex->opt[OPT_PAGES]);
	return shared_va;
}

static unsigned long render(struct exercise *ex, unsigned int index)
{
	touch_part(ex, PART_RENDERERS);
	if (index % 2)
		map_memfd(ex);
	if (index == FIRST) {
		touch_part(ex, PART_FIRST);
		touch_part(ex, PART_NEW);
		helper_watch_children();
		proc_spawn(ex, grandchild_of(ex), be_grandchild);
	}
	return shared_va;
}

/* The zygote maps the memfd last, so that no renderer inherits this mapping. */
static void build(struct exercise *ex)
{
	unsigned int n = ex->opt[OPT_CHILDREN], pages = ex->opt[OPT_PAGES], i;

	shared_fd = memfd_create("rmap-exercise", MFD_CLOEXEC);
	if (shared_fd < 0)
		die(errno, "cannot create a memfd");
	if (ftruncate(shared_fd, pages * page_size()))
		die(errno, "cannot set the size of a memfd");

	ex->va = mem_region(NR_PARTS * pages);
	mem_touch(ex->va, PART_NEW * pages);
	ex->helpers[ZYGOTE].role = "zygote";
	for (i = FIRST; i <= n; i++) {
		ex->helpers[i].role = "renderer";
		ex->helpers[i].num = i;
	}
	ex->helpers[grandchild_of(ex)].role = "grandchild";
	proc_spawn_range(ex, FIRST, n, render);
	proc_await(grandchild_of(ex));
	touch_part(ex, PART_ZYGOTE);
	map_memfd(ex);
	ex->helpers[ZYGOTE].va = shared_va;
}

static struct account_page *account_part(struct exercise *ex, const char *note)
{
	return account_page(ex, note, 0, ex->opt[OPT_PAGES]);
}

/* The pages of the zygote. Their walk visits all processes. */
static void account_zygote(struct exercise *ex)
{
	unsigned int last = grandchild_of(ex);
	struct account_page *page;
	unsigned long va;

	page = account_part(ex, "of the zygote's heap, shared by all");
	account_range(page, STATE_MAPPED, ZYGOTE, last, part_va(ex, PART_SHARED));

	page = account_part(ex, "the original, left by all renderers");
	va = part_va(ex, PART_RENDERERS);
	account_range(page, STATE_MAPPED, ZYGOTE, ZYGOTE, va);
	account_range(page, STATE_COWED, FIRST, last, va);

	page = account_part(ex, "the original, left by the first renderer");
	va = part_va(ex, PART_FIRST);
	account_range(page, STATE_MAPPED, ZYGOTE, ZYGOTE, va);
	account_range(page, STATE_MAPPED, FIRST + 1, last - 1, va);
	account_range(page, STATE_COWED, FIRST, FIRST, va);
	account_range(page, STATE_COWED, last, last, va);

	page = account_part(ex, "the original, left by the zygote");
	va = part_va(ex, PART_ZYGOTE);
	account_range(page, STATE_MAPPED, FIRST, last, va);
	account_range(page, STATE_COWED, ZYGOTE, ZYGOTE, va);

	page = account_part(ex, "the copy of the zygote");
	account_range(page, STATE_MAPPED, ZYGOTE, ZYGOTE, va);
	account_range(page, STATE_COWED, FIRST, last, va);
}

/* The pages of the first renderer. Their walk visits it and the grandchild. */
static void account_first(struct exercise *ex)
{
	unsigned int last = grandchild_of(ex);
	struct account_page *page;
	unsigned long va;

	page = account_part(ex, "the first renderer's copy, inherited by the grandchild");
	va = part_va(ex, PART_RENDERERS);
	account_range(page, STATE_MAPPED, FIRST, FIRST, va);
	account_range(page, STATE_MAPPED, last, last, va);

	page = account_part(ex, "a new page of the first renderer, inherited");
	va = part_va(ex, PART_NEW);
	account_range(page, STATE_MAPPED, FIRST, FIRST, va);
	account_range(page, STATE_MAPPED, last, last, va);

	page = account_part(ex, "the first renderer's copy, left by the grandchild");
	va = part_va(ex, PART_FIRST);
	account_range(page, STATE_MAPPED, FIRST, FIRST, va);
	account_range(page, STATE_COWED, last, last, va);

	page = account_part(ex, "the copy of the grandchild");
	account_range(page, STATE_MAPPED, last, last, va);
}

static void account_others(struct exercise *ex)
{
	unsigned int n = ex->opt[OPT_CHILDREN], last = grandchild_of(ex), i;
	struct account_page *page;

	for (i = FIRST + 1; i <= n; i++) {
		page = account_page(ex, "the copy of renderer", i, ex->opt[OPT_PAGES]);
		account_range(page, STATE_MAPPED, i, i, part_va(ex, PART_RENDERERS));
	}
	page = account_part(ex, "of the memfd");
	page->kind = KIND_SHMEM;
	account_own(ex, page, STATE_MAPPED, ZYGOTE, ZYGOTE, 0);
	for (i = FIRST; i <= n; i += 2)
		account_own(ex, page, STATE_MAPPED, i, i, 0);
	account_own(ex, page, STATE_MAPPED, last, last, 0);
}

static void share_heap(struct exercise *ex, unsigned int helper, unsigned int parent,
		       const enum share_state states[NR_PARTS])
{
	struct share_region *region = sharing_region(ex, "the heap", helper, parent, ex->va);
	enum part part;

	for (part = 0; part < NR_PARTS; part++)
		sharing_run(region, states[part], ex->opt[OPT_PAGES]);
}

static void share_heaps(struct exercise *ex)
{
	static const enum share_state first[NR_PARTS] = {
		[PART_RENDERERS] = SHARE_COPIED, [PART_FIRST] = SHARE_COPIED,
		[PART_ZYGOTE] = SHARE_COPIED, [PART_NEW] = SHARE_NEW,
	}, others[NR_PARTS] = {
		[PART_RENDERERS] = SHARE_COPIED, [PART_ZYGOTE] = SHARE_COPIED,
		[PART_NEW] = SHARE_NONE,
	}, grandchild[NR_PARTS] = {
		[PART_FIRST] = SHARE_COPIED,
	};
	unsigned int i;

	share_heap(ex, FIRST, ZYGOTE, first);
	for (i = FIRST + 1; i <= ex->opt[OPT_CHILDREN]; i++)
		share_heap(ex, i, ZYGOTE, others);
	share_heap(ex, grandchild_of(ex), FIRST, grandchild);
}

static void run_zygote(struct exercise *ex)
{
	build(ex);
	account_zygote(ex);
	account_first(ex);
	account_others(ex);
	share_heaps(ex);
	ex->pairs = true;
}

const struct scenario scenario_zygote = {
	.name = "zygote",
	.explain = "A zygote, renderers and a grandchild share a heap by fork, and some a memfd.",
	.run = run_zygote,
	.opt = {
		[OPT_CHILDREN] = { 4, 100 },
		[OPT_PAGES] = { 2, 1024 },
	},
};
