// SPDX-License-Identifier: GPL-2.0
/*
 * `rmapscope record`: keep what `rmapscope scan` needs in a file.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "exit_status.h"
#include "interrupt.h"
#include "processes.h"
#include "scan.h"
#include "size.h"

#define DEFAULT_OPTIONS	(RMS_OPTION_MAPS | RMS_OPTION_VISITED | RMS_OPTION_VERDICTS)

struct recorder {
	struct scan scan;		/* of which the range, the VMAs and the progress are used */
	const char *path;
	int file;
	char *processes;		/* list of all; NULL: the range is of one */
	char *maps;			/* text of /proc/PID/maps before; NULL: no process */
};

static int cannot_write(const struct recorder *r, int err)
{
	warnx("%s: cannot be written: %s", r->path, strerror(err));
	return RS_FAILED;
}

static int write_head(struct recorder *r, const char *request)
{
	const struct range *range = &r->scan.o->range;
	int err = recording_write_head(r->file, request, range->has_pid ? range->pid : 0);

	if (!err && r->processes)
		err = recording_write_text(r->file, RECORDING_PROCESSES, r->processes);
	if (!err && r->maps)
		err = recording_write_text(r->file, RECORDING_MAPS, r->maps);
	return err ? cannot_write(r, -err) : RS_OK;
}

static const char *why_stopped(const struct scan *s, const struct stream *stream)
{
	switch (s->result) {
	case STREAM_INTERRUPTED:
		return "interrupted";
	case STREAM_FAILED:
		return strerror(stream->error);
	case STREAM_BAD:
		return stream->trouble;
	default:
		return "the module gave no more records";
	}
}

/* Add what is only known at the end. */
static int write_tail(struct recorder *r, const struct stream *stream)
{
	const struct scan *s = &r->scan;
	int err = 0;

	if (r->maps) {
		char *after = vma_list_read(s->o->range.pid);

		if (!after || strcmp(after, r->maps))
			err = recording_write_text(r->file, RECORDING_MAPS, after ?: "");
		free(after);
	}
	if (!err && !(s->collect.has_end && s->result == STREAM_END))
		err = recording_write_text(r->file, RECORDING_STOPPED, why_stopped(s, stream));
	return err ? cannot_write(r, -err) : RS_OK;
}

static void no_view(struct scan *s, const struct scan_run *run)
{
	(void)s;
	(void)run;
}

/* Copy the stream to the file. It is read as well, so that garbage is noticed. */
static int copy_stream(struct recorder *r, struct stream *stream)
{
	struct scan *s = &r->scan;
	static const struct scan_view nothing = { .run = no_view };
	int status;

	s->view = &nothing;
	stream->copy = r->file;
	s->result = scan_read(s, stream, r->maps);
	stream_copy(stream);
	if (stream->copy_failed)
		return cannot_write(r, stream->error);
	status = write_tail(r, stream);
	return scan_conclude(s, stream) ?: status;
}

static int record(struct recorder *r)
{
	char request[RANGE_MAX];
	struct stream stream;
	int status;

	range_format(&r->scan.o->range, request, sizeof(request));
	status = scan_open(&r->scan, &stream, &r->scan.o->range);
	if (status)
		return status;
	r->file = open(r->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (r->file < 0) {
		status = cannot_write(r, errno);
	} else {
		status = write_head(r, request) ?: copy_stream(r, &stream);
		if (close(r->file) && !status)
			status = cannot_write(r, errno);
	}
	stream_finish(&stream);
	return status;
}

static int run(struct options *o)
{
	struct recorder r = { .scan = { .o = o, .method = o->method }, .path = o->file };
	struct range *range = &o->range;
	int status;

	range->has_pid = o->target.has_pid;
	range->pid = o->target.pid;
	if (!o->with)
		range->options |= DEFAULT_OPTIONS;
	if (!o->file) {
		warnx("record: name the file to write: rmapscope record FILE -p PID");
		return RS_USAGE;
	}
	status = range_check(range, "record");
	if (status)
		return status;
	interrupt_catch();
	if (!range->has_pid)
		r.processes = processes_text();
	else
		r.maps = vma_list_read(range->pid);
	status = record(&r);
	free(r.processes);
	free(r.maps);
	vma_list_free(&r.scan.vmas);
	collect_free(&r.scan.collect);
	return status;
}

const struct command record_command = {
	.name = "record",
	.summary = "keep a scan in a file, for rmapscope scan --input",
	.help = "Write the records of a scan to a file. rmapscope scan --input FILE makes its\n"
		"reports from the file, on any machine, without root and without the module.",
	.usage = "FILE -p PID [START-END]|FILE --pfn A-B|FILE --all",
	.groups = OPTIONS_RANGE | OPTIONS_FILTER | OPTIONS_METHOD | OPTIONS_RECORD,
	.run = run,
};
