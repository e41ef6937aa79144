// SPDX-License-Identifier: GPL-2.0
/* Which processes use an mm: those that share it, and those without their thread group leader. */
#include <inttypes.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "child.h"
#include "oracle.h"
#include "test.h"

#define SHARERS	40
#define STACK	16384

FIXTURE(mm_processes)
{
	char *page;
	char *stacks;
	pid_t pids[SHARERS];
	int nr;
};

FIXTURE_SETUP(mm_processes)
{
	NEEDS_MODULE();
	self->page = own_page();
	ASSERT_NE(NULL, self->page);
	self->stacks = mmap(NULL, SHARERS * STACK, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->stacks);
}

FIXTURE_TEARDOWN(mm_processes)
{
	while (self->nr--) {
		kill(self->pids[self->nr], SIGKILL);
		waitpid(self->pids[self->nr], NULL, 0);
	}
}

static int stay_for_ever(void *arg)
{
	for (;;)
		pause();
	return 0;
}

static int stay(void *arg)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	return stay_for_ever(arg);
}

/* More processes than the first buffer holds; the owner comes first. */
TEST_F(mm_processes, all_that_share_an_mm_are_listed_and_its_owner_is_first)
{
	const struct record *map;
	struct page_report report;
	char *at, *end;
	long last = 0;
	int i;

	for (i = 0; i < SHARERS; i++) {
		self->pids[i] = clone(stay, self->stacks + (i + 1) * STACK, CLONE_VM | SIGCHLD,
				      NULL);
		ASSERT_LT(0, self->pids[i]);
		self->nr++;
	}
	ASSERT_OK(page_report_at(&report, getpid(), (uintptr_t)self->page));
	EXPECT_EQ(1, report.visited);
	map = page_report_map_at(&report, getpid(), (uintptr_t)self->page);
	ASSERT_NE(NULL, map);
	at = (char *)record_get(map, "tgids");
	EXPECT_EQ(getpid(), strtol(at, &end, 10));
	for (i = 0; *end == ','; i++) {
		long pid = strtol(end + 1, &end, 10);

		/* They were forked in this order, but pids may have wrapped around. */
		EXPECT_TRUE(pid > last || pid < self->pids[0]);
		last = pid;
	}
	EXPECT_EQ('\0', *end);
	EXPECT_EQ(SHARERS, i);
	for (i = 0; i < SHARERS; i++) {
		char number[16];

		snprintf(number, sizeof(number), ",%d", self->pids[i]);
		EXPECT_NE(NULL, strstr(at, number));
	}
	page_report_free(&report);
}

/* A process with a second thread of another name. Its thread group leader may exit. */
struct processes {
	pid_t pid, thread;
};

struct orders {
	int ends[2];
	bool leader_goes;
};

static void *second_thread(void *arg)
{
	const struct orders *orders = arg;
	char path[64], state = 0;
	pid_t tid = syscall(SYS_gettid);

	prctl(PR_SET_NAME, "second");
	snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", getpid(), getpid());
	/* Waits until the thread group leader is a zombie, if it exits. */
	while (orders->leader_goes && state != 'Z') {
		char text[128] = "", *at;
		int fd = open(path, O_RDONLY | O_CLOEXEC);

		if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0)
			break;
		close(fd);
		at = strrchr(text, ')');
		state = at ? at[2] : 0;
		sched_yield();
	}
	if (write(orders->ends[1], &tid, sizeof(tid)) != sizeof(tid))
		_exit(1);
	for (;;)
		pause();
	return NULL;
}

static void processes_main(struct orders *orders)
{
	pthread_t thread;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "first");
	if (pthread_create(&thread, NULL, second_thread, orders))
		_exit(1);
	while (!orders->leader_goes)
		pause();
	syscall(SYS_exit, 0);
}

static int processes_start(struct processes *processes, bool leader_goes)
{
	struct orders orders = { .leader_goes = leader_goes };
	int ret;

	if (pipe(orders.ends))
		return complain("pipe: %s", strerror(errno));
	processes->pid = fork();
	if (!processes->pid)
		processes_main(&orders);
	close(orders.ends[1]);
	ret = read(orders.ends[0], &processes->thread, sizeof(processes->thread)) ==
	      sizeof(processes->thread) ? 0 : complain("no second thread");
	close(orders.ends[0]);
	return ret;
}

static void processes_end(const struct processes *processes)
{
	kill(processes->pid, SIGKILL);
	waitpid(processes->pid, NULL, 0);
}

/* The pid of any of its threads leads to the process, and its name is always the same. */
static int is_named(pid_t by, const struct processes *processes, const void *page)
{
	const struct record *map;
	struct page_report report;
	int ret = page_report_at(&report, by, (uintptr_t)page);

	if (!ret && report.mapped != 2)
		ret = complain("mapped=%zu, not 2", report.mapped);
	map = ret ? NULL : page_report_map_at(&report, processes->pid, (uintptr_t)page);
	if (map && strcmp(record_get(map, "comm"), "first"))
		complain("comm=%s, not first", record_get(map, "comm"));
	else if (map && strtol(record_get(map, "tgids"), NULL, 10) != processes->pid)
		complain("tgids=%s, not %d", record_get(map, "tgids"), processes->pid);
	else if (map)
		ret = 1;
	page_report_free(&report);
	return ret == 1 ? 0 : -1;
}

TEST_F(mm_processes, any_thread_id_leads_to_its_process)
{
	struct processes processes;

	ASSERT_OK(processes_start(&processes, false));
	EXPECT_OK(is_named(processes.pid, &processes, self->page));
	EXPECT_OK(is_named(processes.thread, &processes, self->page));
	EXPECT_OK(is_named(getpid(), &processes, self->page));
	processes_end(&processes);
}

TEST_F(mm_processes, process_whose_leading_thread_is_gone_is_found_and_named)
{
	struct processes processes;

	ASSERT_OK(processes_start(&processes, true));
	EXPECT_OK(is_named(processes.pid, &processes, self->page));
	EXPECT_OK(is_named(processes.thread, &processes, self->page));
	EXPECT_OK(is_named(getpid(), &processes, self->page));
	processes_end(&processes);
}

/* Two threads are two users of the mm, and the process that shares it is a third. */
TEST_F(mm_processes, process_that_shares_the_mm_of_threads_is_listed)
{
	struct processes processes;
	struct page_report report;
	const struct record *map;
	char tgids[64];
	pthread_t thread;
	struct orders orders = {};

	ASSERT_EQ(0, pipe(orders.ends));
	ASSERT_EQ(0, pthread_create(&thread, NULL, second_thread, &orders));
	ASSERT_EQ((ssize_t)sizeof(processes.thread),
		  read(orders.ends[0], &processes.thread, sizeof(processes.thread)));
	self->pids[0] = clone(stay, self->stacks + STACK, CLONE_VM | SIGCHLD, NULL);
	ASSERT_LT(0, self->pids[0]);
	self->nr++;

	ASSERT_OK(page_report_at(&report, getpid(), (uintptr_t)self->page));
	map = page_report_map_at(&report, getpid(), (uintptr_t)self->page);
	ASSERT_NE(NULL, map);
	snprintf(tgids, sizeof(tgids), "%d,%d", getpid(), self->pids[0]);
	EXPECT_STREQ(tgids, record_get(map, "tgids"));
	page_report_free(&report);
}

static void owner_main(int answer)
{
	char *stack = malloc(STACK);
	pid_t pid = clone(stay_for_ever, stack + STACK, CLONE_VM | SIGCHLD, NULL);

	if (pid < 0 || write(answer, &pid, sizeof(pid)) != sizeof(pid))
		_exit(1);
	_exit(0);
}

/* The owner of an mm has exited, and another process still uses it. */
TEST_F(mm_processes, process_that_outlives_the_owner_of_its_mm_is_named)
{
	struct page_report report;
	const struct record *map;
	char number[16];
	int ends[2];
	pid_t pid;

	ASSERT_EQ(0, pipe(ends));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		owner_main(ends[1]);
	ASSERT_EQ((ssize_t)sizeof(pid), read(ends[0], &self->pids[0], sizeof(self->pids[0])));
	self->nr++;
	ASSERT_EQ(pid, waitpid(pid, NULL, 0));

	ASSERT_OK(page_report_at(&report, getpid(), (uintptr_t)self->page));
	map = page_report_map_at(&report, self->pids[0], (uintptr_t)self->page);
	ASSERT_NE(NULL, map);
	snprintf(number, sizeof(number), "%d", self->pids[0]);
	EXPECT_STREQ(number, record_get(map, "tgids"));
	page_report_free(&report);
}

/* Each of many mms is named, whether another process shares it or not. */
TEST_F(mm_processes, mms_with_and_without_sharers_are_named_together)
{
	struct child children[SHARERS / 2];
	const struct record *map;
	struct page_report report;
	char number[32];
	int i;

	for (i = 0; i < SHARERS / 2; i++)
		ASSERT_OK(child_fork(&children[i]));
	self->pids[0] = clone(stay, self->stacks + STACK, CLONE_VM | SIGCHLD, NULL);
	ASSERT_LT(0, self->pids[0]);
	self->nr++;
	ASSERT_OK(page_report_at(&report, getpid(), (uintptr_t)self->page));
	for (i = 0; i < SHARERS / 2; i++) {
		map = page_report_map_at(&report, children[i].pid, (uintptr_t)self->page);
		ASSERT_NE(NULL, map);
		snprintf(number, sizeof(number), "%d", children[i].pid);
		EXPECT_STREQ(number, record_get(map, "tgids"));
	}
	map = page_report_map_at(&report, getpid(), (uintptr_t)self->page);
	ASSERT_NE(NULL, map);
	snprintf(number, sizeof(number), "%d,%d", getpid(), self->pids[0]);
	EXPECT_STREQ(number, record_get(map, "tgids"));
	page_report_free(&report);
	for (i = 0; i < SHARERS / 2; i++)
		child_end(&children[i]);
}

TEST_HARNESS_MAIN
