// SPDX-License-Identifier: GPL-2.0
/*
 * The file "stats": what the module has done since it was loaded.
 */
#include <linux/seq_file.h>

#include "counters.h"
#include "debugfs.h"
#include "format.h"

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

static int rms_stats_take(void *report, const struct rms_target *t, struct pid_namespace *ns)
{
	rms_counters_read(report);
	return 0;
}

static void rms_stats_release(void *report)
{
}

static unsigned long rms_stats_lines(const void *report)
{
	return 1 + 1 + RMS_NR_REFUSALS;
}

static void rms_show_stats(struct seq_file *m, const struct rms_counters *report)
{
	unsigned int i;

	seq_puts(m, "stats");
	for (i = 0; i < RMS_NR_STATS; i++)
		seq_printf(m, " %s=%llu", rms_stat_names[i], report->stats[i]);
	seq_printf(m, " max_lock_ns=%llu\n", report->max_lock_ns);
}

static void rms_stats_line(struct seq_file *m, const void *report, unsigned long line)
{
	const struct rms_counters *r = report;

	if (line == 0)
		rms_show_header(m, "stats");
	else if (line == 1)
		rms_show_stats(m, r);
	else
		seq_printf(m, "refusal errno=%s count=%llu\n", rms_refusal_name(line - 2),
			   r->refusals[line - 2]);
}

const struct rms_report_ops rms_stats_ops = {
	.uncounted = true,
	.size = sizeof(struct rms_counters),
	.take = rms_stats_take,
	.release = rms_stats_release,
	.nr_lines = rms_stats_lines,
	.show = rms_stats_line,
};
