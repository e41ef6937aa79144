// SPDX-License-Identifier: GPL-2.0
/*
 * Verdicts on pages with buffers: blocks of a mounted file system, and file data in its journal.
 * Each verdict is then tried.
 */
#include <dirent.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "child.h"
#include "kernel_file.h"
#include "module.h"
#include "oracle.h"
#include "page_actions.h"
#include "test.h"
#include "zram_disk.h"

#define IN_VAIN	10
#define ENOUGH	100

FIXTURE(buffers) {
	struct zram_disk disk;
	char *page;
};

/* The journal only commits by itself after the end of the test. */
FIXTURE_SETUP(buffers)
{
	NEEDS_MODULE();
	if (disk_make(&self->disk, "16M"))
		SKIP(return, "%.200s", why);
	if (disk_mount_ext4(&self->disk, "data=journal,commit=900"))
		SKIP(return, "%.200s", why);
}

FIXTURE_TEARDOWN(buffers)
{
	if (self->page)
		munmap(self->page, getpagesize());
	disk_remove(&self->disk);
	/* One test unmounts the file system. */
	if (!access(module_path(), R_OK) && !module_loaded())
		EXPECT_EQ(0, module_load(""));
}

/* Maps a page of the disk that is in no LRU batch. */
#define MAP_DISK(offset)						\
	do {								\
		self->page = disk_map(&self->disk, offset);		\
		ASSERT_NE(NULL, self->page) TH_LOG("%s", why);		\
		ASSERT_OK(drain_batches());				\
	} while (0)

TEST_F(buffers, superblock_of_a_mounted_file_system_cannot_be_migrated)
{
	MAP_DISK(0);
	EXPECT_OK(verdict_in(self->page, "reclaim", "buffers", "filemap_release_folio"));
	EXPECT_OK(verdict_in(self->page, "migrate", "buffers", "buffer_migrate_folio_norefs"));
	EXPECT_EQ(0, has_note(self->page, "reclaim", "maybe_batched"));
	EXPECT_EQ(0, has_note(self->page, "migrate", "maybe_batched"));
	if (has_two_nodes())
		EXPECT_NE(0, move_away(self->page));
	EXPECT_FALSE(file_page_out(self->page, IN_VAIN));
}

TEST_F(buffers, block_of_an_unmounted_file_system_can_be_migrated_and_reclaimed)
{
	ASSERT_OK(disk_unmount(&self->disk));
	MAP_DISK(0);
	EXPECT_OK(verdict_is(getpid(), self->page, "migrate", NULL));
	if (has_two_nodes())
		EXPECT_EQ(0, move_away(self->page));
	ASSERT_OK(drain_batches());
	EXPECT_OK(verdict_is(getpid(), self->page, "reclaim", NULL));
	EXPECT_TRUE(file_page_out(self->page, ENOUGH));
}

/* The place of the first block of a directory on the disk; -1 if unknown. */
static off_t place_of(const char *directory)
{
	struct fiemap *map = calloc(1, sizeof(*map) + sizeof(map->fm_extents[0]));
	int fd = open(directory, O_RDONLY | O_DIRECTORY);
	off_t place = -1;

	if (map) {
		map->fm_length = FIEMAP_MAX_OFFSET;
		map->fm_extent_count = 1;
		if (!ioctl(fd, FS_IOC_FIEMAP, map) && map->fm_mapped_extents)
			place = map->fm_extents[0].fe_physical;
	}
	free(map);
	close(fd);
	return place;
}

static void read_directory(const char *directory)
{
	DIR *dir = opendir(directory);

	while (dir && readdir(dir))
		;
	if (dir)
		closedir(dir);
}

/*
 * Reads a block, so that a CPU keeps its buffer in a per-CPU list. The block was used before, so
 * its page is already active and is not put into an LRU batch.
 */
#define USE_BLOCK_OF_DIRECTORY()					\
	do {								\
		off_t place = place_of(self->disk.mounted);		\
									\
		if (place < 0)						\
			SKIP(return, "the file system does not show the place of its blocks"); \
		MAP_DISK(place);					\
		read_directory(self->disk.mounted);			\
		read_directory(self->disk.mounted);			\
		ASSERT_OK(drain_batches());				\
		read_directory(self->disk.mounted);			\
	} while (0)

TEST_F(buffers, block_held_only_by_cpu_lists_can_be_migrated)
{
	USE_BLOCK_OF_DIRECTORY();
	EXPECT_OK(verdict_is(getpid(), self->page, "reclaim", NULL));
	EXPECT_EQ(1, has_note(self->page, "reclaim", "batched"));
	EXPECT_OK(verdict_is(getpid(), self->page, "migrate", NULL));
	EXPECT_EQ(1, has_note(self->page, "migrate", "batched"));
	if (has_two_nodes())
		EXPECT_EQ(0, move_away(self->page));
}

TEST_F(buffers, block_may_be_in_a_cpu_list_if_the_lists_cannot_be_read)
{
	if (access(module_path(), R_OK))
		SKIP(return, "no module at %s: set RMAPSCOPE_KO", module_path());
	ASSERT_EQ(0, module_unload());
	ASSERT_EQ(0, module_load_changed("bh_lrus", "bh_lruz"));
	USE_BLOCK_OF_DIRECTORY();
	EXPECT_OK(verdict_is(getpid(), self->page, "reclaim", "buffers"));
	EXPECT_EQ(1, has_note(self->page, "reclaim", "maybe_batched"));
	EXPECT_OK(verdict_is(getpid(), self->page, "migrate", "buffers"));
	EXPECT_EQ(1, has_note(self->page, "migrate", "maybe_batched"));
	ASSERT_EQ(0, module_unload());
}

/* A page of a file with journalled data that is written but not committed. */
static char *journalled_page(const char *directory, int *fd)
{
	char path[96], *page;

	snprintf(path, sizeof(path), "%s/file", directory);
	*fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (*fd < 0 || ftruncate(*fd, getpagesize()) || write(*fd, "text", 4) != 4)
		return NULL;
	page = mmap(NULL, getpagesize(), PROT_READ, MAP_SHARED, *fd, 0);
	if (page == MAP_FAILED)
		return NULL;
	(void)*(volatile char *)page;
	return page;
}

TEST_F(buffers, file_data_in_the_journal_stay_until_they_are_written)
{
	int fd, i;

	self->page = journalled_page(self->disk.mounted, &fd);
	ASSERT_NE(NULL, self->page);
	ASSERT_OK(drain_batches());
	EXPECT_OK(verdict_is(getpid(), self->page, "migrate", "buffers"));
	if (has_two_nodes())
		EXPECT_NE(0, move_away(self->page));
	EXPECT_NE(0, verdict_is(getpid(), self->page, "reclaim", NULL));
	EXPECT_FALSE(file_page_out(self->page, IN_VAIN));
	/* The data is written to the journal first, and then to its place. */
	for (i = 0; i < ENOUGH && has_flag(frame(self->page), KPF_DIRTY) + !i; i++) {
		ASSERT_EQ(0, fsync(fd));
		ASSERT_EQ(0, syncfs(fd));
		(void)*(volatile char *)self->page;
	}
	close(fd);
	ASSERT_OK(drain_batches());
	EXPECT_OK(verdict_comes_true(self->page, "migrate"));
	ASSERT_OK(drain_batches());
	EXPECT_OK(verdict_is(getpid(), self->page, "reclaim", NULL));
	EXPECT_TRUE(file_page_out(self->page, ENOUGH));
}

TEST_HARNESS_MAIN
