/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_LOOK_H
#define RMAPSCOPE_SELFTEST_LOOK_H

#include <stdint.h>

#include "places.h"
#include "report.h"

/* One report of the file "page", found to be well-formed. */
struct look {
	struct report report;
	const struct record *page;
	const struct record *walk;
	uint64_t pfn;
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
int look_same(const struct look *a, const struct look *b);

#endif
