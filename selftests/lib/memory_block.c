// SPDX-License-Identifier: GPL-2.0
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kernel_file.h"
#include "memory_block.h"

static bool state_is(const char *path, const char *state)
{
	char text[64];

	return !read_text(path, text, sizeof(text)) && !strncmp(text, state, strlen(state));
}

/**
 * block_next() - find a block of memory
 * @blocks: the directory of all blocks, open; the search continues where it was
 * @state: what its state begins with
 * @path: filled with the path of the block's file "state"
 * @size: of @path, in bytes
 *
 * Return: false if there is no further one.
 */
bool block_next(DIR *blocks, const char *state, char *path, size_t size)
{
	struct dirent *entry;

	while ((entry = readdir(blocks))) {
		if (strncmp(entry->d_name, "memory", 6))
			continue;
		snprintf(path, size, MEMORY_BLOCKS "/%s/state", entry->d_name);
		if (state_is(path, state))
			return true;
	}
	return false;
}

/**
 * block_find_offline() - find a block of memory that is not in use
 * @path: as for block_next(); empty if there is none
 * @size: of @path, in bytes
 * @number: of the block
 *
 * Return: false if there is none.
 */
bool block_find_offline(char *path, size_t size, uint64_t *number)
{
	DIR *blocks = opendir(MEMORY_BLOCKS);
	bool found;

	found = blocks && block_next(blocks, "offline", path, size) &&
		sscanf(path, MEMORY_BLOCKS "/memory%" SCNu64, number) == 1;
	if (!found)
		*path = '\0';
	if (blocks)
		closedir(blocks);
	return found;
}

/**
 * block_pages() - read the size of a block of memory
 *
 * Return: the size in pages; 0 if the kernel has no memory hotplug.
 */
uint64_t block_pages(void)
{
	uint64_t bytes = 0;
	char text[32];

	if (!read_text(MEMORY_BLOCKS "/block_size_bytes", text, sizeof(text)))
		sscanf(text, "%" SCNx64, &bytes);
	return bytes / getpagesize();
}

static bool state_of(uint64_t pfn, const char *state)
{
	uint64_t pages = block_pages();
	char path[96];

	if (!pages)
		return false;
	snprintf(path, sizeof(path), MEMORY_BLOCKS "/memory%" PRIu64 "/state", pfn / pages);
	return state_is(path, state);
}

/**
 * block_exists() - does a frame belong to a block of memory, online or offline?
 * @pfn: the frame
 *
 * Return: true if so.
 */
bool block_exists(uint64_t pfn)
{
	return state_of(pfn, "");
}

/**
 * block_is_offline() - is a frame in an offline block?
 * @pfn: the frame
 *
 * Return: true if so; false also if there is no block.
 */
bool block_is_offline(uint64_t pfn)
{
	return state_of(pfn, "offline");
}
