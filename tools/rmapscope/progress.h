/* SPDX-License-Identifier: GPL-2.0 */
/* A progress bar on stderr, if that is a terminal. */
#ifndef RMAPSCOPE_PROGRESS_H
#define RMAPSCOPE_PROGRESS_H

#include <stdbool.h>
#include <time.h>

struct progress {
	bool on;
	struct timespec begin, last;
};

void progress_begin(struct progress *p);
bool progress_due(struct progress *p);
void progress_show(const struct progress *p, unsigned long long done, unsigned long long total,
		   unsigned long long pages);
void progress_end(struct progress *p);

#endif
