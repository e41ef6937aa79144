/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_FRAME_FLAGS_H
#define RMAPSCOPE_SELFTEST_FRAME_FLAGS_H

#include <linux/kernel-page-flags.h>

/* Bits of /proc/kpageflags, with two that the kernel documents but does not export. */
#define KPF_RESERVED	32
#define KPF_MLOCKED	33
#define KPF_BIT(name)	(1ULL << KPF_##name)

/* Any of these: the frame has a reverse map. */
#define FRAME_HAS_RMAP	(KPF_BIT(ANON) | KPF_BIT(LRU) | KPF_BIT(HUGE) | KPF_BIT(KSM))

/*
 * Any of these: the frame is memory of the kernel. Linux 6.12 sets KPF_ANON for a slab that has an
 * odd number where user memory has its mapping.
 */
#define FRAME_IS_KERNEL_MEMORY	(KPF_BIT(SLAB) | KPF_BIT(BUDDY) | KPF_BIT(PGTABLE))

#endif
