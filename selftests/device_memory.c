// SPDX-License-Identifier: GPL-2.0
/*
 * Memory that a device uses exclusively, and memory of a device, with the kernel's test device
 * (CONFIG_TEST_HMM). Before v6.15 an exclusive entry does not count as a mapping.
 */
#include <inttypes.h>
#include <linux/types.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "child.h"
#include "kernel_file.h"
#include "oracle.h"
#include "target.h"
#include "test.h"

#define DEVICE	"/dev/hmm_dmirror0"

/* From lib/test_hmm_uapi.h of the kernel, which is not installed. */
struct command {
	__u64 addr;
	__u64 ptr;
	__u64 npages;
	__u64 cpages;
	__u64 faults;
};

#define TO_DEVICE	_IOWR('H', 0x02, struct command)
#define EXCLUSIVE	_IOWR('H', 0x05, struct command)

FIXTURE(device_memory) {
	int fd;
	char *page;
	uint64_t pfn;
	char mirror[4096];
};

FIXTURE_SETUP(device_memory)
{
	NEEDS_MODULE();
	self->fd = open(DEVICE, O_RDWR);
	if (self->fd < 0)
		SKIP(return, "no test device (CONFIG_TEST_HMM): %s", strerror(errno));
	self->page = own_page();
	ASSERT_NE(NULL, self->page);
	ASSERT_OK(oracle_pfn(getpid(), (uintptr_t)self->page, &self->pfn));
}

FIXTURE_TEARDOWN(device_memory)
{
	close(self->fd);
}

static int command(int fd, unsigned long what, const char *page, char *mirror)
{
	struct command command = {
		.addr = (uintptr_t)page,
		.ptr = (uintptr_t)mirror,
		.npages = 1,
	};

	return ioctl(fd, what, &command) ? -errno : 0;
}

/* Does an exclusive entry count as a mapping in this kernel? Its own count tells. */
static bool counts(uint64_t pfn)
{
	int fd = open("/proc/kpagecount", O_RDONLY);
	uint64_t count = 0;

	if (pread(fd, &count, sizeof(count), pfn * sizeof(count)) != sizeof(count))
		count = 0;
	close(fd);
	return count;
}

TEST_F(device_memory, page_in_exclusive_use_is_reported)
{
	const struct record *map;
	struct page_report report;
	bool counted;

	ASSERT_EQ(0, command(self->fd, EXCLUSIVE, self->page, self->mirror));
	counted = counts(self->pfn);
	ASSERT_OK(page_report_at(&report, getpid(), (uintptr_t)self->page));
	EXPECT_EQ(self->pfn, report.pfn);
	EXPECT_STREQ("anon", report.kind);
	EXPECT_EQ(counted, record_num(report.page, "mapcount"));
	EXPECT_EQ(1, report.visited);
	EXPECT_EQ(counted, report.mapped);
	EXPECT_EQ(0, record_num(report.walk, "raced"));
	EXPECT_EQ(0, record_num(report_next(&report.report, "refs", NULL), "mapcount_differs"));
	map = page_report_map_at(&report, getpid(), (uintptr_t)self->page);
	ASSERT_NE(NULL, map);
	EXPECT_STREQ(counted ? "mapped" : "device", record_get(map, "state"));
	EXPECT_EQ(0, strncmp("device|exclusive", record_get(map, "bits"), 16));
	page_report_free(&report);

	/* By frame, the kernel may not find the anon_vma, but the report succeeds. */
	ASSERT_OK(page_report_take(&report, "pfn=%#" PRIx64, self->pfn));
	EXPECT_EQ(counted, report.mapped);
	EXPECT_EQ(0, record_num(report.walk, "raced"));
	page_report_free(&report);
	/* The report must not end the exclusive use. */
	EXPECT_EQ(counted, counts(self->pfn));
	EXPECT_EQ(1, *(volatile char *)self->page);
}

TEST_F(device_memory, tree_of_a_page_in_exclusive_use_is_shown)
{
	struct report report;
	char target[64];

	ASSERT_EQ(0, command(self->fd, EXCLUSIVE, self->page, self->mirror));
	TARGET_AT(target, getpid(), self->page);
	ASSERT_EQ(0, report_take(&report, "tree", target));
	EXPECT_EQ(1, report_count(&report, "vma"));
	EXPECT_EQ(1, report_count(&report, "anon_vma"));
	report_free(&report);
}

TEST_F(device_memory, page_in_device_memory_is_refused)
{
	struct page_report report;

	if (command(self->fd, TO_DEVICE, self->page, self->mirror))
		SKIP(return, "the test device cannot migrate memory");
	EXPECT_EQ(-EOPNOTSUPP, page_report_at(&report, getpid(), (uintptr_t)self->page));
	page_report_free(&report);
	EXPECT_EQ(1, *(volatile char *)self->page);
}

TEST_HARNESS_MAIN
