// SPDX-License-Identifier: GPL-2.0
/*
 * What keeps a page where it is, as text: the records "refs" and "verdict".
 */
#include <linux/bitops.h>
#include <linux/seq_file.h>

#include "format.h"
#include "text.h"
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

	rms_put_dec(m, "refs total=", r->total);
	rms_put_dec(m, " maps=", r->maps);
	rms_put_dec(m, " pagecache=", r->pagecache);
	rms_put_dec(m, " swapcache=", r->swapcache);
	rms_put_dec(m, " private=", r->private);
	rms_put_dec(m, " self=", r->self);
	rms_put_dec(m, " unexplained=", r->unexplained);
	rms_put_dec(m, " maybe_pinned=", r->maybe_pinned);
	rms_put_dec(m, " pins=", r->pins);
	rms_put_dec(m, " off_lru=", r->off_lru);
	rms_put_dec(m, " raced=", rms_refs_raced(report));
	rms_put_dec(m, " mapcount_differs=", report->agreement == RMS_MISMATCH);
	seq_putc(m, '\n');
}

static void rms_show_who(struct seq_file *m, const struct rms_page_report *report,
			 const struct rms_map *map)
{
	const struct rms_owner *owner = &report->snap.owners[map->owner];

	rms_put_dec(m, " pid=", owner->nr_tasks ? owner->tgid : 0);
	rms_put_hex(m, " va=", map->va);
}

static void rms_show_notes(struct seq_file *m, const struct rms_verdict *v)
{
	bool first = true;
	unsigned int note;

	rms_puts(m, " note=");
	for_each_set_bit(note, &v->notes, RMS_NR_NOTES) {
		if (!first)
			seq_putc(m, ',');
		first = false;
		rms_word(m, rms_note_words[note]);
		if (note == RMS_NOTE_REFERENCED)
			rms_put_dec(m, ":", v->referenced);
		if (note == RMS_NOTE_EXPECTED)
			rms_put_dec(m, ":", v->expected);
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
	rms_puts(m, "verdict op=");
	rms_word(m, rms_op_words[op]);
	rms_put_dec(m, " ok=", !v->why);
	rms_puts(m, " why=");
	rms_word(m, rms_why_words[v->why]);
	rms_puts(m, " func=");
	rms_word(m, v->func);
	if (v->who)
		rms_show_who(m, report, v->who);
	rms_show_notes(m, v);
	seq_putc(m, '\n');
}
