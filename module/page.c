// SPDX-License-Identifier: GPL-2.0
/*
 * The file "page": what maps one page, and what keeps it where it is. One record a line, one line a
 * seq_file element, so that a report of any size is read in small pieces.
 */
#include <linux/seq_file.h>

#include "debugfs.h"
#include "format.h"
#include "snapshot.h"
#include "verdict.h"

/* The record "refs", and a verdict on each operation. None if there is no page. */
static unsigned long rms_refs_lines(const struct rms_look *look)
{
	return look->facts.kind == RMS_KIND_SWAP ? 0 : 1 + RMS_NR_OPS;
}

static void rms_show_refs_line(struct seq_file *m, const struct rms_look *look,
			       unsigned long line)
{
	struct rms_verdict v;

	if (!line) {
		rms_show_refs(m, look);
		return;
	}
	rms_judge(line - 1, look, &v);
	rms_show_verdict(m, look, line - 1, &v);
}

static unsigned long rms_page_lines(const void *report)
{
	const struct rms_look *look = report;

	return RMS_HEAD_LINES + look->nr_avs + look->nr_maps + look->nr_counts +
	       rms_refs_lines(look) + 1;
}

static void rms_page_line(struct seq_file *m, const void *report, unsigned long line)
{
	const struct rms_look *look = report;

	if (line == 0) {
		rms_show_header(m, "page");
		return;
	}
	if (line == 1) {
		rms_show_page(m, &look->facts);
		return;
	}
	line -= RMS_HEAD_LINES;
	if (line < look->nr_avs) {
		rms_show_av(m, look, line);
		return;
	}
	line -= look->nr_avs;
	if (line < look->nr_maps) {
		rms_show_map(m, look, line);
		return;
	}
	line -= look->nr_maps;
	if (line < look->nr_counts) {
		rms_show_count(m, look, line);
		return;
	}
	line -= look->nr_counts;
	if (line < rms_refs_lines(look))
		rms_show_refs_line(m, look, line);
	else
		rms_show_walk(m, look);
}

static void *rms_page_take(const struct rms_target *t, struct pid_namespace *ns)
{
	return rms_look_at(t, ns);
}

static void rms_page_free(void *report)
{
	rms_look_free(report);
}

const struct rms_report_ops rms_page_ops = {
	.targeted = true,
	.take = rms_page_take,
	.free = rms_page_free,
	.nr_lines = rms_page_lines,
	.show = rms_page_line,
};
