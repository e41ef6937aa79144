// SPDX-License-Identifier: GPL-2.0
/* Counts the kernel's objects of a slab cache. */
#include <stdio.h>
#include <unistd.h>

#include "kernel_file.h"
#include "slab.h"

/* RCU and work queues free objects with a delay. */
#define TRIES	150
#define WAIT_US	20000

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

/**
 * slab_at_rest() - count the objects of a slab cache when the count does not fall any more
 * @cache: the cache
 *
 * Return: the number.
 */
int64_t slab_at_rest(const char *cache)
{
	int64_t last, now = slab_objects(cache);
	int try;

	for (try = 0; try < TRIES; try++) {
		usleep(WAIT_US);
		last = now;
		now = slab_objects(cache);
		if (now >= last)
			break;
	}
	return now;
}

/**
 * slab_settles() - wait until a slab cache has few objects
 * @cache: the cache
 * @most: how many there may be
 *
 * Return: the number; if it is higher, it has not fallen for some seconds.
 */
int64_t slab_settles(const char *cache, int64_t most)
{
	int64_t now = slab_objects(cache);
	int try;

	for (try = 0; now > most && try < TRIES; try++) {
		usleep(WAIT_US);
		now = slab_objects(cache);
	}
	return now;
}
