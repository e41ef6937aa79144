/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_EACH_FRAME_H
#define RMAPSCOPE_SELFTEST_EACH_FRAME_H

#include <stdint.h>

#include "frame_flags.h"

/* Gets the values that /proc/kpageflags and /proc/kpagecount have for a frame. */
typedef void (*frame_fn)(void *arg, uint64_t pfn, uint64_t flags, uint64_t count);

int each_frame(frame_fn fn, void *arg);

#endif
