// SPDX-License-Identifier: GPL-2.0
/* Reads streams. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "complain.h"
#include "page_report.h"
#include "raw_stream.h"

/**
 * raw_stream_read() - read to the end, and check it
 * @s: what was read before
 * @fd: the open file
 * @size: bytes for each read(2)
 *
 * Return: 0; -1 with the reason in why[]; or the -errno of a read(2), which may be repeated.
 */
int raw_stream_read(struct raw_stream *s, int fd, size_t size)
{
	void *records = malloc(size);
	ssize_t got;
	int ret = 0;

	while (!ret && (got = read(fd, records, size)))
		ret = got < 0 ? -errno : raw_stream_add(s, records, got);
	free(records);
	return ret || s->ended ? ret : complain("the stream has no end");
}

/**
 * raw_stream_take() - read a range to the end, and check it
 * @s: zeroed, or with what is wanted; the caller calls raw_stream_free() in any case
 * @format: the range
 *
 * Return: 0; the -errno of the module; or -1 with the reason in why[].
 */
int raw_stream_take(struct raw_stream *s, const char *format, ...)
{
	char range[256];
	va_list args;
	int fd, ret;

	va_start(args, format);
	vsnprintf(range, sizeof(range), format, args);
	va_end(args);
	fd = interface_open("scan_raw", O_RDWR);
	if (fd < 0)
		return fd;
	ret = interface_write(fd, range);
	if (!ret)
		ret = raw_stream_read(s, fd, 65536);
	close(fd);
	return ret;
}

/**
 * stream_begin() - open a stream and read the first bytes of it
 * @file: "scan" or "scan_raw"
 * @range: what to write
 * @size: of the read(2); at most 4096
 *
 * Return: the open file, or -1 with the reason in why[].
 */
int stream_begin(const char *file, const char *range, size_t size)
{
	int fd = interface_open(file, O_RDWR), err;
	char bytes[4096];

	err = fd < 0 ? fd : interface_write(fd, range);
	if (!err && read(fd, bytes, size) > 0)
		return fd;
	return complain("%s: %s", range, strerror(err ? -err : errno));
}

/**
 * stream_options() - some options of a range
 * @i: another number gives others, out of a few
 *
 * Return: the text.
 */
const char *stream_options(unsigned int i)
{
	static const char * const options[] = {
		"maps", "maps visited", "", "maps verdicts", "visited min_maps=2", "maps stuck",
		"maps kind=anon,shmem", "extra_refs maps", "maps kind=file,ksm,swap",
		"ordered maps", "maps min_maps=2 ordered",
	};

	return options[i % (sizeof(options) / sizeof(options[0]))];
}
