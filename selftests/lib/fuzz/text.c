// SPDX-License-Identifier: GPL-2.0
/* Checks that reports are well-formed, and that each read returns the same text. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "complain.h"
#include "page_report.h"
#include "text.h"

const char * const fuzz_names[FUZZ_NR_FILES] = {
	[FUZZ_INFO] = "info",
	[FUZZ_PAGE] = "page",
	[FUZZ_TREE] = "tree",
	[FUZZ_TOP] = "top",
	[FUZZ_STATS] = "stats",
	[FUZZ_SCAN] = "scan",
	[FUZZ_SCAN_RAW] = "scan_raw",
};

static const char * const last_records[FUZZ_NR_FILES] = {
	[FUZZ_PAGE] = "walk",
	[FUZZ_TREE] = "tree",
	[FUZZ_TOP] = "total",
};

static int check_bytes(const char *text, size_t size)
{
	size_t i;

	if (!size || text[size - 1] != '\n')
		return complain("the report does not end with a newline");
	for (i = 0; i < size; i++)
		if ((unsigned char)text[i] < ' ' && text[i] != '\n')
			return complain("byte %#x at %zu", text[i], i);
	return 0;
}

static int check_records(const struct report *report, enum fuzz_file file)
{
	const struct record *first = report_next(report, NULL, NULL);
	const struct record *last = &report->record[report->nr_records - 1];
	const char *last_name = last_records[file];

	if (!first || strcmp(first->name, "rmapscope") || record_num(first, "abi") != REPORT_ABI ||
	    strcmp(record_get(first, "file"), fuzz_names[file]))
		return complain("the first line is not that of %s", fuzz_names[file]);
	if (last_name && strcmp(last->name, last_name))
		return complain("the last line is of %s", last->name);
	return 0;
}

static int check_report(struct fuzz_open *open)
{
	struct page_report report = { 0 };
	int ret;

	if (check_bytes(open->text, open->size))
		return -1;
	ret = report_parse(&report.report, open->text, open->size);
	if (ret)
		return complain("report_parse: %s", strerror(-ret));
	ret = check_records(&report.report, open->file);
	if (!ret && open->file == FUZZ_PAGE && open->whole >= 0) {
		report.whole = open->whole;
		ret = page_report_check(&report);
	}
	report_free(&report.report);
	return ret;
}

/**
 * fuzz_text_learn() - read a whole report and check it
 * @worker: the worker
 * @fd: a file with a report
 *
 * Return: 0, or -1 if it isn't well-formed.
 */
int fuzz_text_learn(struct fuzz_worker *worker, struct fuzz_fd *fd)
{
	struct fuzz_open *open = fd->open;
	size_t room = 0;
	ssize_t got;

	open->size = 0;
	do {
		if (room - open->size < 4096) {
			room = room ? 2 * room : 16384;
			open->text = realloc(open->text, room);
			if (!open->text)
				return complain("no memory for a report");
		}
		got = pread(fd->fd, open->text + open->size, room - open->size, open->size);
		if (got > 0)
			open->size += got;
	} while (got > 0);
	snprintf(worker->call, sizeof(worker->call), "reading all of %s", fuzz_names[open->file]);
	if (got < 0)
		return complain("%s", strerror(errno));
	worker->counts->reports++;
	return check_report(open);
}

/**
 * fuzz_text_forget() - forget the text of a report, or what was read of a stream
 * @open: its file
 */
void fuzz_text_forget(struct fuzz_open *open)
{
	free(open->text);
	open->text = NULL;
	open->size = 0;
	if (fuzz_is_stream(open->file))
		raw_stream_free(&open->raw);
	open->lines = FUZZ_TEXT_NONE;
}

/**
 * fuzz_text_offset() - a random offset, most often in the text or near its end
 * @random: source of random numbers
 * @open: the file
 *
 * Return: the offset.
 */
int64_t fuzz_text_offset(struct fuzz_random *random, const struct fuzz_open *open)
{
	static const int64_t odd[] = {
		-1, -4096, 1, 4095, 4096, 4097, 65536, INT32_MAX, 1LL << 32, INT64_MAX, INT64_MIN,
		INT64_MAX - 4096,
	};

	switch (fuzz_below(random, 8)) {
	case 0:
		return odd[fuzz_below(random, sizeof(odd) / sizeof(odd[0]))];
	case 1:
		return (int64_t)open->size + fuzz_below(random, 9) - 4;
	case 2:
	case 3:
		return 0;
	default:
		return fuzz_below(random, open->size + 64);
	}
}
