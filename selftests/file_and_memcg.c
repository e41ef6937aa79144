// SPDX-License-Identifier: GPL-2.0
/* What a page belongs to: its file, its memory control group, or no file after truncation. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/shm.h>
#include <sys/stat.h>

#include "cgroup.h"
#include "child.h"
#include "file_page.h"
#include "kernel_file.h"
#include "oracle.h"
#include "page_actions.h"
#include "test.h"
#include "uapi_compat.h"
#include "zram_disk.h"

#define POOL		"/proc/sys/vm/nr_hugepages"
#define HUGE_BYTES	(2UL << 20)

static int take_frame(struct page_report *report, const char *page, uint64_t *pfn)
{
	if (oracle_pfn(getpid(), (uintptr_t)page, pfn))
		return -1;
	return page_report_take(report, "pfn=%#" PRIx64, *pfn);
}

TEST(page_names_its_memfd)
{
	int fd = memfd_create("a name", MFD_CLOEXEC);
	struct stat st;
	char *page;

	NEEDS_MODULE();
	page = file_page(fd);
	ASSERT_NE(NULL, page);
	ASSERT_EQ(0, fstat(fd, &st));
	EXPECT_OK(file_page_is(page, &st, "/memfd:a name (deleted)"));
	close(fd);
}

TEST(page_names_its_file_and_says_that_it_was_removed)
{
	char path[] = "/tmp/identity-XXXXXX", removed[64];
	int fd = mkstemp(path);
	struct stat st;
	char *page;

	NEEDS_MODULE();
	ASSERT_LE(0, fd);
	page = file_page(fd);
	ASSERT_NE(NULL, page);
	ASSERT_EQ(0, fstat(fd, &st));
	/* The path within the file system mounted there. */
	EXPECT_OK(file_page_is(page, &st, path + strlen("/tmp")));
	ASSERT_EQ(0, unlink(path));
	snprintf(removed, sizeof(removed), "%s (deleted)", path + strlen("/tmp"));
	EXPECT_OK(file_page_is(page, &st, removed));
	close(fd);
}

TEST(page_names_its_system_v_segment)
{
	key_t key = 0x5eed0000 | (getpid() & 0xffff);
	int id = shmget(key, getpagesize(), IPC_CREAT | 0600);
	char name[48];
	struct page_report report;
	uint64_t pfn;
	char *page;

	NEEDS_MODULE();
	ASSERT_LE(0, id);
	page = shmat(id, NULL, 0);
	ASSERT_NE((void *)-1, page);
	page[0] = 1;
	snprintf(name, sizeof(name), "/SYSV%08x (deleted)", key);
	ASSERT_OK(take_frame(&report, page, &pfn));
	/* The id of the segment is its inode number. */
	EXPECT_EQ(id, record_num(report.page, "ino"));
	EXPECT_STREQ(name, record_get(report.page, "file"));
	page_report_free(&report);
	shmctl(id, IPC_RMID, NULL);
	shmdt(page);
}

TEST(shared_anonymous_page_names_dev_zero)
{
	struct page_report report;
	uint64_t pfn;
	char *page;

	NEEDS_MODULE();
	page = mmap(NULL, getpagesize(), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, page);
	page[0] = 1;
	ASSERT_OK(take_frame(&report, page, &pfn));
	EXPECT_STREQ("/dev/zero (deleted)", record_get(report.page, "file"));
	page_report_free(&report);
}

TEST(unmapped_page_still_names_its_file)
{
	int fd = memfd_create("unmapped", MFD_CLOEXEC);
	struct page_report report;
	uint64_t pfn;
	char *page;

	NEEDS_MODULE();
	page = file_page(fd);
	ASSERT_NE(NULL, page);
	ASSERT_OK(oracle_pfn(getpid(), (uintptr_t)page, &pfn));
	ASSERT_EQ(0, munmap(page, getpagesize()));
	ASSERT_OK(page_report_take(&report, "pfn=%#" PRIx64, pfn));
	EXPECT_EQ(0, report.visited);
	EXPECT_STREQ("/memfd:unmapped (deleted)", record_get(report.page, "file"));
	page_report_free(&report);
	close(fd);
}

/* The report holds no reference to a file, so its file system can be unmounted. */
TEST(report_does_not_keep_a_file_system_mounted)
{
	char dir[] = "/tmp/identity-XXXXXX", path[64], target[64];
	int fd, report;
	uint64_t pfn;
	char *page;

	NEEDS_MODULE();
	ASSERT_NE(NULL, mkdtemp(dir));
	ASSERT_EQ(0, mount("identity", dir, "tmpfs", 0, NULL));
	snprintf(path, sizeof(path), "%s/file", dir);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	ASSERT_LE(0, fd);
	page = file_page(fd);
	ASSERT_NE(NULL, page);
	ASSERT_OK(oracle_pfn(getpid(), (uintptr_t)page, &pfn));
	ASSERT_EQ(0, munmap(page, getpagesize()));
	ASSERT_EQ(0, close(fd));

	report = interface_open("page", O_RDWR);
	ASSERT_LE(0, report);
	snprintf(target, sizeof(target), "pfn=%#" PRIx64, pfn);
	ASSERT_EQ(0, interface_write(report, target));
	page = interface_read(report);
	ASSERT_NE(NULL, page);
	EXPECT_NE(NULL, strstr(page, " file=/file\n"));
	free(page);
	/* umount(2) fails if a path of the file system is still in use. */
	EXPECT_EQ(0, umount(dir));
	EXPECT_EQ(0, rmdir(dir));
	close(report);
}

/* A file system that opens a file by its handle gives it a dentry without a name. */
TEST(file_that_is_known_by_its_handle_only_has_no_name)
{
	struct { struct file_handle head; char room[MAX_HANDLE_SZ]; } handle = {
		.head.handle_bytes = MAX_HANDLE_SZ };
	int fd = -1, dir = -1, mount_id;
	char path[96], *page = NULL;
	struct page_report report;
	struct zram_disk disk;
	uint64_t pfn;
	bool known;

	NEEDS_MODULE();
	if (disk_make(&disk, "16M") || disk_mount_ext4(&disk, NULL)) {
		disk_remove(&disk);
		SKIP(return, "no file system on a disk: %.200s", why);
	}
	snprintf(path, sizeof(path), "%s/file", disk.mounted);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	known = fd >= 0 && !ftruncate(fd, getpagesize()) &&
		!name_to_handle_at(AT_FDCWD, path, &handle.head, &mount_id, 0);
	close(fd);
	/* Unmounting drops all dentries, and with them the name. */
	if (known && !umount(disk.mounted) && !mount(disk.path, disk.mounted, "ext4", 0, NULL)) {
		dir = open(disk.mounted, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		fd = open_by_handle_at(dir, &handle.head, O_RDWR | O_CLOEXEC);
		page = fd < 0 ? NULL : file_page(fd);
	}
	EXPECT_NE(NULL, page);
	if (page && !take_frame(&report, page, &pfn)) {
		EXPECT_STREQ("-", record_get(report.page, "file"));
		EXPECT_STRNE("-", record_get(report.page, "ino"));
		page_report_free(&report);
		munmap(page, getpagesize());
	}
	close(fd);
	close(dir);
	disk_remove(&disk);
}

/* The search for a name that still leads to the file must end. */
TEST(file_with_many_removed_names_has_one_of_them)
{
	int fd, i, fds[100];
	char path[] = "/tmp/identity-XXXXXX", name[32];
	struct page_report report;
	uint64_t pfn;
	char *page;

	NEEDS_MODULE();
	fd = mkstemp(path);
	ASSERT_LE(0, fd);
	page = file_page(fd);
	ASSERT_NE(NULL, page);
	for (i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "/tmp/identity-name-%d", i);
		ASSERT_EQ(0, link(path, name));
		fds[i] = open(name, O_RDONLY | O_CLOEXEC);
		ASSERT_LE(0, fds[i]);
		ASSERT_EQ(0, unlink(name));
		if (i != 20)
			continue;
		ASSERT_OK(take_frame(&report, page, &pfn));
		EXPECT_STREQ(path + 4, record_get(report.page, "file"));
		page_report_free(&report);
	}
	ASSERT_OK(take_frame(&report, page, &pfn));
	EXPECT_EQ(0, strncmp(record_get(report.page, "file"), "/identity-name-", 15));
	EXPECT_NE(NULL, strstr(record_get(report.page, "file"), " (deleted)"));
	page_report_free(&report);
	for (i = 0; i < 100; i++)
		close(fds[i]);
	unlink(path);
	close(fd);
}

TEST(anonymous_page_has_no_file)
{
	struct page_report report;
	char *page;

	NEEDS_MODULE();
	page = own_page();
	ASSERT_NE(NULL, page);
	ASSERT_OK(page_report_at(&report, getpid(), (uintptr_t)page));
	EXPECT_EQ(NULL, record_get(report.page, "dev"));
	EXPECT_EQ(NULL, record_get(report.page, "file"));
	page_report_free(&report);
}

static int all_counts_are_zero(const struct page_report *report)
{
	const struct record *count = NULL;

	while ((count = report_next(&report->report, "mapcount", count)))
		if (record_num(count, "found") || record_num(count, "kernel"))
			return complain("pages %s+%s are mapped", record_get(count, "first"),
					record_get(count, "count"));
	return 0;
}

/* Truncates the file @fd while a pipe holds the page at @page. */
static void cut_off(struct __test_metadata *_metadata, int fd, char *page)
{
	int pipe_ends[2];
	struct page_report report;
	uint64_t pfn;

	ASSERT_OK(drain_batches());
	ASSERT_OK(oracle_pfn(getpid(), (uintptr_t)page, &pfn));
	ASSERT_OK(put_into_pipe(page, pipe_ends));
	ASSERT_EQ(0, ftruncate(fd, 0));
	ASSERT_OK(page_report_take(&report, "pfn=%#" PRIx64, pfn));
	EXPECT_STREQ("orphaned", report.kind);
	EXPECT_EQ(0, report.visited);
	EXPECT_EQ(0, record_num(report.page, "mapcount"));
	EXPECT_EQ(1, record_num(report.page, "refcount"));
	EXPECT_EQ(1, record_num(report_next(&report.report, "refs", NULL), "unexplained"));
	EXPECT_EQ(NULL, page_report_map(&report, NULL, NULL));
	page_report_free(&report);
	/* A report on the folio says the same: no page of it is mapped. */
	ASSERT_OK(page_report_take(&report, "pfn=%#" PRIx64 " folio", pfn));
	EXPECT_STREQ("orphaned", report.kind);
	EXPECT_OK(all_counts_are_zero(&report));
	page_report_free(&report);
	/* The page is unmapped: an access raises SIGBUS. */
	EXPECT_EQ(-ENODATA, page_report_at(&report, getpid(), (uintptr_t)page));
	page_report_free(&report);
	close(pipe_ends[0]);
	close(pipe_ends[1]);
	/* After the last reference the frame is free, or is in use by another process. */
	if (!page_report_take(&report, "pfn=%#" PRIx64, pfn))
		EXPECT_STRNE("orphaned", report.kind);
	page_report_free(&report);
	close(fd);
}

TEST(truncated_page_of_shared_memory_is_orphaned)
{
	int fd = memfd_create("cut", MFD_CLOEXEC);
	char *page;

	NEEDS_MODULE();
	page = file_page(fd);
	ASSERT_NE(NULL, page);
	cut_off(_metadata, fd, page);
	munmap(page, getpagesize());
}

TEST(truncated_page_of_hugetlb_is_orphaned)
{
	int fd = memfd_create("cut", MFD_CLOEXEC | MFD_HUGETLB);
	char *page = MAP_FAILED;

	NEEDS_MODULE();
	if (fd < 0 || write_text(POOL, "2"))
		SKIP(return, "no hugetlb");
	if (!ftruncate(fd, HUGE_BYTES))
		page = mmap(NULL, HUGE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (page == MAP_FAILED) {
		write_text(POOL, "0");
		SKIP(return, "no memory for a hugetlb page");
	}
	*page = 1;
	cut_off(_metadata, fd, page);
	munmap(page, HUGE_BYTES);
	write_text(POOL, "0");
}

TEST(truncated_page_of_a_file_is_orphaned)
{
	char path[] = "/var/tmp/identity-XXXXXX";
	int fd = mkstemp(path);
	char *page;

	NEEDS_MODULE();
	ASSERT_LE(0, fd);
	unlink(path);
	page = file_page(fd);
	ASSERT_NE(NULL, page);
	cut_off(_metadata, fd, page);
	munmap(page, getpagesize());
}

/* Batches of other CPUs can be full at any time, but no other CPU uses this page. */
TEST(droppable_page_off_the_lru_lists_is_reported)
{
	struct page_report report;
	uint64_t pfn;
	char *page;
	bool off;

	NEEDS_MODULE();
	page = mmap(NULL, getpagesize(), PROT_READ | PROT_WRITE,
		    MAP_DROPPABLE | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED)
		SKIP(return, "no MAP_DROPPABLE: %s", strerror(errno));
	page[0] = 1;
	ASSERT_OK(oracle_pfn(getpid(), (uintptr_t)page, &pfn));
	off = !has_flag(pfn, KPF_LRU);
	ASSERT_OK(page_report_at(&report, getpid(), (uintptr_t)page));
	EXPECT_STREQ("anon", report.kind);
	EXPECT_EQ(1, report.mapped);
	page_report_free(&report);
	ASSERT_OK(page_report_take(&report, "pfn=%#" PRIx64, pfn));
	EXPECT_EQ(1, report.mapped);
	page_report_free(&report);
	if (!off)
		SKIP(return, "the kernel put the page on an LRU list without a batch");
}

/* Newer kernels move the charge to the parent group. Older ones keep the removed group. */
TEST(cgroup_that_was_removed_is_marked)
{
	struct cgroup cgroup;
	struct page_report report;
	const char *memcg;
	char path[160];
	uint64_t pfn;
	char *page;
	int fd;

	NEEDS_MODULE();
	if (cgroup_enter(&cgroup, "identity"))
		SKIP(return, "no memory cgroup: %.200s", why);
	fd = memfd_create("charged", MFD_CLOEXEC);
	page = file_page(fd);
	ASSERT_NE(NULL, page);
	ASSERT_OK(take_frame(&report, page, &pfn));
	snprintf(path, sizeof(path), "%s", record_get(report.page, "memcg"));
	page_report_free(&report);
	EXPECT_STREQ(strrchr(cgroup.path, '/'), path);
	cgroup_leave(&cgroup);
	ASSERT_NE(0, access(cgroup.path, F_OK));
	ASSERT_OK(take_frame(&report, page, &pfn));
	memcg = record_get(report.page, "memcg");
	strcat(path, " (deleted)");
	if (strcmp(memcg, "/"))
		EXPECT_STREQ(path, memcg);
	page_report_free(&report);
	close(fd);
}

TEST_HARNESS_MAIN
