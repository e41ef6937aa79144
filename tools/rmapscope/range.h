/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The range that a subcommand scans: its bounds, what is asked for, and the filters.
 */
#ifndef RMAPSCOPE_RANGE_H
#define RMAPSCOPE_RANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <uapi/rmapscope.h>

/* Size of a buffer for a range, or for its name in messages. */
#define RANGE_MAX	(RMAPSCOPE_TARGET_MAX + 1)

struct range {
	bool has_pid, has_bounds, all;
	bool frames;			/* @start and @end are frames, not addresses */
	unsigned long long pid, start, end;
	unsigned int options;		/* RMS_OPTION_* */
	unsigned int kinds;		/* a bit for each enum rms_kind, with RMS_OPTION_KINDS */
	unsigned int min_maps;
};

int range_set_addresses(struct range *r, const char *arg);
int range_set_frames(struct range *r, const char *arg);
int range_set_kinds(struct range *r, const char *arg);
int range_set_min_maps(struct range *r, const char *arg);
int range_set_options(struct range *r, const char *arg);

int range_check(const struct range *r, const char *command);
void range_format(const struct range *r, char *buf, size_t size);
void range_name(const struct range *r, char *buf, size_t size);
bool range_keeps(const struct range *r, const struct rms_rec_page *page);

#endif
