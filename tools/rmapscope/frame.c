// SPDX-License-Identifier: GPL-2.0
/*
 * Say in words why a frame has no report. The module answers EOPNOTSUPP for
 * all of them; /proc/kpageflags tells them apart, and where it knows nothing of a frame,
 * /proc/iomem. By then the frame may have become another, so this is for error messages only.
 */
#include <fcntl.h>
#include <limits.h>
#include <linux/kernel-page-flags.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "frame.h"

/* Not in the kernel's header for user space, but page-types(1) uses it too. */
#define KPF_RESERVED		32

#define KPF(name)		(1ULL << KPF_##name)

#define NO_RMAP			", it has no reverse map"
#define BY_NOW			" by now; try again"

struct frame_kind {
	unsigned long long flags;	/* all of these are set */
	const char *words;
	const char *if_still;
};

/* The first that fits counts, so the more particular ones come first. */
static const struct frame_kind frame_kinds[] = {
	{ KPF(NOPAGE), "no memory that the kernel manages" NO_RMAP, NULL },
	{ KPF(BUDDY), "a free frame" NO_RMAP, NULL },
	{ KPF(SLAB), "a slab frame" NO_RMAP, NULL },
	{ KPF(PGTABLE), "a page table" NO_RMAP, NULL },
	{ KPF(OFFLINE), "an offline frame" NO_RMAP, NULL },
	{ KPF(ZERO_PAGE) | KPF(THP), "the huge zero page" NO_RMAP, NULL },
	{ KPF(ZERO_PAGE),
	  "the zero page: memory only read so far, or merged by ksmd (use_zero_pages)" NO_RMAP,
	  NULL },
	{ KPF(RESERVED), "a reserved frame" NO_RMAP, NULL },
	{ KPF(HUGE), "a hugetlb page that nobody uses" NO_RMAP, NULL },
	{ KPF(ANON), "an anonymous page" BY_NOW,
	  "an anonymous page, of which this module cannot tell who maps it" },
	{ KPF(SWAPCACHE), "a page of shared memory on its way to or from swap" NO_RMAP, NULL },
	{ KPF(LRU), "a page of a file or of shared memory" BY_NOW,
	  "a page that was cut off from its file (truncated), and something still refers to it" },
	{ KPF(MMAP), "memory of the kernel or of a driver, mapped by the driver" NO_RMAP, NULL },
	{ 0, "a frame of the kernel's own, or of a driver" NO_RMAP, NULL },
};

/**
 * finding_set() - put down what was found
 * @f: gets it
 * @format: as for printf(3)
 */
void finding_set(struct finding *f, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(f->text, sizeof(f->text), format, args);
	va_end(args);
	f->if_still = NULL;
}

/**
 * frame_read() - read an entry of a file in /proc that is an array of 64-bit words
 * @path: such as /proc/PID/pagemap
 * @index: which
 * @entry: gets it
 *
 * Return: the bytes read, none past its end, or -1.
 */
ssize_t frame_read(const char *path, unsigned long long index, unsigned long long *entry)
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

/**
 * frame_flags() - what /proc/kpageflags says of a frame
 * @pfn: the frame
 * @flags: gets it
 *
 * Return: whether it could be read.
 */
bool frame_flags(unsigned long long pfn, unsigned long long *flags)
{
	ssize_t n = frame_read("/proc/kpageflags", pfn, flags);

	if (n < 0)
		return false;
	if (n < (ssize_t)sizeof(*flags))	/* past the last frame */
		*flags = KPF(NOPAGE);
	return true;
}

/**
 * frame_is_poisoned() - is the memory of a frame broken, or out of use?
 * @pfn: the frame
 * @flags: what kpageflags says of it
 *
 * Old kernels mark a hugetlb page at its head only.
 *
 * Return: whether it is.
 */
bool frame_is_poisoned(unsigned long long pfn, unsigned long long flags)
{
	unsigned long long size, head;

	if (flags & KPF(HWPOISON))
		return true;
	if (!(flags & KPF(HUGE)) || !(flags & KPF(COMPOUND_TAIL)))
		return false;
	for (size = 2; size <= 1ULL << 22; size *= 2)
		if (frame_flags(pfn & ~(size - 1), &head) && head & KPF(COMPOUND_HEAD))
			return head & KPF(HWPOISON);
	return false;
}

/* Old kernels show frames of persistent memory as frames of their own, or as reserved. */
static bool is_device(const char *resource, unsigned long long flags)
{
	static const char * const firmware[] = { "System RAM", "Reserved", "ACPI", "System ROM" };
	size_t i;

	if (!strncmp(resource, "Persistent Memory", 17))
		return true;
	for (i = 0; i < sizeof(firmware) / sizeof(firmware[0]); i++)
		if (!strncmp(resource, firmware[i], strlen(firmware[i])))
			return false;
	return flags & KPF(NOPAGE);
}

/**
 * frame_describe() - what kind of frame it is
 * @pfn: the frame
 * @f: gets the words
 *
 * Return: whether that can be told.
 */
bool frame_describe(unsigned long long pfn, struct finding *f)
{
	const struct frame_kind *kind = frame_kinds;
	unsigned long long flags;
	bool known = frame_flags(pfn, &flags);
	char name[128];

	if (known && frame_is_poisoned(pfn, flags)) {
		finding_set(f, FRAME_POISONED);
		return true;
	}
	if (frame_is_offline(pfn)) {
		finding_set(f, "memory that is offline" NO_RMAP);
		return true;
	}
	if (!known)
		return false;
	if (frame_resource(pfn, name, sizeof(name)) && is_device(name, flags)) {
		finding_set(f, "memory of a device (%s)" NO_RMAP, name);
		return true;
	}
	while ((flags & kind->flags) != kind->flags)
		kind++;
	finding_set(f, "%s", kind->words);
	f->if_still = kind->if_still;
	return true;
}
