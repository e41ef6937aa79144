// SPDX-License-Identifier: GPL-2.0
/*
 * Reports while mappings change. No report may be malformed, and no stable mapping may be
 * missing.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "busy_exec.h"
#include "busy_sharers.h"
#include "check_report.h"
#include "child.h"
#include "oracle.h"
#include "target.h"
#include "test.h"

/* Is @err one of the listed errnos? The list ends with 0, which is allowed as well. */
static bool is_among(int err, ...)
{
	bool found = !err;
	va_list args;
	int allowed;

	va_start(args, err);
	while (!found && (allowed = va_arg(args, int)))
		found = err == -allowed;
	va_end(args);
	return found;
}

/* Each visible process has at most one mapping per address. */
static int no_duplicates(const struct page_report *report)
{
	struct mappings owners = { 0 }, sharers = { 0 };
	int ret = 0;
	size_t i;

	if (page_report_mapped(report, &owners, &sharers))
		ret = -1;
	for (i = 1; !ret && i < owners.nr; i++)
		if (owners.v[i].pid && owners.v[i].pid == owners.v[i - 1].pid &&
		    owners.v[i].va == owners.v[i - 1].va)
			ret = complain("pid %d va %#" PRIx64 " is listed twice",
				       owners.v[i].pid, owners.v[i].va);
	mappings_free(&owners);
	mappings_free(&sharers);
	return ret;
}

static int is_mapped_at(const struct page_report *report, pid_t pid, const void *page)
{
	const struct record *map = page_report_map_at(report, pid, (uintptr_t)page);

	if (!map)
		return -1;
	if (strcmp(record_get(map, "state"), "mapped"))
		return complain("pid %d: state=%s, but it was asked for", pid,
				record_get(map, "state"));
	return 0;
}

TEST(reports_are_well_formed_while_sharers_come_and_go)
{
	enum { LOOKS = 2000 };
	struct busy_sharers sharers;
	struct page_report report;
	int i, good = 0;
	char *page;

	NEEDS_MODULE();
	page = own_page();
	ASSERT_NE(NULL, page);
	ASSERT_OK(busy_sharers_start(&sharers, 4, busy_fork, page));
	for (i = 0; i < LOOKS; i++) {
		int err = page_report_at(&report, getpid(), (uintptr_t)page);

		EXPECT_TRUE(is_among(err, EAGAIN, 0)) {
			TH_LOG("error %d: %s", err, why);
		}
		if (!err) {
			EXPECT_OK(is_mapped_at(&report, getpid(), page));
			EXPECT_OK(no_duplicates(&report));
			good++;
		}
		page_report_free(&report);
	}
	EXPECT_OK(busy_sharers_stop(&sharers));
	TH_LOG("%d of %d tries gave a report", good, LOOKS);
	EXPECT_LT(LOOKS / 2, good);

	/*
	 * When nothing changes any more, the report is exact again. The memory of a process can
	 * outlive it for a moment: a walk that was its last user leaves it to a worker.
	 */
	for (i = 0; i < 100; i++) {
		ASSERT_OK(page_report_at(&report, getpid(), (uintptr_t)page));
		if (report.visited == 1)
			break;
		page_report_free(&report);
		usleep(10000);
	}
	if (i == 100)
		ASSERT_OK(page_report_at(&report, getpid(), (uintptr_t)page));
	EXPECT_EQ(1, report.visited);
	EXPECT_EQ(1, report.mapped);
	EXPECT_OK(check_against_pagemaps(&report));
	page_report_free(&report);
}

TEST(target_that_moves_or_drops_its_page_gives_a_report_or_an_errno)
{
	enum { LOOKS = 2000 };
	struct busy_sharers sharers;
	struct page_report report;
	char *page;
	int i;

	NEEDS_MODULE();
	page = own_page();
	ASSERT_NE(NULL, page);
	ASSERT_OK(busy_sharers_start(&sharers, 1, busy_move, page));
	for (i = 0; i < LOOKS; i++) {
		int err = page_report_at(&report, sharers.pids[0], (uintptr_t)page);

		EXPECT_TRUE(is_among(err, EAGAIN, ENODATA, EFAULT, EOPNOTSUPP, 0)) {
			TH_LOG("error %d: %s", err, why);
		}
		if (!err)
			EXPECT_OK(is_mapped_at(&report, sharers.pids[0], page));
		page_report_free(&report);
	}
	EXPECT_OK(busy_sharers_stop(&sharers));
}

TEST(frame_whose_mappings_come_and_go_is_reported_or_refused)
{
	enum { LOOKS = 1000 };
	struct busy_sharers sharers;
	struct page_report report;
	uint64_t pfn;
	char *page;
	int i;

	NEEDS_MODULE();
	page = own_page();
	ASSERT_NE(NULL, page);
	ASSERT_OK(oracle_pfn(getpid(), (uintptr_t)page, &pfn));
	ASSERT_OK(busy_sharers_start(&sharers, 3, busy_move, page));
	/* Now only the children map the page, and its frame can be reused at any time. */
	ASSERT_EQ(0, munmap(page, getpagesize()));
	for (i = 0; i < LOOKS; i++) {
		int err = page_report_take(&report, "pfn=%#" PRIx64, pfn);

		EXPECT_TRUE(is_among(err, EAGAIN, EOPNOTSUPP, 0)) {
			TH_LOG("error %d: %s", err, why);
		}
		page_report_free(&report);
	}
	EXPECT_OK(busy_sharers_stop(&sharers));
}

TEST(target_that_dies_gives_a_report_or_an_errno)
{
	struct child child;
	struct page_report report;
	char *page;
	int i, err;

	NEEDS_MODULE();
	page = own_page();
	ASSERT_NE(NULL, page);
	for (i = 0; i < 200; i++) {
		ASSERT_OK(child_fork(&child));
		ASSERT_OK(page_report_at(&report, child.pid, (uintptr_t)page));
		page_report_free(&report);
		ASSERT_EQ(0, kill(child.pid, SIGKILL));
		do {
			err = page_report_at(&report, child.pid, (uintptr_t)page);
			page_report_free(&report);
			EXPECT_TRUE(is_among(err, EAGAIN, ENODATA, EFAULT, ESRCH, 0)) {
				TH_LOG("error %d: %s", err, why);
			}
		} while (err != -ESRCH);
		ASSERT_OK(child_end(&child));
	}
}

/*
 * exec puts the arguments at the end of the address space and then moves them to the final place
 * of the stack. It frees the page tables of the first place while the VMA is still in a tree.
 * Kernels that poison freed memory notice a read of these page tables.
 */
TEST(stack_that_exec_moves_is_reported_or_not)
{
	enum { LOOKS = 2000 };
	int fd = interface_open("tree", O_RDWR), page = interface_open("page", O_RDWR), i, err;
	unsigned int there = 0;
	char target[64];
	pid_t pid;

	NEEDS_MODULE();
	ASSERT_LE(0, fd);
	ASSERT_LE(0, page);
	pid = busy_exec_start();
	ASSERT_LE(0, pid);
	/* The address of the last arguments. Early in exec nothing is mapped there. */
	TARGET_AT(target, pid, busy_exec_last_page() - 20 * getpagesize());
	for (i = 0; i < LOOKS || (!there && i < 100 * LOOKS); i++) {
		err = interface_write(i % 4 ? fd : page, target);
		there += !err;
		if (!is_among(err, EAGAIN, ENODATA, EFAULT, ESRCH, 0))
			break;
	}
	EXPECT_TRUE(is_among(err, EAGAIN, ENODATA, EFAULT, ESRCH, 0)) {
		TH_LOG("error %d: %s", err, strerror(-err));
	}
	EXPECT_NE(0, there);
	/* The process still runs, so it was not killed. */
	EXPECT_EQ(0, waitpid(pid, NULL, WNOHANG));
	kill(pid, SIGKILL);
	EXPECT_EQ(pid, waitpid(pid, NULL, 0));
	close(page);
	close(fd);
}

TEST(frame_of_an_exited_process_is_not_reported_as_mapped_by_it)
{
	struct child child;
	struct page_report report;
	uint64_t pfn;
	char *page;
	int i, err;

	NEEDS_MODULE();
	page = own_page();
	ASSERT_NE(NULL, page);
	for (i = 0; i < 50; i++) {
		const struct record *map = NULL;

		ASSERT_OK(child_fork(&child));
		ASSERT_OK(child_do(&child, CHILD_WRITE, page));
		ASSERT_OK(oracle_pfn(child.pid, (uintptr_t)page, &pfn));
		ASSERT_OK(child_end(&child));
		err = page_report_take(&report, "pfn=%#" PRIx64, pfn);
		EXPECT_TRUE(is_among(err, EAGAIN, EOPNOTSUPP, 0)) {
			TH_LOG("error %d: %s", err, why);
		}
		while (!err && (map = page_report_map(&report, map, NULL)))
			EXPECT_NE(child.pid, (pid_t)record_num(map, "pid"));
		page_report_free(&report);
	}
}

/* Takes reports until it is killed, and writes a byte after each. */
static void report_forever(pid_t pid, const void *page, int done)
{
	struct page_report report;

	for (;;) {
		if (page_report_at(&report, pid, (uintptr_t)page) || write(done, "", 1) != 1)
			_exit(1);
		page_report_free(&report);
	}
}

TEST(killed_reader_leaks_nothing)
{
	enum { SHARERS = 100, READERS = 60 };
	static struct child children[SHARERS];
	uint64_t refcount;
	struct page_report report;
	char *page;
	int i;

	NEEDS_MODULE();
	page = own_page();
	ASSERT_NE(NULL, page);
	for (i = 0; i < SHARERS; i++)
		ASSERT_OK(child_fork(&children[i]));
	ASSERT_OK(page_report_at(&report, getpid(), (uintptr_t)page));
	refcount = record_num(report.page, "refcount");
	page_report_free(&report);

	for (i = 0; i < READERS; i++) {
		int status, done[2], looks;
		pid_t pid;
		char byte;

		ASSERT_EQ(0, pipe(done));
		pid = fork();
		ASSERT_LE(0, pid);
		if (!pid)
			report_forever(children[0].pid, page, done[1]);
		for (looks = 0; looks < 1 + i % 4; looks++)
			ASSERT_EQ(1, read(done[0], &byte, 1));
		ASSERT_EQ(0, kill(pid, SIGKILL));
		ASSERT_EQ(pid, waitpid(pid, &status, 0));
		ASSERT_TRUE(WIFSIGNALED(status));
		close(done[0]);
		close(done[1]);
	}

	ASSERT_OK(page_report_at(&report, getpid(), (uintptr_t)page));
	EXPECT_EQ(SHARERS + 1, report.mapped);
	EXPECT_GE(refcount, record_num(report.page, "refcount"));
	page_report_free(&report);
	for (i = 0; i < SHARERS; i++)
		EXPECT_OK(child_end(&children[i]));
}

TEST(descriptor_shared_by_two_writers_gives_whole_first_lines)
{
	char target[64], start[10];
	pid_t pid;
	char *page;
	int fd, i;

	NEEDS_MODULE();
	page = own_page();
	ASSERT_NE(NULL, page);
	fd = interface_open("page", O_RDWR);
	ASSERT_LE(0, fd);
	TARGET_AT(target, getpid(), page);
	ASSERT_EQ(0, interface_write(fd, target));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		for (;;)
			interface_write(fd, rand() % 4 ? target : "nonsense");
	for (i = 0; i < 2000; i++) {
		ssize_t got = pread(fd, start, sizeof(start), 0);

		if (got < 0) {
			EXPECT_EQ(ENODATA, errno);
			continue;
		}
		EXPECT_EQ((ssize_t)sizeof(start), got);
		EXPECT_EQ(0, memcmp(start, "rmapscope ", sizeof(start)));
	}
	ASSERT_EQ(0, kill(pid, SIGKILL));
	ASSERT_EQ(pid, waitpid(pid, NULL, 0));
	close(fd);
}

TEST_HARNESS_MAIN
