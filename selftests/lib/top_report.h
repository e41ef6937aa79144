/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_FOREST_H
#define RMAPSCOPE_SELFTEST_FOREST_H

#include <stdbool.h>

#include "exercise.h"
#include "report.h"

/* Reports of the file "top", and what a family of rmap-exercise must have in them. */

struct forest_vma {
	pid_t pid;
	uint64_t start;
	uint64_t end;
};

/* The VMAs that hold the pages of a family, and what they hold. */
struct forest_family {
	struct forest_vma *vmas;
	size_t nr;
	size_t room;
	size_t processes;
	/* Present anonymous pages, by the pagemaps. */
	size_t pages;
	size_t most_pages;	/* of one process */
};

int forest_take(struct report *report);
int forest_check(const struct report *report);

int forest_family(struct forest_family *family, const struct exercise *run);
void forest_family_free(struct forest_family *family);
const struct record *forest_find(const struct report *report,
				 const struct forest_family *family);
int forest_present(pid_t pid, uint64_t va, bool *anonymous);

#endif
