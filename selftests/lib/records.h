/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_RECORDS_H
#define RMAPSCOPE_SELFTEST_RECORDS_H

#include <stddef.h>
#include <uapi/rmapscope.h>

/* An invented stream of "scan_raw", record by record. Zeroed before the first one. */
struct records {
	char *bytes;
	size_t len;
};

/* All fields of a page, as a scan with all options gives them. */
#define PAGE_FIELDS	(RMS_PAGE_LEVEL | RMS_PAGE_WALKED | RMS_PAGE_JUDGED | RMS_PAGE_REFS)
#define ALL_OPTIONS	(RMS_OPTION_MAPS | RMS_OPTION_VISITED | RMS_OPTION_VERDICTS)

/* What the two macros below set by default, a caller may set once more. */
#ifdef __clang__
#pragma clang diagnostic ignored "-Winitializer-overrides"
#endif

/* Adds a page record: PAGE(&r, .first = 4, .count = 2, .kind = RMS_KIND_KSM). */
#define PAGE(r, ...)							\
	records_page(r, (struct rms_rec_page){ .count = 1, .maps = 1, .mms = 1, .visited = 1, \
					       .fields = PAGE_FIELDS, ##__VA_ARGS__ })
/* Adds the end: END(&r, .pages = 3). */
#define END(r, ...)							\
	records_end(r, (struct rms_rec_end){ .complete = 1, .nr_unmapped = RMS_NR_UNMAPPED, \
					     ##__VA_ARGS__ })

void *records_add(struct records *r, unsigned int type, size_t size, const void *contents);
void records_head(struct records *r, unsigned int form, unsigned int options,
		  unsigned long long start, unsigned long long end);
void records_run(struct records *r, unsigned int form, unsigned long long start,
		 unsigned int count);
void records_page(struct records *r, struct rms_rec_page page);
void records_map(struct records *r, unsigned int mm, unsigned int first, unsigned int count,
		 unsigned long long va);
void records_mm(struct records *r, unsigned int mm, int pid, int other_pid);
void records_file(struct records *r, unsigned int file, const char *path);
void records_end(struct records *r, struct rms_rec_end end);
void records_free(struct records *r);

/* The parts of a recording around a stream. */
void records_recording(struct records *r, const char *range, unsigned int pid);
void records_text(struct records *r, unsigned int type, const char *text);
void records_maps(struct records *r, const char *text);

/* records_process.c */
#define PROCESS_RANGE	"pid=42 maps visited verdicts"
#define PROCESS_MAPS							\
	"10000-20000 rw-p 00000000 00:00 0                          [heap]\n"	\
	"20000-30000 r-xp 00001000 08:01 77                         /lib/a b\n"	\
	"400000-800000 rw-p 00000000 00:00 0\n"				\
	"900000-901000 ---p 00000000 00:00 0                        [guard]\n"
#define PROCESS_PAGES	528

void records_process_stream(struct records *r, unsigned int options);
void records_process(struct records *r);
void records_frames_stream(struct records *r, unsigned int runs);

int records_write(const struct records *r, const char *path, size_t blanks);

#endif
