// SPDX-License-Identifier: GPL-2.0
/* How many objects of a kind the kernel has. */
#include <stdio.h>
#include <unistd.h>

#include "kernel_file.h"
#include "slab.h"

/**
 * slab_objects() - count the objects of a slab cache
 * @cache: its name
 *
 * What processors have set aside is given back first, or it would count. A kernel with KASAN keeps
 * what was freed for a while, and counts that, too; it has kmemleak in its place.
 *
 * Return: the number; -1 where it can't be known.
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
