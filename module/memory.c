// SPDX-License-Identifier: GPL-2.0
/*
 * Memory for reports, some of which have hundreds of thousands of records.
 */
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "memory.h"

static void *rms_alloc(size_t n, size_t size, gfp_t gfp)
{
	void *p = NULL;
	size_t bytes;

	if (check_mul_overflow(n, size, &bytes))
		return NULL;
	/* Contiguous memory is not worth reclaim or compaction: vmalloc() does as well. */
	if (bytes <= KMALLOC_MAX_SIZE)
		p = kmalloc(bytes, bytes > PAGE_SIZE ? gfp | __GFP_NORETRY : gfp);
	if (!p && bytes > PAGE_SIZE)
		p = __vmalloc(bytes, gfp);
	return p;
}

/**
 * rms_alloc_array - memory for records
 * @n: how many; may be none
 * @size: of each, in bytes
 *
 * Like kvmalloc_array(), but it fails silently. kvmalloc_array() warns about a size that is too
 * large, and calls the OOM killer when a memory cgroup reaches its limit.
 *
 * Context: may sleep; no lock of mm held.
 * Return: the memory, uninitialised, to be freed with kvfree(); or NULL.
 */
void *rms_alloc_array(size_t n, size_t size)
{
	return rms_alloc(n, size, RMS_GFP);
}

/**
 * rms_zalloc_array - the same, with all bytes zero
 * @n: how many; may be none
 * @size: of each, in bytes
 *
 * Context: may sleep; no lock of mm held.
 * Return: the memory, to be freed with kvfree(); or NULL.
 */
void *rms_zalloc_array(size_t n, size_t size)
{
	return rms_alloc(n, size, RMS_GFP | __GFP_ZERO);
}
