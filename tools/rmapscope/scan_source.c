// SPDX-License-Identifier: GPL-2.0
/*
 * Where the records come from: the module, page tables, or a recording.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "exit_status.h"
#include "explain.h"
#include "module_info.h"
#include "pagemap_source.h"
#include "scan.h"

static int explain_range(const struct range *r, const char *request, int err)
{
	char name[RANGE_MAX];

	range_name(r, name, sizeof(name));
	if (err == ESRCH && r->has_pid)
		warnx("pid %llu: no such process, or it has no user memory (kernel thread, zombie)",
		      r->pid);
	else if (err == EFAULT && r->has_pid)
		warnx("%s: nothing is mapped there; see /proc/%llu/maps", name, r->pid);
	else if (err == ENXIO)
		warnx("%s: no such frames: past the end of memory, or in a gap (/proc/iomem)",
		      name);
	else
		return explain_error("scan_raw", name, request, err);
	return RS_NO_PAGE;
}

/* Write a range to the module. Return: a descriptor, or -1 with the reason in @err. */
static int ask_module(const char *request, int *err)
{
	char *path = report_path("scan_raw");
	size_t len = strlen(request);
	int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
	ssize_t n;

	*err = 0;
	if (fd < 0) {
		*err = path ? errno : ENOMEM;
	} else {
		n = write(fd, request, len);
		if (n < 0)
			*err = errno;
		else if ((size_t)n != len)
			*err = EIO;
	}
	free(path);
	if (!*err)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Filters that only the module knows. */
static int check_filters(const struct scan *s)
{
	unsigned int options = s->o->range.options;
	const char *filter = options & RMS_OPTION_STUCK ? "--stuck" : "--extra-refs";

	if (!(options & (RMS_OPTION_STUCK | RMS_OPTION_EXTRA_REFS)))
		return RS_OK;
	if (s->method != METHOD_DEFAULT) {
		warnx("%s needs the module's scan: use it without --method=%s", filter,
		      method_word(s->method));
		return RS_USAGE;
	}
	warnx("%s needs the module's scan, which it does not have on this kernel", filter);
	return RS_FAILED;
}

static int open_pagemaps(struct scan *s, struct stream *stream, const struct range *range,
			 const char *request)
{
	struct stream_source source = { pagemap_source_read, pagemap_source_close, NULL };
	int err;

	source.arg = scan_alloc(1, sizeof(struct pagemap_source));
	err = pagemap_source_open(source.arg, range, s->method);
	if (err) {
		source.close(source.arg);
		return explain_range(range, request, -err);
	}
	if (stream_begin_source(stream, &source))
		errx(RS_FAILED, "not enough memory for the records");
	return RS_OK;
}

/**
 * scan_open() - begin to read a range
 * @s: the scan, with its method
 * @stream: filled; stream_finish() must follow
 * @range: the range, with all that is asked for
 *
 * Return: an exit status; after an error message it is not RS_OK.
 */
int scan_open(struct scan *s, struct stream *stream, const struct range *range)
{
	char request[RANGE_MAX];
	int fd, err;

	range_format(range, request, sizeof(request));
	if (s->method > METHOD_RMAP)
		return check_filters(s) ?: open_pagemaps(s, stream, range, request);
	fd = ask_module(request, &err);
	if (err == ENOENT && s->method == METHOD_DEFAULT && module_lacks("scan")) {
		int status = check_filters(s);

		if (status)
			return status;
		s->method = METHOD_INDEX;
		warnx("on this kernel the module has no scan; going on with --method=index");
		return open_pagemaps(s, stream, range, request);
	}
	if (err)
		return explain_range(range, request, err);
	if (stream_begin(stream, fd))
		errx(RS_FAILED, "not enough memory for the records");
	return RS_OK;
}

/**
 * scan_open_input() - begin to read a recording
 * @s: the scan
 * @stream: filled; stream_finish() must follow
 *
 * Return: an exit status; after an error message it is not RS_OK.
 */
int scan_open_input(struct scan *s, struct stream *stream)
{
	int fd = open(s->o->input, O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		warn("%s", s->o->input);
		return RS_FAILED;
	}
	if (stream_begin(stream, fd))
		errx(RS_FAILED, "not enough memory for the records");
	return RS_OK;
}
