/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_PAGE_REPORT_H
#define RMAPSCOPE_SELFTEST_PAGE_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "mappings.h"
#include "report.h"

/* A report of the file "page" that was checked to be well-formed. */
struct page_report {
	struct report report;
	const struct record *page;
	const struct record *walk;
	const char *kind;
	/*
	 * Of the page that was asked for, or of the first page if the report is on a whole folio.
	 */
	uint64_t pfn;
	uint64_t folio_pfn;
	/* The report is on a whole folio: map lines have first= and count=. */
	bool whole;
	size_t visited;
	size_t mapped;
	size_t absent;
};

int interface_open(const char *file, int flags);
int interface_write(int fd, const char *target);
char *interface_read(int fd);
int page_report_take(struct page_report *report, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
int page_report_at(struct page_report *report, pid_t pid, uint64_t va);
int page_report_check(struct page_report *report);
void page_report_free(struct page_report *report);

const struct record *page_report_map(const struct page_report *report,
				     const struct record *previous,
				     const char *state);
const struct record *page_report_map_at(const struct page_report *report, pid_t pid, uint64_t va);
int page_report_mapped(const struct page_report *report, struct mappings *owners,
		       struct mappings *sharers);
int page_report_mapped_pages(const struct page_report *report, uint64_t index,
			     struct mappings *sharers);
bool page_report_kind_is(const struct page_report *report, const char *kinds);
int page_report_same(const struct page_report *a, const struct page_report *b);

#endif
