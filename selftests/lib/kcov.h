/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_KCOV_H
#define RMAPSCOPE_SELFTEST_KCOV_H

#include <stdint.h>
#include <stddef.h>

/* Code coverage of the module, by /sys/kernel/debug/kcov. */

/* The code of any module is smaller than this. */
#define KCOV_SPAN	(1UL << 20)

/* The map of executed points. Shared with all children of the process that created it. */
struct kcov_seen {
	uint64_t base;		/* start of the module's code */
	volatile uint8_t at[KCOV_SPAN];
};

/* The log of one thread. */
struct kcov {
	int fd;
	volatile uint64_t *log;
	struct kcov_seen *seen;
};

struct kcov_seen *kcov_seen_create(void);
void kcov_seen_destroy(struct kcov_seen *seen);

int kcov_start(struct kcov *kcov, struct kcov_seen *seen);
void kcov_stop(struct kcov *kcov);
void kcov_begin(struct kcov *kcov);
size_t kcov_end(struct kcov *kcov);

/* The points of the module's code that kcov can report. */
struct kcov_point {
	uint64_t address;
	const char *function;
};

struct kcov_points {
	struct kcov_point *v;
	size_t nr;
	char *image;
};

int kcov_points_read(struct kcov_points *points);
void kcov_points_free(struct kcov_points *points);
int kcov_report(const struct kcov_seen *seen);

#endif
