// SPDX-License-Identifier: GPL-2.0
/*
 * The file "stats": what has been done since the module was loaded. Plain atomic
 * counters: each is touched a few times in a look, and never for each VMA.
 */
#include <linux/atomic.h>
#include <linux/errno.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "compat.h"
#include "format.h"
#include "memory.h"
#include "rmapscope.h"
#include "stats.h"
#include "walk.h"

static const char * const rms_stat_names[RMS_NR_STATS] = {
	[RMS_STAT_LOOKS] = "looks",
	[RMS_STAT_WALKS] = "walks",
	[RMS_STAT_VISITED] = "visited",
	[RMS_STAT_MAPPINGS] = "mappings",
	[RMS_STAT_RETRIES] = "retries",
	[RMS_STAT_RACED] = "raced",
	[RMS_STAT_TRUNCATIONS] = "truncations",
	[RMS_STAT_MAPCOUNT_DIFFERS] = "mapcount_differs",
	[RMS_STAT_REFUSALS] = "refusals",
};

/* What a write(2), read(2) or open(2) of ours can fail with; any other is a bug of ours. */
static const struct {
	int err;
	const char *name;
} rms_errnos[] = {
	{ -EINVAL, "EINVAL" },
	{ -E2BIG, "E2BIG" },
	{ -ESRCH, "ESRCH" },
	{ -EFAULT, "EFAULT" },
	{ -ENODATA, "ENODATA" },
	{ -ENXIO, "ENXIO" },
	{ -EOPNOTSUPP, "EOPNOTSUPP" },
	{ -EPERM, "EPERM" },
	{ -EAGAIN, "EAGAIN" },
	{ -EINTR, "EINTR" },
	{ -ENOMEM, "ENOMEM" },
	{ 0, "other" },
};

static atomic64_t rms_stats[RMS_NR_STATS];
static atomic64_t rms_refusals[ARRAY_SIZE(rms_errnos)];
static atomic64_t rms_max_lock_ns;

/**
 * struct rms_stats_report - the counters at one moment, or nearly
 * @stats: as they are named in rms_stat_names
 * @refusals: as in rms_errnos
 * @max_lock_ns: the longest that a walk held its lock, in nanoseconds
 */
struct rms_stats_report {
	u64 stats[RMS_NR_STATS];
	u64 refusals[ARRAY_SIZE(rms_errnos)];
	u64 max_lock_ns;
};

/**
 * rms_stat_add - count something
 * @stat: what
 * @n: how many more
 *
 * Context: any.
 */
void rms_stat_add(enum rms_stat stat, u64 n)
{
	atomic64_add(n, &rms_stats[stat]);
}

/**
 * rms_stat_walk - count a walk
 * @w: the walk, all done
 *
 * Context: any.
 */
void rms_stat_walk(const struct rms_walk *w)
{
	s64 longest = atomic64_read(&rms_max_lock_ns);

	rms_stat_add(RMS_STAT_WALKS, 1);
	rms_stat_add(RMS_STAT_VISITED, w->visits);
	while (w->lock_ns > longest &&
	       !atomic64_try_cmpxchg(&rms_max_lock_ns, &longest, w->lock_ns))
		;
}

/**
 * rms_stat_refusal - count a call that failed
 * @err: its negative errno
 *
 * Context: any.
 */
void rms_stat_refusal(int err)
{
	unsigned int i = 0;

	while (rms_errnos[i].err && rms_errnos[i].err != err)
		i++;
	atomic64_inc(&rms_refusals[i]);
	rms_stat_add(RMS_STAT_REFUSALS, 1);
}

static void *rms_stats_look(const struct rms_target *t, struct pid_namespace *ns)
{
	struct rms_stats_report *report = kmalloc_obj(*report, RMS_GFP);
	unsigned int i;

	if (!report)
		return ERR_PTR(-ENOMEM);
	for (i = 0; i < RMS_NR_STATS; i++)
		report->stats[i] = atomic64_read(&rms_stats[i]);
	for (i = 0; i < ARRAY_SIZE(rms_errnos); i++)
		report->refusals[i] = atomic64_read(&rms_refusals[i]);
	report->max_lock_ns = atomic64_read(&rms_max_lock_ns);
	return report;
}

static void rms_stats_free(void *report)
{
	kfree(report);
}

static unsigned long rms_stats_lines(const void *report)
{
	return 1 + 1 + ARRAY_SIZE(rms_errnos);
}

static void rms_show_stats(struct seq_file *m, const struct rms_stats_report *report)
{
	unsigned int i;

	seq_puts(m, "stats");
	for (i = 0; i < RMS_NR_STATS; i++)
		seq_printf(m, " %s=%llu", rms_stat_names[i], report->stats[i]);
	seq_printf(m, " max_lock_ns=%llu\n", report->max_lock_ns);
}

static void rms_stats_line(struct seq_file *m, const void *report, unsigned long line)
{
	const struct rms_stats_report *r = report;

	if (line == 0)
		rms_show_header(m, "stats");
	else if (line == 1)
		rms_show_stats(m, r);
	else
		seq_printf(m, "refusal errno=%s count=%llu\n", rms_errnos[line - 2].name,
			   r->refusals[line - 2]);
}

const struct rms_report_ops rms_stats_ops = {
	.look = rms_stats_look,
	.free = rms_stats_free,
	.nr_lines = rms_stats_lines,
	.show = rms_stats_line,
};
