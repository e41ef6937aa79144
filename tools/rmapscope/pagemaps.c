// SPDX-License-Identifier: GPL-2.0
/*
 * What the page tables of processes have, by /proc/PID/pagemap: the only other source that names
 * each mapping. Processes that exit meanwhile are left out.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "interrupt.h"
#include "pagemaps.h"
#include "process_list.h"
#include "vma_list.h"

#define ENTRIES		(64 * 1024)		/* read at once */

/* Where the pages of a process go. */
struct reader {
	int fd;				/* its pagemap */
	unsigned long long pid;
	pagemaps_page page;
	void *arg;
};

/**
 * pagemaps_key() - what an entry leads to
 * @entry: the entry, as pagemap has it
 *
 * Return: the frame of a page that is present; the swap slot of one that is swapped out, with
 * PAGEMAP_SLOT; or 0 for anything else, such as migration entries and markers.
 */
unsigned long long pagemaps_key(unsigned long long entry)
{
	if (entry & PAGEMAP_PRESENT)
		return entry & PAGEMAP_PFN;
	if (entry & PAGEMAP_SWAP && SWAP_TYPE(entry) < FIRST_SPECIAL_TYPE)
		return (entry & PAGEMAP_PFN) | PAGEMAP_SLOT;
	return 0;
}

static void read_range(const struct reader *r, unsigned long long start, unsigned long long end)
{
	static unsigned long long entry[ENTRIES];
	unsigned long long size = sysconf(_SC_PAGESIZE);
	unsigned long long at = start / size;

	end /= size;
	while (at < end && !interrupt_seen()) {
		size_t want = end - at < ENTRIES ? end - at : ENTRIES;
		ssize_t n = pread(r->fd, entry, want * sizeof(*entry), at * sizeof(*entry));
		size_t i, nr = n > 0 ? n / sizeof(*entry) : 0;

		for (i = 0; i < nr; i++) {
			unsigned long long key = pagemaps_key(entry[i]);

			if (key)
				r->page(r->arg, key, r->pid, (at + i) * size);
		}
		/* The address of vsyscall, for instance, has no entries. */
		if (!nr)
			return;
		at += nr;
	}
}

/**
 * pagemaps_readable() - test if the tool may see frames in pagemaps
 *
 * Return: true if the pagemap of the tool itself has the frame of its stack.
 */
bool pagemaps_readable(void)
{
	unsigned long long entry = 0, size = sysconf(_SC_PAGESIZE);
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	unsigned long address = (unsigned long)&entry;

	if (fd < 0)
		return false;
	if (pread(fd, &entry, sizeof(entry), address / size * sizeof(entry)) != sizeof(entry))
		entry = 0;
	close(fd);
	return entry & PAGEMAP_PFN;
}

/**
 * pagemaps_of_range() - go through the pages of a process between two addresses
 * @pid: the process
 * @start: the first address
 * @end: the address behind the last
 * @page: called for each page that is present or swapped out
 * @arg: its first argument
 *
 * Only addresses in VMAs are read, as there is nothing between them.
 *
 * Return: true if there is a VMA in the range.
 */
bool pagemaps_of_range(unsigned long long pid, unsigned long long start, unsigned long long end,
		       pagemaps_page page, void *arg)
{
	struct reader r = { .pid = pid, .page = page, .arg = arg };
	int tid = process_thread(pid);
	struct vma_list vmas = { };
	bool found = false;
	char path[64], *maps;
	size_t i;

	snprintf(path, sizeof(path), "/proc/%llu/task/%d/pagemap", pid, tid);
	r.fd = open(path, O_RDONLY | O_CLOEXEC);
	if (r.fd < 0)
		return false;
	maps = vma_list_read(pid);
	if (maps && !vma_list_parse(&vmas, maps)) {
		for (i = vma_list_find(&vmas, start); i < vmas.nr; i++) {
			const struct vma_line *vma = &vmas.vma[i];

			if (vma->start >= end)
				break;
			read_range(&r, vma->start > start ? vma->start : start,
				   vma->end < end ? vma->end : end);
			found = true;
		}
	}
	vma_list_free(&vmas);
	free(maps);
	close(r.fd);
	return found;
}

/**
 * pagemaps_of_process() - go through the pages of a process
 * @pid: the process
 * @page: called for each page that is present or swapped out
 * @arg: its first argument
 */
void pagemaps_of_process(unsigned long long pid, pagemaps_page page, void *arg)
{
	pagemaps_of_range(pid, 0, ~0ULL, page, arg);
}

/**
 * pagemaps_of_all() - go through the pages of all processes but the tool itself
 * @page: called for each page that is present or swapped out
 * @arg: its first argument
 *
 * Return: how many processes there were.
 */
unsigned int pagemaps_of_all(pagemaps_page page, void *arg)
{
	struct process_list list;
	unsigned int nr = 0;
	size_t i;

	process_list_read(&list);
	for (i = 0; i < list.nr; i++) {
		if (list.pid[i] == getpid())
			continue;
		pagemaps_of_process(list.pid[i], page, arg);
		nr++;
	}
	process_list_free(&list);
	return nr;
}
