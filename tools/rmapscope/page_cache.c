// SPDX-License-Identifier: GPL-2.0
/*
 * Finds the frame that holds a page of a file in the page cache.
 *
 * The kernel shows the frames of mapped pages only, in /proc/self/pagemap. So this file maps the
 * page for a moment. It takes care that this changes nothing:
 *
 * - A page that is not in memory is not read in: mincore(2) is asked first. Its answer is wrong in
 *   two cases. It does not see hugetlb pages that only other processes map; for hugetlb,
 *   userfaultfd(2) makes a touch fail where the kernel would have to allocate a page. And it counts
 *   shared memory that is only in the swap cache as resident; the swap figure in smaps tells.
 * - write(2) to a pipe touches the page, and the kernel does the copying. This does not mark the
 *   page as accessed, as get_user_pages() and MADV_POPULATE_READ do. If the page can't be read,
 *   the call fails with EFAULT; an access by this process would raise SIGBUS.
 * - During the touch the mapping is for random access. Otherwise a page that readahead has marked
 *   would start the next readahead. When it is unmapped, it is for sequential access. Otherwise the
 *   kernel would pass the accessed bit of the entry on to the page.
 *
 * A page of a file that is dropped between mincore(2) and the touch is read in again, without its
 * neighbours. A page of shared memory that is swapped out in that moment is swapped in.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "page_cache.h"
#include "vma.h"

#define PAGEMAP_BIT(n)	(1ULL << (n))
#define PAGEMAP_PRESENT	PAGEMAP_BIT(63)
#define PAGEMAP_PFN	(PAGEMAP_BIT(55) - 1)

/* Bytes per read(2) when hugetlb_reads() tests a huge page. */
#define CHUNK		65536

static enum page_cache_state read_pfn(const char *at, unsigned long long *pfn)
{
	uint64_t entry = 0;
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return PAGE_UNKNOWN;
	n = pread(fd, &entry, sizeof(entry), (uintptr_t)at / getpagesize() * sizeof(entry));
	close(fd);
	if (n != sizeof(entry))
		return PAGE_UNKNOWN;
	if (!(entry & PAGEMAP_PRESENT))
		return PAGE_MOVED;
	if (!(entry & PAGEMAP_PFN)) {
		errno = EPERM;		/* the kernel hides frames without CAP_SYS_ADMIN */
		return PAGE_UNKNOWN;
	}
	*pfn = entry & PAGEMAP_PFN;
	return PAGE_CACHED;
}

/* Have the kernel read a byte of @page. Return: 0 or an errno. */
static int touch(const char *page)
{
	int ends[2], error = 0;

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK))
		return errno;
	if (write(ends[1], page, 1) != 1)
		error = errno;
	close(ends[0]);
	close(ends[1]);
	return error;
}

/*
 * Make a touch of @area fail where the kernel would have to allocate a page. Return: a descriptor
 * that keeps this in force until it is closed, or -1.
 */
static int forbid_holes(char *area, size_t size)
{
	struct uffdio_api api = { .api = UFFD_API, .features = UFFD_FEATURE_SIGBUS };
	struct uffdio_register where = {
		.range = { .start = (uintptr_t)area, .len = size },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	int error, fd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return -1;
	if (!ioctl(fd, UFFDIO_API, &api) && !ioctl(fd, UFFDIO_REGISTER, &where))
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

/* Tell a hole from a broken page: read(2) of a hole gives zeros, of broken memory an error. */
static bool hugetlb_reads(const struct page_place *place)
{
	unsigned long long at = place->offset / place->size * place->size, end = at + place->size;
	char *buffer = malloc(CHUNK);
	bool reads = true;

	for (; buffer && reads && at < end; at += CHUNK)
		reads = pread(place->fd, buffer, CHUNK, at) == CHUNK;
	free(buffer);
	return reads;
}

static enum page_cache_state find_hugetlb(const struct page_place *place, char *area, char *page,
					  unsigned long long *pfn)
{
	int error, guard = forbid_holes(area, place->size);

	if (guard < 0)
		return PAGE_UNKNOWN;
	error = touch(page);
	close(guard);
	if (!error)
		return read_pfn(page, pfn);
	if (error == EFAULT)
		return hugetlb_reads(place) ? PAGE_ABSENT : PAGE_POISONED;
	errno = error;
	return PAGE_UNKNOWN;
}

static bool is_resident(char *page)
{
	unsigned char resident = 0;

	return !mincore(page, getpagesize(), &resident) && resident & 1;
}

/* The file may be on overlayfs, with the pages of a tmpfs below, so this tests any file. */
static bool is_swapped(const char *page)
{
	struct vma vma;

	return vma_find("self", (uintptr_t)page, &vma) && vma.swap_kb;
}

static enum page_cache_state find_small(const struct page_place *place, char *page,
					unsigned long long *pfn)
{
	bool resident = is_resident(page);
	enum page_cache_state state;
	int error, guard;

	if (is_swapped(page))
		return PAGE_IN_SWAP;
	if (!resident)
		return PAGE_ABSENT;
	if (madvise(page, place->size, MADV_RANDOM))
		return PAGE_UNKNOWN;
	/* If this fails, a hole that is punched in this moment gets filled again. */
	guard = place->shmem ? forbid_holes(page, place->size) : -1;
	error = touch(page);
	if (guard >= 0)
		close(guard);
	if (!error)
		state = read_pfn(page, pfn);
	else if (error == EFAULT)
		state = is_resident(page) ? PAGE_POISONED : PAGE_MOVED;
	else
		state = PAGE_UNKNOWN;
	if (error)
		errno = error;
	if (madvise(page, place->size, MADV_SEQUENTIAL))
		state = PAGE_UNKNOWN;
	return state;
}

/**
 * page_cache_is_dax() - test if the memory of a device takes the place of a file's page cache
 * @fd: a directory, or the file itself
 * @path: the file, relative to @fd; "" for @fd itself
 *
 * Return: true if it does (DAX).
 */
bool page_cache_is_dax(int fd, const char *path)
{
	struct statx stx;

	return !statx(fd, path, AT_EMPTY_PATH, STATX_BASIC_STATS, &stx) &&
	       stx.stx_attributes & stx.stx_attributes_mask & STATX_ATTR_DAX;
}

/**
 * page_cache_find() - find the frame that holds a page of a file
 * @place: the file and the offset
 * @pfn: gets the frame, if there is one
 *
 * Return: PAGE_CACHED, or the reason why there is no frame.
 */
enum page_cache_state page_cache_find(const struct page_place *place, unsigned long long *pfn)
{
	unsigned long long start = place->offset / place->size * place->size;
	size_t within = (place->offset - start) / getpagesize() * getpagesize();
	enum page_cache_state state;
	/* MAP_NORESERVE: do not take a huge page out of the pool for this mapping. */
	char *area = mmap(NULL, place->size, PROT_READ, MAP_PRIVATE | MAP_NORESERVE, place->fd,
			  start);
	int error;

	if (area == MAP_FAILED)
		return PAGE_UNMAPPABLE;
	state = place->hugetlb ? find_hugetlb(place, area, area + within, pfn) :
				 find_small(place, area, pfn);
	error = errno;
	munmap(area, place->size);
	errno = error;
	return state;
}
