/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_TOP_REPORT_H
#define RMAPSCOPE_SELFTEST_TOP_REPORT_H

#include <stdbool.h>

#include "exercise.h"
#include "report.h"

/* Reports of the file "top", and what they must say about the processes of a scenario. */

struct top_family_vma {
	pid_t pid;
	uint64_t start;
	uint64_t end;
};

/* The VMAs that hold the pages of a scenario, and what they contain. */
struct top_family {
	struct top_family_vma *vmas;
	size_t nr;
	size_t room;
	size_t processes;
	/* Present anonymous pages, by the pagemaps. */
	size_t pages;
	size_t most_pages;	/* largest number in one process */
};

int top_report_take(struct report *report);
int top_report_check(const struct report *report);

int top_family(struct top_family *family, const struct exercise *run);
void top_family_free(struct top_family *family);
const struct record *top_report_find(const struct report *report,
				     const struct top_family *family);
int top_page_present(pid_t pid, uint64_t va, bool *anonymous);

#endif
