/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _BENCH_MEASURE_H
#define _BENCH_MEASURE_H

#include <stdint.h>
#include <sys/types.h>

#define FILES		"/sys/kernel/debug/rmapscope/"
#define ROUNDS		9

/* The guest's clock counts instructions. */
uint64_t now(void);

/* Since @begin, without what reading the clock costs. */
uint64_t since(uint64_t begin);

/* @least is 0 before the first value. */
void keep_least(uint64_t *least, uint64_t value);

int open_file(const char *name, int flags);

/* @nr children that call @child and exit when it returns. */
pid_t *fork_children(int nr, void (*child)(void));
void end_children(pid_t *pids, int nr);
void sleep_for_ever(void);

/* The results: "NAME VALUE". */
const char *with_number(const char *name, int nr);
void print(const char *name, uint64_t value);
void print_ratio(const char *name, double value);

#endif /* _BENCH_MEASURE_H */
