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
 * drain_batches() - have all CPUs put the pages in their batches onto the LRU lists
 *
 * move_pages(2) does that first of all, even with no page to move.
 *
 * Return: 0 or -1.
 */
int drain_batches(void)
{
	void *pages[1] = { };
	int nodes[1] = { }, status[1];

	if (syscall(SYS_move_pages, 0, 0UL, pages, nodes, status, 0))
		return complain("move_pages() of nothing: %s", strerror(errno));
	return 0;
}

/**
 * has_flag() - ask kpageflags
 * @pfn: the frame
 * @bit: number of the flag
 *
 * Return: whether it is set.
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
 * Return: its number; 0 if it is in none.
 */
uint64_t frame(const void *page)
{
	uint64_t pfn = 0;

	oracle_pfn(getpid(), (uintptr_t)page, &pfn);
	return pfn;
}

/**
 * frame_is_left() - does a page of the caller's no longer use its old frame?
 * @page: address of the page
 * @pfn: the frame it was in
 *
 * Return: true if the page is elsewhere, and also no longer on its way out.
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
 * page_out() - reclaim memory of the caller's alone
 * @page: its address
 * @size: of what to reclaim, in bytes
 * @pfn: the first frame
 * @tries: how often, at most
 *
 * A page that is in a batch of another CPU when it loses its entry stays in the swap cache, where
 * no other try gets at it.
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

/* Whether a page of a file or of shared memory is in no page cache any more. */
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
 * Return: true if it is in no page cache any more.
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
 * reclaim_cgroup() - reclaim all that a control group has
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
		/* EAGAIN: it was less than that, which is no wonder. */
		cgroup_set(cgroup, "memory.reclaim", "64M");
		if (frame_is_left(page, pfn))
			return true;
	}
	return false;
}

/**
 * has_two_nodes() - is there another node to move pages to?
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
 * @node: where to
 *
 * Return: 0 if it is there now; or -errno.
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
 * Return: 0 if it is there now; or -errno.
 */
int move_away(void *page)
{
	int from = node_of(page);

	return from < 0 ? from : move_to(page, !from);
}

/**
 * split() - split the transparent huge pages of the caller's in a range
 * @start: of the range
 * @size: of the range
 * @pfn: a frame of the one in question
 *
 * Return: true if it is no huge page any more.
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
 * thp_size() - how large a transparent huge page is
 *
 * Return: bytes; 0 if the kernel has none.
 */
size_t thp_size(void)
{
	int64_t size = file_number("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size");

	return size < 0 ? 0 : size;
}

/**
 * own_thp() - a transparent huge page of the caller's, written to
 *
 * Return: its address; NULL if there is none to be had.
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
 * put_into_pipe() - have a pipe refer to a page
 * @page: the page
 * @pipe_ends: filled; closing both lets go of the page
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
 * pin_by_uring() - have io_uring pin a page for DMA
 * @page: the page
 *
 * Return: a descriptor that holds it until it is closed; -1 where there is no io_uring.
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
