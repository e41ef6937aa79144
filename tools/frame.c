// SPDX-License-Identifier: GPL-2.0
/*
 * Say in words why a frame has no report. The module answers EOPNOTSUPP for
 * all of them; /proc/kpageflags tells them apart, but for memory that is
 * offline, and for an address /proc/PID/pagemap tells which frame it is. By
 * then the frame may have become another, so this is for error messages only.
 */
#include <fcntl.h>
#include <limits.h>
#include <linux/kernel-page-flags.h>
#include <linux/types.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "frame.h"

#define MEMORY_BLOCKS		"/sys/devices/system/memory"

/* Not in the kernel's header for user space, but page-types(1) uses it too. */
#define KPF_RESERVED		32

#define KPF(name)		(1ULL << KPF_##name)

#define PAGEMAP_BIT(n)		(1ULL << (n))
#define PAGEMAP_PRESENT		PAGEMAP_BIT(63)
#define PAGEMAP_SWAP		PAGEMAP_BIT(62)
#define PAGEMAP_PFN		(PAGEMAP_BIT(55) - 1)

#define NO_RMAP			", it has no reverse map"
#define BY_NOW			" by now; try again"

struct frame_kind {
	__u64 flags;			/* all of these are set */
	const char *words;
};

/* The first that fits counts, so the more particular ones come first. */
static const struct frame_kind frame_kinds[] = {
	{ KPF(NOPAGE), "no memory that the kernel manages" NO_RMAP },
	{ KPF(BUDDY), "a free frame" NO_RMAP },
	{ KPF(SLAB), "a slab frame" NO_RMAP },
	{ KPF(PGTABLE), "a page table" NO_RMAP },
	{ KPF(OFFLINE), "an offline frame" NO_RMAP },
	{ KPF(ZERO_PAGE) | KPF(THP), "the huge zero page" NO_RMAP },
	{ KPF(ZERO_PAGE), "the zero page (only read so far)" NO_RMAP },
	{ KPF(RESERVED), "a reserved frame" NO_RMAP },
	{ KPF(HUGE), "a hugetlb page that nobody uses" NO_RMAP },
	{ KPF(ANON), "an anonymous page" BY_NOW },
	{ KPF(SWAPCACHE), "a page of shared memory on its way to or from swap" NO_RMAP },
	{ KPF(LRU), "a page of a file or of shared memory" BY_NOW },
	{ KPF(MMAP), "memory of the kernel or of a driver, mapped by the driver" NO_RMAP },
	{ 0, "a frame of the kernel's own, or of a driver" NO_RMAP },
};

/*
 * Read entry @index of an array of 64-bit words such as pagemap. Return: the
 * bytes read, none past its end, or -1.
 */
static ssize_t read_entry(const char *path, __u64 index, __u64 *entry)
{
	ssize_t n;
	int fd;

	if (index >= LONG_MAX / sizeof(*entry))
		return 0;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	n = pread(fd, entry, sizeof(*entry), index * sizeof(*entry));
	close(fd);
	return n;
}

/* The first word of a file in sysfs. Return: whether there is one. */
static bool read_word(const char *path, char word[32])
{
	FILE *file = fopen(path, "re");
	bool found = file && fscanf(file, "%31s", word) == 1;

	if (file)
		fclose(file);
	return found;
}

/* Blocks of memory can be taken into use and out of it while the machine runs. */
static bool is_offline(__u64 pfn)
{
	unsigned long long block;
	char path[96], word[32];

	if (!read_word(MEMORY_BLOCKS "/block_size_bytes", word))
		return false;
	block = strtoull(word, NULL, 16) / sysconf(_SC_PAGESIZE);
	if (!block)
		return false;
	snprintf(path, sizeof(path), MEMORY_BLOCKS "/memory%llu/state", pfn / block);
	return read_word(path, word) && !strcmp(word, "offline");
}

static const char *describe_pfn(__u64 pfn)
{
	const struct frame_kind *kind = frame_kinds;
	__u64 flags;
	ssize_t n = read_entry("/proc/kpageflags", pfn, &flags);

	if (is_offline(pfn))
		return "memory that is offline" NO_RMAP;
	if (n < 0)
		return NULL;
	if (n < (ssize_t)sizeof(flags))		/* past the last frame */
		flags = KPF(NOPAGE);

	while ((flags & kind->flags) != kind->flags)
		kind++;
	return kind->words;
}

static const char *describe_address(const struct target *t)
{
	char path[64];
	__u64 entry;

	snprintf(path, sizeof(path), "/proc/%llu/pagemap", t->pid);
	if (read_entry(path, t->addr / sysconf(_SC_PAGESIZE), &entry) !=
	    sizeof(entry))
		return NULL;
	if (entry & PAGEMAP_SWAP)
		return "swapped out" BY_NOW;
	if (!(entry & PAGEMAP_PRESENT) || !(entry & PAGEMAP_PFN))
		return NULL;
	return describe_pfn(entry & PAGEMAP_PFN);
}

/**
 * frame_describe() - what kind of frame a target is
 * @t: a complete target
 *
 * Return: words that complete "pfn 0x1: ...", or NULL if it cannot be told.
 */
const char *frame_describe(const struct target *t)
{
	if (t->has_pfn)
		return describe_pfn(t->pfn);
	if (t->has_phys)
		return describe_pfn(t->phys / sysconf(_SC_PAGESIZE));
	return describe_address(t);
}
