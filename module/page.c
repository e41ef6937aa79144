// SPDX-License-Identifier: GPL-2.0
/*
 * The file "page": what maps one page, and what keeps it where it is. A line of the report is one
 * element of the seq_file, so a report of any size is read in small pieces.
 */
#include <linux/seq_file.h>

#include "debugfs.h"
#include "format.h"
#include "page_report.h"
#include "verdict.h"

/* The record "refs", and a verdict on each operation. None if there is no page. */
static unsigned long rms_refs_lines(const struct rms_page_report *report)
{
	return report->snap.facts.kind == RMS_KIND_SWAP ? 0 : 1 + RMS_NR_OPS;
}

static void rms_show_refs_line(struct seq_file *m, const struct rms_page_report *report,
			       unsigned long line)
{
	struct rms_verdict v;

	if (!line) {
		rms_show_refs(m, report);
		return;
	}
	rms_judge(line - 1, report, &v);
	rms_show_verdict(m, report, line - 1, &v);
}

static unsigned long rms_page_lines(const void *snapshot)
{
	const struct rms_page_report *report = snapshot;
	const struct rms_records *rec = &report->snap.walk.rec;

	return RMS_HEAD_LINES + rec->nr_avs + rec->nr_maps + report->nr_counts +
	       rms_refs_lines(report) + 1;
}

static void rms_page_line(struct seq_file *m, const void *snapshot, unsigned long line)
{
	const struct rms_page_report *report = snapshot;
	const struct rms_records *rec = &report->snap.walk.rec;

	if (line == 0) {
		rms_show_header(m, "page");
		return;
	}
	if (line == 1) {
		rms_show_page(m, &report->snap.facts);
		return;
	}
	line -= RMS_HEAD_LINES;
	if (line < rec->nr_avs) {
		rms_show_av(m, report, line);
		return;
	}
	line -= rec->nr_avs;
	if (line < rec->nr_maps) {
		rms_show_map(m, report, line);
		return;
	}
	line -= rec->nr_maps;
	if (line < report->nr_counts) {
		rms_show_count(m, report, line);
		return;
	}
	line -= report->nr_counts;
	if (line < rms_refs_lines(report))
		rms_show_refs_line(m, report, line);
	else
		rms_show_walk(m, report);
}

static int rms_page_prepare(void *report)
{
	return rms_page_report_prepare(report);
}

static int rms_page_take(void *report, const struct rms_target *t, struct pid_namespace *ns)
{
	return rms_page_report_take(report, t, ns);
}

static void rms_page_release(void *report)
{
	rms_page_report_release(report);
}

const struct rms_report_ops rms_page_ops = {
	.targeted = true,
	.size = sizeof(struct rms_page_report),
	.prepare = rms_page_prepare,
	.take = rms_page_take,
	.release = rms_page_release,
	.nr_lines = rms_page_lines,
	.show = rms_page_line,
};
