/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The bytes of "scan_raw", or of a recording, as a stream of records.
 */
#ifndef RMAPSCOPE_STREAM_H
#define RMAPSCOPE_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <uapi/rmapscope.h>

/* What stream_next() returns besides STREAM_RECORD. Only STREAM_BAD has a text in @trouble. */
enum stream_result {
	STREAM_RECORD,
	STREAM_END,		/* the file ends behind a record */
	STREAM_CUT,		/* the file ends in a record */
	STREAM_INTERRUPTED,	/* by ^C */
	STREAM_FAILED,		/* read(2) failed; @error says why */
	STREAM_BAD,		/* the bytes are no record */
};

/* Where the bytes come from, if that is no file. */
struct stream_source {
	/* As read(2). */
	ssize_t (*read)(void *arg, void *buf, size_t size);
	void (*close)(void *arg);
	void *arg;
};

struct stream {
	int fd;
	struct stream_source source;	/* without a function: @fd is the source */
	int copy;			/* file that gets all whole records as well, or -1 */
	size_t copied;			/* up to here, in the buffer */
	bool copy_failed;		/* @error is of a write to it */
	unsigned char *buffer;
	size_t room, begin, end;	/* the bytes not yet returned, in the buffer */
	unsigned long long offset;	/* of them in the file */
	bool at_end;
	int error;
	unsigned int bad_type;		/* of the wrong record */
	char trouble[256];
};

int stream_begin(struct stream *s, int fd);
int stream_begin_source(struct stream *s, const struct stream_source *source);
enum stream_result stream_next(struct stream *s, const struct rms_rec **rec);
enum stream_result stream_bad(struct stream *s, const struct rms_rec *rec, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void stream_copy(struct stream *s);
void stream_finish(struct stream *s);

/* stream_check.c */
bool stream_check(struct stream *s, const struct rms_rec *rec);

#endif
