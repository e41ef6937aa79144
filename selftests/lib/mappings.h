/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_PLACES_H
#define RMAPSCOPE_SELFTEST_PLACES_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Where a page is mapped: an address in a process. */
struct place {
	pid_t pid;
	uint64_t va;
};

struct places {
	struct place *v;
	size_t nr;
	size_t room;
};

int places_add(struct places *set, pid_t pid, uint64_t va);
void places_sort(struct places *set);
int places_compare(const struct places *seen, const char *seen_by,
		   const struct places *expected, const char *expected_by);
void places_free(struct places *set);

#endif
