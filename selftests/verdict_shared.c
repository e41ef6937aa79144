// SPDX-License-Identifier: GPL-2.0
/*
 * When a page counts as shared: the notes needs_move_all and madvise_skips_shared must match what
 * move_pages(2) without MPOL_MF_MOVE_ALL and MADV_PAGEOUT do.
 */
#include <sys/mman.h>
#include <sys/syscall.h>

#include "child.h"
#include "kernel_file.h"
#include "oracle.h"
#include "page_actions.h"
#include "test.h"
#include "uapi_compat.h"

#define IN_VAIN	3
#define ENOUGH	100

#define MPOL_MF_MOVE 2

#define PAGES(n) ((size_t)(n) * getpagesize())

/* The page of the report, and the range to reclaim. */
struct area {
	char *page;
	bool whole;
	char *start;
	size_t size;
};

static int notes_at(const struct area *s, bool *move_all, bool *skips)
{
	const struct record *migrate, *reclaim;
	struct page_report report;
	int ret = page_report_take(&report, "pid=%d va=%p%s", getpid(), s->page,
				   s->whole ? " folio" : "");

	if (ret)
		return ret;
	migrate = verdict_of(&report, "migrate");
	reclaim = verdict_of(&report, "reclaim");
	if (!migrate || record_num(migrate, "ok") != 1)
		ret = complain("migrate: why=%s", migrate ? record_get(migrate, "why") : "?");
	else if (!reclaim)
		ret = -1;
	*move_all = !ret && note_among(migrate, "needs_move_all");
	*skips = !ret && record_num(reclaim, "ok") == 1 &&
		 note_among(reclaim, "madvise_skips_shared");
	page_report_free(&report);
	return ret;
}

/* Moves a page to the other node in a process that may only move pages that it alone maps. */
static int move_own(void *page)
{
	int node = -1, status = -1;

	if (syscall(SYS_move_pages, 0, 1UL, &page, NULL, &status, 0) || status < 0)
		return complain("the page is on no node: %d", status);
	node = !status;
	if (syscall(SYS_move_pages, 0, 1UL, &page, &node, &status, MPOL_MF_MOVE) < 0)
		return complain("move_pages: %s", strerror(errno));
	return status == node ? 0 : status;
}

static size_t present_pages(const char *start, size_t size)
{
	size_t i, n = 0;
	uint64_t entry;

	for (i = 0; i < size; i += getpagesize())
		n += !oracle_entry(getpid(), (uintptr_t)start + i, &entry) && entry & PM_PRESENT;
	return n;
}

static bool goes_out(const struct area *s, int tries)
{
	for (; tries > 0; tries--) {
		if (drain_batches() || madvise(s->start, s->size, MADV_PAGEOUT))
			return false;
		if (!present_pages(s->start, s->size))
			return true;
	}
	return false;
}

/* Returns 0 if both notes match what happens. */
static int notes_come_true(const struct area *s)
{
	bool move_all, skips;
	int ret;

	if (drain_batches() || notes_at(s, &move_all, &skips))
		return -1;
	if (has_two_nodes()) {
		ret = move_own(s->page);
		if (ret != (move_all ? -EACCES : 0))
			return complain("needs_move_all %d, and moving gives %d", move_all, ret);
	}
	if (!have_swap())
		return 0;
	if (drain_batches() || notes_at(s, &move_all, &skips))
		return -1;
	if (goes_out(s, skips ? IN_VAIN : ENOUGH) == skips)
		return complain("madvise_skips_shared %d, and of %zu pages %zu are left", skips,
				s->size / getpagesize(), present_pages(s->start, s->size));
	return 0;
}

TEST(page_that_one_process_maps_twice_counts_as_shared)
{
	int fd = memfd_create("twice", 0);
	char *maps[2];
	int i;

	NEEDS_MODULE();
	ASSERT_EQ(0, ftruncate(fd, getpagesize()));
	for (i = 0; i < 2; i++) {
		maps[i] = mmap(NULL, getpagesize(), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		ASSERT_NE(MAP_FAILED, maps[i]);
		*(volatile char *)maps[i] = 1;
	}
	ASSERT_OK(drain_batches());
	EXPECT_EQ(1, has_note(maps[0], "migrate", "needs_move_all"));
	EXPECT_EQ(1, has_note(maps[0], "reclaim", "madvise_skips_shared"));
	EXPECT_OK(notes_come_true(&(struct area){ maps[0], false, maps[0], getpagesize() }));
}

TEST(page_that_one_vma_maps_does_not_count_as_shared)
{
	char *page = own_page();

	NEEDS_MODULE();
	ASSERT_NE(NULL, page);
	ASSERT_OK(drain_batches());
	EXPECT_EQ(0, has_note(page, "migrate", "needs_move_all"));
	EXPECT_EQ(0, has_note(page, "reclaim", "madvise_skips_shared"));
	EXPECT_OK(notes_come_true(&(struct area){ page, false, page, getpagesize() }));
}

FIXTURE(huge) {
	size_t size;
	char *page;
	struct area all;
};

FIXTURE_SETUP(huge)
{
	NEEDS_MODULE();
	self->size = thp_size();
	self->page = own_thp();
	if (!self->page)
		SKIP(return, "the kernel gives no transparent huge page");
	/* A split replaces pages of zeros by the zero page. */
	memset(self->page, 1, self->size);
	self->all = (struct area){ self->page, true, self->page, self->size };
}

FIXTURE_TEARDOWN(huge)
{
}

static struct area one_page(char *page)
{
	return (struct area){ page, false, page, getpagesize() };
}

#define ONE(n) one_page(self->page + PAGES(n))

TEST_F(huge, page_of_one_vma)
{
	EXPECT_EQ(0, has_note(self->page, "migrate", "needs_move_all"));
	EXPECT_OK(notes_come_true(&self->all));
}

TEST_F(huge, page_of_one_process_in_three_vmas)
{
	struct area one = ONE(0);

	ASSERT_EQ(0, mprotect(self->page + PAGES(100), PAGES(100), PROT_READ));
	ASSERT_OK(drain_batches());
	EXPECT_EQ(0, has_note(self->page, "migrate", "needs_move_all"));
	EXPECT_OK(notes_come_true(&one));
}

TEST_F(huge, folio_of_one_process_in_three_vmas)
{
	ASSERT_EQ(0, mprotect(self->page + PAGES(100), PAGES(100), PROT_READ));
	EXPECT_OK(notes_come_true(&self->all));
}

TEST_F(huge, page_mapped_by_one_table_of_small_entries)
{
	ASSERT_EQ(0, mprotect(self->page + PAGES(100), PAGES(100), PROT_READ));
	ASSERT_EQ(0, mprotect(self->page + PAGES(100), PAGES(100), PROT_READ | PROT_WRITE));
	EXPECT_OK(notes_come_true(&self->all));
}

TEST_F(huge, page_that_was_forked)
{
	struct child child;
	struct area one = ONE(7);

	ASSERT_OK(child_fork(&child));
	ASSERT_OK(drain_batches());
	EXPECT_EQ(1, has_note(self->page, "migrate", "needs_move_all"));
	EXPECT_EQ(1, has_note(self->page, "reclaim", "madvise_skips_shared"));
	EXPECT_OK(notes_come_true(&self->all));
	EXPECT_OK(notes_come_true(&one));
	ASSERT_OK(child_end(&child));
}

TEST_F(huge, page_whose_child_has_exited)
{
	struct child child;

	ASSERT_OK(child_fork(&child));
	ASSERT_OK(child_end(&child));
	ASSERT_OK(drain_batches());
	EXPECT_EQ(0, has_note(self->page, "migrate", "needs_move_all"));
	EXPECT_OK(notes_come_true(&self->all));
}

/* A child that has only the pages from this one on. */
static int fork_and_forget(struct child *child, char *page, size_t nr)
{
	size_t i;

	if (child_fork(child))
		return -1;
	for (i = 0; i < nr; i++)
		if (child_do(child, CHILD_DONTNEED, page + PAGES(i)))
			return -1;
	return 0;
}

#define HALF (self->size / 2 / getpagesize())

TEST_F(huge, part_of_a_huge_page_that_only_the_parent_still_maps)
{
	struct area one = ONE(5);
	struct child child;

	ASSERT_OK(fork_and_forget(&child, self->page, HALF));
	EXPECT_OK(notes_come_true(&one));
	ASSERT_OK(child_end(&child));
}

TEST_F(huge, part_of_a_huge_page_that_both_still_map)
{
	struct area one = ONE(HALF + 5);
	struct child child;

	ASSERT_OK(fork_and_forget(&child, self->page, HALF));
	EXPECT_OK(notes_come_true(&one));
	ASSERT_OK(child_end(&child));
}

TEST_F(huge, folio_of_which_the_child_maps_a_part)
{
	struct child child;

	ASSERT_OK(fork_and_forget(&child, self->page, HALF));
	EXPECT_OK(notes_come_true(&self->all));
	ASSERT_OK(child_end(&child));
}

TEST_F(huge, part_of_a_huge_page_whose_last_page_the_child_maps)
{
	struct area one = ONE(5);
	struct child child;

	ASSERT_OK(fork_and_forget(&child, self->page, self->size / getpagesize() - 1));
	EXPECT_OK(notes_come_true(&one));
	ASSERT_OK(child_end(&child));
}

TEST_F(huge, page_mapped_by_both_with_small_entries)
{
	struct child child;

	ASSERT_EQ(0, mprotect(self->page + PAGES(100), PAGES(100), PROT_READ));
	ASSERT_OK(child_fork(&child));
	EXPECT_OK(notes_come_true(&self->all));
	ASSERT_OK(child_end(&child));
}

TEST(hugetlb_page_that_was_forked_needs_move_all)
{
	size_t size = 2 << 20;
	struct child child;
	char *page;

	NEEDS_MODULE();
	write_text("/proc/sys/vm/nr_hugepages", "4");
	page = mmap(NULL, size, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
	if (page == MAP_FAILED) {
		write_text("/proc/sys/vm/nr_hugepages", "0");
		SKIP(return, "no hugetlb pages: %s", strerror(errno));
	}
	*page = 1;
	EXPECT_EQ(0, has_note(page, "migrate", "needs_move_all"));
	ASSERT_OK(child_fork(&child));
	EXPECT_EQ(1, has_note(page, "migrate", "needs_move_all"));
	if (has_two_nodes())
		EXPECT_EQ(-EACCES, move_own(page));
	ASSERT_OK(child_end(&child));
	EXPECT_EQ(0, has_note(page, "migrate", "needs_move_all"));
	munmap(page, size);
	write_text("/proc/sys/vm/nr_hugepages", "0");
}

TEST_HARNESS_MAIN
