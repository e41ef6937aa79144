// SPDX-License-Identifier: GPL-2.0
/*
 * The records that the tool adds to a stream when it records it.
 */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "recording.h"

static_assert(sizeof(struct recording_head) == 312, "recordings have a fixed format");

static const char *check_head(const struct rms_rec *rec)
{
	const struct recording_head *head = (const void *)rec;

	if (rec->size < sizeof(*head) || memcmp(head->magic, RECORDING_MAGIC, sizeof(head->magic)))
		return "this is no recording of rmapscope";
	if (head->version != RECORDING_VERSION)
		return "the recording has a newer version of the format; use a newer tool";
	if (!memchr(head->date, '\0', sizeof(head->date)) ||
	    !memchr(head->range, '\0', sizeof(head->range)))
		return "the head of the recording is damaged";
	return NULL;
}

/**
 * recording_text() - get the text of a record
 * @rec: a checked record that has a text
 *
 * Return: its text.
 */
const char *recording_text(const struct rms_rec *rec)
{
	return (const char *)(rec + 1);
}

/**
 * recording_check() - check a record of the tool
 * @rec: the record
 *
 * Return: NULL if it is right, or of another type; else what is wrong.
 */
const char *recording_check(const struct rms_rec *rec)
{
	switch (rec->type) {
	case RECORDING_HEAD:
		return check_head(rec);
	case RECORDING_MAPS:
	case RECORDING_STOPPED:
	case RECORDING_METHOD:
	case RECORDING_PROCESSES:
		if (memchr(rec + 1, '\0', rec->size - sizeof(*rec)))
			return NULL;
		return "a text of the recording does not end";
	default:
		return NULL;
	}
}

/* Write all of @parts, of which it changes the first. */
static int write_all(int fd, struct iovec *parts, int nr)
{
	while (nr) {
		ssize_t n = writev(fd, parts, nr);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		for (; nr && (size_t)n >= parts->iov_len; nr--)
			n -= (parts++)->iov_len;
		if (nr) {
			parts->iov_base = (char *)parts->iov_base + n;
			parts->iov_len -= n;
		}
	}
	return 0;
}

/**
 * recording_write_head() - write the first record of a recording
 * @fd: the file
 * @range: what is written to the module
 * @pid: process of the range, or 0
 *
 * Return: 0 or a negative errno.
 */
int recording_write_head(int fd, const char *range, unsigned int pid)
{
	struct recording_head head = {
		.rec = { .type = RECORDING_HEAD, .size = sizeof(head) },
		.magic = RECORDING_MAGIC,
		.version = RECORDING_VERSION,
		.pid = pid,
	};
	time_t now = time(NULL);
	struct tm utc;

	gmtime_r(&now, &utc);
	strftime(head.date, sizeof(head.date), "%Y-%m-%dT%H:%M:%SZ", &utc);
	snprintf(head.range, sizeof(head.range), "%s", range);
	return write_all(fd, &(struct iovec){ &head, sizeof(head) }, 1);
}

/**
 * recording_write_text() - write a record that has a text
 * @fd: the file
 * @type: a type of records that have a text
 * @text: the text
 *
 * Return: 0 or a negative errno.
 */
int recording_write_text(int fd, enum recording_type type, const char *text)
{
	size_t len = strlen(text);
	/* At least one NUL, and up to the next multiple of 8. */
	size_t padding = 8 - len % 8;
	struct rms_rec rec = { .type = type, .size = sizeof(rec) + len + padding };
	struct iovec parts[] = {
		{ &rec, sizeof(rec) }, { (char *)text, len }, { "\0\0\0\0\0\0\0", padding },
	};

	return write_all(fd, parts, 3);
}
