/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _RMAPSCOPE_MEMORY_H
#define _RMAPSCOPE_MEMORY_H

#include <linux/gfp.h>
#include <linux/types.h>

/*
 * For all that a look needs: charged to the memory cgroup of whoever takes it. If there is
 * no memory the look fails; no process is killed for it, and the kernel's log stays silent.
 */
#define RMS_GFP	(GFP_KERNEL_ACCOUNT | __GFP_RETRY_MAYFAIL | __GFP_NOWARN)

void *rms_alloc_array(size_t n, size_t size);
void *rms_zalloc_array(size_t n, size_t size);

#endif /* _RMAPSCOPE_MEMORY_H */
