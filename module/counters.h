/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _RMAPSCOPE_COUNTERS_H
#define _RMAPSCOPE_COUNTERS_H

#include <linux/types.h>

/**
 * enum rms_stat - what is counted
 * @RMS_STAT_LOOKS: reports taken, of any file but "stats", and streams begun
 * @RMS_STAT_WALKS: walks of a page's reverse map, passes for the pages of a run, or scans of a
 *	tree, for these
 * @RMS_STAT_VISITED: VMAs visited by walks
 * @RMS_STAT_MAPPINGS: page-table entries reported
 * @RMS_STAT_RETRIES: further tries after a first one failed
 * @RMS_STAT_RACED: reports that say raced=1, and pages that streams count in raced=
 * @RMS_STAT_TRUNCATIONS: reports that say truncated=1, and runs whose mappings were cut off
 * @RMS_STAT_MAPCOUNT_DIFFERS: reports whose verdict says that the map count is wrong
 * @RMS_STAT_REFUSALS: system calls that failed, with any errno
 * @RMS_NR_STATS: number of counters
 */
enum rms_stat {
	RMS_STAT_LOOKS,
	RMS_STAT_WALKS,
	RMS_STAT_VISITED,
	RMS_STAT_MAPPINGS,
	RMS_STAT_RETRIES,
	RMS_STAT_RACED,
	RMS_STAT_TRUNCATIONS,
	RMS_STAT_MAPCOUNT_DIFFERS,
	RMS_STAT_REFUSALS,
	RMS_NR_STATS,
};

/* The errnos that refusals are counted by, and one for all others. */
#define RMS_NR_REFUSALS	12

/**
 * struct rms_counters - a copy of all counters
 * @stats: by enum rms_stat
 * @refusals: by errno: see rms_refusal_name()
 * @max_lock_ns: the longest that a walk held its lock, in nanoseconds
 */
struct rms_counters {
	u64 stats[RMS_NR_STATS];
	u64 refusals[RMS_NR_REFUSALS];
	u64 max_lock_ns;
};

void rms_stat_add(enum rms_stat stat, u64 n);
void rms_stat_walk(u64 visits, u64 lock_ns);
void rms_stat_refusal(int err);
void rms_counters_read(struct rms_counters *c);
const char *rms_refusal_name(unsigned int i);

#endif /* _RMAPSCOPE_COUNTERS_H */
