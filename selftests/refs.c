// SPDX-License-Identifier: GPL-2.0
/* References to a page: each kind that the test takes must be in the report under its name. */
#include <sys/mman.h>

#include "child.h"
#include "kernel_file.h"
#include "oracle.h"
#include "page_actions.h"
#include "test.h"

#define NO_NUMBER (-999999)

static long long number(const struct record *record, const char *key)
{
	const char *text = record ? record_get(record, key) : NULL;

	return text ? strtoll(text, NULL, 0) : NO_NUMBER;
}

/* The "refs" record of a new report that the caller frees. page_report_at() checks the sum. */
static const struct record *refs_of(struct page_report *report, const void *page)
{
	if (page_report_at(report, getpid(), (uintptr_t)page))
		return NULL;
	return report_next(&report->report, "refs", NULL);
}

/* A number of references by its name; the page is not in use otherwise. */
static long long refs(const void *page, const char *name)
{
	const struct record *record;
	long long value = NO_NUMBER;
	struct page_report report;

	record = refs_of(&report, page);
	if (record)
		value = number(record, name);
	page_report_free(&report);
	return value;
}

static int has_refs(const void *page, const char *name, long long expected)
{
	long long n = refs(page, name);

	/* why[] already says why there is no report. */
	if (n == NO_NUMBER)
		return -1;
	return n == expected ? 0 : complain("%s=%lld, not %lld", name, n, expected);
}

static int is_quiet(const void *page)
{
	return has_refs(page, "unexplained", 0) || has_refs(page, "off_lru", 0) ||
	       has_refs(page, "maybe_pinned", 0) || has_refs(page, "pins", 0) ||
	       has_refs(page, "raced", 0) ? -1 : 0;
}

FIXTURE(refs) {
	char *page;
};

FIXTURE_SETUP(refs)
{
	NEEDS_MODULE();
	self->page = own_page();
	ASSERT_NE(NULL, self->page);
	ASSERT_OK(drain_batches());
}

FIXTURE_TEARDOWN(refs)
{
}

TEST_F(refs, quiet_page_is_held_by_its_one_mapping)
{
	EXPECT_OK(has_refs(self->page, "maps", 1));
	EXPECT_OK(has_refs(self->page, "pagecache", 0));
	EXPECT_OK(has_refs(self->page, "swapcache", 0));
	EXPECT_OK(is_quiet(self->page));
}

TEST_F(refs, each_fork_maps_it_once_more)
{
	struct child children[3];
	int i;

	for (i = 0; i < 3; i++)
		ASSERT_OK(child_fork(&children[i]));
	EXPECT_OK(has_refs(self->page, "maps", 4));
	EXPECT_OK(is_quiet(self->page));
	for (i = 0; i < 3; i++)
		ASSERT_OK(child_end(&children[i]));
}

TEST_F(refs, each_pipe_holds_it_once_more)
{
	int first[2], second[2];

	ASSERT_OK(put_into_pipe(self->page, first));
	EXPECT_OK(has_refs(self->page, "unexplained", 1));
	ASSERT_OK(put_into_pipe(self->page, second));
	EXPECT_OK(has_refs(self->page, "unexplained", 2));
	EXPECT_OK(has_refs(self->page, "maybe_pinned", 0));
	close(first[0]);
	close(first[1]);
	close(second[0]);
	close(second[1]);
	EXPECT_OK(is_quiet(self->page));
}

TEST_F(refs, pins_of_a_small_page_are_told_from_references)
{
	int first, second, ends[2];

	first = pin_by_uring(self->page);
	if (first < 0)
		SKIP(return, "this kernel has no io_uring");
	EXPECT_OK(has_refs(self->page, "maybe_pinned", 1));
	EXPECT_OK(has_refs(self->page, "pins", 1));
	second = pin_by_uring(self->page);
	ASSERT_OK(put_into_pipe(self->page, ends));
	EXPECT_OK(has_refs(self->page, "pins", 2));
	EXPECT_OK(has_refs(self->page, "unexplained", 2 * 1024 + 1));
	close(first);
	close(second);
	close(ends[0]);
	close(ends[1]);
}

TEST_F(refs, fresh_page_is_off_the_lru_lists_until_its_batch_is_drained)
{
	struct page_report report;
	const struct record *record;
	char *fresh = NULL;
	bool seen = false;
	int i;

	/*
	 * A full batch is moved to the lists, so the page may not be in one. Then tries another
	 * page.
	 */
	for (i = 0; i < 64 && !seen; i++) {
		fresh = own_page();
		ASSERT_NE(NULL, fresh);
		record = refs_of(&report, fresh);
		ASSERT_NE(NULL, record) TH_LOG("%s", why);
		seen = number(record, "off_lru") == 1;
		if (seen)
			EXPECT_EQ(1, number(record, "unexplained"));
		page_report_free(&report);
	}
	EXPECT_TRUE(seen);
	ASSERT_OK(drain_batches());
	EXPECT_OK(is_quiet(fresh));
}

/* The page is on an LRU list, and also in the batch of pages to mlock. */
TEST_F(refs, page_that_was_just_locked_is_in_a_batch)
{
	int i, fd = memfd_create("locked", 0);
	char *maps[2];

	ASSERT_EQ(0, ftruncate(fd, getpagesize()));
	for (i = 0; i < 2; i++) {
		maps[i] = mmap(NULL, getpagesize(), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		ASSERT_NE(MAP_FAILED, maps[i]);
	}
	*maps[0] = 1;
	ASSERT_OK(drain_batches());
	ASSERT_EQ(0, mlock2(maps[1], getpagesize(), MLOCK_ONFAULT));
	(void)*(volatile char *)maps[1];
	EXPECT_OK(has_refs(maps[0], "unexplained", 1));
	EXPECT_OK(has_refs(maps[0], "off_lru", 0));
	EXPECT_OK(verdict_is(getpid(), maps[0], "migrate", NULL));
	EXPECT_EQ(1, has_note(maps[0], "migrate", "batched"));
	if (has_two_nodes())
		EXPECT_EQ(0, move_away(maps[0]));
	ASSERT_OK(drain_batches());
	EXPECT_OK(has_refs(maps[0], "unexplained", 0));
	EXPECT_EQ(0, has_note(maps[0], "migrate", "batched"));
}

TEST_F(refs, reference_of_the_report_counts_in_refs_and_not_in_refcount)
{
	const struct record *record;
	struct page_report report;

	record = refs_of(&report, self->page);
	ASSERT_NE(NULL, record);
	EXPECT_EQ(1, number(record, "self"));
	EXPECT_EQ(2, number(record, "total"));
	EXPECT_EQ(1, number(report.page, "refcount"));
	page_report_free(&report);
}

TEST_F(refs, swap_cache_holds_a_page_that_was_read_in_again)
{
	struct child child;
	uint64_t entry;
	int i;

	/*
	 * Both processes have swapped the page out. The first one to read it leaves it in the
	 * swap cache.
	 */
	for (i = 0; i < 100; i++) {
		ASSERT_EQ(0, madvise(self->page, getpagesize(), MADV_PAGEOUT));
		ASSERT_OK(oracle_entry(getpid(), (uintptr_t)self->page, &entry));
		if (entry & PM_SWAPPED)
			break;
	}
	if (!(entry & PM_SWAPPED))
		SKIP(return, "the page cannot be swapped out");
	ASSERT_OK(child_fork(&child));
	ASSERT_EQ(1, *(volatile char *)self->page);
	ASSERT_OK(drain_batches());
	ASSERT_OK(oracle_entry(getpid(), (uintptr_t)self->page, &entry));
	EXPECT_OK(has_refs(self->page, "swapcache", has_flag(PM_PFN(entry), KPF_SWAPCACHE)));
	EXPECT_OK(is_quiet(self->page));
	ASSERT_OK(child_end(&child));
}

TEST_F(refs, page_cache_holds_shared_memory)
{
	char *page = mmap(NULL, getpagesize(), PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	ASSERT_NE(MAP_FAILED, page);
	*page = 1;
	ASSERT_OK(drain_batches());
	EXPECT_OK(has_refs(page, "maps", 1));
	EXPECT_OK(has_refs(page, "pagecache", 1));
	EXPECT_OK(is_quiet(page));
}

TEST_F(refs, huge_page_is_held_by_one_mapping_and_pins_are_counted)
{
	char *page = own_thp();
	int ring;

	if (!page)
		SKIP(return, "the kernel gives no transparent huge page");
	ASSERT_OK(drain_batches());
	EXPECT_OK(has_refs(page, "maps", 1));
	EXPECT_OK(is_quiet(page));
	ring = pin_by_uring(page);
	if (ring < 0)
		SKIP(return, "this kernel has no io_uring");
	EXPECT_OK(has_refs(page, "maybe_pinned", 1));
	EXPECT_OK(has_refs(page, "pins", 1));
	EXPECT_OK(has_refs(page, "unexplained", 1));
	close(ring);
}

TEST_F(refs, hugetlb_page_is_held_by_its_mapping_and_its_file)
{
	size_t size = 2 << 20;
	char *own, *shared;

	write_text("/proc/sys/vm/nr_hugepages", "4");
	own = mmap(NULL, size, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
	shared = mmap(NULL, size, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
	if (own == MAP_FAILED || shared == MAP_FAILED) {
		write_text("/proc/sys/vm/nr_hugepages", "0");
		SKIP(return, "no hugetlb pages: %s", strerror(errno));
	}
	*own = 1;
	*shared = 1;
	EXPECT_OK(has_refs(own, "pagecache", 0));
	EXPECT_OK(is_quiet(own));
	EXPECT_LT(0, refs(shared, "pagecache"));
	EXPECT_OK(is_quiet(shared));
	munmap(own, size);
	munmap(shared, size);
	write_text("/proc/sys/vm/nr_hugepages", "0");
}

TEST_HARNESS_MAIN
