// SPDX-License-Identifier: GPL-2.0
/*
 * "rmapscope why --pfn" on a range of frames that the kernel really can't allocate, since a pipe
 * has a reference to a page in it, and then can. A huge page of 1 GiB is such an allocation: see
 * alloc_contig_pages() in the kernel.
 */
#include <inttypes.h>
#include <sys/mman.h>

#include "child.h"
#include "command.h"
#include "kernel_file.h"
#include "oracle.h"
#include "page_actions.h"
#include "test.h"

#define POOL	"/sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages"
#define GIB	(1UL << 30)
#define HUGE	(2UL << 20)
#define SPARE	(GIB / 4)		/* left to others while huge pages are taken */

FIXTURE(why_contiguous)
{
	struct command run;
	long possible;			/* gigantic pages that can be allocated */
	uint64_t first;			/* its first frame, which is free now */
	char *page;			/* a huge page in its frames */
	uint64_t pfn;
	int pipe[2];
	char frames[64], row[96];
};

#define fixture_data	FIXTURE_DATA(why_contiguous)

/* Allocates as many gigantic pages as possible. Returns how many. */
static long allocate(void)
{
	write_text(POOL, "0");
	write_text("/proc/sys/vm/drop_caches", "3");
	write_text("/proc/sys/vm/compact_memory", "1");
	write_text(POOL, "64");
	return file_number(POOL);
}

/* Allocates gigantic pages, finds the frames of one, and frees all. */
static bool find_frames(fixture_data *self)
{
	char *page;
	int err;

	if (file_number(POOL) != 0)
		return false;
	self->possible = allocate();
	if (self->possible < 1)
		return false;
	page = mmap(NULL, GIB, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | 30 << MAP_HUGE_SHIFT, -1, 0);
	err = page == MAP_FAILED;
	if (!err) {
		*page = 1;
		err = oracle_pfn(getpid(), (uintptr_t)page, &self->first);
		munmap(page, GIB);
	}
	write_text(POOL, "0");
	return !err;
}

/* Takes huge pages until one of them is in the frames, and keeps only that. */
static char *huge_page_in_frames(fixture_data *self)
{
	size_t size = (file_number_after("/proc/meminfo", "MemAvailable") << 10) - SPARE;
	char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	char *begin = (char *)(((uintptr_t)memory + HUGE - 1) & -HUGE), *at;
	bool found = false;

	if (memory == MAP_FAILED || madvise(memory, size, MADV_HUGEPAGE))
		return NULL;
	for (at = begin; at + HUGE <= memory + size; at += HUGE) {
		*(volatile char *)at = 1;
		found = !oracle_pfn(getpid(), (uintptr_t)at, &self->pfn) &&
			self->pfn - self->first < GIB / getpagesize();
		if (found)
			break;
	}
	munmap(memory, at - memory);
	if (found)
		munmap(at + HUGE, memory + size - at - HUGE);
	return found ? at : NULL;
}

FIXTURE_SETUP(why_contiguous)
{
	self->pipe[0] = -1;
	self->pipe[1] = -1;
	NEEDS_MODULE();
	if (!find_frames(self)) {
		self->possible = 0;
		return;
	}
	self->page = huge_page_in_frames(self);
	ASSERT_NE(NULL, self->page);
	ASSERT_OK(drain_batches());
	ASSERT_OK(put_into_pipe(self->page, self->pipe));
	snprintf(self->frames, sizeof(self->frames), "%#" PRIx64 "+%#lx", self->first,
		 GIB / getpagesize());
	snprintf(self->row, sizeof(self->row), " extra_refs 1 %d why_contiguous %#" PRIx64,
		 getpid(), self->pfn);
}

FIXTURE_TEARDOWN(why_contiguous)
{
	close_pipe(self->pipe);
	if (self->possible)
		write_text(POOL, "0");
	command_free(&self->run);
}

#define ROWS	"-r", "-n", "-o", "PAGES,WHY,NPROCS,PID,COMM,PFN"

TEST_F(why_contiguous, page_that_keeps_a_range_from_being_allocated_is_named_until_it_is_let_go)
{
	NEEDS_MODULE();
	if (!self->possible)
		SKIP(return, "no gigantic page can be allocated here");
	RUN_WELL("why", "--pfn", self->frames, ROWS);
	EXPECT_OUT(self->row);
	EXPECT_GT(self->possible, allocate());
	write_text(POOL, "0");
	RUN_WELL("why", "--pfn", self->frames, ROWS);
	EXPECT_OUT(self->row);

	close_pipe(self->pipe);
	RUN_WELL("why", "--pfn", self->frames, ROWS);
	EXPECT_NOT_OUT(self->row);
	/* The kernel may have taken memory there meanwhile. */
	RUN_WELL("why", "--pfn", self->frames);
	if (strstr(self->run.out, "\nNothing stops migration here.\n"))
		EXPECT_EQ(self->possible, allocate());
}

TEST_HARNESS_MAIN
