// SPDX-License-Identifier: GPL-2.0
/*
 * The parameter max_visits limits how many VMAs one walk visits under its lock. All kinds of
 * walks must stop there, and the report must say so.
 */
#include <errno.h>
#include <inttypes.h>
#include <sys/mman.h>

#include "child.h"
#include "exercise.h"
#include "kernel_file.h"
#include "oracle.h"
#include "param.h"
#include "scan_stream.h"
#include "target.h"
#include "test.h"
#include "uapi_compat.h"

#define PARAMETER "max_visits"

FIXTURE(max_visits)
{
	unsigned int before;
	struct exercise run;
};

FIXTURE_SETUP(max_visits)
{
	NEEDS_MODULE();
	ASSERT_OK(param_get(PARAMETER, &self->before));
	ASSERT_NE(0, self->before);
}

FIXTURE_TEARDOWN(max_visits)
{
	if (self->before)
		EXPECT_OK(param_set(PARAMETER, self->before));
	if (self->run.pid)
		EXPECT_OK(exercise_stop(&self->run));
}

/* Takes a report on a page with @nr VMAs, with max_visits below that number and above it. */
static void cut_page(struct __test_metadata *_metadata, const struct mapping *place, size_t nr,
		     const char *how)
{
	unsigned int limits[] = { 0, 1, nr / 2, nr - 1, nr, nr + 1 };
	char target[64];
	size_t i;

	snprintf(target, sizeof(target), "pid=%d va=%#" PRIx64 "%s", place->pid, place->va, how);
	for (i = 0; i < sizeof(limits) / sizeof(*limits); i++) {
		size_t seen = limits[i] < nr ? limits[i] : nr;
		const struct record *walk;
		struct report report;

		EXPECT_OK(param_set(PARAMETER, limits[i]));
		EXPECT_EQ(0, report_take(&report, "page", target));
		walk = report_next(&report, "walk", NULL);
		EXPECT_EQ(seen, record_num(walk, "visited"));
		EXPECT_EQ(seen, report_count(&report, "map"));
		EXPECT_EQ(seen < nr, record_num(walk, "truncated"));
		EXPECT_EQ(seen == nr, record_num(walk, "complete"));
		report_free(&report);
	}
}

TEST_F(max_visits, walk_of_an_anonymous_page_ends_at_max_visits)
{
	ASSERT_OK(exercise_start(&self->run, "fork", "--children", "20", NULL));
	cut_page(_metadata, &self->run.pages[0].mapped.v[0], 21, "");
}

TEST_F(max_visits, walk_of_a_whole_folio_ends_at_max_visits)
{
	ASSERT_OK(exercise_start(&self->run, "fork", "--children", "20", NULL));
	cut_page(_metadata, &self->run.pages[0].mapped.v[0], 21, " folio");
}

TEST_F(max_visits, walk_of_a_shared_page_ends_at_max_visits)
{
	ASSERT_OK(exercise_start(&self->run, "shared-anon", "--children", "20", NULL));
	cut_page(_metadata, &self->run.pages[0].mapped.v[0], 21, "");
}

TEST_F(max_visits, walk_of_a_swap_slot_ends_at_max_visits)
{
	const struct exercise_page *page;
	int ret = exercise_start(&self->run, "swap-out", "--children", "20", NULL);

	if (ret == EXERCISE_UNSUPPORTED) {
		self->run.pid = 0;
		SKIP(return, "%s", why);
	}
	ASSERT_OK(ret);
	page = &self->run.pages[0];
	ASSERT_EQ(21, page->nr_absent);
	cut_page(_metadata, &page->absent[0].place, 21, "");
}

/*
 * The tree has many more VMAs than max_visits, but only few at the offset of the slot, and only
 * these are visited. Every other page of the region is read-only, so each page has its own VMA.
 */
TEST_F(max_visits, walk_of_a_swap_slot_visits_only_vmas_at_its_offset)
{
	enum { VMAS = 200, CHILDREN = 3, LIMIT = CHILDREN + 1 };
	size_t size = getpagesize(), i;
	struct child children[CHILDREN];
	const struct record *walk;
	struct page_report report;
	uint64_t entry;
	char *pages;

	if (!have_swap())
		SKIP(return, "no swap: /proc/swaps is empty");
	pages = own_pages(VMAS);
	ASSERT_NE(NULL, pages);
	memset(pages, 1, VMAS * size);
	for (i = 0; i < VMAS; i += 2)
		ASSERT_EQ(0, mprotect(pages + i * size, size, PROT_READ));
	/* The last page is the farthest from the start of a search over all VMAs. */
	pages += (VMAS - 1) * size;
	for (i = 0; i < 1000; i++) {
		ASSERT_EQ(0, madvise(pages, size, MADV_PAGEOUT));
		ASSERT_OK(oracle_entry(getpid(), (uintptr_t)pages, &entry));
		if (entry & PM_SWAPPED)
			break;
	}
	ASSERT_NE(0, entry & PM_SWAPPED);
	for (i = 0; i < CHILDREN; i++)
		ASSERT_OK(child_fork(&children[i]));

	EXPECT_OK(param_set(PARAMETER, LIMIT));
	ASSERT_OK(page_report_at(&report, getpid(), (uintptr_t)pages));
	walk = report.walk;
	EXPECT_STREQ("swap", report.kind);
	EXPECT_EQ(LIMIT, report.visited);
	EXPECT_EQ(LIMIT, report_count(&report.report, "map"));
	EXPECT_EQ(0, record_num(walk, "skipped"));
	EXPECT_EQ(0, record_num(walk, "truncated"));
	EXPECT_NE(NULL, page_report_map_at(&report, getpid(), (uintptr_t)pages));
	for (i = 0; i < CHILDREN; i++)
		EXPECT_NE(NULL, page_report_map_at(&report, children[i].pid, (uintptr_t)pages));
	page_report_free(&report);
	for (i = 0; i < CHILDREN; i++)
		EXPECT_OK(child_end(&children[i]));
}

static int protect_every_other_page(void *page)
{
	size_t size = getpagesize(), i;

	for (i = 0; i < 8; i += 2)
		if (mprotect((char *)page + i * size, size, PROT_READ))
			return errno;
	return 0;
}

/* The limit is for a page: its neighbours in a stream have other VMAs in the children. */
TEST_F(max_visits, stream_has_all_mappings_of_pages_below_the_limit)
{
	enum { PAGES = 8, CHILDREN = 5 };
	size_t size = getpagesize(), i;
	struct child children[CHILDREN];
	struct scan_stream stream;
	char *pages = own_pages(PAGES);

	ASSERT_NE(NULL, pages);
	memset(pages, 1, PAGES * size);
	for (i = 0; i < CHILDREN; i++) {
		ASSERT_OK(child_fork(&children[i]));
		ASSERT_OK(child_call(&children[i], protect_every_other_page, pages));
	}
	EXPECT_OK(param_set(PARAMETER, CHILDREN + 1));
	EXPECT_OK(scan_take(&stream, "pid=%d start=%p end=%p maps", getpid(), pages,
			    pages + PAGES * size));
	EXPECT_EQ(1, record_num(stream.end, "complete"));
	EXPECT_EQ(PAGES * (CHILDREN + 1), record_num(stream.end, "mappings"));
	scan_free(&stream);
	EXPECT_OK(param_set(PARAMETER, CHILDREN));
	EXPECT_OK(scan_take(&stream, "pid=%d start=%p end=%p maps", getpid(), pages,
			    pages + PAGES * size));
	EXPECT_EQ(0, record_num(stream.end, "complete"));
	EXPECT_EQ(PAGES * CHILDREN, record_num(stream.end, "mappings"));
	scan_free(&stream);
	for (i = 0; i < CHILDREN; i++)
		EXPECT_OK(child_end(&children[i]));
}

/* One page that is cut doesn't cut those of other trees that are looked at with it. */
TEST_F(max_visits, page_of_another_tree_has_its_mapping)
{
	size_t size = getpagesize(), i;
	struct child children[3], reader;
	struct scan_stream stream;
	char *pages = own_pages(2);

	ASSERT_NE(NULL, pages);
	memset(pages, 1, 2 * size);
	for (i = 0; i < 3; i++)
		ASSERT_OK(child_fork(&children[i]));
	ASSERT_OK(child_fork(&reader));
	/* The second page of the reader is in its own anon_vma. */
	ASSERT_OK(child_do(&reader, CHILD_WRITE, pages + size));
	EXPECT_OK(param_set(PARAMETER, 2));
	EXPECT_OK(scan_take(&stream, "pid=%d start=%p end=%p maps", reader.pid, pages,
			    pages + 2 * size));
	EXPECT_EQ(2, stream.nr_pages);
	EXPECT_EQ(1, record_num(stream.page[1].record, "maps"));
	EXPECT_EQ(0, record_num(stream.end, "complete"));
	scan_free(&stream);
	EXPECT_OK(child_end(&reader));
	for (i = 0; i < 3; i++)
		EXPECT_OK(child_end(&children[i]));
}

TEST_F(max_visits, tree_ends_at_max_visits)
{
	const struct mapping *first;
	unsigned int limit;
	char target[64];

	ASSERT_OK(exercise_start(&self->run, "fork", "--children", "20", NULL));
	first = &self->run.pages[0].mapped.v[0];
	TARGET_AT(target, first->pid, first->va);
	for (limit = 20; limit <= 21; limit++) {
		const struct record *tree;
		struct report report;

		EXPECT_OK(param_set(PARAMETER, limit));
		EXPECT_EQ(0, report_take(&report, "tree", target));
		tree = report_next(&report, "tree", NULL);
		EXPECT_EQ(limit, report_count(&report, "vma"));
		EXPECT_EQ(limit < 21, record_num(tree, "truncated"));
		report_free(&report);
	}
}

TEST_F(max_visits, cut_report_has_no_mapcount_mismatch)
{
	const struct mapping *first;
	struct report report;
	char target[64];

	ASSERT_OK(exercise_start(&self->run, "fork", "--children", "20", NULL));
	first = &self->run.pages[0].mapped.v[0];
	TARGET_AT(target, first->pid, first->va);
	EXPECT_OK(param_set(PARAMETER, 3));
	EXPECT_EQ(0, report_take(&report, "page", target));
	EXPECT_EQ(0, record_num(report_next(&report, "refs", NULL), "mapcount_differs"));
	EXPECT_EQ(0, record_num(report_next(&report, "walk", NULL), "raced"));
	EXPECT_EQ(21, record_num(report_next(&report, "page", NULL), "mapcount"));
	report_free(&report);
}

TEST_HARNESS_MAIN
