// SPDX-License-Identifier: GPL-2.0
/*
 * Verdicts on small anonymous pages. Each is then tried: an operation with ok=1 must succeed, one
 * with ok=0 must fail.
 */
#include <inttypes.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/swap.h>
#include <sys/wait.h>

#include "cgroup.h"
#include "child.h"
#include "kernel_file.h"
#include "oracle.h"
#include "page_actions.h"
#include "test.h"
#include "uapi_compat.h"

/* How often to try an operation that must fail, and one that must succeed eventually. */
#define IN_VAIN	10
#define ENOUGH	100

/* The first swap device in use, if there is one. */
static bool swap_device(char name[64])
{
	FILE *swaps = fopen("/proc/swaps", "r");
	bool found = false;

	if (swaps) {
		found = fscanf(swaps, "%*[^\n] %63s", name) == 1;
		fclose(swaps);
	}
	return found;
}

FIXTURE(verdict) {
	struct cgroup cgroup;
	bool in_cgroup;
	char swap[64];
	size_t size;
	char *page;
	uint64_t pfn;
};

/* A page that is charged to its own control group and is in no LRU batch. */
FIXTURE_SETUP(verdict)
{
	NEEDS_MODULE();
	if (!swap_device(self->swap))
		SKIP(return, "no swap: /proc/swaps is empty");
	if (cgroup_enter(&self->cgroup, "verdict"))
		SKIP(return, "no memory cgroup: %.200s", why);
	self->in_cgroup = true;
	self->size = getpagesize();
	self->page = own_page();
	ASSERT_NE(NULL, self->page);
	ASSERT_OK(drain_batches());
	ASSERT_OK(oracle_pfn(getpid(), (uintptr_t)self->page, &self->pfn));
}

FIXTURE_TEARDOWN(verdict)
{
	if (self->in_cgroup)
		cgroup_leave(&self->cgroup);
}

#define PAGES_OUT(tries) page_out(self->page, self->size, self->pfn, tries)

TEST_F(verdict, plain_page_can_be_reclaimed)
{
	EXPECT_OK(verdict_is(getpid(), self->page, "reclaim", NULL));
	EXPECT_TRUE(PAGES_OUT(ENOUGH));
}

TEST_F(verdict, plain_page_can_be_migrated)
{
	if (!has_two_nodes())
		SKIP(return, "only one NUMA node, so pages cannot be moved");
	EXPECT_OK(verdict_is(getpid(), self->page, "migrate", NULL));
	EXPECT_EQ(0, move_away(self->page));
}

TEST_F(verdict, small_page_can_not_be_split)
{
	EXPECT_OK(verdict_is(getpid(), self->page, "split", "order0"));
}

TEST_F(verdict, mlocked_page_can_not_be_reclaimed_but_migrated)
{
	ASSERT_EQ(0, mlock(self->page, self->size));
	ASSERT_OK(drain_batches());
	EXPECT_OK(verdict_in(self->page, "reclaim", "mlocked", "folio_evictable"));
	/* madvise() skips an mlocked VMA, so this reclaims the whole control group. */
	EXPECT_FALSE(reclaim_cgroup(&self->cgroup, self->page, self->pfn, IN_VAIN));
	EXPECT_OK(verdict_is(getpid(), self->page, "migrate", NULL));
	if (has_two_nodes())
		EXPECT_EQ(0, move_away(self->page));
}

TEST_F(verdict, process_that_mlocked_a_shared_page_is_named)
{
	const struct record *verdict;
	struct child child;
	struct page_report report;

	/* The child does not inherit the lock over fork(). */
	ASSERT_EQ(0, mlock(self->page, self->size));
	ASSERT_OK(drain_batches());
	ASSERT_OK(child_fork(&child));
	ASSERT_OK(page_report_at(&report, child.pid, (uintptr_t)self->page));
	verdict = verdict_of(&report, "reclaim");
	ASSERT_NE(NULL, verdict);
	EXPECT_STREQ("mlocked", record_get(verdict, "why"));
	EXPECT_EQ(getpid(), record_num(verdict, "pid"));
	EXPECT_EQ((uintptr_t)self->page, record_num(verdict, "va"));
	page_report_free(&report);
	ASSERT_OK(child_end(&child));
}

TEST_F(verdict, page_that_was_munlocked_can_be_reclaimed)
{
	ASSERT_EQ(0, mlock(self->page, self->size));
	ASSERT_EQ(0, munlock(self->page, self->size));
	ASSERT_OK(drain_batches());
	EXPECT_OK(verdict_is(getpid(), self->page, "reclaim", NULL));
	EXPECT_TRUE(PAGES_OUT(ENOUGH));
}

TEST_F(verdict, forked_page_can_be_reclaimed_though_madvise_skips_it)
{
	const struct record *verdict;
	struct child child;
	struct page_report report;

	ASSERT_OK(child_fork(&child));
	ASSERT_OK(page_report_at(&report, getpid(), (uintptr_t)self->page));
	verdict = verdict_of(&report, "reclaim");
	ASSERT_NE(NULL, verdict);
	EXPECT_EQ(1, record_num(verdict, "ok"));
	EXPECT_NE(NULL, strstr(record_get(verdict, "note"), "madvise_skips_shared"));
	page_report_free(&report);
	EXPECT_FALSE(PAGES_OUT(IN_VAIN));
	EXPECT_TRUE(reclaim_cgroup(&self->cgroup, self->page, self->pfn, ENOUGH));
	ASSERT_OK(child_end(&child));
}

TEST_F(verdict, forked_page_can_be_migrated_with_move_all)
{
	const struct record *verdict;
	struct child child;
	struct page_report report;

	if (!has_two_nodes())
		SKIP(return, "only one NUMA node, so pages cannot be moved");
	ASSERT_OK(child_fork(&child));
	ASSERT_OK(page_report_at(&report, getpid(), (uintptr_t)self->page));
	verdict = verdict_of(&report, "migrate");
	ASSERT_NE(NULL, verdict);
	EXPECT_EQ(1, record_num(verdict, "ok"));
	EXPECT_NE(NULL, strstr(record_get(verdict, "note"), "needs_move_all"));
	page_report_free(&report);
	EXPECT_EQ(0, move_away(self->page));
	ASSERT_OK(child_end(&child));
}

TEST_F(verdict, page_in_a_pipe_can_not_be_migrated)
{
	int ends[2];

	if (!has_two_nodes())
		SKIP(return, "only one NUMA node, so pages cannot be moved");
	ASSERT_OK(put_into_pipe(self->page, ends));
	EXPECT_OK(verdict_is(getpid(), self->page, "migrate", "extra_refs"));
	EXPECT_NE(0, move_away(self->page));
	close(ends[0]);
	close(ends[1]);
	EXPECT_OK(verdict_is(getpid(), self->page, "migrate", NULL));
	EXPECT_EQ(0, move_away(self->page));
}

TEST_F(verdict, page_in_a_pipe_can_not_be_reclaimed)
{
	const struct record *verdict;
	struct page_report report;
	int ends[2];

	ASSERT_OK(put_into_pipe(self->page, ends));
	EXPECT_OK(verdict_in(self->page, "reclaim", "extra_refs", "pageout"));
	EXPECT_FALSE(PAGES_OUT(IN_VAIN));
	/* The page is unmapped, but its frame is still not free. */
	ASSERT_OK(page_report_take(&report, "pfn=%" PRIu64, self->pfn));
	verdict = verdict_of(&report, "reclaim");
	EXPECT_STREQ("extra_refs", verdict ? record_get(verdict, "why") : "");
	page_report_free(&report);
	close(ends[0]);
	close(ends[1]);
	*(volatile char *)self->page = 2;
	ASSERT_OK(drain_batches());
	ASSERT_OK(oracle_pfn(getpid(), (uintptr_t)self->page, &self->pfn));
	EXPECT_OK(verdict_is(getpid(), self->page, "reclaim", NULL));
	EXPECT_TRUE(PAGES_OUT(ENOUGH));
}

TEST_F(verdict, page_pinned_by_uring_can_be_neither_migrated_nor_reclaimed)
{
	int ring = pin_by_uring(self->page);

	if (ring < 0)
		SKIP(return, "this kernel has no io_uring");
	EXPECT_OK(verdict_is(getpid(), self->page, "migrate", "pinned"));
	EXPECT_OK(verdict_is(getpid(), self->page, "reclaim", "pinned"));
	if (has_two_nodes())
		EXPECT_NE(0, move_away(self->page));
	EXPECT_FALSE(PAGES_OUT(IN_VAIN));
	close(ring);
}

TEST_F(verdict, page_can_not_be_reclaimed_at_the_swap_limit)
{
	ASSERT_OK(cgroup_set(&self->cgroup, "memory.swap.max", "0"));
	EXPECT_OK(verdict_in(self->page, "reclaim", "no_swap", "shrink_folio_list"));
	EXPECT_FALSE(PAGES_OUT(IN_VAIN));
	ASSERT_OK(cgroup_set(&self->cgroup, "memory.swap.max", "max"));
	EXPECT_OK(verdict_is(getpid(), self->page, "reclaim", NULL));
	EXPECT_TRUE(PAGES_OUT(ENOUGH));
}

TEST_F(verdict, shared_memory_can_not_be_reclaimed_at_the_swap_limit)
{
	char *page = mmap(NULL, self->size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			  -1, 0);

	ASSERT_NE(MAP_FAILED, page);
	*page = 1;
	ASSERT_OK(drain_batches());
	ASSERT_OK(cgroup_set(&self->cgroup, "memory.swap.max", "0"));
	EXPECT_OK(verdict_in(page, "reclaim", "no_swap", "pageout"));
	EXPECT_FALSE(file_page_out(page, IN_VAIN));
}

TEST_F(verdict, recent_users_are_counted)
{
	const struct record *map = NULL;
	struct child children[3];
	struct page_report report;
	int i, marked = 0;

	ASSERT_OK(write_text("/proc/self/clear_refs", "1"));
	EXPECT_EQ(0, has_note(self->page, "reclaim", "referenced"));
	for (i = 0; i < 3; i++)
		ASSERT_OK(child_fork(&children[i]));
	ASSERT_OK(child_do(&children[0], CHILD_READ, self->page));
	ASSERT_OK(child_do(&children[2], CHILD_READ, self->page));
	ASSERT_OK(page_report_at(&report, getpid(), (uintptr_t)self->page));
	while ((map = page_report_map(&report, map, "mapped")))
		marked += !!strstr(record_get(map, "bits"), "|accessed");
	EXPECT_EQ(2, marked);
	EXPECT_TRUE(note_among(verdict_of(&report, "reclaim"), "referenced:2"));
	EXPECT_FALSE(note_among(verdict_of(&report, "migrate"), "referenced"));
	page_report_free(&report);
	for (i = 0; i < 3; i++)
		ASSERT_OK(child_end(&children[i]));
}

/* The page is on an LRU list, and also in a batch to be moved to another list. */
TEST_F(verdict, new_lazyfree_page_may_be_in_a_batch)
{
	ASSERT_EQ(0, madvise(self->page, self->size, MADV_FREE));
	EXPECT_OK(verdict_is(getpid(), self->page, "migrate", "extra_refs"));
	EXPECT_EQ(1, has_note(self->page, "migrate", "maybe_batched"));
	EXPECT_EQ(1, has_note(self->page, "reclaim", "maybe_batched"));
	ASSERT_OK(drain_batches());
	EXPECT_OK(verdict_is(getpid(), self->page, "migrate", NULL));
	EXPECT_EQ(0, has_note(self->page, "migrate", "batched"));
}

TEST_F(verdict, page_can_not_be_reclaimed_without_swap)
{
	char second[64];

	ASSERT_EQ(0, swapoff(self->swap)) TH_LOG("%s: %s", self->swap, strerror(errno));
	if (!swap_device(second)) {
		EXPECT_OK(verdict_is(getpid(), self->page, "reclaim", "no_swap"));
		EXPECT_FALSE(PAGES_OUT(IN_VAIN));
	}
	ASSERT_EQ(0, swapon(self->swap, 0));
	EXPECT_OK(verdict_is(getpid(), self->page, "reclaim", NULL));
	EXPECT_TRUE(PAGES_OUT(ENOUGH));
}

TEST_F(verdict, lazyfree_page_needs_no_swap)
{
	ASSERT_EQ(0, madvise(self->page, self->size, MADV_FREE));
	ASSERT_OK(drain_batches());
	ASSERT_OK(cgroup_set(&self->cgroup, "memory.swap.max", "0"));
	EXPECT_OK(verdict_is(getpid(), self->page, "reclaim", NULL));
	EXPECT_TRUE(PAGES_OUT(ENOUGH));
}

TEST_F(verdict, lazyfree_page_is_kept_by_a_pipe)
{
	int ends[2];

	ASSERT_EQ(0, madvise(self->page, self->size, MADV_FREE));
	ASSERT_OK(drain_batches());
	ASSERT_OK(put_into_pipe(self->page, ends));
	EXPECT_OK(verdict_in(self->page, "reclaim", "extra_refs", "try_to_unmap_one"));
	EXPECT_FALSE(PAGES_OUT(IN_VAIN));
	close(ends[0]);
	close(ends[1]);
}

TEST_F(verdict, lazyfree_page_that_was_written_to_is_kept_once)
{
	ASSERT_EQ(0, madvise(self->page, self->size, MADV_FREE));
	ASSERT_OK(drain_batches());
	*(volatile char *)self->page = 2;
	EXPECT_OK(verdict_is(getpid(), self->page, "reclaim", "redirtied"));
	EXPECT_FALSE(PAGES_OUT(1));
	EXPECT_OK(verdict_is(getpid(), self->page, "reclaim", NULL));
	EXPECT_TRUE(PAGES_OUT(ENOUGH));
}

TEST_F(verdict, droppable_page_needs_no_swap_even_if_written_to)
{
	self->page = mmap(NULL, self->size, PROT_READ | PROT_WRITE,
			  MAP_DROPPABLE | MAP_ANONYMOUS, -1, 0);
	if (self->page == MAP_FAILED)
		SKIP(return, "no MAP_DROPPABLE: %s", strerror(errno));
	*self->page = 1;
	ASSERT_OK(drain_batches());
	ASSERT_OK(oracle_pfn(getpid(), (uintptr_t)self->page, &self->pfn));
	ASSERT_OK(cgroup_set(&self->cgroup, "memory.swap.max", "0"));
	EXPECT_OK(verdict_is(getpid(), self->page, "reclaim", NULL));
	EXPECT_TRUE(PAGES_OUT(ENOUGH));
}

TEST_F(verdict, page_that_a_thousand_share_looks_pinned_and_is_kept)
{
	const struct record *verdict;
	pid_t children[1030];
	struct page_report report;
	size_t i;

	for (i = 0; i < 1030; i++) {
		children[i] = fork();
		ASSERT_NE(-1, children[i]);
		if (!children[i]) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			for (;;)
				pause();
		}
	}
	EXPECT_EQ(0, page_report_at(&report, getpid(), (uintptr_t)self->page)) TH_LOG("%s", why);
	verdict = verdict_of(&report, "reclaim");
	EXPECT_STREQ("pinned", verdict ? record_get(verdict, "why") : "");
	EXPECT_NE(NULL, strstr(verdict ? record_get(verdict, "note") : "", "looks_pinned"));
	EXPECT_FALSE(reclaim_cgroup(&self->cgroup, self->page, self->pfn, 3));
	EXPECT_OK(verdict_is(getpid(), self->page, "migrate", NULL));
	page_report_free(&report);
	for (i = 0; i < 1030; i++)
		kill(children[i], SIGKILL);
	while (wait(NULL) > 0)
		;
}

TEST_HARNESS_MAIN
