// SPDX-License-Identifier: GPL-2.0
/* Verdicts on transparent huge pages. Each is then tried. */
#include <sys/mman.h>

#include "child.h"
#include "kernel_file.h"
#include "oracle.h"
#include "page_actions.h"
#include "test.h"

#define IN_VAIN	10
#define ENOUGH	100

FIXTURE(thp) {
	size_t size;
	char *page;
	uint64_t pfn;
};

FIXTURE_SETUP(thp)
{
	NEEDS_MODULE();
	self->size = thp_size();
	self->page = own_thp();
	if (!self->page)
		SKIP(return, "the kernel gives no transparent huge page");
	self->pfn = frame(self->page);
	ASSERT_OK(drain_batches());
}

FIXTURE_TEARDOWN(thp)
{
}

#define SPLITS() split(self->page, self->size, self->pfn)

TEST_F(thp, huge_page_can_be_split)
{
	EXPECT_OK(verdict_is(getpid(), self->page, "split", NULL));
	EXPECT_TRUE(SPLITS());
	EXPECT_OK(verdict_is(getpid(), self->page, "split", "order0"));
}

TEST_F(thp, huge_page_that_is_mlocked_can_be_split)
{
	ASSERT_EQ(0, mlock(self->page, self->size));
	ASSERT_OK(drain_batches());
	EXPECT_OK(verdict_is(getpid(), self->page, "reclaim", "mlocked"));
	EXPECT_OK(verdict_is(getpid(), self->page, "split", NULL));
	EXPECT_TRUE(SPLITS());
}

TEST_F(thp, forked_huge_page_can_be_split)
{
	struct child child;

	ASSERT_OK(child_fork(&child));
	EXPECT_OK(verdict_is(getpid(), self->page, "split", NULL));
	EXPECT_TRUE(SPLITS());
	ASSERT_OK(child_end(&child));
}

TEST_F(thp, huge_page_in_a_pipe_can_not_be_split_nor_migrated)
{
	int ends[2];

	ASSERT_OK(put_into_pipe(self->page + 3 * getpagesize(), ends));
	EXPECT_OK(verdict_is(getpid(), self->page, "split", "extra_refs"));
	EXPECT_OK(verdict_in(self->page, "reclaim", "extra_refs", "shrink_folio_list"));
	EXPECT_OK(verdict_is(getpid(), self->page, "migrate", "extra_refs"));
	EXPECT_FALSE(SPLITS());
	if (has_two_nodes())
		EXPECT_NE(0, move_away(self->page));
	EXPECT_FALSE(page_out(self->page, self->size, self->pfn, IN_VAIN));
	close(ends[0]);
	close(ends[1]);
	EXPECT_OK(verdict_is(getpid(), self->page, "split", NULL));
	EXPECT_TRUE(SPLITS());
}

TEST_F(thp, huge_page_pinned_by_uring_can_not_be_split_nor_reclaimed)
{
	int ring = pin_by_uring(self->page + 3 * getpagesize());

	if (ring < 0)
		SKIP(return, "this kernel has no io_uring");
	EXPECT_OK(verdict_is(getpid(), self->page, "split", "pinned"));
	EXPECT_OK(verdict_is(getpid(), self->page, "reclaim", "pinned"));
	EXPECT_FALSE(SPLITS());
	EXPECT_FALSE(page_out(self->page, self->size, self->pfn, IN_VAIN));
	close(ring);
}

TEST_F(thp, huge_page_can_be_migrated)
{
	if (!has_two_nodes())
		SKIP(return, "only one NUMA node, so pages cannot be moved");
	EXPECT_OK(verdict_is(getpid(), self->page, "migrate", NULL));
	EXPECT_EQ(0, move_away(self->page));
}

TEST_F(thp, huge_page_can_be_reclaimed)
{
	if (!have_swap())
		SKIP(return, "no swap: /proc/swaps is empty");
	EXPECT_OK(verdict_is(getpid(), self->page, "reclaim", NULL));
	EXPECT_TRUE(page_out(self->page, self->size, self->pfn, ENOUGH));
}

/*
 * The folio has no mlocked flag, as only a part of it is locked. Its VMA keeps those pages in
 * memory.
 */
TEST_F(thp, mlocked_pages_in_the_middle_of_a_huge_page)
{
	char *locked = self->page + 100 * getpagesize();
	const struct record *verdict;
	struct page_report report;

	ASSERT_EQ(0, mlock(locked, 4 * getpagesize()));
	ASSERT_OK(drain_batches());
	ASSERT_OK(page_report_take(&report, "pid=%d va=%p folio", getpid(), self->page));
	verdict = verdict_of(&report, "reclaim");
	ASSERT_NE(NULL, verdict);
	EXPECT_STREQ("mlocked", record_get(verdict, "why"));
	EXPECT_STREQ("try_to_unmap_one", record_get(verdict, "func"));
	EXPECT_EQ(getpid(), record_num(verdict, "pid"));
	EXPECT_EQ((uintptr_t)locked, record_num(verdict, "va"));
	page_report_free(&report);
	EXPECT_OK(verdict_in(locked, "reclaim", "mlocked", "try_to_unmap_one"));
	EXPECT_OK(verdict_is(getpid(), self->page, "reclaim", NULL));
	EXPECT_EQ(1, has_note(self->page, "reclaim", "page_only"));
}

TEST_F(thp, verdict_on_one_page_of_a_huge_page_has_a_note)
{
	const struct record *verdict;
	struct page_report report;

	EXPECT_EQ(0, has_note(self->page, "reclaim", "page_only"));
	ASSERT_EQ(0, mprotect(self->page, getpagesize(), PROT_READ));
	EXPECT_EQ(1, has_note(self->page, "reclaim", "page_only"));
	ASSERT_OK(page_report_take(&report, "pid=%d va=%p folio", getpid(), self->page));
	verdict = verdict_of(&report, "reclaim");
	ASSERT_NE(NULL, verdict);
	EXPECT_FALSE(note_among(verdict, "page_only"));
	page_report_free(&report);
}

TEST_F(thp, unmapped_huge_page_can_not_be_split)
{
	const struct record *verdict;
	struct page_report report;
	int ends[2];

	ASSERT_OK(put_into_pipe(self->page, ends));
	ASSERT_EQ(0, munmap(self->page, self->size));
	ASSERT_TRUE(has_flag(self->pfn, KPF_THP));
	ASSERT_OK(page_report_take(&report, "pfn=%llu", (unsigned long long)self->pfn));
	verdict = verdict_of(&report, "split");
	EXPECT_STREQ("unmapped", verdict ? record_get(verdict, "why") : "");
	page_report_free(&report);
	close(ends[0]);
	close(ends[1]);
}

TEST_HARNESS_MAIN
