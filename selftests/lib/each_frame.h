/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_EACH_FRAME_H
#define RMAPSCOPE_SELFTEST_EACH_FRAME_H

#include <linux/kernel-page-flags.h>
#include <stdint.h>

/* Frames by the kernel's own flags, a bit each: those that have a reverse map. */
#define FRAME_HAS_RMAP	(1ULL << KPF_ANON | 1ULL << KPF_LRU | 1ULL << KPF_HUGE | 1ULL << KPF_KSM)

/*
 * Those that are the kernel's. 6.12 calls a slab anonymous that has an odd number where user
 * memory has its mapping.
 */
#define FRAME_IS_KERNEL_MEMORY (1ULL << KPF_SLAB | 1ULL << KPF_BUDDY | 1ULL << KPF_PGTABLE)

/* What /proc/kpageflags and /proc/kpagecount say of one. */
typedef void (*frame_fn)(void *arg, uint64_t pfn, uint64_t flags, uint64_t count);

int each_frame(frame_fn fn, void *arg);

#endif
