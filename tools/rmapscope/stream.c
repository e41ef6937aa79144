// SPDX-License-Identifier: GPL-2.0
/*
 * The bytes of "scan_raw", or of a recording, as a stream of records.
 *
 * Nothing here trusts the bytes: a recording can be damaged, or come from anyone.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "interrupt.h"
#include "stream.h"

#define READ_SIZE	(1024 * 1024)
/* No record is longer: the longest is the text of /proc/PID/maps in a recording. */
#define RECORD_MAX	(64 * 1024 * 1024)

/**
 * stream_begin() - begin to read records
 * @s: filled; stream_finish() must follow
 * @fd: the file, which stream_finish() closes
 *
 * Return: 0 or -ENOMEM.
 */
int stream_begin(struct stream *s, int fd)
{
	*s = (struct stream){ .fd = fd, .copy = -1, .room = READ_SIZE };
	s->buffer = malloc(s->room);
	return s->buffer ? 0 : -ENOMEM;
}

/**
 * stream_begin_source() - begin to read records that don't come from a file
 * @s: filled; stream_finish() must follow
 * @source: gives the bytes; stream_finish() closes it
 *
 * Return: 0 or -ENOMEM.
 */
int stream_begin_source(struct stream *s, const struct stream_source *source)
{
	int err = stream_begin(s, -1);

	s->source = *source;
	return err;
}

/**
 * stream_finish() - close the file and free the buffer
 * @s: the stream
 */
void stream_finish(struct stream *s)
{
	if (s->fd >= 0)
		close(s->fd);
	if (s->source.close)
		s->source.close(s->source.arg);
	free(s->buffer);
	*s = (struct stream){ .fd = -1, .copy = -1 };
}

/**
 * stream_bad() - note that a record is wrong
 * @s: the stream
 * @rec: the last record that stream_next() has given
 * @format: what is wrong, as for printf()
 *
 * Return: STREAM_BAD, with the place and the text in @s->trouble.
 */
enum stream_result stream_bad(struct stream *s, const struct rms_rec *rec, const char *format, ...)
{
	const unsigned char *at = (const unsigned char *)rec;
	va_list args;
	int len;

	/* It is not one of the records that were read. */
	s->offset -= s->buffer + s->begin - at;
	s->begin = at - s->buffer;
	s->bad_type = rec->type;
	len = snprintf(s->trouble, sizeof(s->trouble), "at byte %llu: ", s->offset);
	va_start(args, format);
	vsnprintf(s->trouble + len, sizeof(s->trouble) - len, format, args);
	va_end(args);
	return STREAM_BAD;
}

/**
 * stream_copy() - write the records read so far to @s->copy
 * @s: the stream; nothing is done if it has no copy
 *
 * An error is noted in it.
 */
void stream_copy(struct stream *s)
{
	while (s->copy >= 0 && s->copied < s->begin && !s->copy_failed) {
		ssize_t n = write(s->copy, s->buffer + s->copied, s->begin - s->copied);

		if (n >= 0) {
			s->copied += n;
		} else if (errno != EINTR) {
			s->copy_failed = true;
			s->error = errno;
		}
	}
}

/* Move what is left to the start of the buffer, which has room for @size bytes afterwards. */
static bool make_room(struct stream *s, size_t size)
{
	unsigned char *larger;

	stream_copy(s);
	memmove(s->buffer, s->buffer + s->begin, s->end - s->begin);
	s->end -= s->begin;
	s->begin = 0;
	s->copied = 0;
	if (size <= s->room)
		return true;
	larger = realloc(s->buffer, size);
	if (!larger)
		return false;
	s->buffer = larger;
	s->room = size;
	return true;
}

static ssize_t read_some(struct stream *s)
{
	void *to = s->buffer + s->end;

	if (s->source.read)
		return s->source.read(s->source.arg, to, s->room - s->end);
	interrupt_wait(s->fd);
	if (!interrupt_seen())
		return read(s->fd, to, s->room - s->end);
	errno = EINTR;
	return -1;
}

/* Read until there are @size bytes, or the file ends. */
static enum stream_result fill(struct stream *s, size_t size)
{
	while (s->end - s->begin < size && !s->at_end) {
		ssize_t n;

		if (!make_room(s, size)) {
			s->error = ENOMEM;
			return STREAM_FAILED;
		}
		if (s->copy_failed)
			return STREAM_FAILED;
		n = read_some(s);
		if (n < 0 && errno == EINTR && interrupt_seen())
			return STREAM_INTERRUPTED;
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			s->error = errno;
			return STREAM_FAILED;
		}
		s->at_end = !n;
		s->end += n;
	}
	if (s->end == s->begin)
		return STREAM_END;
	return s->end - s->begin < size ? STREAM_CUT : STREAM_RECORD;
}

/**
 * stream_next() - read the next record
 * @s: the stream
 * @rec: set to the record, which stays until the next call. Its type can be unknown. If it is
 *	known, its size, and the lengths and texts in it, are right.
 *
 * Return: STREAM_RECORD, or why there is no record.
 */
enum stream_result stream_next(struct stream *s, const struct rms_rec **rec)
{
	enum stream_result result = fill(s, sizeof(**rec));
	size_t size;

	if (result != STREAM_RECORD)
		return result;
	*rec = (const struct rms_rec *)(s->buffer + s->begin);
	size = (*rec)->size;
	if (size < sizeof(**rec) || size % 8 || size > RECORD_MAX)
		return stream_bad(s, *rec, "a record of type 0x%x has the impossible size %zu",
				  (*rec)->type, size);
	result = fill(s, size);
	if (result != STREAM_RECORD)
		return result;
	*rec = (const struct rms_rec *)(s->buffer + s->begin);
	if (!stream_check(s, *rec))
		return STREAM_BAD;
	s->begin += size;
	s->offset += size;
	return STREAM_RECORD;
}
