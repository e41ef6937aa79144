/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_COMPARE_FRAMES_H
#define RMAPSCOPE_SELFTEST_COMPARE_FRAMES_H

#include <stdint.h>

#include "oracle.h"

/* A machine that stands still, by its pagemaps and by the module. */
struct frame_comparison {
	struct oracle all;
	int page_file;
	/* What the kernel's eagerness to move pages was before. */
	int64_t compaction;
	/* Frames gone over and asked for; those that are mapped, their mappings, and retries. */
	uint64_t frames, asked;
	unsigned long reported, mappings, again;
};

/* A frame that differs, with the reason in why[]; the comparison ends if it is not 0. */
typedef int (*frame_differs_fn)(void *arg, uint64_t pfn);

int compare_frames_start(struct frame_comparison *m);
void compare_frames(struct frame_comparison *m, frame_differs_fn differs, void *arg);
void compare_frames_end(struct frame_comparison *m);

#endif
