/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_STRESS_H
#define RMAPSCOPE_SELFTEST_STRESS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "report.h"

/* The files of the interface. */
enum stress_file {
	STRESS_PAGE,
	STRESS_TREE,
	STRESS_TOP,
	STRESS_STATS,
	STRESS_INFO,
	STRESS_FILES,
};

/* The actions of the load. */
enum stress_action {
	ACTION_RANDOM,
	ACTION_FAMILY,
	ACTION_EXERCISE,
	ACTION_BUSY,
	ACTION_HUGE,
	ACTION_COLLAPSE,
	ACTION_SPLIT,
	ACTION_SPLIT_ALL,
	ACTION_MERGE,
	ACTION_UNMERGE,
	ACTION_MOVE,
	ACTION_HUGETLB,
	ACTION_TRUNCATE,
	ACTION_PAGEOUT,
	ACTION_EXEC,
	ACTION_COMPACT,
	ACTION_RECLAIM,
	ACTION_HIGH,
	ACTION_PRESSURE,
	ACTION_OOM,
	ACTION_CPU,
	ACTION_BLOCK,
	STRESS_ACTIONS,
};

/* The results. Each is a line of the output. */
enum stress_result {
	RESULT_WHOLE,
	RESULT_CONTRACT,
	RESULT_FROZEN,
	RESULT_MODULE,
	RESULT_KILLED,
	RESULT_LOAD,
	RESULT_MEMORY,
	STRESS_RESULTS,
};

#define STRESS_ERRNOS	12
#define STRESS_COUNTERS	48

/* One of the module's own counters, summed over all times that it was loaded. */
struct stress_counter {
	char name[32];
	uint64_t value;
};

/* Shared by all processes. */
struct stress_counts {
	atomic_ulong looks[STRESS_FILES], reports[STRESS_FILES], longest_ns[STRESS_FILES];
	atomic_ulong refused[STRESS_ERRNOS], mappings, raced, away, pieces;
	atomic_ulong loads, unloads, busy;
	atomic_ulong killed, longest_death_ns;
	atomic_ulong actions[STRESS_ACTIONS], failed[STRESS_ACTIONS];
	atomic_int error[STRESS_ACTIONS];
	atomic_ulong freezes, frames, frozen_mapped, frozen_mappings, frozen_again;
	/* The load must not use up memory now. */
	atomic_bool calm;
	atomic_ulong problems[STRESS_RESULTS], described;
	/* Written by the loader; by the parent while the loader is frozen or gone. */
	struct stress_counter counters[STRESS_COUNTERS];
};

/* results.c */
extern struct stress_counts *counts;
int counts_start(void);
uint64_t stress_now(void);
void count_longest(atomic_ulong *longest, uint64_t ns);
void count_action(enum stress_action action, int err);
void count_refused(int err);
void report_problem(enum stress_result result, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void report_quote(const char *text);

/* table.c */
void table_progress(unsigned int seconds);
void table_print(void);
void table_check_actions(void);
bool table_lacks_actions(void);
void table_note(void);
unsigned long stress_events(const char *name);

/* stalls.c */
void stuck_watch(void);

/* processes.c */
int processes_set_up(void);
void processes_start(unsigned int seed);
void processes_watch(void);
int processes_freeze(void);
void processes_end(void);
int processes_join(const char *name);
int processes_set(const char *name, const char *file, const char *text);
unsigned int stress_random(unsigned int sides);
void stress_seed(unsigned int seed);
void stress_nap(unsigned int ms);

/* What one process does, over and over. */
typedef void (*stress_act)(void);

/* load.c, huge.c */
void load_chaos(void);
void load_kin(void);
void load_exercise(void);
void load_storm(void);
void load_merge(void);
void load_move(void);
void load_file(void);
void load_pageout(void);
void load_exec(void);
void load_huge(void);
void load_hugetlb(void);
int stress_in_child(stress_act act);

/* machine.c */
void machine_prepare(void);
void machine_restore(void);
void machine_compact(void);
void machine_limits(void);
void machine_pressure(void);
void machine_victims(void);
void machine_cpu(void);
void machine_block(void);

/* read.c */
int stress_open(enum stress_file file, int flags);
int stress_report(enum stress_file file, int fd, const char *target);
void stress_random_target(char *text, size_t size);
bool stress_in_contract(int err, const char *target);

/* readers.c, misuse.c */
void read_sweep(void);
void read_probe(void);
void read_tree(void);
void read_top(void);
void read_misusing(void);
void read_until_killed(void);

/* loader.c */
void module_hold(void);
void module_release(void);
void load_module(void);
void loader_count(void);

/* memory.c */
void memory_note(void);
void memory_compare(void);

#endif
