/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The records of a range, as the module's file "scan_raw" has them, but made of the page tables of
 * all processes.
 */
#ifndef RMAPSCOPE_PAGEMAP_SOURCE_H
#define RMAPSCOPE_PAGEMAP_SOURCE_H

#include <stdbool.h>
#include <time.h>

#include "frame_kind.h"
#include "range.h"
#include "reverse.h"
#include "vma_list.h"

/* A page that is looked at. */
struct source_page {
	unsigned long long at;		/* its address or frame */
	unsigned long long key;		/* as of pagemaps_key() */
};

struct pagemap_source {
	struct range range;		/* with bounds */
	struct reverse reverse;
	struct frame_files frames;
	struct vma_list vmas;		/* of the process */
	unsigned long long unit;	/* from one page of the range to the next */
	unsigned long long page_size;
	unsigned long long at;		/* how far the pages were collected */

	/* The pages of a part of the range, and which of them is the next. */
	struct source_page *page;
	size_t nr_pages, room_pages, next;

	/* Records that are made and were not read. */
	unsigned char *out;
	size_t out_len, out_at, out_room;
	bool has_head, has_end;
	bool *described;		/* the address spaces that have a record */
	struct rms_rec_end end;
	struct timespec begin;
};

int pagemap_source_open(struct pagemap_source *s, const struct range *r, enum method method);
ssize_t pagemap_source_read(void *arg, void *buf, size_t size);
void pagemap_source_close(void *arg);

/* pagemap_records.c */
void pagemap_records_head(struct pagemap_source *s);
void pagemap_records_run(struct pagemap_source *s, size_t nr);
void pagemap_records_end(struct pagemap_source *s);

#endif
