// SPDX-License-Identifier: GPL-2.0
/*
 * Which frame the page cache has a part of a file in.
 *
 * The kernel tells that only of mapped pages, in pagemap. So the page is mapped for a moment, in
 * such a way that nothing changes by it:
 *
 * - What is not in memory already is left where it is: mincore(2) tells before. It knows nothing of
 *   pages of hugetlb that others map, and of a page of shared memory it also says yes if that is in
 *   the swap cache only. For the first there is userfaultfd, which raises SIGBUS where a page would
 *   have to be allocated; for the second the swap figure of smaps.
 * - The page is touched by the kernel's own copying, which marks nothing, as get_user_pages() and
 *   thus MADV_POPULATE_READ does, and which fails with EFAULT where an access of ours would be
 *   answered by SIGBUS.
 * - The mapping is for random access while it is touched: else a page that readahead has marked
 *   would begin the next readahead. It is for sequential access when it goes: else the accessed
 *   bit of the entry would be handed on to the page.
 *
 * A page of a file that is dropped between mincore(2) and the touch is read in again, that page
 * alone; one of shared memory that is swapped out just then is swapped in.
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
#include <sys/syscall.h>
#include <unistd.h>

#include "page_cache.h"
#include "vma.h"

#define PAGEMAP_BIT(n)	(1ULL << (n))
#define PAGEMAP_PRESENT	PAGEMAP_BIT(63)
#define PAGEMAP_PFN	(PAGEMAP_BIT(55) - 1)

/* For reading what is in a huge page, to find out whether it can be read. */
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
		errno = EPERM;		/* it is hidden from us */
		return PAGE_UNKNOWN;
	}
	*pfn = entry & PAGEMAP_PFN;
	return PAGE_CACHED;
}

/* Return: 0 or an errno. */
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
 * From now on a touch of @area where there is no page raises SIGBUS. Return: a descriptor that
 * keeps it so, or -1.
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

/* A hole of hugetlbfs reads as zeros; the broken part of a page can't be read. */
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

/* Also a file of overlayfs, whose pages may be those of a tmpfs below. */
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
	/* Where that can't be had, a hole that is punched in this moment is filled again. */
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
 * page_cache_find() - find the frame that a part of a file is in
 * @place: which part
 * @pfn: gets the frame, if there is one
 *
 * Return: PAGE_CACHED, or why there is none.
 */
enum page_cache_state page_cache_find(const struct page_place *place, unsigned long long *pfn)
{
	unsigned long long start = place->offset / place->size * place->size;
	size_t within = (place->offset - start) / getpagesize() * getpagesize();
	enum page_cache_state state;
	/* MAP_NORESERVE: a huge page that is promised to us would be missing elsewhere. */
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
