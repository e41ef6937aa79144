// SPDX-License-Identifier: GPL-2.0
/*
 * The file "tree": the whole anon_vma tree that a page hangs in, and its records as text.
 */
#include <linux/seq_file.h>

#include "debugfs.h"
#include "format.h"
#include "text.h"
#include "tree.h"

static void rms_show_tree_vma(struct seq_file *m, const struct rms_snapshot *snap, u32 i)
{
	const struct rms_map *map = &snap->walk.rec.maps[i];

	rms_put_dec(m, "vma id=vma", i);
	seq_putc(m, ' ');
	rms_show_owner(m, snap, &snap->owners[map->owner]);
	rms_show_vma(m, map);
	if (map->av_id == RMS_NO_ID)
		rms_puts(m, " own=-");
	else
		rms_put_dec(m, " own=av", map->av_id);
	rms_show_name(m, snap, map);
}

static void rms_show_link(struct seq_file *m, const struct rms_tree *tree, u32 i)
{
	const struct rms_link *link = &tree->links[i];

	rms_put_dec(m, "avc anon_vma=av", link->av);
	rms_put_dec(m, " vma=vma", link->map);
	rms_put_dec(m, " covers_page=", tree->snap.walk.rec.maps[link->map].count > 0);
	seq_putc(m, '\n');
}

static void rms_show_tree(struct seq_file *m, const struct rms_tree *tree)
{
	const struct rms_walk *w = &tree->snap.walk;

	seq_printf(m, "tree vmas=%u anon_vmas=%u avcs=%u depth=%u processes=%u truncated=%d ns=%llu lock_ns=%llu\n",
		   w->rec.seen_maps, w->rec.nr_avs, tree->nr_links, tree->depth,
		   tree->snap.nr_owners, tree->truncated, w->out.ns, w->out.lock_ns);
}

static unsigned long rms_tree_lines(const void *report)
{
	const struct rms_tree *tree = report;
	const struct rms_records *rec = &tree->snap.walk.rec;

	return RMS_HEAD_LINES + rec->nr_avs + rec->nr_maps + tree->nr_links + 1;
}

static void rms_tree_line(struct seq_file *m, const void *report, unsigned long line)
{
	const struct rms_tree *tree = report;
	const struct rms_snapshot *snap = &tree->snap;
	const struct rms_records *rec = &snap->walk.rec;

	if (line == 0) {
		rms_show_header(m, "tree");
		return;
	}
	if (line == 1) {
		rms_show_page(m, &snap->facts);
		return;
	}
	line -= RMS_HEAD_LINES;
	if (line < rec->nr_avs) {
		rms_show_anon_vma(m, &rec->avs[line], line, tree->root, tree->parents[line]);
		return;
	}
	line -= rec->nr_avs;
	if (line < rec->nr_maps) {
		rms_show_tree_vma(m, snap, line);
		return;
	}
	line -= rec->nr_maps;
	if (line < tree->nr_links)
		rms_show_link(m, tree, line);
	else
		rms_show_tree(m, tree);
}

static int rms_tree_report_prepare(void *report)
{
	return rms_tree_prepare(report);
}

static int rms_tree_report(void *report, const struct rms_target *t, struct pid_namespace *ns)
{
	return rms_tree_take(report, t, ns);
}

static void rms_tree_report_release(void *report)
{
	rms_tree_release(report);
}

const struct rms_report_ops rms_tree_ops = {
	.targeted = true,
	.size = sizeof(struct rms_tree),
	.prepare = rms_tree_report_prepare,
	.take = rms_tree_report,
	.release = rms_tree_report_release,
	.nr_lines = rms_tree_lines,
	.show = rms_tree_line,
};
