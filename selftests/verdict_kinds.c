// SPDX-License-Identifier: GPL-2.0
/* Verdicts on all other kinds of pages. Each is then tried. */
#include <linux/aio_abi.h>
#include <linux/perf_event.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/syscall.h>

#include "cgroup.h"
#include "child.h"
#include "kernel_file.h"
#include "oracle.h"
#include "page_actions.h"
#include "target.h"
#include "test.h"
#include "uapi_compat.h"
#include "zram_disk.h"

#define IN_VAIN	10
#define ENOUGH	100

TEST(shared_anonymous_page_can_be_reclaimed_and_migrated)
{
	char *page;

	NEEDS_MODULE();
	page = mmap(NULL, getpagesize(), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, page);
	*page = 1;
	ASSERT_OK(drain_batches());
	EXPECT_OK(verdict_is(getpid(), page, "migrate", NULL));
	if (has_two_nodes())
		EXPECT_EQ(0, move_away(page));
	ASSERT_OK(drain_batches());
	if (!have_swap())
		SKIP(return, "no swap: /proc/swaps is empty");
	EXPECT_OK(verdict_is(getpid(), page, "reclaim", NULL));
	EXPECT_TRUE(file_page_out(page, ENOUGH));
}

TEST(shared_page_mapped_a_thousand_times_does_not_look_pinned_to_reclaim)
{
	char *page, *last;
	int fd, i;

	NEEDS_MODULE();
	fd = memfd_create("shared", 0);
	ASSERT_EQ(0, ftruncate(fd, getpagesize()));
	page = mmap(NULL, getpagesize(), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, page);
	*page = 1;
	for (i = 0; i < 1100; i++) {
		last = mmap(NULL, getpagesize(), PROT_READ, MAP_SHARED | MAP_POPULATE, fd, 0);
		ASSERT_NE(MAP_FAILED, last);
	}
	ASSERT_OK(drain_batches());
	EXPECT_OK(verdict_is(getpid(), page, "migrate", NULL));
	if (has_two_nodes())
		EXPECT_EQ(0, move_away(page));
	if (have_swap())
		EXPECT_OK(verdict_is(getpid(), page, "reclaim", NULL));
}

/*
 * On some kernels, pages of a perf ring point to the file that they are mapped by. The event is a
 * CPU's. The first event of a task would make the kernel patch the code of its scheduler while the
 * other CPUs run it, which QEMU's emulation sometimes gets wrong.
 */
TEST(page_of_a_driver_is_on_no_lru_list)
{
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.type = PERF_TYPE_SOFTWARE,
		.config = PERF_COUNT_SW_DUMMY,
	};
	int fd = syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
	size_t size = getpagesize();
	char *ring, target[64];
	struct page_report report;
	int file, err;

	NEEDS_MODULE();
	if (fd < 0)
		SKIP(return, "no perf events: %s", strerror(errno));
	ring = mmap(NULL, 2 * size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, ring);
	(void)*(volatile char *)(ring + size);
	TARGET_AT(target, getpid(), ring + size);
	file = interface_open("page", O_RDWR);
	err = interface_write(file, target);
	close(file);
	if (err == -EOPNOTSUPP)
		SKIP(return, "this kernel maps perf buffers by frame, without a reverse map");
	ASSERT_OK(page_report_take(&report, "%s", target));
	EXPECT_EQ(0, record_num(report_next(&report.report, "refs", NULL), "pagecache"));
	EXPECT_EQ(1, report.mapped);
	page_report_free(&report);
	EXPECT_OK(verdict_is(getpid(), ring + size, "reclaim", "not_on_lru"));
	EXPECT_OK(verdict_is(getpid(), ring + size, "migrate", "not_on_lru"));
	EXPECT_OK(verdict_is(getpid(), ring + size, "split", "order0"));
	if (has_two_nodes())
		EXPECT_NE(0, move_away(ring + size));
	munmap(ring, 2 * size);
	close(fd);
}

TEST(locked_shared_memory_is_unevictable)
{
	char *page;
	int id;

	NEEDS_MODULE();
	id = shmget(IPC_PRIVATE, getpagesize(), IPC_CREAT | 0600);
	ASSERT_NE(-1, id);
	page = shmat(id, NULL, 0);
	ASSERT_EQ(0, shmctl(id, IPC_RMID, NULL));
	*page = 1;
	ASSERT_EQ(0, shmctl(id, SHM_LOCK, NULL));
	ASSERT_OK(drain_batches());
	EXPECT_OK(verdict_is(getpid(), page, "reclaim", "unevictable"));
	EXPECT_FALSE(file_page_out(page, IN_VAIN));
	EXPECT_OK(verdict_is(getpid(), page, "migrate", NULL));
	if (has_two_nodes())
		EXPECT_EQ(0, move_away(page));
}

/* A disk, the only thing in the test machine with pages that need writeback. */
FIXTURE(disk) {
	struct zram_disk disk;
	int fd;
	char *page;
};

FIXTURE_SETUP(disk)
{
	NEEDS_MODULE();
	self->fd = -1;
	if (disk_make(&self->disk, "1M"))
		SKIP(return, "%.200s", why);
	self->fd = open(self->disk.path, O_RDWR);
	ASSERT_NE(-1, self->fd);
	self->page = mmap(NULL, getpagesize(), PROT_READ | PROT_WRITE, MAP_SHARED, self->fd, 0);
	ASSERT_NE(MAP_FAILED, self->page);
	ASSERT_EQ(0, *(volatile char *)self->page);
	ASSERT_OK(drain_batches());
}

FIXTURE_TEARDOWN(disk)
{
	if (self->fd >= 0) {
		munmap(self->page, getpagesize());
		close(self->fd);
	}
	disk_remove(&self->disk);
}

TEST_F(disk, clean_page_of_a_file_can_be_reclaimed)
{
	EXPECT_OK(verdict_is(getpid(), self->page, "reclaim", NULL));
	EXPECT_TRUE(file_page_out(self->page, ENOUGH));
}

TEST_F(disk, clean_page_of_a_file_can_be_migrated)
{
	if (!has_two_nodes())
		SKIP(return, "only one NUMA node, so pages cannot be moved");
	EXPECT_OK(verdict_is(getpid(), self->page, "migrate", NULL));
	EXPECT_EQ(0, move_away(self->page));
}

TEST_F(disk, page_of_a_file_in_a_pipe_can_not_be_reclaimed)
{
	int ends[2];

	ASSERT_OK(put_into_pipe(self->page, ends));
	EXPECT_OK(verdict_in(self->page, "reclaim", "extra_refs", "__remove_mapping"));
	EXPECT_FALSE(file_page_out(self->page, IN_VAIN));
	close(ends[0]);
	close(ends[1]);
}

TEST_F(disk, dirty_page_of_a_file_can_be_reclaimed_only_once_it_is_written)
{
	*(volatile char *)self->page = 1;
	ASSERT_OK(drain_batches());
	EXPECT_OK(verdict_is(getpid(), self->page, "reclaim", "dirty"));
	EXPECT_FALSE(file_page_out(self->page, IN_VAIN));
	ASSERT_EQ(0, fsync(self->fd));
	(void)*(volatile char *)self->page;
	ASSERT_OK(drain_batches());
	EXPECT_OK(verdict_is(getpid(), self->page, "reclaim", NULL));
	EXPECT_TRUE(file_page_out(self->page, ENOUGH));
}

TEST_F(disk, dirty_page_of_a_file_can_be_migrated)
{
	if (!has_two_nodes())
		SKIP(return, "only one NUMA node, so pages cannot be moved");
	*(volatile char *)self->page = 1;
	ASSERT_OK(drain_batches());
	EXPECT_OK(verdict_is(getpid(), self->page, "migrate", NULL));
	EXPECT_EQ(0, move_away(self->page));
}

/* Files that exist in memory only. The file system cannot migrate dirty pages. */
TEST(page_of_ramfs_is_unevictable_and_can_not_be_migrated_when_dirty)
{
	char path[] = "/var/tmp/verdictXXXXXX";
	int fd = mkstemp(path);
	char *page;

	NEEDS_MODULE();
	if (fd < 0)
		SKIP(return, "%s: %s", path, strerror(errno));
	unlink(path);
	ASSERT_EQ(0, ftruncate(fd, getpagesize()));
	page = mmap(NULL, getpagesize(), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, page);
	*page = 1;
	ASSERT_OK(drain_batches());
	if (!has_flag(frame(page), KPF_UNEVICTABLE))
		SKIP(return, "/var/tmp is not a ramfs");
	EXPECT_OK(verdict_is(getpid(), page, "reclaim", "unevictable"));
	EXPECT_FALSE(file_page_out(page, IN_VAIN));
	EXPECT_OK(verdict_is(getpid(), page, "migrate", "no_migrate_op"));
	if (has_two_nodes())
		EXPECT_NE(0, move_away(page));
}

TEST(secret_page_can_not_be_migrated)
{
	int fd = syscall(SYS_memfd_secret, 0);
	char *page;

	NEEDS_MODULE();
	if (fd < 0)
		SKIP(return, "no memfd_secret(): %s", strerror(errno));
	ASSERT_EQ(0, ftruncate(fd, getpagesize()));
	page = mmap(NULL, getpagesize(), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, page);
	*page = 1;
	ASSERT_OK(drain_batches());
	EXPECT_OK(verdict_is(getpid(), page, "reclaim", "unevictable"));
	EXPECT_FALSE(file_page_out(page, IN_VAIN));
	EXPECT_OK(verdict_is(getpid(), page, "migrate", "unmovable"));
	if (has_two_nodes())
		EXPECT_NE(0, move_away(page));
}

/* The ring's file migrates the page together with its own reference. */
TEST(aio_ring_can_be_migrated_without_an_extra_reference_only)
{
	aio_context_t ring = 0;
	int ends[2];
	char *page;

	NEEDS_MODULE();
	if (syscall(SYS_io_setup, 1, &ring))
		SKIP(return, "no aio: %s", strerror(errno));
	page = (char *)ring;
	(void)*(volatile char *)page;
	ASSERT_OK(drain_batches());
	EXPECT_OK(verdict_is(getpid(), page, "reclaim", "extra_refs"));
	EXPECT_EQ(0, has_note(page, "reclaim", "expected"));
	EXPECT_OK(verdict_is(getpid(), page, "migrate", NULL));
	EXPECT_EQ(1, has_note(page, "migrate", "expected:1")) TH_LOG("%s", why);
	if (has_two_nodes())
		EXPECT_EQ(0, move_away(page));
	ASSERT_OK(drain_batches());
	ASSERT_OK(put_into_pipe(page, ends));
	EXPECT_OK(verdict_is(getpid(), page, "migrate", "extra_refs"));
	if (has_two_nodes())
		EXPECT_NE(0, move_away(page));
	close(ends[0]);
	close(ends[1]);
	syscall(SYS_io_destroy, ring);
}

/* Checks the two verdicts on a frame. */
static int frame_verdicts_are(uint64_t pfn, const char *reclaim, const char *migrate)
{
	const struct record *first, *second;
	struct page_report report;
	int ret = page_report_take(&report, "pfn=%llu", (unsigned long long)pfn);

	first = ret ? NULL : verdict_of(&report, "reclaim");
	second = ret ? NULL : verdict_of(&report, "migrate");
	if (first && second && (strcmp(record_get(first, "why"), reclaim) ||
				strcmp(record_get(second, "why"), migrate)))
		ret = complain("kind=%s reclaim: why=%s migrate: why=%s", report.kind,
			       record_get(first, "why"), record_get(second, "why"));
	else if (!first || !second)
		ret = -1;
	page_report_free(&report);
	return ret;
}

TEST(truncated_page_stays_while_it_is_referenced)
{
	int ring, ends[2], fd = memfd_create("cut", 0);
	size_t size = getpagesize();
	uint64_t pfns[2];
	char *pages;

	NEEDS_MODULE();
	ASSERT_EQ(0, ftruncate(fd, 2 * size));
	pages = mmap(NULL, 2 * size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, pages);
	pages[0] = 1;
	pages[size] = 1;
	ASSERT_OK(drain_batches());
	pfns[0] = frame(pages);
	pfns[1] = frame(pages + size);
	ASSERT_OK(put_into_pipe(pages, ends));
	ring = pin_by_uring(pages + size);
	ASSERT_EQ(0, ftruncate(fd, 0));
	EXPECT_OK(frame_verdicts_are(pfns[0], "orphaned", "extra_refs"));
	if (ring >= 0)
		EXPECT_OK(frame_verdicts_are(pfns[1], "orphaned", "pinned"));
	close(ring);
	close(ends[0]);
	close(ends[1]);
}

/* ksmd runs in the background, so this polls for half a minute at most. */
static bool wait_for_ksm(const void *page)
{
	int i;

	for (i = 0; i < 3000; i++) {
		if (has_flag(frame(page), KPF_KSM))
			return true;
		usleep(10000);
	}
	return false;
}

TEST(merged_page_can_be_migrated_and_reclaimed)
{
	struct cgroup cgroup;
	char *pages;
	bool merged;

	NEEDS_MODULE();
	if (!have_swap())
		SKIP(return, "no swap: /proc/swaps is empty");
	if (cgroup_enter(&cgroup, "verdict"))
		SKIP(return, "no memory cgroup: %.200s", why);
	pages = own_pages(2);
	ASSERT_NE(NULL, pages);
	memset(pages, 0x5a, 2 * getpagesize());
	ASSERT_OK(drain_batches());
	ASSERT_EQ(0, madvise(pages, 2 * getpagesize(), MADV_MERGEABLE));
	write_text("/sys/kernel/mm/ksm/pages_to_scan", "1000");
	write_text("/sys/kernel/mm/ksm/sleep_millisecs", "1");
	if (write_text("/sys/kernel/mm/ksm/run", "1"))
		SKIP(return, "no KSM: %.200s", why);
	merged = wait_for_ksm(pages);
	write_text("/sys/kernel/mm/ksm/run", "0");
	ASSERT_TRUE(merged);
	ASSERT_OK(drain_batches());
	EXPECT_OK(verdict_is(getpid(), pages, "migrate", NULL));
	if (has_two_nodes())
		EXPECT_EQ(0, move_away(pages));
	ASSERT_OK(drain_batches());
	EXPECT_OK(verdict_is(getpid(), pages, "reclaim", NULL));
	EXPECT_TRUE(reclaim_cgroup(&cgroup, pages, frame(pages), ENOUGH));
	cgroup_leave(&cgroup);
}

TEST(hugetlb_page_can_be_migrated_but_neither_reclaimed_nor_split)
{
	size_t size = 2 << 20;
	char *page;

	NEEDS_MODULE();
	write_text("/proc/sys/vm/nr_hugepages", "4");
	page = mmap(NULL, size, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
	if (page == MAP_FAILED) {
		write_text("/proc/sys/vm/nr_hugepages", "0");
		SKIP(return, "no hugetlb pages: %s", strerror(errno));
	}
	*page = 1;
	EXPECT_OK(verdict_is(getpid(), page, "reclaim", "hugetlb"));
	EXPECT_OK(verdict_is(getpid(), page, "split", "hugetlb"));
	EXPECT_OK(verdict_is(getpid(), page, "migrate", NULL));
	if (has_two_nodes())
		EXPECT_EQ(0, move_away(page));
	munmap(page, size);
	write_text("/proc/sys/vm/nr_hugepages", "0");
}

TEST_HARNESS_MAIN
