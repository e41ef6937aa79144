// SPDX-License-Identifier: GPL-2.0
/* Invented streams of "scan_raw", and recordings of them. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "complain.h"
#include "recording.h"
#include "records.h"

/**
 * records_add() - add a record
 * @r: the records
 * @type: its type
 * @size: its size, with its struct rms_rec
 * @contents: what it has, beginning with a struct rms_rec, which is not used
 *
 * Return: the record, which may be changed until the next one is added.
 */
void *records_add(struct records *r, unsigned int type, size_t size, const void *contents)
{
	struct rms_rec rec = { .type = type, .size = size };
	char *bytes = realloc(r->bytes, r->len + size);

	if (!bytes)
		abort();
	r->bytes = bytes;
	bytes += r->len;
	memcpy(bytes, contents, size);
	memcpy(bytes, &rec, sizeof(rec));
	r->len += size;
	return bytes;
}

/**
 * records_head() - add the head of a stream
 * @r: the records
 * @form: RMS_FORM_*
 * @options: RMS_OPTION_*
 * @start: of the range
 * @end: of the range
 */
void records_head(struct records *r, unsigned int form, unsigned int options,
		  unsigned long long start, unsigned long long end)
{
	struct rms_rec_head head = {
		.abi = RMAPSCOPE_ABI,
		.page_size = 4096,
		.form = form,
		.options = options,
		.start = start,
		.end = end,
		.release = "6.1.0",
	};

	records_add(r, RMS_REC_HEAD, sizeof(head), &head);
}

/**
 * records_run() - add the head of a run
 * @r: the records
 * @form: RMS_FORM_*
 * @start: of the run
 * @count: its pages
 */
void records_run(struct records *r, unsigned int form, unsigned long long start,
		 unsigned int count)
{
	struct rms_rec_run run = { .form = form, .start = start, .count = count };

	records_add(r, RMS_REC_RUN, sizeof(run), &run);
}

/**
 * records_page() - add a record of pages
 * @r: the records
 * @page: the record, but for its size and type
 */
void records_page(struct records *r, struct rms_rec_page page)
{
	records_add(r, RMS_REC_PAGE, sizeof(page), &page);
}

/**
 * records_map() - add a record of mappings
 * @r: the records
 * @mm: number of the address space
 * @first: the first page of the run
 * @count: pages
 * @va: address of the first
 */
void records_map(struct records *r, unsigned int mm, unsigned int first, unsigned int count,
		 unsigned long long va)
{
	struct rms_rec_map map = { .mm = mm, .first = first, .count = count, .va = va,
				   .bits = 1U << RMS_BIT_PRESENT };

	records_add(r, RMS_REC_MAP, sizeof(map), &map);
}

/**
 * records_mm() - describe an address space
 * @r: the records
 * @mm: its number
 * @pid: the process that stands for it
 * @other_pid: another process that uses it; 0: there is none
 */
void records_mm(struct records *r, unsigned int mm, int pid, int other_pid)
{
	struct rms_rec_mm head = { .mm = mm, .pid = pid, .nr_tgids = other_pid ? 2 : 1,
				   .comm = "user" };
	const int tgids[2] = { pid, other_pid };
	char rec[sizeof(head) + sizeof(tgids)];

	memcpy(rec, &head, sizeof(head));
	memcpy(rec + sizeof(head), tgids, sizeof(tgids));
	records_add(r, RMS_REC_MM, sizeof(rec), rec);
}

/**
 * records_file() - describe a file
 * @r: the records
 * @file: its number
 * @path: its path
 */
void records_file(struct records *r, unsigned int file, const char *path)
{
	struct rms_rec_file head = { .file = file, .dev_major = 8, .ino = 77 };
	char rec[sizeof(head) + 64] = "";

	memcpy(rec, &head, sizeof(head));
	snprintf(rec + sizeof(head), 64, "%s", path);
	records_add(r, RMS_REC_FILE, sizeof(rec), rec);
}

/**
 * records_end() - add the end of a stream
 * @r: the records
 * @end: the record, but for its size and type
 */
void records_end(struct records *r, struct rms_rec_end end)
{
	records_add(r, RMS_REC_END, sizeof(end), &end);
}

/**
 * records_free() - forget all records
 * @r: the records
 */
void records_free(struct records *r)
{
	free(r->bytes);
	*r = (struct records){ 0 };
}

/**
 * records_recording() - add the head of a recording
 * @r: the records
 * @range: what was written to the module
 * @pid: process of the range, or 0
 */
void records_recording(struct records *r, const char *range, unsigned int pid)
{
	struct recording_head head = {
		.magic = RECORDING_MAGIC,
		.version = RECORDING_VERSION,
		.pid = pid,
		.date = "2026-01-31T12:00:00Z",
	};

	strncpy(head.range, range, sizeof(head.range) - 1);
	records_add(r, RECORDING_HEAD, sizeof(head), &head);
}

/**
 * records_text() - add a record that has a text
 * @r: the records
 * @type: its type
 * @text: the text
 */
void records_text(struct records *r, unsigned int type, const char *text)
{
	size_t len = strlen(text), size = sizeof(struct rms_rec) + len + 8 - len % 8;
	char *rec = calloc(1, size);

	if (!rec)
		abort();
	memcpy(rec + sizeof(struct rms_rec), text, len);
	records_add(r, type, size, rec);
	free(rec);
}

/**
 * records_maps() - add the text of /proc/PID/maps
 * @r: the records
 * @text: the text
 */
void records_maps(struct records *r, const char *text)
{
	records_text(r, RECORDING_MAPS, text);
}

/**
 * records_write() - write records to a file
 * @r: the records
 * @path: the file, which is replaced
 * @blanks: before the records, where the tool writes its range
 *
 * Return: 0 or -1.
 */
int records_write(const struct records *r, const char *path, size_t blanks)
{
	FILE *out = fopen(path, "we");
	size_t n;

	if (!out)
		return complain("%s: %s", path, strerror(errno));
	fprintf(out, "%*s", (int)blanks, "");
	n = fwrite(r->bytes, 1, r->len, out);
	return fclose(out) || n != r->len ? complain("%s: cannot be written", path) : 0;
}
