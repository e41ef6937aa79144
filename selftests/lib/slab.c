// SPDX-License-Identifier: GPL-2.0
/* Counts the kernel's objects of a slab cache. */
#include <stdio.h>
#include <unistd.h>

#include "kernel_file.h"
#include "slab.h"

/**
 * slab_objects() - count the objects of a slab cache
 * @cache: its name
 *
 * First shrinks the cache, as free objects in the lists of CPUs would count. With KASAN the
 * result is unknown, as freed objects stay in quarantine; use kmemleak there.
 *
 * Return: the number; -1 if it is unknown.
 */
int64_t slab_objects(const char *cache)
{
	char path[128];

	if (!access("/sys/kernel/debug/kmemleak", F_OK))
		return -1;
	snprintf(path, sizeof(path), "/sys/kernel/slab/%s/shrink", cache);
	if (write_text(path, "1"))
		return -1;
	snprintf(path, sizeof(path), "/sys/kernel/slab/%s/objects", cache);
	return file_number(path);
}
