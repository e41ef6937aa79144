// SPDX-License-Identifier: GPL-2.0
/*
 * What is at a physical address: memory, offline memory, or a device.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "frame.h"

#define MEMORY_BLOCKS	"/sys/devices/system/memory"

/* Read the first word of a file in sysfs. Return: true if there is one. */
static bool read_word(const char *path, char word[32])
{
	FILE *file = fopen(path, "re");
	bool found = file && fscanf(file, "%31s", word) == 1;

	if (file)
		fclose(file);
	return found;
}

/**
 * frame_is_offline() - test if a frame is in a block of memory that is offline
 * @pfn: the frame
 *
 * Return: true if it is.
 */
bool frame_is_offline(unsigned long long pfn)
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

/**
 * frame_resource() - find out what /proc/iomem has at a frame
 * @pfn: the frame
 * @name: gets "System RAM", or the names of the outermost and the innermost range
 * @size: of @name
 *
 * Return: true if a range includes the frame.
 */
bool frame_resource(unsigned long long pfn, char *name, size_t size)
{
	unsigned long long addr = pfn * sysconf(_SC_PAGESIZE), start, end;
	char line[256], outer[64] = "", inner[64] = "";
	FILE *file = fopen("/proc/iomem", "re");
	bool ram = false;

	if (!file)
		return false;
	while (fgets(line, sizeof(line), file)) {
		char *words = strstr(line, " : ");

		/* Without CAP_SYS_ADMIN all addresses read as 0. */
		if (!words || sscanf(line, "%llx-%llx", &start, &end) != 2 || !end ||
		    addr < start || addr > end)
			continue;
		words += 3;
		words[strcspn(words, "\n")] = '\0';
		ram = ram || !strncmp(words, "System RAM", 10);
		snprintf(*outer ? inner : outer, sizeof(inner), "%.60s", words);
	}
	fclose(file);
	snprintf(name, size, "%s%s%s", ram ? "System RAM" : outer, !ram && *inner ? ", " : "",
		 ram ? "" : inner);
	return *outer;
}
