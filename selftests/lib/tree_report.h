/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_TREE_REPORT_H
#define RMAPSCOPE_SELFTEST_TREE_REPORT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "report.h"

#define TREE_NONE ((size_t)-1)

struct tree_av {
	const struct record *record;
	size_t parent;			/* its own index for the root */
	size_t depth;
};

struct tree_vma {
	const struct record *record;
	size_t own;			/* TREE_NONE if the VMA has no anon_vma yet */
	pid_t pid;
	uint64_t start;
	uint64_t end;
	bool covers;
};

/* A report of the file "tree" that was checked to be complete and consistent. */
struct tree_report {
	struct report report;
	const struct record *page;
	const struct record *total;
	struct tree_av *avs;
	size_t nr_avs;
	struct tree_vma *vmas;
	size_t nr_vmas;
	/* An array of nr_vmas * nr_avs: whether an anon_vma_chain links the two. */
	bool *links;
	size_t nr_links;
	bool truncated;
};

int tree_report_take(struct tree_report *tree, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
int tree_report_check(struct tree_report *tree, const struct report *report);
int tree_report_at(struct tree_report *tree, pid_t pid, const void *va);
void tree_report_free(struct tree_report *tree);

const struct tree_vma *tree_report_vma(const struct tree_report *tree, pid_t pid, const void *va);
bool tree_report_linked(const struct tree_report *tree, const struct tree_vma *vma, size_t av);
size_t tree_report_chain(const struct tree_report *tree, const struct tree_vma *vma);
size_t tree_report_covering(const struct tree_report *tree);
unsigned long long tree_report_num(const struct tree_report *tree, size_t av, const char *key);

#endif
