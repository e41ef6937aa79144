// SPDX-License-Identifier: GPL-2.0
/*
 * Pages that are swapped out, in all processes that had them or only in some. Needs a swap
 * device.
 */
#include <inttypes.h>
#include <sys/mman.h>

#include "check_report.h"
#include "child.h"
#include "kernel_file.h"
#include "oracle.h"
#include "test.h"

static bool is_swapped(pid_t pid, const void *page)
{
	uint64_t entry;

	return !oracle_entry(pid, (uintptr_t)page, &entry) && entry & PM_SWAPPED;
}

/*
 * Swaps out a page that only the caller maps. A page in the batch of another CPU cannot be
 * reclaimed yet, so this retries.
 */
static int swap_out(void *page)
{
	int i;

	for (i = 0; i < 1000; i++) {
		if (madvise(page, getpagesize(), MADV_PAGEOUT))
			return complain("MADV_PAGEOUT: %s", strerror(errno));
		if (is_swapped(getpid(), page))
			return 0;
	}
	return complain("MADV_PAGEOUT has not swapped out the page in 1000 tries");
}

#define NEEDS_SWAP()							\
	do {								\
		NEEDS_MODULE();						\
		if (!have_swap())					\
			SKIP(return, "no swap: /proc/swaps is empty");	\
	} while (0)

TEST(address_that_is_swapped_out_is_reported_and_stays_out)
{
	struct page_report report;
	uint64_t entry;
	void *page;

	NEEDS_SWAP();
	page = own_page();
	ASSERT_NE(NULL, page);
	ASSERT_OK(swap_out(page));
	ASSERT_OK(oracle_entry(getpid(), (uintptr_t)page, &entry));
	ASSERT_OK(page_report_at(&report, getpid(), (uintptr_t)page));
	EXPECT_STREQ("swap", report.kind);
	EXPECT_EQ(PM_SWAP_TYPE(entry), record_num(report.page, "swap_type"));
	EXPECT_EQ(PM_SWAP_OFFSET(entry), record_num(report.page, "swap_offset"));
	EXPECT_EQ(1, record_num(report.page, "swap_count"));
	EXPECT_NE(NULL, page_report_map_at(&report, getpid(), (uintptr_t)page));
	EXPECT_EQ(1, report.absent);
	page_report_free(&report);
	EXPECT_TRUE(is_swapped(getpid(), page));
}

TEST(only_processes_with_the_swap_slot_are_listed)
{
	struct child holder, reader, writer;
	struct page_report report;
	char *pages;

	NEEDS_SWAP();
	pages = own_pages(2);
	ASSERT_NE(NULL, pages);
	pages[0] = 1;
	pages[getpagesize()] = 2;
	ASSERT_OK(swap_out(pages));
	ASSERT_OK(swap_out(pages + getpagesize()));
	ASSERT_OK(child_fork(&holder));
	ASSERT_OK(child_fork(&reader));
	ASSERT_OK(child_fork(&writer));
	ASSERT_OK(child_do(&reader, CHILD_READ, pages));
	ASSERT_OK(child_do(&writer, CHILD_WRITE, pages));

	ASSERT_OK(page_report_at(&report, holder.pid, (uintptr_t)pages));
	EXPECT_STREQ("swap", report.kind);
	EXPECT_EQ(2, report.visited);
	EXPECT_EQ(2, report.absent);
	EXPECT_EQ(2, record_num(report.page, "swap_count"));
	EXPECT_NE(NULL, page_report_map_at(&report, holder.pid, (uintptr_t)pages));
	EXPECT_NE(NULL, page_report_map_at(&report, getpid(), (uintptr_t)pages));
	page_report_free(&report);
	ASSERT_OK(child_end(&holder));
	ASSERT_OK(child_end(&reader));
	ASSERT_OK(child_end(&writer));
}

TEST(sharer_with_the_page_still_swapped_out_is_listed_as_swapped)
{
	const struct record *map;
	struct child child;
	struct page_report report;
	void *page;

	NEEDS_SWAP();
	page = own_page();
	ASSERT_NE(NULL, page);
	ASSERT_OK(swap_out(page));
	/* Both processes have the swap entry now. One of them reads the page in. */
	ASSERT_OK(child_fork(&child));
	ASSERT_OK(child_do(&child, CHILD_READ, page));
	ASSERT_TRUE(is_swapped(getpid(), page));

	ASSERT_OK(page_report_at(&report, child.pid, (uintptr_t)page));
	EXPECT_EQ(2, report.visited);
	EXPECT_EQ(1, report.mapped);
	map = page_report_map_at(&report, child.pid, (uintptr_t)page);
	ASSERT_NE(NULL, map);
	EXPECT_STREQ("mapped", record_get(map, "state"));
	map = page_report_map_at(&report, getpid(), (uintptr_t)page);
	ASSERT_NE(NULL, map);
	EXPECT_STREQ("swapped", record_get(map, "state"));
	EXPECT_OK(check_against_pagemaps(&report));
	page_report_free(&report);
	EXPECT_TRUE(is_swapped(getpid(), page));
	ASSERT_OK(child_end(&child));
}

TEST(page_is_mapped_by_all_that_have_read_it_in)
{
	struct child child;
	struct page_report report;
	void *page;

	NEEDS_SWAP();
	page = own_page();
	ASSERT_NE(NULL, page);
	ASSERT_OK(swap_out(page));
	ASSERT_OK(child_fork(&child));
	ASSERT_OK(child_do(&child, CHILD_READ, page));
	ASSERT_EQ(1, *(volatile char *)page);
	ASSERT_OK(page_report_at(&report, child.pid, (uintptr_t)page));
	EXPECT_EQ(2, report.visited);
	EXPECT_EQ(2, report.mapped);
	EXPECT_OK(check_against_pagemaps(&report));
	page_report_free(&report);
	ASSERT_OK(child_end(&child));
}

TEST_HARNESS_MAIN
