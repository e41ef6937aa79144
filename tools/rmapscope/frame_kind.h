/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What frames are, by /proc/kpageflags and /proc/kpagecount.
 */
#ifndef RMAPSCOPE_FRAME_KIND_H
#define RMAPSCOPE_FRAME_KIND_H

#include <stdbool.h>
#include <stddef.h>
#include <uapi/rmapscope.h>

/* One of the two files, of which the last words that were read are kept. */
struct frame_words {
	int fd;
	unsigned long long word[64];
	unsigned long long start;	/* frame of the first */
	size_t nr;
};

struct frame_files {
	struct frame_words flags, counts;
	bool ksm_hidden;		/* KSM pages exist, and the flags don't tell which */
	bool ksm_wrong;			/* the flag of KSM pages means nothing */
	/* The large folio that was looked at last. */
	unsigned long long head, end, head_flags;
};

struct frame_kind {
	bool has_rmap;
	unsigned int kind;		/* if it has: enum rms_kind; RMS_NR_KINDS: not known */
	enum rms_unmapped unmapped;	/* if it has not */
	unsigned long long flags;	/* of the frame itself */
	unsigned long long head;	/* first frame of its folio */
	unsigned int order;		/* of its folio */
};

bool frame_files_open(struct frame_files *f);
void frame_files_close(struct frame_files *f);
bool frame_exists(struct frame_files *f, unsigned long long pfn);
unsigned long long frame_last(struct frame_files *f);
void frame_classify(struct frame_files *f, unsigned long long pfn, struct frame_kind *kind);
bool frame_mapcount(struct frame_files *f, unsigned long long pfn, unsigned long long *count);

#endif
