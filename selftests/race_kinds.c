// SPDX-License-Identifier: GPL-2.0
/*
 * Reports on pages of all kinds while these are created, moved, split, merged, swapped, truncated
 * and freed. Each result is a well-formed report or an errno of the contract.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

#include "busy_sharers.h"
#include "check_report.h"
#include "kernel_file.h"
#include "oracle.h"
#include "random_load.h"
#include "test.h"

#define SECONDS	8
/* At least this many reports, which takes longer on a busy machine. */
#define REPORTS	100

static bool is_over(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec - start->tv_sec >= SECONDS;
}

struct answers {
	unsigned long reports, folios, trees, refused, nothing, again;
};

/* An errno of the contract. A target with an address can have more of them. */
static int count_answer(int err, bool by_frame, struct answers *n)
{
	bool nothing = err == -ENODATA || err == -EFAULT || err == -ESRCH;

	n->refused += err == -EOPNOTSUPP;
	n->again += err == -EAGAIN;
	n->nothing += nothing;
	if (!err || err == -EOPNOTSUPP || err == -EAGAIN || (nothing && !by_frame))
		return 0;
	return -1;
}

static int report_by_frame(uint64_t pfn, int tree, struct answers *n)
{
	struct page_report report;
	char target[32];
	int err;

	err = page_report_take(&report, "pfn=%#" PRIx64 " folio", pfn);
	n->folios += !err && record_num(report.page, "folio_order");
	page_report_free(&report);
	if (count_answer(err, true, n))
		return -1;
	snprintf(target, sizeof(target), "pfn=%#" PRIx64, pfn);
	err = interface_write(tree, target);
	n->trees += !err;
	return count_answer(err, true, n) ? complain("tree of %s: error %d", target, err) : 0;
}

static int report_by_address(pid_t pid, uint64_t va, int tree, struct answers *n)
{
	struct page_report report;
	int err = page_report_at(&report, pid, va);
	uint64_t pfn = report.pfn;
	bool swapped = !err && page_report_kind_is(&report, "swap");

	n->reports += !err;
	page_report_free(&report);
	if (count_answer(err, false, n))
		return -1;
	return err || swapped ? 0 : report_by_frame(pfn, tree, n);
}

TEST(reports_are_well_formed_under_random_load)
{
	enum { LOOKS_THERE = 16 };
	struct answers n = { };
	struct timespec start;
	struct random_load load;
	uint64_t va, end;
	int tree, i;
	pid_t pid;

	NEEDS_MODULE();
	tree = interface_open("tree", O_RDWR);
	ASSERT_LE(0, tree);
	write_text("/sys/kernel/mm/ksm/sleep_millisecs", "0");
	write_text("/sys/kernel/mm/ksm/run", "1");
	ASSERT_OK(random_load_start(&load, 8, 42));
	/* The load has many processes, so this one needs a higher priority. */
	EXPECT_NE(-1, nice(-20));
	clock_gettime(CLOCK_MONOTONIC, &start);
	while (!is_over(&start) || n.reports < REPORTS || !n.trees) {
		if (random_load_pick(&load, &pid, &va, &end))
			continue;
		for (i = 0; i < LOOKS_THERE && va < end; i++, va += getpagesize())
			EXPECT_OK(report_by_address(pid, va, tree, &n));
	}
	EXPECT_NE(-1, nice(20));
	EXPECT_OK(random_load_stop(&load));
	write_text("/sys/kernel/mm/ksm/run", "0");
	close(tree);
	TH_LOG("%lu reports, %lu of large folios, %lu trees, %lu refused, %lu empty, %lu EAGAIN",
	       n.reports, n.folios, n.trees, n.refused, n.nothing, n.again);
}

/* Truncates a file that others map, and extends it again. */
static void busy_truncate(void *page, unsigned int *seed)
{
	static int fd = -1;
	int size = getpagesize();

	if (fd < 0)
		fd = open("/proc/self/fd/99", O_RDWR | O_CLOEXEC);
	if (ftruncate(fd, 0) || ftruncate(fd, size))
		_exit(1);
	if (rand_r(seed) % 4)
		*(volatile char *)page = 1;
}

TEST(page_of_a_file_that_is_truncated_meanwhile_is_reported_or_not)
{
	enum { LOOKS = 2000 };
	int fd, i, good = 0, none = 0;
	struct busy_sharers sharers;
	struct page_report report;
	char *page;

	NEEDS_MODULE();
	fd = memfd_create("truncated", 0);
	ASSERT_EQ(99, dup2(fd, 99));
	ASSERT_EQ(0, ftruncate(fd, getpagesize()));
	page = mmap(NULL, getpagesize(), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, page);
	/* Only one process, as writing to a truncated page raises SIGBUS. */
	ASSERT_OK(busy_sharers_start(&sharers, 1, busy_truncate, page));
	for (i = 0; i < LOOKS || !good || !none; i++) {
		int err = page_report_at(&report, sharers.pids[0], (uintptr_t)page);

		EXPECT_TRUE(!err || err == -ENODATA || err == -EAGAIN) {
			TH_LOG("error %d: %s", err, why);
		}
		if (!err)
			EXPECT_STREQ("shmem", report.kind);
		good += !err;
		none += err == -ENODATA;
		page_report_free(&report);
	}
	EXPECT_OK(busy_sharers_stop(&sharers));
	TH_LOG("%d reports, %d times no page", good, none);
	close(99);
	close(fd);
}

TEST_HARNESS_MAIN
