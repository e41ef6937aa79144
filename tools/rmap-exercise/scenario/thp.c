// SPDX-License-Identifier: GPL-2.0
/*
 * Scenarios with large folios. The account lists samples of their pages: the first, one or two in
 * the middle, the last, and each page whose state differs.
 *
 * The walk of one page visits the VMAs that cover this page. The walk of the folio also visits the
 * VMAs that cover only other parts of it: "folio_visited" in the account.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "exercise.h"

#define MAX_THP_CHILDREN 2000
#define MTHP_SIZE 65536UL
#define MTHP_SETTING "hugepages-64kB/enabled"
#define DROPPED 3		/* index of the page that a child drops */

static const char *kind = KIND_ANON;
static unsigned long folio_size;

static unsigned int nr_pages(void)
{
	return folio_size / page_size();
}

static struct account_page *account_sample(struct exercise *ex, const char *note,
					   unsigned int index)
{
	struct account_page *page = account_page(ex, note, 0, 1);

	page->kind = kind;
	page->index = index;
	return page;
}

/* All helpers map the whole folio. Samples: both ends, and both sides of the middle. */
static void account_whole(struct exercise *ex, const char *note)
{
	unsigned int last = nr_pages() - 1, i;
	unsigned int indices[] = { 0, last / 2, last / 2 + 1, last };

	for (i = 0; i < ARRAY_SIZE(indices); i++)
		account_range(account_sample(ex, note, indices[i]), STATE_MAPPED, 0,
			      ex->nr_helpers - 1, ex->va + indices[i] * page_size());
}

/* Map a writable region that is one folio, mapped by one entry. */
static void setup_thp(struct exercise *ex)
{
	folio_size = huge_size();
	huge_enable("enabled", "madvise", "transparent huge pages");
	ex->va = huge_region(folio_size, folio_size);
	mem_touch(ex->va, nr_pages());
	huge_expect(ex->va, "AnonHugePages");
}

static void run_thp(struct exercise *ex)
{
	unsigned int n = ex->opt[OPT_CHILDREN];

	setup_thp(ex);
	proc_spawn_range(ex, 1, n, NULL);
	proc_await(n);
	account_whole(ex, "of a huge page that each process maps by one entry");
}

const struct scenario scenario_thp = {
	.name = "thp",
	.explain = "A transparent huge page, mapped by one entry in each process.",
	.run = run_thp,
	.opt = { [OPT_CHILDREN] = { 3, MAX_THP_CHILDREN } },
};

enum part {
	PART_UNMAPPED,
	PART_DROPPED,
	PART_PROTECTED,
	PART_WRITTEN,
	PART_WHOLE,
	NR_PARTS,
};

static enum part part_of(unsigned int index)
{
	return index ? (index - 1) % NR_PARTS : PART_WHOLE;
}

static unsigned long take_part(struct exercise *ex, unsigned int index)
{
	unsigned long half = folio_size / 2, size = page_size();
	int err = 0;

	switch (part_of(index)) {
	case PART_UNMAPPED:
		err = munmap((void *)(ex->va + half), half);
		break;
	case PART_DROPPED:
		err = madvise((void *)(ex->va + DROPPED * size), size, MADV_DONTNEED);
		break;
	case PART_PROTECTED:
		err = mprotect((void *)ex->va, size, PROT_READ);
		break;
	case PART_WRITTEN:
		mem_touch(ex->va + half, 1);
		break;
	default:
		break;
	}
	if (err)
		die(errno, "cannot change a part of a huge page");
	return ex->va;
}

static bool covers(enum part part, unsigned int page)
{
	return part != PART_UNMAPPED || page < nr_pages() / 2;
}

static enum map_state state_in(enum part part, unsigned int page)
{
	if (part == PART_DROPPED && page == DROPPED)
		return STATE_NONE;
	if (part == PART_WRITTEN && page == nr_pages() / 2)
		return STATE_COWED;
	return STATE_MAPPED;
}

static void account_part(struct exercise *ex, const char *note, unsigned int index)
{
	struct account_page *page = account_sample(ex, note, index);
	unsigned int i;

	for (i = 0; i < ex->nr_helpers; i++) {
		enum part part = part_of(i);

		if (covers(part, index))
			account_range(page, state_in(part, index), i, i,
				      ex->va + index * page_size());
		/* The region has two VMAs there, or one that does not cover the page. */
		if (!covers(part, index) || part == PART_PROTECTED)
			page->other_vmas++;
	}
}

static void account_parts(struct exercise *ex)
{
	unsigned int last = nr_pages() - 1, i;

	account_part(ex, "the first of a huge page", 0);
	account_part(ex, "dropped by some", DROPPED);
	account_part(ex, "the last of the lower half", last / 2);
	account_part(ex, "the first of the upper half, written by some", last / 2 + 1);
	account_part(ex, "the last of the huge page", last);
	for (i = 0; i < ex->nr_helpers; i++) {
		struct account_page *page;

		if (part_of(i) != PART_WRITTEN)
			continue;
		page = account_page(ex, "the copy of child", i, 1);
		account_range(page, STATE_MAPPED, i, i, ex->va + folio_size / 2);
	}
}

static void run_thp_partial(struct exercise *ex)
{
	unsigned int n = ex->opt[OPT_CHILDREN];

	setup_thp(ex);
	proc_spawn_range(ex, 1, n, take_part);
	proc_await(n);
	account_parts(ex);
}

const struct scenario scenario_thp_partial = {
	.name = "thp-partial",
	.explain = "Children unmap, drop, protect or write part of a huge page.",
	.run = run_thp_partial,
	.opt = { [OPT_CHILDREN] = { 5, MAX_THP_CHILDREN } },
};

/* Move the folio to where one page table ends and the next begins, in the middle of it. */
static void move_across(struct exercise *ex)
{
	unsigned long border = huge_window(2 * huge_size(), huge_size()) + huge_size();
	void *target = (void *)(border - folio_size / 2);

	if (mremap((void *)ex->va, folio_size, folio_size, MREMAP_MAYMOVE | MREMAP_FIXED,
		   target) == MAP_FAILED)
		die(errno, "cannot move 0x%lx to %p", ex->va, target);
	ex->va = (unsigned long)target;
}

static void run_thp_cross(struct exercise *ex)
{
	unsigned int n = ex->opt[OPT_CHILDREN];

	setup_thp(ex);
	move_across(ex);
	proc_spawn_range(ex, 1, n, NULL);
	proc_await(n);
	account_whole(ex, "of a huge page moved across a border of page tables");
}

const struct scenario scenario_thp_cross = {
	.name = "thp-cross",
	.explain = "A huge page is moved so that two page tables map half of it each.",
	.run = run_thp_cross,
	.opt = { [OPT_CHILDREN] = { 2, MAX_THP_CHILDREN } },
};

/* One touch must map the whole folio, else the kernel gave small pages. */
static void setup_mthp(struct exercise *ex)
{
	unsigned int i;

	folio_size = MTHP_SIZE;
	huge_enable(MTHP_SETTING, "madvise", "anonymous folios of 64 KiB");
	ex->va = huge_region(folio_size, folio_size);
	mem_touch(ex->va, 1);
	for (i = 1; i < nr_pages(); i++)
		if (!pagemap_present(0, ex->va + i * page_size()))
			die(0, "the kernel gave no folio of 64 KiB; is memory too fragmented?");
	mem_touch(ex->va, nr_pages());
}

static void run_mthp(struct exercise *ex)
{
	unsigned int n = ex->opt[OPT_CHILDREN];

	setup_mthp(ex);
	proc_spawn_range(ex, 1, n, take_part);
	proc_await(n);
	account_parts(ex);
}

const struct scenario scenario_mthp = {
	.name = "mthp",
	.explain = "As thp-partial, with a folio of 64 KiB, which 16 entries map.",
	.run = run_mthp,
	.opt = { [OPT_CHILDREN] = { 5, MAX_THP_CHILDREN } },
};

static void run_mthp_cross(struct exercise *ex)
{
	unsigned int n = ex->opt[OPT_CHILDREN];

	setup_mthp(ex);
	move_across(ex);
	proc_spawn_range(ex, 1, n, NULL);
	proc_await(n);
	account_whole(ex, "of a folio of 64 KiB moved across a border of page tables");
}

const struct scenario scenario_mthp_cross = {
	.name = "mthp-cross",
	.explain = "A folio of 64 KiB is moved so that two page tables map half of it each.",
	.run = run_mthp_cross,
	.opt = { [OPT_CHILDREN] = { 2, MAX_THP_CHILDREN } },
};

static unsigned long read_whole(struct exercise *ex, unsigned int index)
{
	(void)index;
	mem_read(ex->va, nr_pages());
	huge_expect(ex->va, "ShmemPmdMapped");
	return ex->va;
}

/* The VMA is now too small for a huge entry, so one entry for each page maps it. */
static unsigned long read_upper_half(struct exercise *ex, unsigned int index)
{
	unsigned long half = folio_size / 2;

	(void)index;
	if (munmap((void *)ex->va, half))
		die(errno, "cannot unmap half of a huge page");
	mem_read(ex->va + half, nr_pages() / 2);
	return ex->va;
}

static void account_shmem(struct exercise *ex, const char *note, unsigned int index,
			  bool upper)
{
	struct account_page *page = account_sample(ex, note, index);
	unsigned int n = ex->opt[OPT_CHILDREN];

	account_range(page, STATE_MAPPED, 0, upper ? n : n - 1,
		      ex->va + index * page_size());
	page->other_vmas = !upper;
}

/* The last child maps only the upper half. */
static void run_shmem_thp(struct exercise *ex)
{
	unsigned int n = ex->opt[OPT_CHILDREN], half;

	folio_size = huge_size();
	half = nr_pages() / 2;
	kind = KIND_SHMEM;
	huge_enable("shmem_enabled", "advise", "huge pages of shmem");
	ex->va = mem_shared(huge_window(folio_size, folio_size), folio_size,
			    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1);
	huge_advise(ex->va, folio_size);
	mem_touch(ex->va, nr_pages());
	huge_expect(ex->va, "ShmemPmdMapped");
	proc_spawn_range(ex, 1, n - 1, read_whole);
	proc_spawn(ex, n, read_upper_half);
	proc_await(n);

	account_shmem(ex, "the first of a huge page of shmem", 0, false);
	account_shmem(ex, "the last of the lower half", half - 1, false);
	account_shmem(ex, "the first of the upper half", half, true);
	account_shmem(ex, "the last of the huge page", nr_pages() - 1, true);
}

const struct scenario scenario_shmem_thp = {
	.name = "shmem-thp",
	.explain = "A huge page of shmem; the last child has only its upper half mapped.",
	.run = run_shmem_thp,
	.opt = { [OPT_CHILDREN] = { 3, MAX_THP_CHILDREN } },
};
