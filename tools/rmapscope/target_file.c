// SPDX-License-Identifier: GPL-2.0
/*
 * From a place in a file to the frame that the page cache has it in: which files have
 * pages there at all, and what to say of those that don't.
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

#include "mount.h"
#include "page_cache.h"
#include "rmapscope.h"
#include "target.h"

static const char *what_it_is(mode_t mode)
{
	if (S_ISDIR(mode))
		return "a directory: its pages, if it has any, cannot be mapped";
	if (S_ISCHR(mode))
		return "a character device: it has no page cache; name a page with -p PID -a ADDR";
	if (S_ISFIFO(mode))
		return "a pipe: it has no page cache";
	if (S_ISSOCK(mode))
		return "a socket: it has no page cache";
	if (S_ISLNK(mode))
		return "a symbolic link that leads nowhere";
	return NULL;
}

/*
 * To open a file of FUSE drops the pages of it that aren't dirty, unless its server asks for them
 * to be kept. A server need not answer statfs(2), and its mount may be in another namespace.
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
		warnx("%s: only its owner, or CAP_FOWNER, may open it without marking it as read",
		      path);
	else if (errno == EWOULDBLOCK)
		warnx("%s: a process has a lease on it", path);
	else
		warn("%s", path);
}

/*
 * Open a file so that nothing is changed by that: a FIFO has a reader then, a tape winds back,
 * and a file gets a new time of access when it is mapped. So it is opened first as a name only.
 */
static int open_quietly(const char *path, struct stat *st)
{
	int name = open(path, O_PATH | O_CLOEXEC), fd = -1;
	char again[32];

	if (name < 0 || fstat(name, st)) {
		warn("%s", path);
	} else if (what_it_is(st->st_mode)) {
		warnx("%s: %s", path, what_it_is(st->st_mode));
	} else if (S_ISREG(st->st_mode) && drops_pages(name, st)) {
		warnx("%s: a FUSE file: opening it would drop its pages; name a page with -p PID -a ADDR",
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

/* Memory of a device that takes the place of the page cache. */
static bool is_dax(int fd)
{
	struct statx stx;

	return !statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &stx) &&
	       stx.stx_attributes & stx.stx_attributes_mask & STATX_ATTR_DAX;
}

static bool get_size(int fd, const struct stat *st, unsigned long long *size)
{
	*size = st->st_size;
	return !S_ISBLK(st->st_mode) || !ioctl(fd, BLKGETSIZE64, size);
}

/* Is there such a place in the file, and a page cache for it? Return: an exit status. */
static int check_place(const struct target *t, int fd, const struct stat *st)
{
	unsigned long long size;

	if (is_dax(fd)) {
		warnx("%s: its pages are memory of the device itself (DAX), and in no page cache",
		      t->file);
		return RS_FAILED;
	}
	if (!get_size(fd, st, &size)) {
		warn("%s: its size", t->file);
		return RS_FAILED;
	}
	if (t->offset < size)
		return RS_OK;
	if (size)
		warnx("%s: offset %llu is past the end, at %llu", t->file, t->offset, size);
	else
		warnx("%s: it is empty, or made up when it is read (as in /proc)", t->file);
	return RS_NO_PAGE;
}

static int explain_place(const struct target *t, enum page_cache_state state, bool hugetlb)
{
	switch (state) {
	case PAGE_CACHED:
		return RS_OK;
	case PAGE_ABSENT:
		warnx("%s: offset %llu is not in memory; see mincore(2)", t->file, t->offset);
		return RS_NO_PAGE;
	case PAGE_IN_SWAP:
		warnx("%s: offset %llu is not in memory: it is swapped out", t->file, t->offset);
		return RS_NO_PAGE;
	case PAGE_POISONED:
		warnx("%s: offset %llu: its memory is broken (hwpoison), an access raises SIGBUS",
		      t->file, t->offset);
		return RS_FAILED;
	case PAGE_MOVED:
		warnx("%s: offset %llu: the page changed while it was looked up; try again",
		      t->file, t->offset);
		return RS_FAILED;
	case PAGE_UNMAPPABLE:
		if (errno == ENODEV)
			warnx("%s: its file system has no pages that can be mapped", t->file);
		else
			warn("%s: cannot be mapped", t->file);
		return RS_FAILED;
	case PAGE_UNKNOWN:
		break;
	}
	warn("%s: offset %llu cannot be looked up%s", t->file, t->offset,
	     hugetlb ? " (in hugetlbfs, that takes userfaultfd)" : "");
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
 * target_find_file() - find the frame of a place in a file
 * @t: a complete target; one with a file gets the frame
 *
 * Return: an exit status, not RS_OK after an error message.
 */
int target_find_file(struct target *t)
{
	struct stat st;
	int fd, status;

	if (!t->file)
		return RS_OK;
	fd = open_quietly(t->file, &st);
	if (fd < 0)
		return RS_FAILED;
	status = look_up(t, fd, &st);
	close(fd);
	t->has_pfn = status == RS_OK;
	return status;
}
