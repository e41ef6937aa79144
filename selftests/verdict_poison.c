// SPDX-License-Identifier: GPL-2.0
/*
 * Verdicts on memory that is poisoned by madvise(MADV_HWPOISON). The frames cannot be used again
 * until the machine reboots, so only few are poisoned.
 */
#include <inttypes.h>
#include <signal.h>
#include <sys/mman.h>

#include "child.h"
#include "command.h"
#include "kernel_file.h"
#include "oracle.h"
#include "page_actions.h"
#include "test.h"
#include "uapi_compat.h"

FIXTURE(verdict_poison) {
	size_t size;
	uint64_t pfn;
};

/* The kernel sends SIGBUS for poisoned memory. With a handler the process survives. */
static void hear(int sig)
{
	(void)sig;
}

FIXTURE_SETUP(verdict_poison)
{
	NEEDS_MODULE();
	self->size = getpagesize();
	signal(SIGBUS, hear);
	if (madvise(NULL, 0, MADV_HWPOISON))
		SKIP(return, "no MADV_HWPOISON: %s", strerror(errno));
}

FIXTURE_TEARDOWN(verdict_poison)
{
}

/* Checks a verdict by frame, as the address has no page any more. */
static int frame_verdict_is(uint64_t pfn, const char *op, const char *why)
{
	const struct record *verdict = NULL, *refs;
	struct page_report report;
	int ret = -1;

	if (!page_report_take(&report, "pfn=%" PRIu64, pfn))
		verdict = verdict_of(&report, op);
	if (verdict && strcmp(record_get(verdict, "why"), why))
		complain("%s: why=%s note=%s", op, record_get(verdict, "why"),
			 record_get(verdict, "note"));
	else if (verdict && note_among(verdict, "batched"))
		complain("%s: the verdict has note=batched", op);
	else if (verdict)
		ret = 0;
	refs = report_next(&report.report, "refs", NULL);
	if (!ret && (!refs || record_num(refs, "raced")))
		ret = complain("%s: no refs line, or raced=1", op);
	page_report_free(&report);
	return ret;
}

static int frame_is_poisoned(uint64_t pfn)
{
	if (!has_flag(pfn, KPF_HWPOISON))
		return complain("kpageflags has no hwpoison bit for the frame");
	return frame_verdict_is(pfn, "reclaim", "hwpoison") ||
	       frame_verdict_is(pfn, "migrate", "hwpoison") ||
	       frame_verdict_is(pfn, "split", "hwpoison") ? -1 : 0;
}

TEST_F(verdict_poison, anonymous_page)
{
	struct command why_run = { };
	char *page = own_page(), pfn[24];

	ASSERT_NE(NULL, page);
	ASSERT_OK(drain_batches());
	self->pfn = frame(page);
	ASSERT_EQ(0, madvise(page, self->size, MADV_HWPOISON));
	EXPECT_OK(frame_is_poisoned(self->pfn));
	/* The tool names the reason, and does not suggest a batch. */
	snprintf(pfn, sizeof(pfn), "%" PRIu64, self->pfn);
	ASSERT_OK(command_run(&why_run, "rmapscope", "why", "--pfn", pfn, NULL));
	if (why_run.status == 127)
		SKIP(return, "no rmapscope in PATH");
	EXPECT_EQ(0, why_run.status);
	EXPECT_EQ(NULL, strstr(why_run.out, "batch")) TH_LOG("%s", why_run.out);
	EXPECT_NE(NULL, strstr(why_run.out, "NO, hwpoison: "));
	command_free(&why_run);
}

TEST_F(verdict_poison, page_of_shared_memory_that_stays_in_its_file)
{
	int fd = memfd_create("poisoned", 0);
	char *page;

	ASSERT_EQ(0, ftruncate(fd, self->size));
	page = mmap(NULL, self->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, page);
	*page = 1;
	ASSERT_OK(drain_batches());
	self->pfn = frame(page);
	ASSERT_EQ(0, madvise(page, self->size, MADV_HWPOISON));
	EXPECT_OK(frame_is_poisoned(self->pfn));
}

TEST_F(verdict_poison, hugetlb_page_that_stays_in_its_file)
{
	size_t size = 2 << 20;
	char *page;

	write_text("/proc/sys/vm/nr_hugepages", "2");
	page = mmap(NULL, size, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
	if (page == MAP_FAILED) {
		write_text("/proc/sys/vm/nr_hugepages", "0");
		SKIP(return, "no hugetlb pages: %s", strerror(errno));
	}
	*page = 1;
	self->pfn = frame(page);
	ASSERT_EQ(0, madvise(page, size, MADV_HWPOISON));
	EXPECT_OK(frame_is_poisoned(self->pfn));
	munmap(page, size);
	write_text("/proc/sys/vm/nr_hugepages", "0");
}

/* A pipe holds the huge page, so it cannot be split and keeps the poisoned page. */
TEST_F(verdict_poison, part_of_a_huge_page_that_can_not_be_split)
{
	char *page = own_thp();
	int ends[2];

	if (!page)
		SKIP(return, "the kernel gives no transparent huge page");
	ASSERT_OK(drain_batches());
	self->pfn = frame(page);
	ASSERT_OK(put_into_pipe(page, ends));
	if (!madvise(page + 5 * self->size, self->size, MADV_HWPOISON) ||
	    frame(page) != self->pfn)
		SKIP(return, "the kernel has split the huge page");
	EXPECT_OK(frame_verdict_is(self->pfn, "reclaim", "hwpoison"));
	EXPECT_OK(frame_verdict_is(self->pfn, "migrate", "hwpoison"));
	EXPECT_OK(frame_verdict_is(self->pfn, "split", "extra_refs"));
	EXPECT_FALSE(page_out(page, thp_size(), self->pfn, 3));
	close(ends[0]);
	close(ends[1]);
	EXPECT_OK(frame_verdict_is(self->pfn, "reclaim", "hwpoison"));
	EXPECT_OK(frame_verdict_is(self->pfn, "split", "-"));
	EXPECT_TRUE(split(page, thp_size(), self->pfn));
}

TEST_HARNESS_MAIN
