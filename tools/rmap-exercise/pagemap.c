// SPDX-License-Identifier: GPL-2.0
/*
 * Reads /proc/PID/pagemap. Scenarios use it where the outcome depends on the kernel: which pages
 * ksmd merges, and which are swapped out.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include "exercise.h"

#define PM_PRESENT	(1ULL << 63)
#define PM_SWAPPED	(1ULL << 62)
#define PM_PFN_MASK	((1ULL << 55) - 1)

static uint64_t read_entry(pid_t pid, unsigned long va)
{
	uint64_t value;
	char path[32];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/pagemap", pid ? pid : getpid());
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		die(errno, "cannot open %s", path);
	if (pread(fd, &value, sizeof(value), va / page_size() * sizeof(value)) != sizeof(value))
		die(errno, "cannot read the entry of 0x%lx from %s", va, path);
	close(fd);
	return value;
}

/**
 * pagemap_present() - test if a page is mapped
 * @pid: the process; 0 for the caller
 * @va: the address
 *
 * Return: true if the entry is present.
 */
bool pagemap_present(pid_t pid, unsigned long va)
{
	return read_entry(pid, va) & PM_PRESENT;
}

/**
 * pagemap_swapped() - test if a page is swapped out
 * @pid: the process; 0 for the caller
 * @va: the address
 *
 * Return: true if the entry is a swap entry.
 */
bool pagemap_swapped(pid_t pid, unsigned long va)
{
	return read_entry(pid, va) & PM_SWAPPED;
}

/**
 * pagemap_pfn() - get the frame that is mapped at an address
 * @pid: the process; 0 for the caller
 * @va: the address
 *
 * Return: its number, or 0 if nothing is mapped there.
 */
unsigned long pagemap_pfn(pid_t pid, unsigned long va)
{
	uint64_t value = read_entry(pid, va);

	if (!(value & PM_PRESENT))
		return 0;
	if (!(value & PM_PFN_MASK))
		die(0, "/proc/PID/pagemap hides the frames from users without CAP_SYS_ADMIN");
	return value & PM_PFN_MASK;
}
