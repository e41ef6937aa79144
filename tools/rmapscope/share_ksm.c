// SPDX-License-Identifier: GPL-2.0
/*
 * What ksmd keeps for a process: an rmap_item for each page that it looks at, merged or not.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "share.h"

/* Return: the size of an object of ksmd's slab cache in bytes, or 0 if that isn't known. */
static unsigned long long item_size(void)
{
	unsigned long long size = 0;
	char line[512];
	FILE *file = fopen("/proc/slabinfo", "re");

	/* NAME ACTIVE ALL SIZE */
	while (file && !size && fgets(line, sizeof(line), file))
		if (!strncmp(line, "ksm_rmap_item ", strlen("ksm_rmap_item ")))
			sscanf(line, "%*s %*u %*u %llu", &size);
	if (file)
		fclose(file);
	return size;
}

/**
 * share_ksm_read() - find out what ksmd keeps for a process
 * @pid: the process
 * @ksm: filled; what is not known is -1
 */
void share_ksm_read(int pid, struct share_ksm *ksm)
{
	unsigned long long size;
	char path[64], line[128];
	FILE *file;

	*ksm = (struct share_ksm){ -1, -1 };
	snprintf(path, sizeof(path), "/proc/%d/ksm_stat", pid);
	file = fopen(path, "re");
	if (!file)
		return;
	while (fgets(line, sizeof(line), file))
		sscanf(line, "ksm_rmap_items %lld", &ksm->items);
	fclose(file);
	size = ksm->items > 0 ? item_size() : 1;
	if (ksm->items >= 0 && size)
		ksm->bytes = ksm->items * size;
}
