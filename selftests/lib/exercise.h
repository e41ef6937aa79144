/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_EXERCISE_H
#define RMAPSCOPE_SELFTEST_EXERCISE_H

#include <stdbool.h>

#include "mappings.h"

/*
 * A running "rmap-exercise SCENARIO --hold", and what it says about the memory that it has set
 * up.
 */

#define EXERCISE_MAX_ARGS 12
/* What exercise_start() returns if the kernel lacks what a scenario needs. */
#define EXERCISE_UNSUPPORTED 77

struct exercise_absent {
	struct mapping place;
	char state[16];
};

struct exercise_page {
	char kind[16];
	char note[64];
	/* Index of the page in its folio; -1 if rmap-exercise does not say, as for a small page. */
	long index;
	/* A page without a reverse map, which the module must refuse. */
	bool refused;
	/* One entry for each mapping, with the process that owns the mm ... */
	struct mappings mapped;
	/* ... and one entry for each process that shares that mm. */
	struct mappings sharers;
	struct exercise_absent *absent;
	size_t nr_absent;
	/* How many VMAs the kernel's walk has to visit; -1 if not predicted. */
	long visited;
	/* The same for the whole folio, if it differs; else -1. */
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
