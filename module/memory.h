/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _RMAPSCOPE_MEMORY_H
#define _RMAPSCOPE_MEMORY_H

#include <linux/gfp.h>
#include <linux/slab.h>
#include <linux/types.h>

/*
 * The memory of a report is charged to the memory cgroup of its reader. If there is none, the
 * request fails: no process is killed, and nothing is logged.
 */
#define RMS_GFP	(GFP_KERNEL_ACCOUNT | __GFP_RETRY_MAYFAIL | __GFP_NOWARN)

/* Frees an array, which may be used again as if it had never been allocated. */
#define rms_free_array(array)	({		\
	typeof(array) *__array = &(array);	\
						\
	kvfree(*__array);			\
	*__array = NULL;			\
})

void *rms_alloc_array(size_t n, size_t size);
void *rms_zalloc_array(size_t n, size_t size);

#endif /* _RMAPSCOPE_MEMORY_H */
