// SPDX-License-Identifier: GPL-2.0
/*
 * Pages of shared memory that are swapped out. They leave nothing in page tables, so that no stream
 * has them, but the kernel counts them in smaps.
 */
#include <fcntl.h>
#include <linux/magic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "share.h"

/* New in v6.5; the same number on all architectures. */
#ifndef SYS_cachestat
#define SYS_cachestat	451
#endif

struct cache_range {
	uint64_t off, len;
};

struct cache_counts {
	uint64_t cached, dirty, writeback, evicted, recently_evicted;
};

/* Before v6.5: data of the file that is not in the page cache. Return: pages, or -1. */
static long long count_absent(int fd, off_t start, off_t end, unsigned int page_size)
{
	unsigned char *resident = calloc(1, (end - start) / page_size + 1);
	void *map = mmap(NULL, end - start, PROT_READ, MAP_SHARED, fd, start);
	long long pages = -1;
	off_t data, hole, at;

	if (resident && map != MAP_FAILED && !mincore(map, end - start, resident)) {
		pages = 0;
		for (data = lseek(fd, start, SEEK_DATA); data >= 0 && data < end;
		     data = lseek(fd, hole, SEEK_DATA)) {
			hole = lseek(fd, data, SEEK_HOLE);
			for (at = data; at < hole && at < end; at += page_size)
				pages += !(resident[(at - start) / page_size] & 1);
		}
	}
	if (map != MAP_FAILED)
		munmap(map, end - start);
	free(resident);
	return pages;
}

static long long count_swapped(int fd, off_t start, off_t end, unsigned int page_size)
{
	struct cache_range range = { start, end - start };
	struct cache_counts counts;

	if (!syscall(SYS_cachestat, fd, &range, &counts, 0))
		return counts.evicted;
	return count_absent(fd, start, end, page_size);
}

static bool is_shmem(int fd)
{
	struct statfs fs;

	return !fstatfs(fd, &fs) && fs.f_type == TMPFS_MAGIC;
}

/* A private mapping that can be written has copies, which are in swap by themselves. */
static bool may_be_shmem(const struct vma_line *vma)
{
	return vma->inode && (vma->perms[3] == 's' || vma->perms[1] != 'w');
}

/**
 * share_shmem_swap() - count the swapped-out pages of shared memory that a process maps
 * @pid: the process
 * @list: its VMAs
 * @page_size: in bytes
 *
 * Return: their number.
 */
unsigned long long share_shmem_swap(int pid, const struct vma_list *list, unsigned int page_size)
{
	unsigned long long pages = 0;
	size_t i;

	for (i = 0; i < list->nr; i++) {
		const struct vma_line *vma = &list->vma[i];
		char path[96];
		struct stat st;
		off_t end = vma->offset + (vma->end - vma->start);
		int fd;

		if (!may_be_shmem(vma))
			continue;
		snprintf(path, sizeof(path), "/proc/%d/map_files/%llx-%llx", pid, vma->start,
			 vma->end);
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
		if (fd < 0)
			continue;
		if (is_shmem(fd) && !fstat(fd, &st) && st.st_size > (off_t)vma->offset) {
			long long swapped = count_swapped(fd, vma->offset,
							  end < st.st_size ? end : st.st_size,
							  page_size);

			pages += swapped > 0 ? swapped : 0;
		}
		close(fd);
	}
	return pages;
}
