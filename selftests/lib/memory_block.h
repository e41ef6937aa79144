/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_MEMORY_BLOCK_H
#define RMAPSCOPE_SELFTEST_MEMORY_BLOCK_H

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Blocks of memory, the units of memory hotplug. */
#define MEMORY_BLOCKS	"/sys/devices/system/memory"

bool block_find_offline(char *path, size_t size, uint64_t *number);
bool block_next(DIR *blocks, const char *state, char *path, size_t size);
uint64_t block_pages(void);
bool block_exists(uint64_t pfn);
bool block_is_offline(uint64_t pfn);

#endif
