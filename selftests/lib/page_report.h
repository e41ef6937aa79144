/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_LOOK_H
#define RMAPSCOPE_SELFTEST_LOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "mappings.h"
#include "report.h"

/* One report of the file "page", found to be well-formed. */
struct look {
	struct report report;
	const struct record *page;
	const struct record *walk;
	const char *kind;
	/* Of the page that was asked for, or of the first one of a whole folio. */
	uint64_t pfn;
	uint64_t folio_pfn;
	/* Map lines tell of stretches: "folio" was asked for. */
	bool whole;
	size_t visited;
	size_t mapped;
	size_t absent;
};

int look_open(const char *file, int flags);
int look_write(int fd, const char *target);
char *look_text(int fd);
int look_take(struct look *look, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
int look_at(struct look *look, pid_t pid, uint64_t va);
int look_check(struct look *look);
void look_free(struct look *look);

const struct record *look_map(const struct look *look, const struct record *previous,
			      const char *state);
const struct record *look_map_at(const struct look *look, pid_t pid, uint64_t va);
int look_mapped(const struct look *look, struct places *owners, struct places *sharers);
int look_mapped_pages(const struct look *look, uint64_t index, struct places *sharers);
bool look_kind_is(const struct look *look, const char *kinds);
int look_same(const struct look *a, const struct look *b);

#endif
