/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_COMPARE_FRAMES_H
#define RMAPSCOPE_SELFTEST_COMPARE_FRAMES_H

#include <stdint.h>

#include "oracle.h"

/*
 * A comparison of all frames: the module's reports against the pagemaps. All other processes must
 * be stopped.
 */
struct frame_comparison {
	struct oracle all;
	int page_file;
	/* The value of compaction_proactiveness before the comparison. */
	int64_t compaction;
	uint64_t frames;	/* frames that were examined */
	uint64_t asked;		/* frames for which a report was requested */
	unsigned long reported;	/* frames that are mapped */
	unsigned long mappings;	/* mappings of these frames */
	unsigned long again;	/* frames that were compared more than once */
};

/*
 * Called for a frame that differs, with the reason in why[]. The comparison ends if this returns
 * a value other than 0.
 */
typedef int (*frame_differs_fn)(void *arg, uint64_t pfn);

int compare_frames_start(struct frame_comparison *m);
void compare_frames(struct frame_comparison *m, frame_differs_fn differs, void *arg);
void compare_frames_end(struct frame_comparison *m);

#endif
