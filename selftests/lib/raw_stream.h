/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_RAW_STREAM_H
#define RMAPSCOPE_SELFTEST_RAW_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <uapi/rmapscope.h>

#define RAW_RUN_PAGES	512

/*
 * A stream of "scan_raw", which is checked while it is read. Zeroed before the first record; a
 * caller may set what is wanted.
 */
struct raw_stream {
	/* A process that doesn't change: each page must be mapped by it, at its address. */
	pid_t stable;
	/* What the range asks for, if @wanted: its options, and the values of its filters. */
	bool wanted;
	uint32_t form, options, min_maps;
	uint64_t kinds;

	/* What was read. */
	struct rms_rec_head head;
	struct rms_rec_end end;
	bool begun, ended;
	uint64_t pages, mappings;
	struct rms_rec_map twice;	/* a mapping that was there twice; count is 0 if none was */

	/* The run that is being read. */
	struct rms_rec_run run;
	uint64_t behind;		/* the last run */
	uint32_t next;			/* page that may follow */
	struct rms_rec_page page[RAW_RUN_PAGES];	/* by page; count is 0 if it has none */
	uint16_t order[RAW_RUN_PAGES];	/* of the pages, for the mappings, if there is one */
	uint32_t nr_order;
	struct rms_rec_map *maps;
	size_t nr_maps, room;
	uint32_t nr_mms, nr_files;
	bool *is_stable;		/* by number of the mm, from 1 */
};

int raw_stream_add(struct raw_stream *s, const void *records, size_t size);
int raw_stream_read(struct raw_stream *s, int fd, size_t size);
int raw_stream_take(struct raw_stream *s, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
int stream_begin(const char *file, const char *range, size_t size);
const char *stream_options(unsigned int i);
void raw_stream_free(struct raw_stream *s);

#endif
