/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_PAGE_ACTIONS_H
#define RMAPSCOPE_SELFTEST_PAGE_ACTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "frame_flags.h"
#include "page_report.h"

/*
 * Reclaims, migrates and splits pages as verdicts predict, and checks the result without the
 * module: by pagemap, kpageflags and mincore(2).
 */

struct cgroup;

int verdict_is(pid_t pid, const void *page, const char *op, const char *why);
int verdict_in(const void *page, const char *op, const char *why, const char *func);
int verdict_comes_true(void *page, const char *op);
int has_note(const void *page, const char *op, const char *note);
bool note_among(const struct record *verdict, const char *note);
const struct record *verdict_of(const struct page_report *report, const char *op);

int drain_batches(void);
bool has_flag(uint64_t pfn, int bit);
uint64_t frame(const void *page);
bool frame_is_left(const void *page, uint64_t pfn);

bool page_out(void *page, size_t size, uint64_t pfn, int tries);
bool file_page_out(void *page, int tries);
bool reclaim_cgroup(const struct cgroup *cgroup, const void *page, uint64_t pfn, int tries);
int move_to(void *page, int node);
int move_away(void *page);
bool has_two_nodes(void);
bool split(const void *start, size_t size, uint64_t pfn);

void *own_thp(void);
size_t thp_size(void);
int put_into_pipe(void *page, int pipe_ends[2]);
void close_pipe(int pipe_ends[2]);
int pin_by_uring(void *page);

#endif
