/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_COMPARE_SCAN_H
#define RMAPSCOPE_SELFTEST_COMPARE_SCAN_H

#include <sys/types.h>

#include "compare_frames.h"

int compare_scan_of_frames(struct frame_comparison *m, const char *range, frame_differs_fn differs,
			   void *arg);
int compare_scan_of_process(struct frame_comparison *m, pid_t pid, frame_differs_fn differs,
			    void *arg);
int compare_scan_with_pages(pid_t pid, frame_differs_fn differs, void *arg);

#endif
