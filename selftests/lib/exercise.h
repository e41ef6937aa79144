/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_EXERCISE_H
#define RMAPSCOPE_SELFTEST_EXERCISE_H

#include <stdbool.h>

#include "mappings.h"

/*
 * A running "rmap-exercise SCENARIO --hold", and what it says it has built.
 */

#define EXERCISE_MAX_ARGS 12
/* What exercise_start() returns where the kernel lacks what a scenario needs. */
#define EXERCISE_UNSUPPORTED 77

struct exercise_absent {
	struct mapping place;
	char state[16];
};

struct exercise_page {
	char kind[16];
	char note[64];
	/* In its folio; -1: not told, as with a page of its own. */
	long index;
	/* A page without a reverse map, which must be refused. */
	bool refused;
	/* One pair for each mapping, by the process that owns the mm ... */
	struct mappings mapped;
	/* ... and one for each process that shares that mm. */
	struct mappings sharers;
	struct exercise_absent *absent;
	size_t nr_absent;
	/* How many VMAs the kernel's walk has to visit; -1: not foretold. */
	long visited;
	/* The same for the whole folio, where it differs; -1: it doesn't. */
	long folio_visited;
};

struct exercise_process {
	pid_t pid;
	char role[32];
};

struct exercise {
	pid_t pid;
	struct exercise_process *processes;
	size_t nr_processes;
	struct exercise_page *pages;
	size_t nr_pages;
};

int exercise_start(struct exercise *run, const char *scenario, ...)
	__attribute__((sentinel));
int exercise_stop(struct exercise *run);
const char *exercise_program(void);

#endif
