/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_MAPPINGS_H
#define RMAPSCOPE_SELFTEST_MAPPINGS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A mapping of a page: an address in a process. */
struct mapping {
	pid_t pid;
	uint64_t va;
};

struct mappings {
	struct mapping *v;
	size_t nr;
	size_t room;
};

int mappings_add(struct mappings *set, pid_t pid, uint64_t va);
void mappings_sort(struct mappings *set);
int mappings_compare(const struct mappings *seen, const char *seen_by,
		     const struct mappings *expected, const char *expected_by);
void mappings_free(struct mappings *set);

#endif
