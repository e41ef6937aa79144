// SPDX-License-Identifier: GPL-2.0
/*
 * A page that ksmd has merged, and a process that ksmd hasn't seen yet: it was forked from one
 * that has the page, and outlives that one. Nothing leads the kernel there.
 */
#include <inttypes.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "cgroup.h"
#include "hand.h"
#include "kernel_file.h"
#include "ksm.h"
#include "oracle.h"
#include "really.h"
#include "test.h"

/* ksmd takes a while to come by, if it has so much to look at before. */
#define BALLAST		8192
#define TRIES		20
#define IN_VAIN		3

/* The page is ours, and that of a child of a process that is gone. */
FIXTURE(merged)
{
	struct cgroup cgroup;
	char *page;
	uint64_t pfn;
	pid_t ballast, child;
	int tell[2], hear[2];
};

#define merged_data	FIXTURE_DATA(merged)

/* A thousandth of a second at a time: until so many places are known to ksmd. */
static bool await_known(int64_t nr, int tries)
{
	while (file_number(KSM "pages_shared") + file_number(KSM "pages_sharing") != nr) {
		if (!tries--)
			return false;
		usleep(1000);
	}
	return true;
}

/* All different, so that nothing else is merged. */
static int add_ballast(void)
{
	size_t size = getpagesize(), i;
	char *pages = own_pages(BALLAST);

	for (i = 0; pages && i < BALLAST; i++)
		memcpy(pages + i * size, (size_t[]){ i, getpid() }, 2 * sizeof(i));
	return !pages || madvise(pages, BALLAST * size, MADV_MERGEABLE) ? -1 : 0;
}

static char *mergeable_page(void)
{
	size_t size = getpagesize();
	char *page = own_pages(1);

	if (!page || madvise(page, size, MADV_MERGEABLE))
		return NULL;
	return memset(page, 0x5a, size);
}

/* Has the page, too; forks when it is told to, says whom, and is gone. */
static void parent(int orders, int answers)
{
	pid_t child;
	char order;

	if (!mergeable_page() || read(orders, &order, 1) != 1)
		_exit(1);
	child = fork();
	while (!child)
		pause();
	_exit(write(answers, &child, sizeof(child)) != sizeof(child));
}

/* ksmd may have seen the child before it forgets the parent. */
static bool have_unseen_child(merged_data *self)
{
	pid_t pid;

	write_text(KSM "run", "1");
	pid = fork();
	if (!pid)
		parent(self->tell[0], self->hear[1]);
	if (!await_known(2, 60000 * slowness()) || write(self->tell[1], "x", 1) != 1 ||
	    read(self->hear[0], &self->child, sizeof(self->child)) < 0)
		return false;
	waitpid(pid, NULL, 0);
	if (await_known(1, 2000 * slowness())) {
		write_text(KSM "run", "0");
		if (await_known(1, 0))
			return true;
	}
	kill(self->child, SIGKILL);
	return false;
}

FIXTURE_SETUP(merged)
{
	int tries = TRIES;

	NEEDS_MODULE();
	if (access(KSM "run", W_OK) || cgroup_enter(&self->cgroup, "merged"))
		return;
	ASSERT_OK(write_text(KSM "pages_to_scan", "100"));
	ASSERT_OK(write_text(KSM "sleep_millisecs", "1"));
	ASSERT_EQ(0, pipe(self->tell));
	ASSERT_EQ(0, pipe(self->hear));
	self->ballast = fork();
	ASSERT_LE(0, self->ballast);
	if (!self->ballast) {
		if (add_ballast())
			_exit(1);
		for (;;)
			pause();
	}
	self->page = mergeable_page();
	ASSERT_NE(NULL, self->page);
	ASSERT_EQ(0, madvise(self->page, getpagesize(), MADV_DONTFORK));
	ASSERT_EQ(0, add_ballast());
	while (tries && !have_unseen_child(self))
		tries--;
	ASSERT_LT(0, tries);
	self->pfn = frame(self->page);
	ASSERT_TRUE(has_flag(self->pfn, KPF_KSM_BIT));
}

FIXTURE_TEARDOWN(merged)
{
	if (self->child > 0)
		kill(self->child, SIGKILL);
	if (self->ballast > 0) {
		kill(self->ballast, SIGKILL);
		waitpid(self->ballast, NULL, 0);
	}
	if (self->page) {
		EXPECT_OK(write_text(KSM "run", "0"));
		cgroup_leave(&self->cgroup);
	}
}

#define NEEDS_MERGED()							\
	do {								\
		NEEDS_MODULE();						\
		if (!self->page)					\
			SKIP(return, "no KSM, or no memory cgroup: %.200s", why); \
	} while (0)

static int listed_as_in_pagemaps(struct look *look, uint64_t pfn)
{
	struct places owners = { 0 }, sharers = { 0 }, found = { 0 };
	int ret = oracle_mappers(pfn, &found) || look_mapped(look, &owners, &sharers) ||
		  places_compare(&sharers, "the report", &found, "the pagemaps") ? -1 : 0;

	if (!ret && found.nr != 2)
		ret = complain("%zu mappings", found.nr);
	places_free(&owners);
	places_free(&sharers);
	places_free(&found);
	return ret;
}

static uint64_t child_va(const merged_data *self)
{
	struct places found = { 0 };
	uint64_t va = 0;
	size_t i;

	if (!oracle_mappers(self->pfn, &found))
		for (i = 0; i < found.nr; i++)
			if (found.v[i].pid == self->child)
				va = found.v[i].va;
	places_free(&found);
	return va;
}

TEST_F(merged, process_that_the_kernel_does_not_find_is_listed)
{
	struct look look;

	NEEDS_MERGED();
	ASSERT_EQ(0, look_take(&look, "pfn=%#" PRIx64, self->pfn));
	EXPECT_OK(listed_as_in_pagemaps(&look, self->pfn));
	EXPECT_EQ(1, record_num(look.walk, "unreached"));
	EXPECT_EQ(0, record_num(look.walk, "raced"));
	EXPECT_EQ(2, record_num(look.walk, "pte_maps"));
	EXPECT_EQ(2, record_num(look.page, "mapcount"));
	look_free(&look);
	/* It is also where one can begin. */
	ASSERT_OK(look_at(&look, self->child, child_va(self)));
	EXPECT_OK(listed_as_in_pagemaps(&look, self->pfn));
	EXPECT_EQ(1, record_num(look.walk, "unreached"));
	look_free(&look);
}

TEST_F(merged, process_that_the_kernel_does_not_find_keeps_the_page_in_place)
{
	NEEDS_MERGED();
	ASSERT_OK(drain_batches());
	EXPECT_OK(verdict_is(getpid(), self->page, "migrate", "unreached"));
	EXPECT_OK(verdict_is(getpid(), self->page, "reclaim", "unreached"));
	if (has_two_nodes())
		EXPECT_NE(0, move_away(self->page));
	if (have_swap())
		EXPECT_FALSE(reclaim_cgroup(&self->cgroup, self->page, self->pfn, IN_VAIN));
}

TEST_F(merged, process_that_ksmd_has_come_by_is_found_again)
{
	struct look look;

	NEEDS_MERGED();
	ASSERT_OK(ksm_settle());
	ASSERT_OK(drain_batches());
	ASSERT_EQ(0, look_take(&look, "pfn=%#" PRIx64, self->pfn));
	EXPECT_OK(listed_as_in_pagemaps(&look, self->pfn));
	EXPECT_EQ(0, record_num(look.walk, "unreached"));
	look_free(&look);
	EXPECT_OK(verdict_is(getpid(), self->page, "migrate", NULL));
	if (has_two_nodes())
		EXPECT_EQ(0, move_away(self->page));
}

TEST_HARNESS_MAIN
