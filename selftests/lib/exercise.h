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

/* Some pages of a region in a row, and how they compare with those of the parent. */
struct exercise_run {
	uint64_t va;
	size_t pages;
	char state[16];
};

enum exercise_sum {
	EXERCISE_SHARED,
	EXERCISE_COPIED,
	EXERCISE_NEW,
	EXERCISE_NONE,
	EXERCISE_NR_SUMS,
};

struct exercise_region {
	pid_t pid;
	/* The process to compare with; 0 for the page cache. */
	pid_t parent;
	uint64_t va;
	size_t pages;
	size_t sums[EXERCISE_NR_SUMS];
	struct exercise_run *runs;
	size_t nr_runs;
};

enum exercise_pair_kind {
	EXERCISE_ANON,
	EXERCISE_FILE,
	EXERCISE_SHMEM,
	EXERCISE_NR_PAIR_KINDS,
};

/* How many pages of the account two processes share. */
struct exercise_pair {
	pid_t pids[2];
	size_t pages[EXERCISE_NR_PAIR_KINDS];
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
	struct exercise_region *regions;
	size_t nr_regions;
	struct exercise_pair *pairs;
	size_t nr_pairs;
	/* No two of the processes share any anonymous page. */
	bool separate;
};

extern const char * const exercise_sum_names[EXERCISE_NR_SUMS];
extern const char * const exercise_pair_kinds[EXERCISE_NR_PAIR_KINDS];

int exercise_start(struct exercise *run, const char *scenario, ...)
	__attribute__((sentinel));
const struct mapping *exercise_place(const struct exercise *run);
int exercise_start_at(struct exercise *run, const char *scenario, const struct mapping **place);
int exercise_stop(struct exercise *run);
const char *exercise_program(void);

#endif
