// SPDX-License-Identifier: GPL-2.0
/*
 * From a place in a file to the frame that the page cache has it in. The kernel tells
 * only who maps a page, so we map it for a moment: what is not in memory already is left
 * where it is, and the page is not marked as used.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "rmapscope.h"
#include "target.h"

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ	22
#endif

#define PAGEMAP_BIT(n)	(1ULL << (n))
#define PAGEMAP_PRESENT	PAGEMAP_BIT(63)
#define PAGEMAP_PFN	(PAGEMAP_BIT(55) - 1)

static int read_pfn(const char *at, unsigned long long *pfn)
{
	uint64_t entry = 0;
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	ssize_t n = -1;

	if (fd >= 0) {
		n = pread(fd, &entry, sizeof(entry),
			  (uintptr_t)at / getpagesize() * sizeof(entry));
		close(fd);
	}
	if (n != sizeof(entry) || !(entry & PAGEMAP_PRESENT) || !(entry & PAGEMAP_PFN))
		return -1;
	*pfn = entry & PAGEMAP_PFN;
	return 0;
}

/*
 * An accessed entry of a mapping counts as use when it is unmapped, unless it was to be
 * read sequentially (zap_pte_range()); readahead won't begin, as the page is there.
 */
static int find_pfn(char *area, size_t size, size_t within, unsigned long long *pfn)
{
	unsigned char resident = 0;
	char *page = area + within;

	if (madvise(area, size, MADV_SEQUENTIAL) ||
	    mincore(page, getpagesize(), &resident) || !(resident & 1))
		return -1;
	if (madvise(page, getpagesize(), MADV_POPULATE_READ))
		return -1;
	return read_pfn(page, pfn);
}

static int look_up(struct target *t, int fd)
{
	unsigned long long start, size = getpagesize();
	struct statfs fs;
	struct stat st;
	char *area;
	int ret;

	if (fstat(fd, &st) || fstatfs(fd, &fs)) {
		warn("%s", t->file);
		return RS_FAILED;
	}
	if (t->offset >= (unsigned long long)st.st_size) {
		warnx("%s: offset %llu is past the end, at %lld", t->file, t->offset,
		      (long long)st.st_size);
		return RS_NO_PAGE;
	}
	if (fs.f_type == HUGETLBFS_MAGIC)
		size = fs.f_bsize;
	start = t->offset / size * size;
	area = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, start);
	if (area == MAP_FAILED) {
		warn("%s: cannot be mapped", t->file);
		return RS_FAILED;
	}
	ret = find_pfn(area, size, (t->offset - start) / getpagesize() * getpagesize(), &t->pfn);
	munmap(area, size);
	if (!ret)
		return RS_OK;
	warnx("%s: offset %llu is not in memory: read it first, or see mincore(2)", t->file,
	      t->offset);
	return RS_NO_PAGE;
}

/**
 * target_find_file() - find the frame of a place in a file
 * @t: a complete target; one with a file gets the frame
 *
 * Return: an exit status, not RS_OK after an error message.
 */
int target_find_file(struct target *t)
{
	int fd, status;

	if (!t->file)
		return RS_OK;
	fd = open(t->file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOATIME);
	if (fd < 0 && errno == EPERM)
		fd = open(t->file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0) {
		warn("%s", t->file);
		return RS_FAILED;
	}
	status = look_up(t, fd);
	close(fd);
	t->has_pfn = status == RS_OK;
	return status;
}
