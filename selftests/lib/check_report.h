/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_CHECK_REPORT_H
#define RMAPSCOPE_SELFTEST_CHECK_REPORT_H

#include "exercise.h"
#include "page_report.h"

int check_exercise_page(const struct exercise_page *page);
int check_folio_counts(const struct page_report *report);
int check_each_map(const struct page_report *report);
int check_against_pagemaps(const struct page_report *report);
int check_ways_agree(const struct page_report *report, pid_t pid, uint64_t va);

#endif
