// SPDX-License-Identifier: GPL-2.0
/*
 * Streams while mappings change. Each stream ends, and is consistent. No stable mapping is missing,
 * and each errno is one of the contract.
 */
#include <inttypes.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

#include "busy_exec.h"
#include "busy_sharers.h"
#include "child.h"
#include "kernel_file.h"
#include "oracle.h"
#include "random_load.h"
#include "raw_stream.h"
#include "test.h"

#define SECONDS	8
/* At least this many streams, which takes longer on a busy machine. */
#define STREAMS	100

TEST(stable_page_has_its_mapping_while_sharers_come_and_go)
{
	const unsigned int streams_here = 1000 / slowness();
	struct busy_sharers sharers;
	char *page, range[128];
	unsigned int i;

	NEEDS_MODULE();
	page = own_page();
	ASSERT_NE(NULL, page);
	snprintf(range, sizeof(range), "pid=%d start=%p end=%p", getpid(), page,
		 page + getpagesize());
	ASSERT_OK(busy_sharers_start(&sharers, 4, busy_fork, page));
	for (i = 0; i < streams_here; i++) {
		struct raw_stream stream = { .stable = getpid() };
		int err = raw_stream_take(&stream, "%s maps%s", range, i % 8 ? "" : " verdicts");

		EXPECT_EQ(0, err) TH_LOG("%s", err == -1 ? why : strerror(-err));
		EXPECT_EQ(1, stream.pages + stream.end.skipped);
		raw_stream_free(&stream);
	}
	EXPECT_OK(busy_sharers_stop(&sharers));
	/* When nothing changes any more, it is exact: see race.c. */
	for (i = 0; i < 100; i++) {
		struct raw_stream stream = { .stable = getpid() };
		uint32_t visited;

		ASSERT_OK(raw_stream_take(&stream, "%s maps", range));
		EXPECT_EQ(1, stream.mappings);
		visited = stream.page[0].visited;
		raw_stream_free(&stream);
		if (visited == 1)
			break;
		usleep(10000);
	}
	EXPECT_LT(i, 100);
}

TEST(process_that_moves_or_drops_its_page_gives_streams)
{
	const unsigned int streams_here = 1000 / slowness();
	struct busy_sharers sharers;
	unsigned int i, pages = 0;
	uint64_t pfn;
	char *page;

	NEEDS_MODULE();
	page = own_page();
	ASSERT_NE(NULL, page);
	ASSERT_OK(oracle_pfn(getpid(), (uintptr_t)page, &pfn));
	ASSERT_OK(busy_sharers_start(&sharers, 3, busy_move, page));
	/* Now only the children map the page, and its frame can be reused at any time. */
	ASSERT_EQ(0, munmap(page, getpagesize()));
	for (i = 0; i < streams_here; i++) {
		struct raw_stream stream = { 0 };
		int err;

		if (i % 2)
			err = raw_stream_take(&stream, "pid=%d start=%p end=%p %s",
					      sharers.pids[0], page, page + getpagesize(),
					      stream_options(i / 2));
		else
			err = raw_stream_take(&stream, "pfn=%#" PRIx64 " count=1 %s", pfn,
					      stream_options(i / 2));
		EXPECT_TRUE(!err || (err == -EFAULT && i % 2)) {
			TH_LOG("error %d: %s", err, why);
		}
		pages += stream.pages;
		raw_stream_free(&stream);
	}
	EXPECT_OK(busy_sharers_stop(&sharers));
	EXPECT_LT(0, pages);
}

TEST(stream_of_a_process_that_dies_ends)
{
	unsigned int i, ends = 0, cut = 0;

	NEEDS_MODULE();
	for (i = 0; i < 100; i++) {
		struct raw_stream stream = { 0 };
		struct child child;
		char range[64];
		int fd, err;

		ASSERT_OK(child_fork(&child));
		snprintf(range, sizeof(range), "pid=%d %s", child.pid, stream_options(i));
		fd = interface_open("scan_raw", O_RDWR);
		ASSERT_LE(0, fd);
		ASSERT_EQ(0, interface_write(fd, range));
		ASSERT_EQ(0, kill(child.pid, SIGKILL));
		err = raw_stream_read(&stream, fd, 4096);
		EXPECT_EQ(0, err) TH_LOG("%s", err == -1 ? why : strerror(-err));
		ends += stream.ended;
		cut += !stream.end.complete;
		raw_stream_free(&stream);
		ASSERT_OK(child_end(&child));
		EXPECT_EQ(-ESRCH, interface_write(fd, range));
		close(fd);
	}
	EXPECT_EQ(100, ends);
	TH_LOG("%u of 100 processes died within their stream", cut);
}

/* See race.c: exec frees page tables while the VMA is still in the tree. */
TEST(stack_that_exec_moves_is_in_streams_or_not)
{
	const unsigned int streams_here = 1000 / slowness();
	uint64_t end = busy_exec_last_page() + getpagesize();
	unsigned int i, pages = 0;
	pid_t pid;

	NEEDS_MODULE();
	pid = busy_exec_start();
	ASSERT_LE(0, pid);
	for (i = 0; i < streams_here || (!pages && i < 20 * streams_here); i++) {
		struct raw_stream stream = { 0 };
		int err = raw_stream_take(&stream, "pid=%d start=%#" PRIx64 " end=%#" PRIx64 " %s",
					  pid, end - (256 << 12), end, i % 4 ? "maps" : "visited");

		EXPECT_TRUE(!err || err == -EFAULT || err == -ESRCH) {
			TH_LOG("error %d: %s", err, why);
		}
		pages += stream.pages;
		raw_stream_free(&stream);
	}
	EXPECT_LT(0, pages);
	EXPECT_EQ(0, waitpid(pid, NULL, WNOHANG));
	kill(pid, SIGKILL);
	EXPECT_EQ(pid, waitpid(pid, NULL, 0));
}

static bool is_over(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec - start->tv_sec >= SECONDS;
}

/* Returns 0 if the stream is well-formed, or the errno is one of the contract. */
static int take_one(pid_t pid, uint64_t va, uint64_t end, unsigned int i, unsigned long *pages)
{
	struct raw_stream stream = { 0 };
	uint64_t pfn;
	int err;

	if (i % 3 == 0 && !oracle_pfn(pid, va, &pfn))
		err = raw_stream_take(&stream, "pfn=%#" PRIx64 " count=1024 %s", pfn,
				      stream_options(i / 3));
	else if (i % 3 == 1)
		err = raw_stream_take(&stream, "pid=%d start=%#" PRIx64 " end=%#" PRIx64 " %s",
				      pid, va, end, stream_options(i / 3));
	else
		err = raw_stream_take(&stream, "pid=%d %s", pid, stream_options(i / 3));
	*pages += stream.pages;
	raw_stream_free(&stream);
	return err == -ESRCH || err == -EFAULT || err == -EAGAIN ? 0 : err;
}

TEST(streams_are_consistent_under_random_load)
{
	unsigned long pages = 0, streams = 0;
	struct timespec start;
	struct random_load load;
	uint64_t va, end;
	pid_t pid;

	NEEDS_MODULE();
	write_text("/sys/kernel/mm/ksm/sleep_millisecs", "0");
	write_text("/sys/kernel/mm/ksm/run", "1");
	ASSERT_OK(random_load_start(&load, 8, 43));
	/* The load has many processes, so this one needs a higher priority. */
	EXPECT_NE(-1, nice(-20));
	clock_gettime(CLOCK_MONOTONIC, &start);
	while (!is_over(&start) || streams < STREAMS || !pages) {
		int err;

		if (random_load_pick(&load, &pid, &va, &end))
			continue;
		err = take_one(pid, va, end, streams++, &pages);
		EXPECT_EQ(0, err) TH_LOG("%s", err == -1 ? why : strerror(-err));
	}
	EXPECT_NE(-1, nice(20));
	EXPECT_OK(random_load_stop(&load));
	write_text("/sys/kernel/mm/ksm/run", "0");
	TH_LOG("%lu streams, %lu pages", streams, pages);
}

TEST_HARNESS_MAIN
