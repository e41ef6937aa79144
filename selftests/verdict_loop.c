// SPDX-License-Identifier: GPL-2.0
/*
 * Verdicts on pages of a loop device. While the file system below it is frozen, its writes go on
 * forever. Its blocks can be larger than a page.
 */
#include <inttypes.h>
#include <linux/fs.h>
#include <linux/loop.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include "child.h"
#include "command.h"
#include "oracle.h"
#include "page_actions.h"
#include "test.h"
#include "zram_disk.h"

#define FILE_SIZE		(1 << 20)
#define ENOUGH			100
#define TRIES			1000

FIXTURE(loop) {
	struct zram_disk disk;
	int frozen;		/* the directory of the file system while it is frozen, or -1 */
	int file;
	int device;
	char path[32];		/* of the loop device */
	pid_t writer;
	char *page;
};

#define loop_data FIXTURE_DATA(loop)

FIXTURE_SETUP(loop)
{
	char path[96];

	self->frozen = -1;
	self->file = -1;
	self->device = -1;
	NEEDS_MODULE();
	if (disk_make(&self->disk, "16M") || disk_mount_ext4(&self->disk, NULL))
		SKIP(return, "%.200s", why);
	snprintf(path, sizeof(path), "%s/file", self->disk.mounted);
	self->file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	ASSERT_LE(0, self->file);
	ASSERT_EQ(0, ftruncate(self->file, FILE_SIZE));
}

/* Unfreezes the file system and waits for the writer. */
static void thaw(loop_data *self)
{
	if (self->frozen >= 0) {
		ioctl(self->frozen, FITHAW, 0);
		close(self->frozen);
		self->frozen = -1;
	}
	if (self->writer > 0)
		waitpid(self->writer, NULL, 0);
	self->writer = 0;
}

FIXTURE_TEARDOWN(loop)
{
	thaw(self);
	if (self->page)
		munmap(self->page, getpagesize());
	if (self->device >= 0) {
		EXPECT_EQ(0, ioctl(self->device, LOOP_CLR_FD, 0));
		close(self->device);
	}
	if (self->file >= 0)
		close(self->file);
	disk_remove(&self->disk);
}

/* Sets up the device with the given block size, and maps its first page. */
static int open_loop(loop_data *self, unsigned int block)
{
	struct loop_config config = { .fd = self->file, .block_size = block };
	int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC), number, fd, err;

	if (control < 0)
		return complain("no loop devices: %s", strerror(errno));
	number = ioctl(control, LOOP_CTL_GET_FREE);
	close(control);
	snprintf(self->path, sizeof(self->path), "/dev/loop%d", number);
	fd = open(self->path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return complain("%s: %s", self->path, strerror(errno));
	err = ioctl(fd, LOOP_CONFIGURE, &config) ? errno : 0;
	close(fd);
	if (err)
		return complain("%s with blocks of %u bytes: %s", self->path, block, strerror(err));
	/* The first open after the setup takes over the block size. */
	self->device = open(self->path, O_RDWR | O_CLOEXEC);
	if (self->device < 0)
		return complain("%s: %s", self->path, strerror(errno));
	self->page = mmap(NULL, getpagesize(), PROT_READ, MAP_SHARED, self->device, 0);
	if (self->page == MAP_FAILED) {
		self->page = NULL;
		return complain("mmap of %s: %s", self->path, strerror(errno));
	}
	(void)*(volatile char *)self->page;
	return 0;
}

static bool is_compound(uint64_t pfn)
{
	return has_flag(pfn, KPF_COMPOUND_HEAD) || has_flag(pfn, KPF_COMPOUND_TAIL);
}

/*
 * Starts to write the dirty page while the file system below is frozen, so the write does not
 * end.
 */
static int begin_to_write(loop_data *self)
{
	int size = getpagesize(), i;
	char *text = own_page();
	uint64_t pfn;

	if (!text || fsync(self->file) || pwrite(self->device, text, size, 0) != size)
		return complain("write: %s", strerror(errno));
	(void)*(volatile char *)self->page;
	self->frozen = open(self->disk.mounted, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (self->frozen < 0 || ioctl(self->frozen, FIFREEZE, 0))
		return complain("FIFREEZE: %s", strerror(errno));
	/* This call may block, so it runs in a child. */
	self->writer = fork();
	if (!self->writer)
		_exit(sync_file_range(self->device, 0, size, SYNC_FILE_RANGE_WRITE) != 0);
	pfn = frame(self->page);
	for (i = 0; i < TRIES && !has_flag(pfn, KPF_WRITEBACK); i++)
		usleep(10000);
	return has_flag(pfn, KPF_WRITEBACK) ? 0 : complain("the page has no writeback flag");
}

TEST_F(loop, page_that_is_being_written_can_be_moved_but_not_reclaimed)
{
	const struct record *verdict;
	struct page_report report;
	uint64_t pfn;
	int i;

	if (open_loop(self, 0))
		SKIP(return, "%.200s", why);
	ASSERT_OK(drain_batches());
	ASSERT_OK(begin_to_write(self));
	EXPECT_OK(verdict_in(self->page, "reclaim", "writeback", "shrink_folio_list"));
	EXPECT_EQ(0, has_note(self->page, "reclaim", "writeback"));
	EXPECT_OK(verdict_in(self->page, "migrate", NULL, "migrate_folio_unmap"));
	EXPECT_EQ(1, has_note(self->page, "migrate", "writeback")) TH_LOG("%s", why);
	ASSERT_OK(page_report_at(&report, getpid(), (uintptr_t)self->page));
	EXPECT_NE(NULL, strstr(record_get(report.page, "flags"), "writeback"));
	verdict = verdict_of(&report, "split");
	EXPECT_STREQ("order0", record_get(verdict, "why"));
	page_report_free(&report);

	thaw(self);
	pfn = frame(self->page);
	for (i = 0; i < TRIES && has_flag(pfn, KPF_WRITEBACK); i++)
		usleep(10000);
	ASSERT_EQ(0, fsync(self->device));
	ASSERT_OK(drain_batches());
	EXPECT_OK(verdict_is(getpid(), self->page, "migrate", NULL));
	EXPECT_EQ(0, has_note(self->page, "migrate", "writeback")) TH_LOG("%s", why);
	if (has_two_nodes())
		EXPECT_EQ(0, move_away(self->page));
	ASSERT_OK(drain_batches());
	EXPECT_OK(verdict_is(getpid(), self->page, "reclaim", NULL));
	EXPECT_TRUE(file_page_out(self->page, ENOUGH));
}

/* A file system with blocks of a quarter of a page. Its superblock is in the second block. */
static int make_small_blocks(const char *device, char *directory)
{
	struct command mkfs = { };
	int status;

	if (command_run(&mkfs, "mkfs.ext4", "-q", "-F", "-b", "1024", "-O", "^has_journal",
			device, NULL))
		return -1;
	status = mkfs.status;
	if (status)
		complain("mkfs.ext4: exit status %d, %.200s", status, mkfs.err);
	command_free(&mkfs);
	if (status || !mkdtemp(directory))
		return -1;
	if (!mount(device, directory, "ext4", MS_NOATIME, NULL))
		return 0;
	complain("mount of ext4: %s", strerror(errno));
	rmdir(directory);
	return -1;
}

TEST_F(loop, any_buffer_of_a_page_keeps_it)
{
	char directory[] = "/tmp/loopXXXXXX";

	if (open_loop(self, 0) || make_small_blocks(self->path, directory))
		SKIP(return, "%.200s", why);
	(void)*(volatile char *)self->page;
	ASSERT_OK(drain_batches());
	EXPECT_OK(verdict_in(self->page, "reclaim", "buffers", "filemap_release_folio"));
	EXPECT_OK(verdict_in(self->page, "migrate", "buffers", "buffer_migrate_folio_norefs"));
	if (has_two_nodes())
		EXPECT_NE(0, move_away(self->page));
	EXPECT_EQ(0, umount(directory));
	EXPECT_EQ(0, rmdir(directory));
	(void)*(volatile char *)self->page;
	ASSERT_EQ(0, fsync(self->device));
	ASSERT_OK(drain_batches());
	EXPECT_OK(verdict_is(getpid(), self->page, "migrate", NULL));
	if (has_two_nodes())
		EXPECT_EQ(0, move_away(self->page));
}

/* Reads all of the device in order, with readahead. Returns a page of a large folio. */
static char *page_of_large_folio(loop_data *self)
{
	size_t size = getpagesize(), nr = FILE_SIZE / size, i;
	char *room = own_pages(nr), *pages;

	for (i = 0; room && i < nr; i++)
		if (pread(self->device, room, size, i * size) != (ssize_t)size)
			return NULL;
	pages = mmap(NULL, FILE_SIZE, PROT_READ, MAP_SHARED, self->device, 0);
	if (pages == MAP_FAILED)
		return NULL;
	for (i = 0; i < nr; i++, pages += size) {
		(void)*(volatile char *)pages;
		if (is_compound(frame(pages)))
			return pages;
	}
	return NULL;
}

TEST_F(loop, dirty_buffers_keep_a_large_folio_in_one_piece)
{
	struct page_report report;
	uint64_t pfn;
	off_t offset;
	char *page;

	if (open_loop(self, 0))
		SKIP(return, "%.200s", why);
	munmap(self->page, getpagesize());
	self->page = NULL;
	/* Drops pages that were read one by one. */
	ASSERT_EQ(0, ioctl(self->device, BLKFLSBUF, 0));
	page = page_of_large_folio(self);
	if (!page)
		SKIP(return, "block devices have no large folios on this kernel");
	pfn = frame(page);
	ASSERT_OK(drain_batches());
	ASSERT_OK(page_report_at(&report, getpid(), (uintptr_t)page));
	EXPECT_LT(0, record_num(report.page, "folio_order"));
	offset = record_num(report.page, "pgoff") * getpagesize();
	page_report_free(&report);
	EXPECT_OK(verdict_is(getpid(), page, "split", NULL));
	ASSERT_EQ(1, pwrite(self->device, "", 1, offset));
	EXPECT_OK(verdict_in(page, "reclaim", "dirty", "shrink_folio_list"));
	EXPECT_OK(verdict_in(page, "split", "buffers", "filemap_release_folio"));
	split(page, getpagesize(), pfn);
	EXPECT_TRUE(is_compound(pfn));
	ASSERT_EQ(0, fsync(self->device));
	ASSERT_OK(drain_batches());
	EXPECT_OK(verdict_is(getpid(), page, "split", NULL));
	split(page, getpagesize(), pfn);
	EXPECT_FALSE(is_compound(pfn));
}

TEST_F(loop, page_of_a_device_with_larger_blocks_can_not_be_split)
{
	size_t block = 4 * getpagesize();
	struct page_report report;
	uint64_t pfn;

	if (open_loop(self, block))
		SKIP(return, "%.200s", why);
	ASSERT_OK(drain_batches());
	ASSERT_OK(page_report_at(&report, getpid(), (uintptr_t)self->page));
	EXPECT_STREQ("file", report.kind);
	EXPECT_LE(2, record_num(report.page, "folio_order"));
	page_report_free(&report);
	EXPECT_OK(verdict_is(getpid(), self->page, "split", "min_order"));
	EXPECT_OK(verdict_is(getpid(), self->page, "migrate", NULL));
	pfn = frame(self->page);
	split(self->page, getpagesize(), pfn);
	EXPECT_TRUE(is_compound(pfn));
	if (has_two_nodes())
		EXPECT_EQ(0, move_away(self->page));
}

TEST_HARNESS_MAIN
