// SPDX-License-Identifier: GPL-2.0
/* A page with as many sharers as fit into memory. */
#include <inttypes.h>

#include "check_report.h"
#include "child.h"
#include "exercise.h"
#include "kernel_file.h"
#include "oracle.h"
#include "test.h"

#define WANTED		(20000 / (slowness() * slowness()))
#define LEAST		(5000 / (slowness() * slowness()))
/* The children used to measure the memory per child, and the memory kept free for the reports. */
#define SAMPLE		(1000 / (slowness() * slowness()))
#define RESERVE_KB	65536

static long available_kb(void)
{
	return file_number_after("/proc/meminfo", "MemAvailable");
}

/* The memory per child depends on the kernel and its debugging options, so it is measured. */
static long cost_of_a_child(void)
{
	long before = available_kb(), after;
	struct exercise run;
	char number[16];
	int ret;

	snprintf(number, sizeof(number), "%u", SAMPLE);
	ret = exercise_start(&run, "fork", "--children", number, NULL);
	after = available_kb();
	if (exercise_stop(&run) || ret || after >= before)
		return -1;
	/* A safety margin, as part of the memory came from caches that are empty by now. */
	return (before - after) / SAMPLE * 5 / 4 + 1;
}

static long room_for_children(long cost_kb)
{
	long by_memory = (available_kb() - RESERVE_KB) / cost_kb;
	long by_threads = file_number("/proc/sys/kernel/threads-max") - 500;
	long by_pids = file_number("/proc/sys/kernel/pid_max") - 1000;
	long room = WANTED;

	if (room > by_memory)
		room = by_memory;
	if (room > by_threads)
		room = by_threads;
	return room > by_pids ? by_pids : room;
}

/* The kernel's mapcount of the frame. */
static int kernel_mapcount(uint64_t pfn, uint64_t *count)
{
	FILE *file = fopen("/proc/kpagecount", "r");
	int ret = -1;

	if (file && !fseek(file, pfn * sizeof(*count), SEEK_SET) &&
	    fread(count, sizeof(*count), 1, file) == 1)
		ret = 0;
	if (file)
		fclose(file);
	return ret ? complain("/proc/kpagecount has no frame %#" PRIx64, pfn) : 0;
}

/* Reads only the one entry of each pagemap, as a full scan would take minutes. */
static int all_really_map_it(const struct page_report *report)
{
	const struct record *map = NULL;
	uint64_t pfn;

	while ((map = page_report_map(report, map, "mapped"))) {
		if (oracle_pfn(record_num(map, "pid"), record_num(map, "va"), &pfn))
			return -1;
		if (pfn != report->pfn)
			return complain("pid %s maps another frame", record_get(map, "pid"));
	}
	return 0;
}

static int same_as_exerciser(const struct page_report *report, const struct exercise_page *page)
{
	struct mappings owners = { 0 }, sharers = { 0 };
	int ret = page_report_mapped(report, &owners, &sharers);

	/* Sorts and compares all mappings: none is missing, none is listed twice. */
	if (!ret)
		ret = mappings_compare(&owners, "the report", &page->mapped, "rmap-exercise");
	mappings_free(&owners);
	mappings_free(&sharers);
	return ret;
}

FIXTURE(many_sharers)
{
	struct exercise run;
};

FIXTURE_SETUP(many_sharers)
{
}

FIXTURE_TEARDOWN(many_sharers)
{
	EXPECT_OK(exercise_stop(&self->run));
}

TEST_F_TIMEOUT(many_sharers, thousands_of_sharers_are_each_named_once, 800)
{
	const struct exercise_page *page;
	struct page_report report;
	uint64_t count;
	char number[16];
	long children, cost;

	NEEDS_MODULE();
	cost = cost_of_a_child();
	ASSERT_LT(0, cost);
	children = room_for_children(cost);
	if (children < LEAST)
		SKIP(return, "memory for only %ld children, %u needed", children, LEAST);
	TH_LOG("%ld children of %ld kB each", children, cost);
	snprintf(number, sizeof(number), "%ld", children);
	ASSERT_OK(exercise_start(&self->run, "fork", "--children", number, NULL));
	ASSERT_LT(0, (long)self->run.nr_pages);
	page = &self->run.pages[0];
	ASSERT_EQ(children + 1, (long)page->mapped.nr);

	ASSERT_OK(page_report_at(&report, page->mapped.v[0].pid, page->mapped.v[0].va));
	TH_LOG("ns=%s lock_ns=%s", record_get(report.walk, "ns"),
	       record_get(report.walk, "lock_ns"));
	EXPECT_EQ(children + 1, (long)report.visited);
	EXPECT_EQ(children + 1, (long)report.mapped);
	EXPECT_EQ(children + 1, (long)record_num(report.page, "mapcount"));
	EXPECT_EQ(1, record_num(report.walk, "complete"));
	EXPECT_EQ(0, record_num(report.walk, "raced"));
	ASSERT_OK(kernel_mapcount(report.pfn, &count));
	EXPECT_EQ(children + 1, (long)count);
	EXPECT_OK(same_as_exerciser(&report, page));
	EXPECT_OK(all_really_map_it(&report));
	page_report_free(&report);
}

TEST_F_TIMEOUT(many_sharers, half_of_five_hundred_have_copied_the_page, 400)
{
	enum { CHILDREN = 500, WRITERS = 250 };
	static struct child children[CHILDREN];
	struct page_report report;
	uint64_t count;
	char *page;
	int i;

	NEEDS_MODULE();
	page = own_page();
	ASSERT_NE(NULL, page);
	for (i = 0; i < CHILDREN; i++) {
		ASSERT_OK(child_fork(&children[i]));
		if (i % 2)
			ASSERT_OK(child_do(&children[i], CHILD_WRITE, page));
	}
	ASSERT_OK(page_report_at(&report, getpid(), (uintptr_t)page));
	EXPECT_EQ(CHILDREN + 1, report.visited);
	EXPECT_EQ(CHILDREN + 1 - WRITERS, report.mapped);
	EXPECT_EQ(WRITERS, report.absent);
	ASSERT_OK(kernel_mapcount(report.pfn, &count));
	EXPECT_EQ(CHILDREN + 1 - WRITERS, count);
	EXPECT_OK(check_against_pagemaps(&report));
	page_report_free(&report);
	for (i = 0; i < CHILDREN; i++)
		EXPECT_OK(child_end(&children[i]));
}

TEST_HARNESS_MAIN
