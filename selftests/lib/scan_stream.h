/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_SCAN_STREAM_H
#define RMAPSCOPE_SELFTEST_SCAN_STREAM_H

#include "oracle.h"
#include "report.h"

/* A page of a stream of the file "scan". */
struct scan_page {
	uint64_t at;		/* address, or frame */
	uint64_t key;		/* frame, or oracle_swap_key() */
	const struct record *record;
};

/* All pages of a stream, in its order, and all mappings, sorted by frame. */
struct scan_stream {
	struct report report;
	struct scan_page *page;
	size_t nr_pages;
	struct oracle mappings;
	size_t nr_mappings;	/* by the map lines: once for each mm */
	const struct record *end;
};

int scan_read(struct scan_stream *stream, const char *range);
int scan_take(struct scan_stream *stream, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
const struct scan_page *scan_find(const struct scan_stream *stream, uint64_t at);
void scan_free(struct scan_stream *stream);

#endif
