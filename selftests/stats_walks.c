// SPDX-License-Identifier: GPL-2.0
/*
 * The file "stats" against the reports that it counts: walks, visits, retries and mappings. No
 * other test may run at the same time.
 */
#include <inttypes.h>
#include <sys/mman.h>

#include "child.h"
#include "exercise.h"
#include "kernel_file.h"
#include "ksm.h"
#include "page_actions.h"
#include "target.h"
#include "test.h"

/* Mappings may change during one report, but not during all of them. */
#define TRIES	10
/* More VMAs than the first buffer holds. */
#define CROWD	80

/* A report, and how much the counters grew by it. */
struct counted {
	struct report report;
	const struct record *walk;
	uint64_t walks, visited, mappings, retries;
};

FIXTURE(stats_walks)
{
	struct exercise run;
	struct counted c;
	char target[80];
};

FIXTURE_SETUP(stats_walks)
{
	NEEDS_MODULE();
}

FIXTURE_TEARDOWN(stats_walks)
{
	report_free(&self->c.report);
	if (self->run.pid)
		EXPECT_OK(exercise_stop(&self->run));
}

static int read_counters(struct counted *c)
{
	const struct record *stats;
	struct report report;
	int err = report_take(&report, "stats", NULL);

	if (!err) {
		stats = report_next(&report, "stats", NULL);
		c->walks = record_num(stats, "walks") - c->walks;
		c->visited = record_num(stats, "visited") - c->visited;
		c->mappings = record_num(stats, "mappings") - c->mappings;
		c->retries = record_num(stats, "retries") - c->retries;
	}
	report_free(&report);
	return err ? complain("stats: %s", strerror(-err)) : 0;
}

/* Retries until a report took the number of walks that it takes if nothing changes. */
static int count_report(struct counted *c, const char *target, uint64_t walks)
{
	int try, err = 0;

	for (try = 0; try < TRIES; try++) {
		report_free(&c->report);
		memset(c, 0, sizeof(*c));
		if (read_counters(c))
			return -1;
		err = report_take(&c->report, "page", target);
		if (err)
			return complain("%s: %s", target, strerror(-err));
		if (read_counters(c))
			return -1;
		c->walk = report_next(&c->report, "walk", NULL);
		if (c->walks == walks && !record_num(c->walk, "raced"))
			return 0;
	}
	return complain("%" PRIu64 " walks and %" PRIu64 " retries instead of %" PRIu64 " walks",
			c->walks, c->retries, walks);
}

/* The visits in the report must be those that were counted. */
static int adds_up(const struct counted *c)
{
	uint64_t listed = record_num(c->walk, "visited") + record_num(c->walk, "skipped");

	if (c->retries != c->walks - 1)
		return complain("%" PRIu64 " retries for %" PRIu64 " walks", c->retries, c->walks);
	if (c->visited != listed * c->walks)
		return complain("visited=%s skipped=%s, but %" PRIu64 " visits",
				record_get(c->walk, "visited"), record_get(c->walk, "skipped"),
				c->visited);
	if (c->mappings != record_num(c->walk, "pte_maps"))
		return complain("pte_maps=%s, but %" PRIu64 " mappings",
				record_get(c->walk, "pte_maps"), c->mappings);
	/* Some work happens before the lock is taken. */
	if (record_num(c->walk, "lock_ns") >= record_num(c->walk, "ns"))
		return complain("lock_ns=%s ns=%s", record_get(c->walk, "lock_ns"),
				record_get(c->walk, "ns"));
	return 0;
}

static void set_target(char *target, const struct mapping *place, const char *how)
{
	sprintf(target, "pid=%d va=%#" PRIx64 "%s", place->pid, place->va, how);
}

/* Returns false if the kernel lacks what the scenario needs. */
static bool start(struct __test_metadata *_metadata, struct exercise *run, const char *scenario,
		  const char *argument, const char *value)
{
	int ret = exercise_start(run, scenario, argument, value, NULL);

	if (ret == EXERCISE_UNSUPPORTED) {
		run->pid = 0;
		return false;
	}
	EXPECT_OK(ret);
	return !ret;
}

#define START(...)							\
	do {								\
		if (!start(_metadata, &self->run, __VA_ARGS__))		\
			SKIP(return, "%.200s", why);			\
	} while (0)

TEST_F(stats_walks, small_family_needs_one_walk)
{
	START("cow-child", "--children", "5");
	set_target(self->target, &self->run.pages[0].mapped.v[0], "");
	ASSERT_OK(count_report(&self->c, self->target, 1));
	EXPECT_OK(adds_up(&self->c));
	EXPECT_EQ(0, record_num(self->c.walk, "skipped"));
}

/* The mapcount predicts the size of the buffers, but does not include VMAs that lost the page. */
TEST_F(stats_walks, many_vmas_without_the_page_need_a_second_walk)
{
	struct child children[CROWD];
	char *page = own_page();
	int i;

	ASSERT_NE(NULL, page);
	for (i = 0; i < CROWD; i++) {
		ASSERT_OK(child_fork(&children[i]));
		ASSERT_OK(child_do(&children[i], CHILD_WRITE, page));
	}
	TARGET_AT(self->target, getpid(), page);
	EXPECT_OK(count_report(&self->c, self->target, 2));
	EXPECT_OK(adds_up(&self->c));
	EXPECT_EQ(CROWD + 1, record_num(self->c.walk, "visited"));
	for (i = 0; i < CROWD; i++)
		EXPECT_OK(child_end(&children[i]));
}

/* The walk also visits VMAs with other pages of the folio, without result. */
TEST_F(stats_walks, visits_to_other_parts_of_a_folio_are_skipped)
{
	START("thp-partial", "--children", "5");
	set_target(self->target, &self->run.pages[0].mapped.v[0], "");
	ASSERT_OK(count_report(&self->c, self->target, 1));
	EXPECT_OK(adds_up(&self->c));
	set_target(self->target, &self->run.pages[0].mapped.v[0], " folio");
	ASSERT_OK(count_report(&self->c, self->target, 1));
	EXPECT_OK(adds_up(&self->c));
}

/*
 * For a KSM page the walk visits the processes that ksmd has merged, and all processes related to
 * each. So it visits a process again if a related one was merged as well.
 */
TEST_F(stats_walks, repeated_visits_for_a_merged_page_are_skipped)
{
	size_t size = getpagesize();
	struct child children[2];
	char *pages;

	if (access(KSM "run", W_OK))
		SKIP(return, "no KSM");
	pages = own_pages(2);
	ASSERT_NE(NULL, pages);
	memset(pages, 0x6b, 2 * size);
	ASSERT_EQ(0, madvise(pages, 2 * size, MADV_MERGEABLE));
	ASSERT_OK(ksm_settle());
	ASSERT_OK(child_fork(&children[0]));
	ASSERT_OK(child_fork(&children[1]));
	EXPECT_OK(ksm_settle());
	EXPECT_TRUE(has_flag(frame(pages), KPF_KSM));
	TARGET_AT(self->target, getpid(), pages);
	EXPECT_OK(count_report(&self->c, self->target, 1));
	EXPECT_OK(adds_up(&self->c));
	EXPECT_EQ(6, record_num(self->c.walk, "visited"));
	EXPECT_LT(0, record_num(self->c.walk, "skipped"));
	EXPECT_OK(child_end(&children[0]));
	EXPECT_OK(child_end(&children[1]));
}

/* A child that has read the page or written to it does not hold the slot any more. */
TEST_F(stats_walks, visits_to_vmas_without_the_slot_are_skipped)
{
	struct child children[4];
	void *page;
	int i;

	if (!have_swap())
		SKIP(return, "no swap: /proc/swaps is empty");
	page = own_page();
	ASSERT_NE(NULL, page);
	ASSERT_TRUE(page_out(page, getpagesize(), frame(page), TRIES * TRIES));
	for (i = 0; i < 4; i++)
		ASSERT_OK(child_fork(&children[i]));
	ASSERT_OK(child_do(&children[1], CHILD_WRITE, page));
	ASSERT_OK(child_do(&children[2], CHILD_DONTNEED, page));
	TARGET_AT(self->target, getpid(), page);
	EXPECT_OK(count_report(&self->c, self->target, 1));
	EXPECT_OK(adds_up(&self->c));
	EXPECT_EQ(3, record_num(self->c.walk, "visited"));
	EXPECT_EQ(2, record_num(self->c.walk, "skipped"));
	for (i = 0; i < 4; i++)
		EXPECT_OK(child_end(&children[i]));
}

TEST_HARNESS_MAIN
