/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_FROZEN_H
#define RMAPSCOPE_SELFTEST_FROZEN_H

#include <stdint.h>

#include "oracle.h"

/* A machine that stands still, by its pagemaps and by the module. */
struct frozen {
	struct oracle all;
	int page_file;
	/* What the kernel's eagerness to move pages was before. */
	int64_t compaction;
	/* Frames gone over and asked for; those that are mapped, their mappings, and retries. */
	uint64_t frames, asked;
	unsigned long reported, mappings, again;
};

/* A frame that differs, with the reason in why[]; the comparison ends if it is not 0. */
typedef int (*frozen_fn)(void *arg, uint64_t pfn);

int frozen_start(struct frozen *m);
void frozen_compare(struct frozen *m, frozen_fn differs, void *arg);
void frozen_end(struct frozen *m);

#endif
