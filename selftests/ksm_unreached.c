// SPDX-License-Identifier: GPL-2.0
/* A mapping of a KSM page that the kernel's walk cannot find. */
#include <inttypes.h>
#include <sys/mman.h>

#include "cgroup.h"
#include "child.h"
#include "kernel_file.h"
#include "ksm.h"
#include "ksm_orphan.h"
#include "module.h"
#include "oracle.h"
#include "page_actions.h"
#include "param.h"
#include "scan_stream.h"
#include "target.h"
#include "test.h"

#define IN_VAIN		3
/* This many searches take longer than the time that the module saves up. */
#define SEARCHES	50000

FIXTURE(ksm_unreached)
{
	struct cgroup cgroup;
	struct ksm_orphan orphan;
};

FIXTURE_SETUP(ksm_unreached)
{
	NEEDS_MODULE();
	if (!access(KSM "run", W_OK) && !cgroup_enter(&self->cgroup, "merged"))
		ASSERT_OK(ksm_orphan_make(&self->orphan));
}

FIXTURE_TEARDOWN(ksm_unreached)
{
	EXPECT_OK(ksm_orphan_end(&self->orphan));
	if (self->orphan.page)
		cgroup_leave(&self->cgroup);
}

#define NEEDS_MERGED()							\
	do {								\
		NEEDS_MODULE();						\
		if (!self->orphan.page)					\
			SKIP(return, "no KSM, or no memory cgroup: %.200s", why); \
	} while (0)

static int listed_as_in_pagemaps(struct page_report *report, uint64_t pfn)
{
	struct mappings owners = { 0 }, sharers = { 0 }, found = { 0 };
	int ret = oracle_mappers(pfn, &found) || page_report_mapped(report, &owners, &sharers) ||
		  mappings_compare(&sharers, "the report", &found, "the pagemaps") ? -1 : 0;

	if (!ret && found.nr != 2)
		ret = complain("the pagemaps have %zu mappings of the page, not 2", found.nr);
	mappings_free(&owners);
	mappings_free(&sharers);
	mappings_free(&found);
	return ret;
}

TEST_F(ksm_unreached, unreached_process_is_listed)
{
	struct page_report report;

	NEEDS_MERGED();
	ASSERT_EQ(0, page_report_take(&report, "pfn=%#" PRIx64, self->orphan.pfn));
	EXPECT_OK(listed_as_in_pagemaps(&report, self->orphan.pfn));
	EXPECT_EQ(1, record_num(report.walk, "unreached"));
	EXPECT_EQ(0, record_num(report.walk, "raced"));
	EXPECT_EQ(2, record_num(report.walk, "pte_maps"));
	EXPECT_EQ(2, record_num(report.page, "mapcount"));
	page_report_free(&report);
	/* The mapping that the walk cannot find can itself be the target. */
	ASSERT_OK(page_report_at(&report, self->orphan.child, ksm_orphan_va(&self->orphan)));
	EXPECT_OK(listed_as_in_pagemaps(&report, self->orphan.pfn));
	EXPECT_EQ(1, record_num(report.walk, "unreached"));
	page_report_free(&report);
}

TEST_F(ksm_unreached, report_without_room_for_the_process_is_truncated)
{
	const char *name = "max_vmas";
	const struct record *walk;
	struct report report;
	unsigned int old, room;
	char target[64];

	NEEDS_MERGED();
	ASSERT_OK(param_get(name, &old));
	TARGET_AT(target, self->orphan.child, ksm_orphan_va(&self->orphan));
	for (room = 0; room < 3; room++) {
		EXPECT_OK(param_set(name, room));
		EXPECT_EQ(0, report_take(&report, "page", target));
		walk = report_next(&report, "walk", NULL);
		EXPECT_EQ(room < 2, record_num(walk, "truncated"));
		/* Without any buffer, the search is skipped. */
		EXPECT_EQ(room ? 2 : 1, record_num(walk, "mapped"));
		EXPECT_EQ(room ? 1 : 0, record_num(walk, "unreached"));
		report_free(&report);
	}
	EXPECT_OK(param_set(name, old));
}

TEST_F(ksm_unreached, skipped_search_is_reported)
{
	const char *name = "max_search";
	unsigned int old;
	struct page_report report;
	struct scan_stream stream;

	NEEDS_MERGED();
	ASSERT_OK(drain_batches());
	ASSERT_OK(param_get(name, &old));
	EXPECT_OK(param_set(name, 0));
	EXPECT_EQ(0, page_report_take(&report, "pfn=%#" PRIx64, self->orphan.pfn));
	EXPECT_EQ(1, record_num(report.walk, "unsearched"));
	EXPECT_EQ(0, record_num(report.walk, "unreached"));
	EXPECT_EQ(1, record_num(report.walk, "pte_maps"));
	EXPECT_EQ(2, record_num(report.page, "mapcount"));
	page_report_free(&report);
	EXPECT_OK(scan_take(&stream, "pfn=%#" PRIx64 " count=1 maps", self->orphan.pfn));
	EXPECT_EQ(1, stream.nr_mappings);
	EXPECT_EQ(1, record_num(stream.end, "raced"));
	scan_free(&stream);
	EXPECT_OK(verdict_is(getpid(), self->orphan.page, "migrate", "unreached"));
	EXPECT_OK(param_set(name, 100));
	EXPECT_EQ(0, page_report_take(&report, "pfn=%#" PRIx64, self->orphan.pfn));
	EXPECT_EQ(0, record_num(report.walk, "unsearched"));
	EXPECT_EQ(1, record_num(report.walk, "unreached"));
	page_report_free(&report);
	EXPECT_OK(param_set(name, old));
}

/* Takes a report. Returns 1 if the mapping was found, 0 if the search was skipped, -1 otherwise. */
static int is_searched_for(uint64_t pfn)
{
	unsigned long long unreached, unsearched;
	struct page_report report;

	if (page_report_take(&report, "pfn=%#" PRIx64, pfn))
		return -1;
	unreached = record_num(report.walk, "unreached");
	unsearched = record_num(report.walk, "unsearched");
	/* The mapcount differs by this mapping only. */
	if (unreached + unsearched != 1 || record_num(report.walk, "pte_maps") != 1 + unreached ||
	    record_num(report.walk, "raced") != unsearched ||
	    record_num(report_next(&report.report, "refs", NULL), "raced") ||
	    record_num(report_next(&report.report, "refs", NULL), "mapcount_differs"))
		unreached = complain("unreached=%llu unsearched=%llu raced=%s", unreached,
				     unsearched, record_get(report.walk, "raced"));
	page_report_free(&report);
	return unreached;
}

/*
 * A newly loaded module has the most time saved up. Then each search uses up some of it, and
 * max_search=1 adds as little as possible.
 */
TEST_F(ksm_unreached, endless_searches_are_skipped_until_there_is_time_again)
{
	int done, looks;

	NEEDS_MERGED();
	if (access(module_path(), R_OK))
		SKIP(return, "no module at %s: set RMAPSCOPE_KO", module_path());
	ASSERT_EQ(0, module_unload());
	ASSERT_EQ(0, module_load("max_search=1"));
	done = is_searched_for(self->orphan.pfn);
	EXPECT_EQ(1, done) TH_LOG("%s", why);
	for (looks = 0; looks < SEARCHES && done == 1; looks++)
		done = is_searched_for(self->orphan.pfn);
	EXPECT_EQ(0, done) TH_LOG("after %d looks: %s", looks, why);
	/* max_search=100 allows all of the time, so no search is skipped. */
	ASSERT_OK(param_set("max_search", 100));
	EXPECT_EQ(1, is_searched_for(self->orphan.pfn)) TH_LOG("%s", why);
	EXPECT_EQ(1, is_searched_for(self->orphan.pfn)) TH_LOG("%s", why);
	/* After a short wait a report finds the mapping. */
	ASSERT_OK(param_set("max_search", 99));
	for (looks = 0; looks < SEARCHES; looks++) {
		done = is_searched_for(self->orphan.pfn);
		if (done)
			break;
		usleep(1000);
	}
	EXPECT_EQ(1, done) TH_LOG("%s", why);
	/* Restores the saved time for the tests that follow. */
	ASSERT_EQ(0, module_unload());
	ASSERT_EQ(0, module_load(""));
}

TEST_F(ksm_unreached, unreached_process_keeps_the_page_in_place)
{
	NEEDS_MERGED();
	ASSERT_OK(drain_batches());
	EXPECT_OK(verdict_is(getpid(), self->orphan.page, "migrate", "unreached"));
	EXPECT_OK(verdict_is(getpid(), self->orphan.page, "reclaim",
			     have_swap() ? "unreached" : "no_swap"));
	if (has_two_nodes())
		EXPECT_NE(0, move_away(self->orphan.page));
	if (have_swap())
		EXPECT_FALSE(reclaim_cgroup(&self->cgroup, self->orphan.page, self->orphan.pfn,
					    IN_VAIN));
}

TEST_F(ksm_unreached, process_that_ksmd_has_scanned_is_found_again)
{
	struct page_report report;

	NEEDS_MERGED();
	ASSERT_OK(ksm_settle());
	ASSERT_OK(drain_batches());
	ASSERT_EQ(0, page_report_take(&report, "pfn=%#" PRIx64, self->orphan.pfn));
	EXPECT_OK(listed_as_in_pagemaps(&report, self->orphan.pfn));
	EXPECT_EQ(0, record_num(report.walk, "unreached"));
	page_report_free(&report);
	EXPECT_OK(verdict_is(getpid(), self->orphan.page, "migrate", NULL));
	if (has_two_nodes())
		EXPECT_EQ(0, move_away(self->orphan.page));
}

static bool is_out(const char *page)
{
	uint64_t entry;

	return !oracle_entry(getpid(), (uintptr_t)page, &entry) && entry & PM_SWAPPED;
}

/* The page is unmapped but stays in memory, as a pipe holds it. */
static int swap_both_out(const struct cgroup *cgroup, const char *one, const char *other)
{
	int i;

	for (i = 0; i < 100; i++) {
		cgroup_set(cgroup, "memory.reclaim", "64M");
		if (is_out(one) && is_out(other))
			return 0;
	}
	return complain("the page is still mapped after all tries");
}

/* Maps one KSM page twice. While the second mapping is not present, ksmd drops it. */
static int make_forgotten(const struct cgroup *cgroup, char *pages, int pipe_ends[2])
{
	size_t size = getpagesize();

	memset(pages, 0x3c, 2 * size);
	if (madvise(pages, 2 * size, MADV_MERGEABLE))
		return complain("MADV_MERGEABLE: %s", strerror(errno));
	if (ksm_settle() || !has_flag(frame(pages), KPF_KSM))
		return complain("ksmd has not merged the pages");
	if (put_into_pipe(pages, pipe_ends) || swap_both_out(cgroup, pages, pages + size))
		return -1;
	if (madvise(pages + size, size, MADV_UNMERGEABLE))
		return complain("MADV_UNMERGEABLE: %s", strerror(errno));
	/* The second page is not present during this scan, so ksmd drops it. */
	(void)*(volatile char *)pages;
	if (ksm_settle())
		return -1;
	(void)*(volatile char *)(pages + size);
	return frame(pages) == frame(pages + size) && has_flag(frame(pages), KPF_KSM) ?
	       0 : complain("the pages are not merged any more");
}

/* The search also covers VMAs that are not mergeable. */
TEST(ksm_page_read_into_an_unmergeable_vma_is_listed)
{
	char *pages = own_pages(2);
	struct cgroup cgroup;
	struct page_report report;
	int ends[2];

	NEEDS_MODULE();
	ASSERT_NE(NULL, pages);
	if (access(KSM "run", W_OK) || !have_swap())
		SKIP(return, "no KSM, or no swap");
	if (cgroup_enter(&cgroup, "forgotten"))
		SKIP(return, "no memory cgroup: %.200s", why);
	EXPECT_OK(make_forgotten(&cgroup, pages, ends));
	EXPECT_EQ(0, page_report_at(&report, getpid(), (uintptr_t)pages)) {
		TH_LOG("%s", why);
	}
	EXPECT_EQ(1, record_num(report.walk, "unreached"));
	EXPECT_EQ(2, record_num(report.walk, "pte_maps"));
	EXPECT_EQ(2, record_num(report.walk, "visited"));
	EXPECT_EQ(0, record_num(report.walk, "raced"));
	EXPECT_NE(NULL, page_report_map_at(&report, getpid(), (uintptr_t)pages + getpagesize()));
	page_report_free(&report);
	cgroup_leave(&cgroup);
}

TEST_HARNESS_MAIN
