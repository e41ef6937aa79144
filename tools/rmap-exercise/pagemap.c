// SPDX-License-Identifier: GPL-2.0
/*
 * What the page tables hold, where the kernel has a say in what a scenario
 * comes to: what ksmd merges, and what is swapped out.
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

static uint64_t entry(pid_t pid, unsigned long va)
{
	uint64_t value;
	char path[32];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/pagemap", pid ? pid : getpid());
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		die(errno, "cannot open %s", path);
	if (pread(fd, &value, sizeof(value), va / page_size() * sizeof(value)) != sizeof(value))
		die(errno, "cannot read what is at 0x%lx from %s", va, path);
	close(fd);
	return value;
}

/**
 * pagemap_present() - whether a page is mapped
 * @pid: the process; 0 for the caller
 * @va: the address
 *
 * Return: true if one is.
 */
bool pagemap_present(pid_t pid, unsigned long va)
{
	return entry(pid, va) & PM_PRESENT;
}

/**
 * pagemap_swapped() - whether what belongs at an address is in swap
 * @pid: the process; 0 for the caller
 * @va: the address
 *
 * Return: true if it is.
 */
bool pagemap_swapped(pid_t pid, unsigned long va)
{
	return entry(pid, va) & PM_SWAPPED;
}

/**
 * pagemap_pfn() - the frame that is mapped
 * @pid: the process; 0 for the caller
 * @va: the address
 *
 * Return: its number, or 0 when nothing is mapped there.
 */
unsigned long pagemap_pfn(pid_t pid, unsigned long va)
{
	uint64_t value = entry(pid, va);

	if (!(value & PM_PRESENT))
		return 0;
	if (!(value & PM_PFN_MASK))
		die(0, "/proc/PID/pagemap shows no frames: CAP_SYS_ADMIN is needed");
	return value & PM_PFN_MASK;
}
