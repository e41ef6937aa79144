/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A scan: what is read from the module or from a recording, and the report that is made of it.
 */
#ifndef RMAPSCOPE_SCAN_H
#define RMAPSCOPE_SCAN_H

#include "collect.h"
#include "options.h"
#include "progress.h"
#include "rows.h"
#include "tally.h"
#include "vma_list.h"

struct scan;

/* One form of the report. */
struct scan_view {
	const struct column_set *columns;	/* NULL: it is no table */
	void (*begin)(struct scan *s);		/* the head and the VMAs are known */
	void (*run)(struct scan *s, const struct scan_run *run);
	void (*finish)(struct scan *s);		/* writes the rows that run() has not written */
};

struct scan {
	const struct options *o;
	enum method method;
	const struct scan_view *view;
	struct column_list columns;
	struct collect collect;
	struct vma_list vmas;			/* of the process, if it is known */
	struct rows rows;
	struct progress progress;
	enum stream_result result;		/* how the stream ended */
	bool flushed;				/* a part of the table was printed */
	bool vmas_changed;			/* during the scan */
	void *data;				/* of the view */
};

extern const struct scan_view scan_vmas;
extern const struct scan_view scan_pages;
extern const struct scan_view scan_kinds;
extern const struct scan_view scan_strips;

/* scan.c */
enum stream_result scan_read(struct scan *s, struct stream *stream, const char *maps);
void scan_compare_vmas(struct scan *s, const char *before);
void *scan_alloc(size_t nr, size_t size);
bool scan_reached(const struct scan *s, unsigned long long at);
void scan_flush(struct scan *s);

/* scan_columns.c */
extern const struct column_set scan_vma_columns;
extern const struct column_set scan_page_columns;
extern const struct column_set scan_kind_columns;
extern const struct column_set scan_range_columns;
extern const struct column_set scan_end_columns;
unsigned int scan_needs(const struct column_list *list);
void scan_tally_row(struct rows *r, const struct tally *t, unsigned long long page_size);

/* scan_end.c */
int scan_warn(const struct scan *s, const struct stream *stream);
int scan_conclude(const struct scan *s, const struct stream *stream);
void scan_end_record(struct scan *s);
unsigned long long scan_count_unmapped(const struct rms_rec_end *end);

/* scan_source.c */
int scan_open(struct scan *s, struct stream *stream, const struct range *range);
int scan_open_input(struct scan *s, struct stream *stream);

#endif
