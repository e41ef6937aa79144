// SPDX-License-Identifier: GPL-2.0
/*
 * Regions of small pages. Each has guard pages around it, so that its VMA can't merge with another
 * one, and nothing else is in its anon_vma tree.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "exercise.h"

/**
 * page_size() - get the size of a small page
 *
 * Return: the size in bytes.
 */
unsigned long page_size(void)
{
	return sysconf(_SC_PAGESIZE);
}

/* A kernel without transparent huge pages answers EINVAL, which is fine. */
static void no_huge(unsigned long start, unsigned long size)
{
	if (madvise((void *)start, size, MADV_NOHUGEPAGE) && errno != EINVAL)
		die(errno, "cannot turn huge pages off at 0x%lx", start);
}

/**
 * mem_reserve() - reserve address space
 * @pages: its size
 *
 * A guard page without access stays on each side. It keeps the kernel from merging the region with
 * a neighbour, and from reusing the anon_vma of a neighbour for it.
 *
 * Return: the first address behind the first guard page.
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
 * mem_region() - map a writable private anonymous region
 * @pages: its size
 *
 * Return: its address. The region is not touched.
 */
unsigned long mem_region(unsigned int pages)
{
	unsigned long va = mem_reserve(pages);

	mem_protect(va, pages, PROT_READ | PROT_WRITE);
	return va;
}

/**
 * mem_touch() - write to pages
 * @va: address of the first page
 * @pages: how many
 *
 * Each page gets contents that no other page has. Otherwise KSM could merge some of them.
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
 * mem_read() - read from pages, which maps them
 * @va: address of the first page
 * @pages: how many
 */
void mem_read(unsigned long va, unsigned int pages)
{
	unsigned int i;

	for (i = 0; i < pages; i++)
		(void)*(volatile char *)(va + i * page_size());
}

/**
 * mem_shared() - map memory that other processes can map as well
 * @va: the address, in reserved address space; 0 for any address
 * @size: in bytes
 * @prot: as for mmap(2)
 * @flags: as for mmap(2)
 * @fd: as for mmap(2)
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
 * mem_setup() - map the region of the exercise and touch all its pages
 * @ex: the exercise; the option --pages is the size of the region
 */
void mem_setup(struct exercise *ex)
{
	ex->va = mem_region(ex->opt[OPT_PAGES]);
	mem_touch(ex->va, ex->opt[OPT_PAGES]);
}

/**
 * mem_write() - in a helper: write to all pages of the region of the exercise
 * @ex: the exercise
 * @index: the number of the helper
 *
 * Return: the address of the region.
 */
unsigned long mem_write(struct exercise *ex, unsigned int index)
{
	(void)index;
	mem_touch(ex->va, ex->opt[OPT_PAGES]);
	return ex->va;
}

/**
 * mem_protect() - set the permissions of pages
 * @va: address of the first page
 * @pages: how many
 * @prot: as for mprotect(2)
 */
void mem_protect(unsigned long va, unsigned int pages, int prot)
{
	if (mprotect((void *)va, pages * page_size(), prot))
		die(errno, "cannot set the permissions of %u pages at 0x%lx", pages, va);
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
	die(0, "/proc/self/maps has no VMA at 0x%lx", va);
}

/**
 * mem_no_huge_vma() - allow only small pages in a whole VMA
 * @va: an address in the VMA
 *
 * For the heap and the stack. MADV_NOHUGEPAGE on a part of a VMA would split it.
 */
void mem_no_huge_vma(unsigned long va)
{
	unsigned long start, end;

	find_vma(va, &start, &end);
	no_huge(start, end - start);
}

/**
 * mem_expect_vma() - check that one VMA has exactly these pages; give up if not
 * @va: address of the first page
 * @pages: how many
 * @what: what the kernel did not do in that case, for the message
 */
void mem_expect_vma(unsigned long va, unsigned int pages, const char *what)
{
	unsigned long start, end;

	find_vma(va, &start, &end);
	if (start != va || end != va + pages * page_size())
		die(0, "the kernel did not %s: the VMA at 0x%lx is 0x%lx-0x%lx",
		    what, va, start, end);
}
