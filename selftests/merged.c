// SPDX-License-Identifier: GPL-2.0
/*
 * A page that ksmd has merged, and a process that ksmd hasn't seen yet: it was forked from one
 * that has the page, and outlives that one. Nothing leads the kernel there.
 */
#include <inttypes.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

#include "cgroup.h"
#include "hand.h"
#include "kernel_file.h"
#include "ksm.h"
#include "oracle.h"
#include "param.h"
#include "really.h"
#include "test.h"

/* ksmd takes a while to come by, if it has so much to look at before. */
#define BALLAST		8192
#define HURRY		"10000"	/* pages at a time */
#define DALLY		"100"
#define SECONDS		(30 * slowness())
#define TRIES		4
#define IN_VAIN		3

/* The page is ours, and that of a child of a process that is gone. */
FIXTURE(merged)
{
	struct cgroup cgroup;
	char *page;
	uint64_t pfn;
	pid_t ballast, child;
	int64_t settings[2];	/* of ksmd, to be put back */
};

#define merged_data	FIXTURE_DATA(merged)

static const char * const settings[] = { KSM "pages_to_scan", KSM "sleep_millisecs" };

/* Until so many places are known to ksmd. */
static bool await_known(int64_t nr)
{
	time_t end = time(NULL) + SECONDS;

	while (file_number(KSM "pages_shared") + file_number(KSM "pages_sharing") != nr) {
		if (time(NULL) > end)
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

/* As long as the test runs. */
static void stay(pid_t test)
{
	/* First its parent has to go. */
	while (getppid() != test)
		usleep(1000);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (getppid() == test)
		pause();
	_exit(0);
}

/* Has the page, too; forks when it is told to, says whom, and is gone. */
static void parent(pid_t test, int orders, int answers)
{
	pid_t child;
	char order;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (!mergeable_page() || read(orders, &order, 1) != 1)
		_exit(1);
	child = fork();
	if (!child)
		stay(test);
	_exit(write(answers, &child, sizeof(child)) != sizeof(child));
}

static void end_child(pid_t *child)
{
	if (*child <= 0)
		return;
	kill(*child, SIGKILL);
	waitpid(*child, NULL, 0);
	*child = 0;
}

/* The parent's page is merged with ours by the time it forks. */
static void make_orphan(merged_data *self)
{
	pid_t test = getpid(), pid, child;
	int tell[2], hear[2];

	if (pipe(tell) || pipe(hear))
		return;
	pid = fork();
	if (!pid) {
		close(tell[1]);
		parent(test, tell[0], hear[1]);
	}
	close(tell[0]);
	close(hear[1]);
	if (pid > 0 && await_known(2)) {
		write_text(KSM "pages_to_scan", DALLY);
		if (write(tell[1], "x", 1) == 1 &&
		    read(hear[0], &child, sizeof(child)) == sizeof(child) && child > 0)
			self->child = child;
	}
	close(tell[1]);
	close(hear[0]);
	waitpid(pid, NULL, 0);
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

/* ksmd has forgotten the parent; but it may have seen the child before. */
static bool have_orphan(merged_data *self)
{
	write_text(KSM "run", "2");
	write_text(KSM "pages_to_scan", HURRY);
	write_text(KSM "run", "1");
	make_orphan(self);
	if (self->child && await_known(1)) {
		write_text(KSM "run", "0");
		self->pfn = frame(self->page);
		if (await_known(1) && has_flag(self->pfn, KPF_KSM_BIT) && child_va(self))
			return true;
	}
	end_child(&self->child);
	return false;
}

static int prepare(merged_data *self)
{
	size_t i;

	/* Those whose parents are gone are ours. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	for (i = 0; i < 2; i++)
		self->settings[i] = file_number(settings[i]);
	if (write_text(KSM "sleep_millisecs", "1"))
		return -1;
	self->page = mergeable_page();
	if (!self->page || madvise(self->page, getpagesize(), MADV_DONTFORK) || add_ballast())
		return complain("MADV_MERGEABLE: %s", strerror(errno));
	self->ballast = fork();
	if (self->ballast)
		return self->ballast > 0 ? 0 : complain("fork: %s", strerror(errno));
	if (add_ballast())
		_exit(1);
	stay(getppid());
	return 0;
}

FIXTURE_SETUP(merged)
{
	int tries = TRIES;

	NEEDS_MODULE();
	if (access(KSM "run", W_OK) || cgroup_enter(&self->cgroup, "merged"))
		return;
	ASSERT_OK(prepare(self));
	while (tries && !have_orphan(self))
		tries--;
	ASSERT_LT(0, tries);
}

FIXTURE_TEARDOWN(merged)
{
	char text[32];
	size_t i;

	end_child(&self->child);
	end_child(&self->ballast);
	if (!self->page)
		return;
	EXPECT_OK(write_text(KSM "run", "0"));
	for (i = 0; i < 2; i++) {
		snprintf(text, sizeof(text), "%" PRId64, self->settings[i]);
		EXPECT_OK(write_text(settings[i], text));
	}
	cgroup_leave(&self->cgroup);
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

TEST_F(merged, report_that_has_no_room_for_the_process_says_so)
{
	const char *name = "max_vmas";
	const struct record *walk;
	struct report report;
	unsigned int old, room;
	char target[64];

	NEEDS_MERGED();
	ASSERT_OK(param_get(name, &old));
	snprintf(target, sizeof(target), "pid=%d va=%#" PRIx64, self->child, child_va(self));
	for (room = 0; room < 3; room++) {
		EXPECT_OK(param_set(name, room));
		EXPECT_EQ(0, report_take(&report, "page", target));
		walk = report_next(&report, "walk", NULL);
		EXPECT_EQ(room < 2, record_num(walk, "truncated"));
		/* Without any room nobody is searched for. */
		EXPECT_EQ(room ? 2 : 1, record_num(walk, "mapped"));
		EXPECT_EQ(room ? 1 : 0, record_num(walk, "unreached"));
		report_free(&report);
	}
	EXPECT_OK(param_set(name, old));
}

TEST_F(merged, process_that_the_kernel_does_not_find_keeps_the_page_in_place)
{
	NEEDS_MERGED();
	ASSERT_OK(drain_batches());
	EXPECT_OK(verdict_is(getpid(), self->page, "migrate", "unreached"));
	EXPECT_OK(verdict_is(getpid(), self->page, "reclaim",
			     have_swap() ? "unreached" : "no_swap"));
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
