// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "cgroup.h"
#include "complain.h"
#include "kernel_file.h"
#include "oracle.h"
#include "page_actions.h"
#include "uapi_compat.h"

#define MPOL_MF_MOVE_ALL 4

/**
 * drain_batches() - move the pages in the batches of all CPUs to the LRU lists
 *
 * move_pages(2) does this first, even if there is no page to move.
 *
 * Return: 0 or -1.
 */
int drain_batches(void)
{
	void *pages[1] = { };
	int nodes[1] = { }, status[1];

	if (syscall(SYS_move_pages, 0, 0UL, pages, nodes, status, 0))
		return complain("move_pages() without pages: %s", strerror(errno));
	return 0;
}

/**
 * has_flag() - does a frame have a flag in /proc/kpageflags?
 * @pfn: the frame
 * @bit: number of the flag
 *
 * Return: true if it is set.
 */
bool has_flag(uint64_t pfn, int bit)
{
	uint64_t flags;

	return !oracle_kpageflags(pfn, &flags) && flags >> bit & 1;
}

/**
 * frame() - find the frame of a page
 * @page: a present page of the caller's
 *
 * Return: its number; 0 if the page is not present.
 */
uint64_t frame(const void *page)
{
	uint64_t pfn = 0;

	oracle_pfn(getpid(), (uintptr_t)page, &pfn);
	return pfn;
}

/**
 * frame_is_left() - has a page of the caller left its frame?
 * @page: address of the page
 * @pfn: its frame before
 *
 * Return: true if the page is elsewhere or swapped out, and the old frame is not in the swap
 * cache any more.
 */
bool frame_is_left(const void *page, uint64_t pfn)
{
	uint64_t entry;

	if (oracle_entry(getpid(), (uintptr_t)page, &entry))
		return false;
	if (entry & PM_PRESENT && PM_PFN(entry) == pfn)
		return false;
	return !has_flag(pfn, KPF_SWAPCACHE);
}

/**
 * page_out() - reclaim memory that only the caller maps
 * @page: its address
 * @size: of the memory, in bytes
 * @pfn: the first frame
 * @tries: how often, at most
 *
 * A page that is in the LRU batch of another CPU when it is unmapped stays in the swap cache.
 * MADV_PAGEOUT cannot reach it there again.
 *
 * Return: true if the frame was freed.
 */
bool page_out(void *page, size_t size, uint64_t pfn, int tries)
{
	for (; tries > 0; tries--) {
		if (drain_batches() || madvise(page, size, MADV_PAGEOUT))
			return false;
		if (frame_is_left(page, pfn))
			return true;
	}
	return false;
}

/* Checks by mincore(2) that a page of a file or of shared memory has left the page cache. */
static bool is_dropped(void *page)
{
	unsigned char resident = 1;

	return !mincore(page, getpagesize(), &resident) && !(resident & 1);
}

/**
 * file_page_out() - reclaim a page of a file or of shared memory
 * @page: its address in the caller
 * @tries: how often, at most
 *
 * Return: true if the page has left the page cache.
 */
bool file_page_out(void *page, int tries)
{
	for (; tries > 0; tries--) {
		if (madvise(page, getpagesize(), MADV_PAGEOUT))
			return false;
		if (is_dropped(page))
			return true;
	}
	return false;
}

/**
 * reclaim_cgroup() - reclaim all memory of a control group
 * @cgroup: the group, with the page charged to it
 * @page: a page
 * @pfn: its frame
 * @tries: how often, at most
 *
 * Return: true if the frame was freed.
 */
bool reclaim_cgroup(const struct cgroup *cgroup, const void *page, uint64_t pfn, int tries)
{
	for (; tries > 0; tries--) {
		/* EAGAIN: less was reclaimed than asked for, which is expected. */
		cgroup_set(cgroup, "memory.reclaim", "64M");
		if (frame_is_left(page, pfn))
			return true;
	}
	return false;
}

/**
 * has_two_nodes() - does the machine have two NUMA nodes?
 *
 * Return: true if so.
 */
bool has_two_nodes(void)
{
	return !access("/sys/devices/system/node/node1", F_OK);
}

static int node_of(void *page)
{
	int status = -1;

	if (syscall(SYS_move_pages, 0, 1UL, &page, NULL, &status, 0))
		return -errno;
	return status;
}

/**
 * move_to() - migrate a page
 * @page: a present page of the caller's
 * @node: the node to move it to
 *
 * Return: 0 if it was moved; or -errno.
 */
int move_to(void *page, int node)
{
	int status = -1;

	if (syscall(SYS_move_pages, 0, 1UL, &page, &node, &status, MPOL_MF_MOVE_ALL) < 0)
		return -errno;
	if (status < 0)
		return status;
	return node_of(page) == node ? 0 : -EBUSY;
}

/**
 * move_away() - migrate a page to the other node
 * @page: a present page of the caller's
 *
 * Return: 0 if it was moved; or -errno.
 */
int move_away(void *page)
{
	int from = node_of(page);

	return from < 0 ? from : move_to(page, !from);
}

/**
 * split() - split the transparent huge pages in a range of the caller
 * @start: of the range
 * @size: of the range
 * @pfn: a frame of the huge page
 *
 * Return: true if the frame is not part of a huge page any more.
 */
bool split(const void *start, size_t size, uint64_t pfn)
{
	char text[96];

	snprintf(text, sizeof(text), "%d,0x%lx,0x%lx", getpid(), (unsigned long)start,
		 (unsigned long)((const char *)start + size));
	if (write_text("/sys/kernel/debug/split_huge_pages", text))
		return false;
	return !has_flag(pfn, KPF_THP);
}

/**
 * thp_size() - the size of a transparent huge page
 *
 * Return: bytes; 0 if the kernel has none.
 */
size_t thp_size(void)
{
	int64_t size = file_number("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size");

	return size < 0 ? 0 : size;
}

/**
 * own_thp() - map a transparent huge page and write to it
 *
 * Return: its address; NULL if the kernel gives none.
 */
void *own_thp(void)
{
	size_t size = thp_size();
	uint64_t pfn;
	char *room;

	if (!size)
		return NULL;
	room = mmap(NULL, 2 * size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (room == MAP_FAILED)
		return NULL;
	room = (char *)(((uintptr_t)room + size - 1) & -size);
	if (madvise(room, size, MADV_HUGEPAGE))
		return NULL;
	*(volatile char *)room = 1;
	if (oracle_pfn(getpid(), (uintptr_t)room, &pfn) || !has_flag(pfn, KPF_THP))
		return NULL;
	return room;
}

/**
 * put_into_pipe() - put a reference to a page into a pipe
 * @page: the page
 * @pipe_ends: filled; closing both drops the reference
 *
 * Return: 0 or -1.
 */
int put_into_pipe(void *page, int pipe_ends[2])
{
	struct iovec iov = { page, getpagesize() };

	if (pipe(pipe_ends))
		return complain("pipe: %s", strerror(errno));
	if (vmsplice(pipe_ends[1], &iov, 1, 0) != getpagesize())
		return complain("vmsplice: %s", strerror(errno));
	return 0;
}

/**
 * close_pipe() - close both ends of a pipe, and drop its references to pages
 * @pipe_ends: of the pipe, or -1; -1 afterwards
 */
void close_pipe(int pipe_ends[2])
{
	int i;

	for (i = 0; i < 2; i++) {
		close(pipe_ends[i]);
		pipe_ends[i] = -1;
	}
}

/**
 * pin_by_uring() - pin a page for DMA by io_uring
 * @page: the page
 *
 * Return: a descriptor that keeps the pin until it is closed; -1 if the kernel has no io_uring.
 */
int pin_by_uring(void *page)
{
	struct io_uring_params params = { };
	struct iovec iov = { page, getpagesize() };
	int ring = syscall(SYS_io_uring_setup, 1, &params);

	if (ring < 0)
		return -1;
	if (syscall(SYS_io_uring_register, ring, IORING_REGISTER_BUFFERS, &iov, 1)) {
		close(ring);
		return -1;
	}
	return ring;
}
