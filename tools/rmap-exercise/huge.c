// SPDX-License-Identifier: GPL-2.0
/*
 * Regions that are large and aligned enough for large folios.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "exercise.h"

#define THP "/sys/kernel/mm/transparent_hugepage/"

/**
 * huge_size() - get the size of a transparent huge page, which one PMD entry maps
 *
 * Return: the size in bytes.
 */
unsigned long huge_size(void)
{
	if (!setting_exists(THP "hpage_pmd_size"))
		unsupported("this kernel has no transparent huge pages");
	return setting_number(THP "hpage_pmd_size");
}

/**
 * huge_enable() - enable large folios for memory with MADV_HUGEPAGE
 * @setting: the setting of transparent huge pages
 * @value: its new value, unless it is "always"
 * @what: what a kernel without this setting lacks, for the message
 */
void huge_enable(const char *setting, const char *value, const char *what)
{
	char path[128];

	snprintf(path, sizeof(path), THP "%s", setting);
	if (!setting_exists(path))
		unsupported("this kernel has no %s", what);
	setting_choose_unless(path, value, "always");
}

/**
 * huge_window() - reserve aligned address space
 * @size: in bytes
 * @align: alignment of the address, in bytes
 *
 * At least one page on each side stays without access. See mem_reserve().
 *
 * Return: its address.
 */
unsigned long huge_window(unsigned long size, unsigned long align)
{
	unsigned long start = mem_reserve((size + align) / page_size());

	return (start + align - 1) & ~(align - 1);
}

/**
 * huge_advise() - set MADV_HUGEPAGE
 * @va: the address
 * @size: in bytes
 */
void huge_advise(unsigned long va, unsigned long size)
{
	if (madvise((void *)va, size, MADV_HUGEPAGE))
		die(errno, "cannot set MADV_HUGEPAGE");
}

/**
 * huge_region() - map a writable private anonymous region that may get large folios
 * @size: in bytes
 * @align: alignment of the address, in bytes
 *
 * Return: its address. The region is not touched.
 */
unsigned long huge_region(unsigned long size, unsigned long align)
{
	unsigned long va = huge_window(size, align);

	mem_protect(va, size / page_size(), PROT_READ | PROT_WRITE);
	huge_advise(va, size);
	return va;
}

static unsigned long smaps_kb(unsigned long va, const char *field)
{
	FILE *smaps = fopen("/proc/self/smaps", "re");
	unsigned long start, end, kb = 0;
	size_t len = strlen(field);
	bool inside = false;
	char line[512];

	if (!smaps)
		die(errno, "cannot open /proc/self/smaps");
	while (fgets(line, sizeof(line), smaps)) {
		if (sscanf(line, "%lx-%lx ", &start, &end) == 2)
			inside = start <= va && va < end;
		else if (inside && !strncmp(line, field, len) && line[len] == ':')
			sscanf(line + len + 1, "%lu", &kb);
	}
	fclose(smaps);
	return kb;
}

/**
 * huge_expect() - check that one entry maps a huge page; give up if not
 * @va: an address in its VMA
 * @field: the field of smaps that counts such pages
 */
void huge_expect(unsigned long va, const char *field)
{
	if (smaps_kb(va, field) * 1024 < huge_size())
		die(0, "the kernel gave no huge page at 0x%lx; is memory too fragmented?",
		    va);
}
