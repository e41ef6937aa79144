// SPDX-License-Identifier: GPL-2.0
/*
 * The path of a page's file if the file has several paths or none, and the names of the VMAs that
 * map it.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/sysmacros.h>

#include "file_page.h"
#include "kernel_file.h"
#include "oracle.h"
#include "page_actions.h"
#include "test.h"
#include "zram_disk.h"

/* Checks the name of the VMA that has a page of this process. */
static int vma_is(const char *page, const char *name)
{
	const struct record *map;
	struct page_report report;
	int ret = page_report_at(&report, getpid(), (uintptr_t)page);

	map = ret ? NULL : page_report_map_at(&report, getpid(), (uintptr_t)page);
	if (!ret && (!map || strcmp(record_get(map, "name"), name)))
		ret = complain("name=%s, not %s", map ? record_get(map, "name") : "", name);
	page_report_free(&report);
	return ret;
}

/* Creates a file in a directory and maps its page. The file stays open. */
static char *map_name(int dir, const char *name, int *fd)
{
	*fd = openat(dir, name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	return *fd < 0 ? NULL : file_page(*fd);
}

/*
 * Each mapping keeps the path by which the file was opened. The page has a path that still
 * exists.
 */
TEST(page_of_a_file_with_two_names_has_the_remaining_one)
{
	char dir[] = "/tmp/file-XXXXXX", path[64], in_dir[64], *pages[2];
	int removed, base, fds[2], i;
	struct stat st;

	NEEDS_MODULE();
	for (removed = 0; removed < 2; removed++) {
		memset(dir + strlen(dir) - 6, 'X', 6);
		ASSERT_NE(NULL, mkdtemp(dir));
		base = open(dir, O_PATH | O_CLOEXEC);
		pages[0] = map_name(base, "0", &fds[0]);
		ASSERT_EQ(0, linkat(base, "0", base, "1", 0));
		pages[1] = map_name(base, "1", &fds[1]);
		ASSERT_TRUE(pages[0] && pages[1]);
		ASSERT_EQ(0, fstat(fds[0], &st));
		ASSERT_EQ(2, st.st_nlink);

		ASSERT_EQ(0, unlinkat(base, removed ? "1" : "0", 0));
		snprintf(in_dir, sizeof(in_dir), "%s/%d", dir + strlen("/tmp"), !removed);
		EXPECT_OK(file_page_is(pages[0], &st, in_dir));
		snprintf(path, sizeof(path), "%s/%d", dir, !removed);
		EXPECT_OK(vma_is(pages[!removed], path));
		strcat(path, " (deleted)");
		path[strlen(dir) + 1] = '0' + removed;
		EXPECT_OK(vma_is(pages[removed], path));

		/* Under another name in another directory it is the same file. */
		ASSERT_EQ(0, renameat(base, removed ? "0" : "1", AT_FDCWD, "/tmp/file-moved"));
		EXPECT_OK(file_page_is(pages[0], &st, "/file-moved"));
		EXPECT_OK(vma_is(pages[!removed], "/tmp/file-moved"));
		ASSERT_EQ(0, unlink("/tmp/file-moved"));
		EXPECT_OK(vma_is(pages[!removed], "/tmp/file-moved (deleted)"));
		EXPECT_NE(0, file_page_is(pages[0], &st, "/file-moved"));
		for (i = 0; i < 2; i++) {
			munmap(pages[i], getpagesize());
			close(fds[i]);
		}
		close(base);
		ASSERT_EQ(0, rmdir(dir));
	}
}

/*
 * Each mapping has a path with its own mount point. The page has the path from the root of the
 * file system.
 */
TEST(page_of_a_file_that_is_mounted_twice_has_its_path_within_the_file_system)
{
	char first[] = "/tmp/file-XXXXXX", second[] = "/tmp/file-XXXXXX", path[64];
	char *page, *other, *alone;
	int dir, fd, fds[3];
	struct stat st;

	NEEDS_MODULE();
	ASSERT_TRUE(mkdtemp(first) && mkdtemp(second));
	ASSERT_EQ(0, mount("file", first, "tmpfs", 0, NULL));
	snprintf(path, sizeof(path), "%s/folder", first);
	ASSERT_EQ(0, mkdir(path, 0700));
	/* Mounts only a part of the file system, so paths are shorter there. */
	ASSERT_EQ(0, mount(path, second, NULL, MS_BIND, NULL));
	dir = open(path, O_PATH | O_CLOEXEC);
	page = map_name(dir, "file", &fds[0]);
	close(dir);
	dir = open(second, O_PATH | O_CLOEXEC);
	other = map_name(dir, "file", &fds[1]);
	ASSERT_TRUE(page && other);
	ASSERT_EQ(frame(page), frame(other));
	ASSERT_EQ(0, fstat(fds[0], &st));
	EXPECT_OK(file_page_is(page, &st, "/folder/file"));
	EXPECT_OK(file_page_is(other, &st, "/folder/file"));
	strcat(path, "/file");
	EXPECT_OK(vma_is(page, path));
	snprintf(path, sizeof(path), "%s/file", second);
	EXPECT_OK(vma_is(other, path));

	/* A file can also be mounted alone, on top of another file. */
	fd = openat(dir, "upon", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	ASSERT_LE(0, fd);
	close(fd);
	close(dir);
	snprintf(path, sizeof(path), "%s/folder/file", first);
	ASSERT_EQ(0, chdir(second));
	ASSERT_EQ(0, mount(path, "upon", NULL, MS_BIND, NULL));
	alone = map_name(AT_FDCWD, "upon", &fds[2]);
	ASSERT_NE(NULL, alone);
	EXPECT_OK(file_page_is(alone, &st, "/folder/file"));
	snprintf(path, sizeof(path), "%s/upon", second);
	EXPECT_OK(vma_is(alone, path));
	munmap(alone, getpagesize());
	close(fds[2]);
	EXPECT_EQ(0, umount2("upon", 0));
	EXPECT_EQ(0, chdir("/"));

	munmap(page, getpagesize());
	munmap(other, getpagesize());
	close(fds[0]);
	close(fds[1]);
	EXPECT_EQ(0, umount(second));
	EXPECT_EQ(0, umount(first));
	EXPECT_EQ(0, rmdir(second) | rmdir(first));
}

/*
 * The kernel drops unused dentries, but keeps an inode as long as it has pages. tmpfs only has
 * dentries, so it keeps them.
 */
TEST(page_whose_file_has_lost_its_name_still_has_the_inode)
{
	const char *file = "nothing";
	char path[96], expected[32];
	struct zram_disk disk;
	struct page_report report;
	struct stat st;
	uint64_t pfn;
	char *page;
	int fd, i;

	NEEDS_MODULE();
	if (disk_make(&disk, "16M") || disk_mount_ext4(&disk, NULL)) {
		disk_remove(&disk);
		SKIP(return, "%.200s", why);
	}
	snprintf(path, sizeof(path), "%s/file", disk.mounted);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	EXPECT_LE(0, fd);
	page = file_page(fd);
	EXPECT_EQ(0, fsync(fd));
	EXPECT_EQ(0, fstat(fd, &st));
	EXPECT_OK(file_page_is(page, &st, "/file"));
	EXPECT_OK(oracle_pfn(getpid(), (uintptr_t)page, &pfn));
	munmap(page, getpagesize());
	close(fd);
	for (i = 0; i < 100 && strcmp(file, "-"); i++) {
		EXPECT_OK(write_text("/proc/sys/vm/drop_caches", "2"));
		if (page_report_take(&report, "pfn=%#" PRIx64, pfn))
			break;
		EXPECT_EQ(st.st_ino, record_num(report.page, "ino"));
		snprintf(expected, sizeof(expected), "%u:%u", major(st.st_dev), minor(st.st_dev));
		EXPECT_STREQ(expected, record_get(report.page, "dev"));
		file = strcmp(record_get(report.page, "file"), "-") ? "a name" : "-";
		page_report_free(&report);
	}
	EXPECT_STREQ("-", file) TH_LOG("after %d times: %s", i, why);
	/* The next access creates the dentry again. */
	EXPECT_EQ(0, stat(path, &st));
	EXPECT_EQ(0, page_report_take(&report, "pfn=%#" PRIx64, pfn));
	EXPECT_STREQ("/file", record_get(report.page, "file"));
	page_report_free(&report);
	disk_remove(&disk);
}

TEST_HARNESS_MAIN
