// SPDX-License-Identifier: GPL-2.0
/*
 * Describes a frame that the module refuses with EOPNOTSUPP, by its flags in /proc/kpageflags, or
 * by /proc/iomem if there are none. The frame may have changed since the module looked at it, so
 * this is only for error messages.
 */
#include <fcntl.h>
#include <limits.h>
#include <linux/kernel-page-flags.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "frame.h"

#define KPF(name)		(1ULL << KPF_##name)

#define NO_RMAP			"; it has no reverse map"

struct frame_word {
	unsigned long long flags;	/* all of these are set */
	const char *words;
	const char *if_still;
};

/* The first entry that matches is taken, so special cases come first. */
static const struct frame_word frame_kinds[] = {
	{ KPF(NOPAGE), "memory that the kernel does not manage" NO_RMAP, NULL },
	{ KPF(BUDDY), "a free frame" NO_RMAP, NULL },
	{ KPF(SLAB), "a slab frame" NO_RMAP, NULL },
	{ KPF(PGTABLE), "a page table" NO_RMAP, NULL },
	{ KPF(OFFLINE), "an offline frame" NO_RMAP, NULL },
	{ KPF(ZERO_PAGE) | KPF(THP), "the huge zero page" NO_RMAP, NULL },
	{ KPF(ZERO_PAGE),
	  "the zero page: memory only read so far, or merged by ksmd (use_zero_pages)" NO_RMAP,
	  NULL },
	{ KPF(RESERVED), "a reserved frame" NO_RMAP, NULL },
	{ KPF(HUGE), "a free hugetlb page" NO_RMAP, NULL },
	{ KPF(ANON), "it has become an anonymous page; try again",
	  "an anonymous page that the module cannot report on" },
	{ KPF(SWAPCACHE), "a page of shared memory that is moving to or from swap" NO_RMAP, NULL },
	{ KPF(LRU), "it has become a page of a file or of shared memory; try again",
	  "a page that was cut off from its file (truncated) and is still referenced" },
	{ KPF(MMAP), "memory of the kernel or a driver, which the driver maps" NO_RMAP, NULL },
	{ 0, "a frame of the kernel or of a driver" NO_RMAP, NULL },
};

/**
 * finding_set() - set the text of a finding
 * @f: gets the text; its if_still becomes NULL
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
 * frame_read() - read an entry of a file that is an array of 64-bit words
 * @path: the file, such as /proc/PID/pagemap
 * @index: the number of the entry
 * @entry: gets the entry
 *
 * Return: the number of bytes read, which is 0 past the end, or -1.
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
 * frame_flags() - read the flags of a frame from /proc/kpageflags
 * @pfn: the frame
 * @flags: gets the flags
 *
 * Return: true if they could be read.
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
 * frame_is_poisoned() - test if the memory of a frame is broken or out of use (hwpoison)
 * @pfn: the frame
 * @flags: its flags in kpageflags
 *
 * Old kernels set the flag of a hugetlb page only in its first frame.
 *
 * Return: true if it is.
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

/*
 * Old kernels have flags for frames of persistent memory, as for frames of RAM. So look at the name
 * of the resource first.
 */
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
 * frame_describe() - describe a frame
 * @pfn: the frame
 * @f: gets the description
 *
 * Return: true if there is one.
 */
bool frame_describe(unsigned long long pfn, struct finding *f)
{
	const struct frame_word *kind = frame_kinds;
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
