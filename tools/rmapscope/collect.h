/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From a stream of records to whole runs, with the address spaces and files that they name.
 */
#ifndef RMAPSCOPE_COLLECT_H
#define RMAPSCOPE_COLLECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "range.h"
#include "recording.h"
#include "stream.h"

/* An address space. */
struct scan_mm {
	char comm[16];
	int *tgids;			/* NULL: this number was not described */
	size_t nr_tgids;
};

struct scan_run {
	unsigned long long start;	/* first address or frame */
	unsigned long long count;	/* pages */
	struct rms_rec_page *page;
	size_t nr_pages, room_pages;
	struct rms_rec_map *map;
	size_t nr_maps, room_maps;
	uint16_t *order;		/* of the pages, for the mappings: see collect.ordered */
	size_t nr_order, room_order;	/* 0: they are as they are */
};

struct collect {
	const struct range *filter;	/* leaves out pages, if not NULL */
	bool ordered;			/* on_run() knows what to do with scan_run.order */
	void (*on_run)(void *arg, const struct scan_run *run);
	void *arg;

	bool has_head, has_run, has_end;
	struct rms_rec_head head;
	struct rms_rec_end end;		/* the counts that the module lacks are 0 */
	struct scan_run run;		/* not yet given to on_run() */
	unsigned long long pages;	/* in all runs */
	unsigned long long reached;	/* end of the last run, as an address or a frame */

	struct scan_mm *mm;		/* by number */
	size_t nr_mms;
	char **file;			/* paths by number; NULL: not described */
	size_t nr_files;

	char *method;			/* NULL: the module has found the mappings */

	/* Of a recording. */
	bool recorded;
	struct recording_head recording;
	char *maps, *maps_after;	/* NULL: it has none */
	char *processes;		/* NULL: it has no list of them */
	char *stopped;
};

enum stream_result collect_head(struct collect *c, struct stream *s);
enum stream_result collect_runs(struct collect *c, struct stream *s);
unsigned long long collect_unit(const struct collect *c);
void collect_free(struct collect *c);

#endif
