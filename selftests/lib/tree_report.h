/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_GRAPH_H
#define RMAPSCOPE_SELFTEST_GRAPH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "report.h"

#define GRAPH_NONE ((size_t)-1)

struct graph_av {
	const struct record *record;
	size_t parent;			/* itself: the root */
	size_t depth;
};

struct graph_vma {
	const struct record *record;
	size_t own;			/* GRAPH_NONE: none yet */
	pid_t pid;
	uint64_t start;
	uint64_t end;
	bool covers;
};

/* A report of the file "tree", found to be a complete and consistent graph. */
struct graph {
	struct report report;
	const struct record *page;
	const struct record *total;
	struct graph_av *avs;
	size_t nr_avs;
	struct graph_vma *vmas;
	size_t nr_vmas;
	/* nr_vmas * nr_avs: whether a chain links the two. */
	bool *links;
	size_t nr_links;
	bool truncated;
};

int graph_take(struct graph *graph, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
int graph_check(struct graph *graph, const struct report *report);
int graph_at(struct graph *graph, pid_t pid, const void *va);
void graph_free(struct graph *graph);

const struct graph_vma *graph_vma_at(const struct graph *graph, pid_t pid, const void *va);
bool graph_linked(const struct graph *graph, const struct graph_vma *vma, size_t av);
size_t graph_chain(const struct graph *graph, const struct graph_vma *vma);
size_t graph_covering(const struct graph *graph);
unsigned long long graph_av_num(const struct graph *graph, size_t av, const char *key);

#endif
