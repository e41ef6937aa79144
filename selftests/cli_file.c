// SPDX-License-Identifier: GPL-2.0
/*
 * The tool's option --file: it finds the page in the page cache, on every kind of file with a
 * page cache, and changes nothing.
 */
#include <inttypes.h>
#include <linux/capability.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>

#include "command.h"
#include "frame_flags.h"
#include "kernel_file.h"
#include "oracle.h"
#include "page_actions.h"
#include "test.h"

#define POOL		"/proc/sys/vm/nr_hugepages"
#define HUGETLBFS	"/tmp/rmapscope-huge"
#define MEMINFO		"/proc/meminfo"
#define DISK_SIZE	(1 << 20)

enum file_kind {
	ON_TMPFS,
	ON_RAMFS,
	MEMFD,
	ON_HUGETLBFS,
	HUGETLB_MEMFD,
	BLOCK_DEVICE,
};

/* A file whose first two pages are in memory and whose last two are not. */
FIXTURE(cli_file)
{
	struct command run;
	char path[64];
	char disk[16];		/* number of the zram device */
	int fd;
	size_t size;		/* size of a page of the file */
	uint64_t pfn[2];
};

FIXTURE_VARIANT(cli_file)
{
	enum file_kind kind;
};

FIXTURE_VARIANT_ADD(cli_file, tmpfs) { .kind = ON_TMPFS };
FIXTURE_VARIANT_ADD(cli_file, ramfs) { .kind = ON_RAMFS };
FIXTURE_VARIANT_ADD(cli_file, memfd) { .kind = MEMFD };
FIXTURE_VARIANT_ADD(cli_file, hugetlbfs) { .kind = ON_HUGETLBFS };
FIXTURE_VARIANT_ADD(cli_file, hugetlb_memfd) { .kind = HUGETLB_MEMFD };
FIXTURE_VARIANT_ADD(cli_file, block_device) { .kind = BLOCK_DEVICE };

static bool is_huge(enum file_kind kind)
{
	return kind == ON_HUGETLBFS || kind == HUGETLB_MEMFD;
}

/* A disk of compressed memory, with none of its pages read in. Returns as open(2). */
static int make_disk(char number[16], char path[64])
{
	char attribute[64], size[16];

	if (read_text("/sys/class/zram-control/hot_add", number, 16))
		return -1;
	number[strcspn(number, "\n")] = '\0';
	snprintf(attribute, sizeof(attribute), "/sys/block/zram%s/disksize", number);
	snprintf(size, sizeof(size), "%d", DISK_SIZE);
	write_text(attribute, size);
	snprintf(path, 64, "/dev/zram%s", number);
	return open(path, O_RDWR | O_CLOEXEC);
}

static int make_file(enum file_kind kind, char disk[16], char path[64])
{
	int fd;

	switch (kind) {
	case ON_TMPFS:
		snprintf(path, 64, "%s", "/tmp/rmapscope-file");
		break;
	case ON_RAMFS:
		snprintf(path, 64, "%s", "/var/tmp/rmapscope-file");
		break;
	case ON_HUGETLBFS:
		mkdir(HUGETLBFS, 0700);
		if (mount("none", HUGETLBFS, "hugetlbfs", 0, NULL))
			return -1;
		snprintf(path, 64, "%s", HUGETLBFS "/file");
		break;
	case BLOCK_DEVICE:
		return make_disk(disk, path);
	case MEMFD:
	case HUGETLB_MEMFD:
		fd = memfd_create("file", MFD_CLOEXEC | (is_huge(kind) ? MFD_HUGETLB : 0));
		snprintf(path, 64, "/proc/%d/fd/%d", getpid(), fd);
		return fd;
	}
	return open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
}

/* Reads one page in if it is not in memory, without readahead, and finds its frame. */
static int frame_of(int fd, off_t offset, size_t size, uint64_t *pfn)
{
	char *page = mmap(NULL, size, PROT_READ, MAP_SHARED | MAP_NORESERVE, fd, offset);
	int ret;

	if (page == MAP_FAILED)
		return complain("mmap: %s", strerror(errno));
	madvise(page, size, MADV_RANDOM);
	(void)*(volatile char *)page;
	ret = oracle_pfn(getpid(), (uintptr_t)page, pfn);
	munmap(page, size);
	return ret;
}

FIXTURE_SETUP(cli_file)
{
	int i;

	NEEDS_MODULE();
	self->fd = -1;
	self->size = is_huge(variant->kind) ? 2 << 20 : getpagesize();
	if (is_huge(variant->kind) && write_text(POOL, "4"))
		SKIP(return, "no hugetlb");
	if (is_huge(variant->kind) && file_number(POOL) < 3) {
		write_text(POOL, "0");
		SKIP(return, "no memory for huge pages");
	}
	self->fd = make_file(variant->kind, self->disk, self->path);
	if (self->fd < 0)
		SKIP(return, "this kind of file cannot be created: %s", strerror(errno));
	if (variant->kind != BLOCK_DEVICE)
		ASSERT_EQ(0, ftruncate(self->fd, 4 * self->size));
	for (i = 0; i < 2; i++)
		ASSERT_OK(frame_of(self->fd, i * self->size, self->size, &self->pfn[i]));
	ASSERT_OK(drain_batches());
}

FIXTURE_TEARDOWN(cli_file)
{
	command_free(&self->run);
	if (self->fd >= 0)
		close(self->fd);
	if (*self->disk)
		write_text("/sys/class/zram-control/hot_remove", self->disk);
	else if (*self->path)
		unlink(self->path);
	if (variant->kind == ON_HUGETLBFS) {
		umount(HUGETLBFS);
		rmdir(HUGETLBFS);
	}
	if (is_huge(variant->kind))
		write_text(POOL, "0");
}

#define RUN_SUCCEEDS(...)						\
	do {								\
		RUN(__VA_ARGS__);					\
		EXPECT_EQ(0, self->run.status) TH_LOG("%s", self->run.err); \
	} while (0)

/* The tool fails with a message of one line. */
#define RUN_REFUSED(code, text, ...)					\
	do {								\
		RUN("page", ##__VA_ARGS__);				\
		EXPECT_EQ(code, self->run.status);			\
		EXPECT_STREQ("", self->run.out);			\
		EXPECT_EQ(1, count_lines(self->run.err));		\
		EXPECT_ERR(text);			\
	} while (0)

TEST_F(cli_file, page_is_found)
{
	char text[32], offset[16];
	int i;

	for (i = 0; i < 2; i++) {
		snprintf(offset, sizeof(offset), "%zu", i * self->size);
		snprintf(text, sizeof(text), "pfn %#" PRIx64 " ", self->pfn[i]);
		RUN_SUCCEEDS("page", "--file", self->path, "--offset", offset);
		EXPECT_OK(text_has(self->run.out, text));
	}
	/* A small page within a huge one. */
	if (!is_huge(variant->kind))
		return;
	snprintf(offset, sizeof(offset), "%d", 3 * getpagesize() + 17);
	snprintf(text, sizeof(text), "pfn %#" PRIx64 " ", self->pfn[0] + 3);
	RUN_SUCCEEDS("page", "--file", self->path, "--offset", offset);
	EXPECT_OK(text_has(self->run.out, text));
}

TEST_F(cli_file, page_has_the_name_of_its_file)
{
	static const char * const names[] = {
		[ON_TMPFS] = "/rmapscope-file, ", [ON_RAMFS] = "/rmapscope-file, ",
		[MEMFD] = "/memfd:file", [ON_HUGETLBFS] = "/file, ",
		[HUGETLB_MEMFD] = "/memfd:file",
	};
	const char *name = names[variant->kind];
	struct stat st;
	char text[64];

	ASSERT_EQ(0, fstat(self->fd, &st));
	if (variant->kind == BLOCK_DEVICE)
		snprintf(text, sizeof(text), "block device %u:%u, zram%s\n", major(st.st_rdev),
			 minor(st.st_rdev), self->disk);
	else
		snprintf(text, sizeof(text), "inode %ju of %u:%u", (uintmax_t)st.st_ino,
			 major(st.st_dev), minor(st.st_dev));
	RUN_SUCCEEDS("page", "--file", self->path);
	EXPECT_OK(text_has(self->run.out, text));
	if (name)
		EXPECT_OK(text_has(self->run.out, name));
	/* For a file with a path, the tool also finds where its file system is mounted. */
	if (variant->kind == ON_TMPFS)
		EXPECT_NE(NULL, strstr(self->run.out, "(tmpfs, mounted on /tmp)\n"));
}

TEST_F(cli_file, report_does_not_change_the_page)
{
	uint64_t before, after;
	struct stat old, new;
	int i;

	ASSERT_EQ(0, fstat(self->fd, &old));
	ASSERT_OK(oracle_kpageflags(self->pfn[0], &before));
	for (i = 0; i < 3; i++) {
		RUN_SUCCEEDS("page", "--file", self->path);
		RUN_SUCCEEDS("why", "--file", self->path);
	}
	ASSERT_OK(drain_batches());
	ASSERT_OK(oracle_kpageflags(self->pfn[0], &after));
	EXPECT_EQ(before, after) TH_LOG("flags %#" PRIx64 ", then %#" PRIx64, before, after);
	ASSERT_EQ(0, fstat(self->fd, &new));
	EXPECT_EQ(old.st_atim.tv_sec, new.st_atim.tv_sec);
	EXPECT_EQ(old.st_atim.tv_nsec, new.st_atim.tv_nsec);
}

static long meminfo(const char *name)
{
	return file_number_after(MEMINFO, name);
}

TEST_F(cli_file, hole_stays_a_hole)
{
	long free_pages = meminfo("HugePages_Free:"), reserved = meminfo("HugePages_Rsvd:");
	struct stat old, new;
	char offset[16];

	ASSERT_EQ(0, fstat(self->fd, &old));
	snprintf(offset, sizeof(offset), "%zu", 2 * self->size);
	RUN_REFUSED(3, "not in memory", "--file", self->path, "--offset", offset);
	/* The first try must not read the page in, or the second one would find it. */
	RUN_REFUSED(3, "not in memory", "--file", self->path, "--offset", offset);
	ASSERT_EQ(0, fstat(self->fd, &new));
	EXPECT_EQ(old.st_blocks, new.st_blocks);
	EXPECT_EQ(free_pages, meminfo("HugePages_Free:"));
	EXPECT_EQ(reserved, meminfo("HugePages_Rsvd:"));
}

TEST_F(cli_file, offset_past_the_end_of_the_file_is_refused)
{
	size_t size = variant->kind == BLOCK_DEVICE ? DISK_SIZE : 4 * self->size;
	char offset[24], end[48];

	snprintf(end, sizeof(end), "is past the end, at %zu\n", size);
	snprintf(offset, sizeof(offset), "%zu", size);
	RUN_REFUSED(3, end, "--file", self->path, "--offset", offset);
	snprintf(offset, sizeof(offset), "%zu", size - 1);
	RUN_REFUSED(3, "not in memory", "--file", self->path, "--offset", offset);
}

/* How many of the first @nr pages are in memory. */
static int resident(int fd, size_t nr)
{
	size_t i, size = nr * getpagesize();
	unsigned char there[256];
	char *area = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
	int n = 0;

	if (area == MAP_FAILED || mincore(area, size, there))
		return complain("mincore: %s", strerror(errno));
	munmap(area, size);
	for (i = 0; i < nr; i++)
		n += there[i] & 1;
	return n;
}

FIXTURE(cli_files)
{
	struct command run;
};

FIXTURE_SETUP(cli_files)
{
	NEEDS_MODULE();
}

FIXTURE_TEARDOWN(cli_files)
{
	command_free(&self->run);
}

/*
 * Finds the page that starts the next readahead when it is used. Its bit is "reclaim" in
 * kpageflags.
 */
static off_t find_readahead_mark(int fd, size_t nr)
{
	uint64_t pfn, flags;
	size_t i;

	for (i = 0; i < nr; i++)
		if (!frame_of(fd, i * getpagesize(), getpagesize(), &pfn) &&
		    !oracle_kpageflags(pfn, &flags) && flags & (1ULL << KPF_RECLAIM))
			return i * getpagesize();
	return -1;
}

TEST_F(cli_files, report_starts_no_readahead)
{
	char disk[16] = "", path[64], offset[24], byte;
	int fd = make_disk(disk, path), before, i;
	off_t mark;

	if (fd < 0)
		SKIP(return, "no zram disk can be made");
	/* Reads a few pages ahead. One of them has the mark that would start the next readahead. */
	ASSERT_EQ(1, pread(fd, &byte, 1, 0));
	before = resident(fd, DISK_SIZE / getpagesize());
	mark = find_readahead_mark(fd, before);
	if (mark >= 0) {
		snprintf(offset, sizeof(offset), "%ld", (long)mark);
		for (i = 0; i < 3; i++)
			RUN("page", "--file", path, "--offset", offset);
	}
	EXPECT_EQ(before, resident(fd, DISK_SIZE / getpagesize()));
	close(fd);
	write_text("/sys/class/zram-control/hot_remove", disk);
	if (mark < 0)
		SKIP(return, "none of %d pages has the readahead flag", before);
	EXPECT_EQ(0, self->run.status) TH_LOG("%s", self->run.err);
}

TEST_F(cli_files, page_that_is_swapped_out_stays_there)
{
	int fd = memfd_create("swapped", MFD_CLOEXEC), tries;
	char path[64], *page;
	uint64_t pfn;

	if (!have_swap())
		SKIP(return, "no swap");
	ASSERT_EQ(0, ftruncate(fd, 2 * getpagesize()));
	page = mmap(NULL, getpagesize(), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, page);
	*page = 1;
	pfn = frame(page);
	ASSERT_OK(drain_batches());
	for (tries = 0; tries < 100 && resident(fd, 1); tries++)
		page_out(page, getpagesize(), pfn, 1);
	if (resident(fd, 1))
		SKIP(return, "the page cannot be swapped out");
	snprintf(path, sizeof(path), "/proc/%d/fd/%d", getpid(), fd);
	RUN_REFUSED(3, "swapped out", "--file", path);
	EXPECT_EQ(0, resident(fd, 1));
	close(fd);
}

TEST_F(cli_files, files_without_a_page_cache_are_explained)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX, .sun_path = "/tmp/rmapscope-socket" };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	RUN_REFUSED(1, "/tmp: a directory", "--file", "/tmp");
	RUN_REFUSED(1, "/dev/null: a character device", "--file", "/dev/null");
	RUN_REFUSED(3, "each read generates its text", "--file", "/proc/sys/kernel/ostype");
	ASSERT_EQ(0, mkfifo("/tmp/rmapscope-fifo", 0600));
	RUN_REFUSED(1, "a pipe", "--file", "/tmp/rmapscope-fifo");
	unlink("/tmp/rmapscope-fifo");
	RUN_REFUSED(1, "No such file", "--file", "/no/such/file");
	ASSERT_EQ(0, bind(fd, (struct sockaddr *)&name, sizeof(name)));
	RUN_REFUSED(1, "a socket", "--file", name.sun_path);
	unlink(name.sun_path);
	close(fd);
}

TEST_F(cli_files, mount_point_is_printed_unescaped)
{
	static const char dir[] = "/tmp/mounted here", path[] = "/tmp/mounted here/file";
	char *page = MAP_FAILED;
	int fd;

	ASSERT_EQ(0, mkdir(dir, 0700));
	if (mount("rmapscope", dir, "tmpfs", 0, NULL)) {
		rmdir(dir);
		SKIP(return, "no tmpfs can be mounted: %s", strerror(errno));
	}
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (!ftruncate(fd, getpagesize()))
		page = mmap(NULL, getpagesize(), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (page != MAP_FAILED) {
		*page = 1;
		RUN_SUCCEEDS("page", "--file", path);
		EXPECT_OUT("(tmpfs, mounted on /tmp/mounted here)\n");
		munmap(page, getpagesize());
	}
	close(fd);
	umount(dir);
	rmdir(dir);
}

/*
 * The pages of a file of overlayfs are those of the lower file, but statfs(2) describes the upper
 * one.
 */
TEST_F(cli_files, swapped_page_of_a_tmpfs_below_an_overlay_stays_there)
{
	static const char dir[] = "/tmp/overlaid", path[] = "/tmp/overlaid/top/file";
	static const char options[] =
		"lowerdir=/tmp/overlaid/low,upperdir=/tmp/overlaid/up,workdir=/tmp/overlaid/work";
	char *page = MAP_FAILED;
	int fd = -1, tries;
	bool swapped = false;
	uint64_t pfn;

	if (!have_swap())
		SKIP(return, "no swap");
	mkdir(dir, 0700);
	ASSERT_EQ(0, mount("rmapscope", dir, "tmpfs", 0, NULL));
	mkdir("/tmp/overlaid/low", 0700);
	mkdir("/tmp/overlaid/up", 0700);
	mkdir("/tmp/overlaid/work", 0700);
	mkdir("/tmp/overlaid/top", 0700);
	if (!mount("rmapscope", "/tmp/overlaid/top", "overlay", 0, options))
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd >= 0 && !ftruncate(fd, getpagesize()))
		page = mmap(NULL, getpagesize(), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (page != MAP_FAILED) {
		*page = 1;
		pfn = frame(page);
		drain_batches();
		for (tries = 0; tries < 100 && resident(fd, 1); tries++)
			page_out(page, getpagesize(), pfn, 1);
		swapped = !resident(fd, 1);
		munmap(page, getpagesize());
	}
	if (swapped) {
		RUN_REFUSED(3, "swapped out", "--file", path);
		EXPECT_EQ(0, resident(fd, 1));
	}
	if (fd >= 0)
		close(fd);
	umount2("/tmp/overlaid/top", MNT_DETACH);
	umount2(dir, MNT_DETACH);
	rmdir(dir);
	if (!swapped)
		SKIP(return, "no overlayfs, or its page cannot be swapped out");
}

TEST_F(cli_files, empty_file_is_explained)
{
	int fd = memfd_create("empty", MFD_CLOEXEC);
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", getpid(), fd);
	RUN_REFUSED(3, "empty", "--file", path);
	close(fd);
}

TEST_F(cli_files, atime_of_a_file_of_another_owner_is_kept)
{
	int fd = open("/tmp/rmapscope-owner", O_RDWR | O_CREAT | O_CLOEXEC, 0666);

	ASSERT_LE(0, fd);
	ASSERT_EQ(1, write(fd, "x", 1));
	ASSERT_EQ(0, fchown(fd, 1000, 1000));
	ASSERT_EQ(0, prctl(PR_CAPBSET_DROP, CAP_FOWNER, 0, 0, 0));
	RUN_REFUSED(1, "CAP_FOWNER", "--file", "/tmp/rmapscope-owner");
	unlink("/tmp/rmapscope-owner");
	close(fd);
}

TEST_HARNESS_MAIN
