// SPDX-License-Identifier: GPL-2.0
/*
 * Memory whose anon_vma is known: regions of single pages that have no
 * neighbour to merge with, so that nothing else hangs in their tree.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "exercise.h"

/**
 * page_size() - the size of a page of this machine
 *
 * Return: the size in bytes.
 */
unsigned long page_size(void)
{
	return sysconf(_SC_PAGESIZE);
}

/* A kernel without THP refuses the advice with EINVAL, and needs none. */
static void no_huge(unsigned long start, unsigned long size)
{
	if (madvise((void *)start, size, MADV_NOHUGEPAGE) && errno != EINVAL)
		die(errno, "cannot turn huge pages off at 0x%lx", start);
}

/**
 * mem_reserve() - address space that nothing else will use
 * @pages: its size
 *
 * A page without any access stays on each side, which keeps the kernel from
 * merging the region with a neighbour or lending it a neighbour's anon_vma.
 *
 * Return: the first address between the two guard pages.
 */
unsigned long mem_reserve(unsigned int pages)
{
	unsigned long size = (pages + 2UL) * page_size();
	void *area;

	area = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (area == MAP_FAILED)
		die(errno, "cannot map %u pages", pages);

	no_huge((unsigned long)area, size);
	return (unsigned long)area + page_size();
}

/**
 * mem_region() - a writable private anonymous region, not touched yet
 * @pages: its size
 *
 * Return: its address.
 */
unsigned long mem_region(unsigned int pages)
{
	unsigned long va = mem_reserve(pages);

	mem_protect(va, pages, PROT_READ | PROT_WRITE);
	return va;
}

/**
 * mem_touch() - write to pages, each something that no other page holds
 * @va: where they start
 * @pages: how many
 *
 * Equal pages could be merged behind our back where KSM is on.
 */
void mem_touch(unsigned long va, unsigned int pages)
{
	unsigned long mark = (unsigned long)getpid() << 32;
	unsigned int i;

	for (i = 0; i < pages; i++) {
		unsigned long *word = (void *)(va + i * page_size());

		word[0] = mark | i;
		word[1] = va;
	}
}

/**
 * mem_read() - read from pages, so that what is there gets mapped
 * @va: where they start
 * @pages: how many
 */
void mem_read(unsigned long va, unsigned int pages)
{
	unsigned int i;

	for (i = 0; i < pages; i++)
		(void)*(volatile char *)(va + i * page_size());
}

/**
 * mem_shared() - map what others can map, too
 * @va: where, in a reserved place; 0 for anywhere
 * @size: in bytes
 * @prot: what mmap(2) takes
 * @flags: likewise
 * @fd: likewise
 *
 * Return: the address.
 */
unsigned long mem_shared(unsigned long va, size_t size, int prot, int flags, int fd)
{
	void *area;

	area = mmap((void *)va, size, prot, flags | (va ? MAP_FIXED : 0), fd, 0);
	if (area == MAP_FAILED)
		die(errno, "cannot map %zu bytes", size);
	return (unsigned long)area;
}

/**
 * mem_setup() - the exercise's region, with all its pages touched
 * @ex: the exercise; --pages is its size
 */
void mem_setup(struct exercise *ex)
{
	ex->va = mem_region(ex->opt[OPT_PAGES]);
	mem_touch(ex->va, ex->opt[OPT_PAGES]);
}

/**
 * mem_write() - for a helper: write to all pages of the exercise's region
 * @ex: the exercise
 * @index: which helper it is
 *
 * Return: the region's address.
 */
unsigned long mem_write(struct exercise *ex, unsigned int index)
{
	(void)index;
	mem_touch(ex->va, ex->opt[OPT_PAGES]);
	return ex->va;
}

/**
 * mem_protect() - set the access of pages
 * @va: where they start
 * @pages: how many
 * @prot: what mprotect(2) takes
 */
void mem_protect(unsigned long va, unsigned int pages, int prot)
{
	if (mprotect((void *)va, pages * page_size(), prot))
		die(errno, "cannot set the access of %u pages at 0x%lx", pages, va);
}

static void find_vma(unsigned long va, unsigned long *start, unsigned long *end)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[512];

	if (!maps)
		die(errno, "cannot open /proc/self/maps");

	while (fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%lx-%lx", start, end) == 2 &&
		    *start <= va && va < *end) {
			fclose(maps);
			return;
		}
	}
	die(0, "/proc/self/maps shows nothing at 0x%lx", va);
}

/**
 * mem_no_huge_vma() - allow only single pages in the whole VMA around @va
 * @va: an address in it
 *
 * For the heap and the stack: advice for a part would split them.
 */
void mem_no_huge_vma(unsigned long va)
{
	unsigned long start, end;

	find_vma(va, &start, &end);
	no_huge(start, end - start);
}

/**
 * mem_expect_vma() - make sure that one VMA covers exactly these pages
 * @va: where they start
 * @pages: how many
 * @what: what the kernel did not do if it is not so
 */
void mem_expect_vma(unsigned long va, unsigned int pages, const char *what)
{
	unsigned long start, end;

	find_vma(va, &start, &end);
	if (start != va || end != va + pages * page_size())
		die(0, "the kernel did not %s: the VMA at 0x%lx is 0x%lx-0x%lx",
		    what, va, start, end);
}
