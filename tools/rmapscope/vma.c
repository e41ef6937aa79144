// SPDX-License-Identifier: GPL-2.0
/*
 * What /proc/PID/smaps says about a VMA.
 */
#include <stdio.h>
#include <string.h>

#include "vma.h"

/* The flags are the last line of a VMA. */
static bool read_vma(FILE *file, struct vma *vma)
{
	char line[512];

	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "Swap: %llu kB", &vma->swap_kb) == 1)
			continue;
		if (strncmp(line, "VmFlags:", 8))
			continue;
		line[strcspn(line, "\n")] = '\0';
		snprintf(vma->flags, sizeof(vma->flags), "%.250s ", line + 8);
		return true;
	}
	return false;
}

static bool is_heading(const char *line, struct vma *vma)
{
	unsigned long long inode = 0;

	if (sscanf(line, "%llx-%llx %4s %llx %*x:%*x %llu", &vma->start, &vma->end,
		   vma->perms, &vma->offset, &inode) < 5)
		return false;
	vma->file = inode;
	return true;
}

/**
 * vma_find() - find the VMA at an address
 * @process: "self", or a number
 * @addr: the address
 * @vma: filled
 *
 * Return: true if there is a VMA and the smaps file can be read.
 */
bool vma_find(const char *process, unsigned long long addr, struct vma *vma)
{
	char path[64], line[512];
	bool found = false;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%s/smaps", process);
	file = fopen(path, "re");
	if (!file)
		return false;
	*vma = (struct vma){ };
	while (!found && fgets(line, sizeof(line), file))
		found = is_heading(line, vma) && addr >= vma->start && addr < vma->end;
	found = found && read_vma(file, vma);
	fclose(file);
	return found;
}

/**
 * vma_has() - test a flag of a VMA
 * @vma: the VMA
 * @flag: its two letters, as in smaps
 *
 * Return: true if the VMA has the flag.
 */
bool vma_has(const struct vma *vma, const char *flag)
{
	char word[8];

	snprintf(word, sizeof(word), " %s ", flag);
	return strstr(vma->flags, word);
}
