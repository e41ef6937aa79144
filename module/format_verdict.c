// SPDX-License-Identifier: GPL-2.0
/*
 * What keeps a page where it is, as text: the records "refs" and "verdict".
 */
#include <linux/bitops.h>
#include <linux/seq_file.h>

#include "format.h"
#include "verdict.h"

static const char * const rms_op_words[RMS_NR_OPS] = RMS_OP_WORDS;
static const char * const rms_why_words[RMS_NR_WHYS] = RMS_WHY_WORDS;
static const char * const rms_note_words[RMS_NR_NOTES] = RMS_NOTE_WORDS;

/**
 * rms_show_refs - the record "refs"
 * @m: where to
 * @report: the snapshot
 *
 * Context: any.
 */
void rms_show_refs(struct seq_file *m, const struct rms_page_report *report)
{
	const struct rms_refs *r = &report->refs;

	seq_printf(m, "refs total=%d maps=%d pagecache=%d swapcache=%d private=%d self=%d unexplained=%d",
		   r->total, r->maps, r->pagecache, r->swapcache, r->private, r->self,
		   r->unexplained);
	seq_printf(m, " maybe_pinned=%d pins=%d off_lru=%d raced=%d mapcount_differs=%d\n",
		   r->maybe_pinned, r->pins, r->off_lru, rms_refs_raced(report),
		   report->agreement == RMS_MISMATCH);
}

static void rms_show_who(struct seq_file *m, const struct rms_page_report *report,
			 const struct rms_map *map)
{
	const struct rms_owner *owner = &report->snap.owners[map->owner];

	seq_printf(m, " pid=%d va=0x%lx",
		   owner->nr_tasks ? report->snap.tasks[owner->first_task].tgid : 0, map->va);
}

static void rms_show_notes(struct seq_file *m, const struct rms_verdict *v)
{
	const char *sep = "";
	unsigned int note;

	seq_puts(m, " note=");
	for_each_set_bit(note, &v->notes, RMS_NR_NOTES) {
		seq_printf(m, "%s%s", sep, rms_note_words[note]);
		if (note == RMS_NOTE_REFERENCED)
			seq_printf(m, ":%u", v->referenced);
		if (note == RMS_NOTE_EXPECTED)
			seq_printf(m, ":%u", v->expected);
		sep = ",";
	}
	if (!v->notes)
		seq_putc(m, '-');
}

/**
 * rms_show_verdict - a record "verdict"
 * @m: where to
 * @report: the snapshot
 * @op: what the verdict is about
 * @v: the verdict
 *
 * Context: any.
 */
void rms_show_verdict(struct seq_file *m, const struct rms_page_report *report, enum rms_op op,
		      const struct rms_verdict *v)
{
	seq_printf(m, "verdict op=%s ok=%d why=%s func=%s",
		   rms_op_words[op], !v->why, rms_why_words[v->why], v->func);
	if (v->who)
		rms_show_who(m, report, v->who);
	rms_show_notes(m, v);
	seq_putc(m, '\n');
}
