/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Recordings: files that hold the stream of "scan_raw" between records of the tool. The tool makes
 * such a stream itself if it doesn't ask the module.
 */
#ifndef RMAPSCOPE_RECORDING_H
#define RMAPSCOPE_RECORDING_H

#include <stddef.h>
#include <uapi/rmapscope.h>

/*
 * The records of the tool. RECORDING_HEAD is the first of the file; RECORDING_PROCESSES and
 * RECORDING_MAPS may follow.
 * RECORDING_METHOD is the first of a stream that is not the module's. Behind the stream there are a
 * second RECORDING_MAPS, if the text has changed meanwhile, and RECORDING_STOPPED, if the stream
 * was not recorded to its end.
 */
enum recording_type {
	RECORDING_HEAD = 0x8000,
	RECORDING_MAPS,		/* struct rms_rec, and the text of /proc/PID/maps up to a NUL */
	RECORDING_STOPPED,	/* struct rms_rec, and the reason as text up to a NUL */
	RECORDING_METHOD,	/* struct rms_rec, and the method as text up to a NUL */
	RECORDING_PROCESSES,	/* struct rms_rec, and the text of processes_text() up to a NUL */
};

/* In struct rms_rec_page.fields: only its member mms has a value of those of RMS_PAGE_WALKED. */
#define RECORDING_PAGE_MMS	0x80000000

#define RECORDING_MAGIC		"rmapscope scan\n"
#define RECORDING_VERSION	1

/**
 * struct recording_head - what a recording begins with
 * @rec: RECORDING_HEAD
 * @magic: RECORDING_MAGIC
 * @version: RECORDING_VERSION
 * @pid: process of the range, as the recorder saw it; 0 if the range is of frames
 * @date: when it began, in UTC, as in 2026-01-31T12:00:00Z
 * @range: what was written to the module
 */
struct recording_head {
	struct rms_rec rec;
	char magic[16];
	__u32 version;
	__u32 pid;
	char date[24];
	char range[256];
};

const char *recording_check(const struct rms_rec *rec);
const char *recording_text(const struct rms_rec *rec);
int recording_write_head(int fd, const char *range, unsigned int pid);
int recording_write_text(int fd, enum recording_type type, const char *text);

#endif
