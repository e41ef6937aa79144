// SPDX-License-Identifier: GPL-2.0
/*
 * From an offset in a file to the frame that holds it in the page cache, with an error message if
 * the file has no page cache or the page is not in memory.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "exit_status.h"
#include "mount.h"
#include "page_cache.h"
#include "target.h"

/* Why a file of this type has no page. Return: NULL if it can have pages. */
static const char *why_no_pages(mode_t mode)
{
	if (S_ISDIR(mode))
		return "a directory: its pages cannot be mapped";
	if (S_ISCHR(mode))
		return "a character device: it has no page cache; use -p PID -a ADDR";
	if (S_ISFIFO(mode))
		return "a pipe: it has no page cache";
	if (S_ISSOCK(mode))
		return "a socket: it has no page cache";
	if (S_ISLNK(mode))
		return "a symbolic link whose target is missing";
	return NULL;
}

/*
 * Test if the file is on FUSE. Opening such a file drops its clean pages, unless the server asks
 * the kernel to keep them. Look at mountinfo first, because the server may not answer statfs(2).
 * mountinfo lacks the mount if it is in another namespace.
 */
static bool drops_pages(int name, const struct stat *st)
{
	static const char * const fuse[] = { "fuse", "fuseblk", "virtiofs", NULL };
	struct statfs fs;
	char dev[32];

	snprintf(dev, sizeof(dev), "%u:%u", major(st->st_dev), minor(st->st_dev));
	return mount_has_type(dev, fuse) || (!fstatfs(name, &fs) && fs.f_type == FUSE_SUPER_MAGIC);
}

static void explain_open(const char *path)
{
	if (errno == EPERM)
		warnx("%s: opening it would change its time of access; run as its owner or with %s",
		      path, "CAP_FOWNER");
	else if (errno == EWOULDBLOCK)
		warnx("%s: another process has a lease on it (F_SETLEASE)", path);
	else
		warn("%s", path);
}

/*
 * Open a file without side effects. O_PATH comes first to learn the type, because opening a FIFO
 * can wake a writer, and opening a tape device rewinds the tape. O_NOATIME keeps the time of
 * access, which mmap(2) would change.
 */
static int open_quietly(const char *path, struct stat *st)
{
	int name = open(path, O_PATH | O_CLOEXEC), fd = -1;
	char again[32];

	if (name < 0 || fstat(name, st)) {
		warn("%s", path);
	} else if (why_no_pages(st->st_mode)) {
		warnx("%s: %s", path, why_no_pages(st->st_mode));
	} else if (S_ISREG(st->st_mode) && drops_pages(name, st)) {
		warnx("%s: a FUSE file: opening it would drop its pages; use -p PID -a ADDR",
		      path);
	} else {
		snprintf(again, sizeof(again), "/proc/self/fd/%d", name);
		fd = open(again, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOATIME);
		if (fd < 0)
			explain_open(path);
	}
	if (name >= 0)
		close(name);
	return fd;
}

static bool get_size(int fd, const struct stat *st, unsigned long long *size)
{
	*size = st->st_size;
	return !S_ISBLK(st->st_mode) || !ioctl(fd, BLKGETSIZE64, size);
}

/* Check that the offset is in the file, and that the file has a page cache. */
static int check_place(const struct target *t, int fd, const struct stat *st)
{
	unsigned long long size;

	if (page_cache_is_dax(fd, "")) {
		warnx("%s: its pages are memory of a device (DAX), not in the page cache",
		      t->file);
		return RS_FAILED;
	}
	if (!get_size(fd, st, &size)) {
		warn("%s: cannot get its size", t->file);
		return RS_FAILED;
	}
	if (t->offset < size)
		return RS_OK;
	if (size)
		warnx("%s: offset %llu is past the end, at %llu", t->file, t->offset, size);
	else
		warnx("%s: its size is 0: it is empty, or each read generates its text (/proc)",
		      t->file);
	return RS_NO_PAGE;
}

static int explain_place(const struct target *t, enum page_cache_state state, bool hugetlb)
{
	switch (state) {
	case PAGE_CACHED:
		return RS_OK;
	case PAGE_ABSENT:
		warnx("%s: offset %llu is not in memory; read it first", t->file, t->offset);
		return RS_NO_PAGE;
	case PAGE_IN_SWAP:
		warnx("%s: offset %llu is not in memory: it is swapped out", t->file, t->offset);
		return RS_NO_PAGE;
	case PAGE_POISONED:
		warnx("%s: offset %llu: its memory is broken (hwpoison): an access raises SIGBUS",
		      t->file, t->offset);
		return RS_FAILED;
	case PAGE_MOVED:
		warnx("%s: offset %llu: the page changed while it was looked up; try again",
		      t->file, t->offset);
		return RS_FAILED;
	case PAGE_UNMAPPABLE:
		if (errno == ENODEV)
			warnx("%s: its file system does not support mmap()", t->file);
		else
			warn("%s: cannot be mapped", t->file);
		return RS_FAILED;
	case PAGE_UNKNOWN:
		break;
	}
	warn("%s: offset %llu cannot be looked up%s", t->file, t->offset,
	     hugetlb ? " (hugetlbfs needs userfaultfd)" : "");
	return RS_FAILED;
}

static int look_up(struct target *t, int fd, const struct stat *st)
{
	int status = check_place(t, fd, st);
	struct page_place place = { .fd = fd, .offset = t->offset, .size = getpagesize() };
	struct statfs fs;

	if (status)
		return status;
	if (fstatfs(fd, &fs)) {
		warn("%s", t->file);
		return RS_FAILED;
	}
	place.hugetlb = fs.f_type == HUGETLBFS_MAGIC;
	place.shmem = fs.f_type == TMPFS_MAGIC && S_ISREG(st->st_mode);
	if (place.hugetlb)
		place.size = fs.f_bsize;
	return explain_place(t, page_cache_find(&place, &t->pfn), place.hugetlb);
}

/**
 * target_find_file() - find the frame that holds an offset of a file
 * @t: a target with a file; gets the frame
 *
 * Return: an exit status; after an error message it is not RS_OK.
 */
int target_find_file(struct target *t)
{
	struct stat st;
	int fd, status;

	fd = open_quietly(t->file, &st);
	if (fd < 0)
		return RS_FAILED;
	status = look_up(t, fd, &st);
	close(fd);
	t->has_pfn = status == RS_OK;
	return status;
}
