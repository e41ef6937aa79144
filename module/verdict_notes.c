// SPDX-License-Identifier: GPL-2.0
/*
 * What doesn't decide a verdict, and should be known with it.
 */
#include <linux/bits.h>

#include "verdict.h"

/* Whether some page that was looked at has more than one mapping. */
static bool rms_mapped_twice(const struct rms_page_report *report)
{
	u32 i;

	if (!report->nr_counts)
		return report->snap.facts.mapcount > 1;
	for (i = 0; i < report->nr_counts; i++) {
		if (report->counts[i].mapcount > 1)
			return true;
	}
	return false;
}

/*
 * madvise_cold_or_pageout_pte_range(): where an entry maps all of the folio, and all was asked for,
 * the folio is taken or left. Else it is split first if it isn't shared, and then each page goes by
 * its own count. A newer kernel takes a folio that one table maps in whole without that.
 */
static bool rms_pageout_skips(const struct rms_evidence *e)
{
	const struct rms_page_report *report = e->report;

	if (e->huge && (e->refs->huge_shared || report->snap.whole))
		return e->refs->huge_shared;
	if (rms_mapped_twice(report))
		return true;
	return e->refs->part_shared &&
	       !(report->snap.whole && e->in_one && e->refs->maps == 1 << report->snap.facts.order);
}

static void rms_note(struct rms_verdict *v, enum rms_note note)
{
	v->notes |= BIT(note);
}

/* Notes on what would happen: nothing stops it. */
static void rms_add_notes_on_yes(enum rms_op op, const struct rms_evidence *e,
				 struct rms_verdict *v)
{
	const struct rms_refs *refs = e->refs;

	if (op == RMS_OP_RECLAIM && e->young) {
		rms_note(v, RMS_NOTE_REFERENCED);
		v->referenced = e->young;
	}
	if (op == RMS_OP_RECLAIM && rms_pageout_skips(e))
		rms_note(v, RMS_NOTE_MADVISE_SKIPS_SHARED);
	if (op == RMS_OP_MIGRATE && refs->move_shared)
		rms_note(v, RMS_NOTE_NEEDS_MOVE_ALL);
	if (op == RMS_OP_MIGRATE && refs->writeback)
		rms_note(v, RMS_NOTE_WRITEBACK);
	if (op == RMS_OP_MIGRATE && refs->expected) {
		rms_note(v, RMS_NOTE_EXPECTED);
		v->expected = refs->expected;
	}
	if (refs->batched || (op != RMS_OP_SPLIT && refs->buffers.batched))
		rms_note(v, RMS_NOTE_BATCHED);
	if (op == RMS_OP_RECLAIM && e->partial)
		rms_note(v, RMS_NOTE_PAGE_ONLY);
}

/**
 * rms_add_notes - add what else should be known to a verdict
 * @op: what the verdict is about
 * @e: what it goes by
 * @v: decided; gets the notes
 *
 * Context: any.
 */
void rms_add_notes(enum rms_op op, const struct rms_evidence *e, struct rms_verdict *v)
{
	const struct rms_buffers *b = &e->refs->buffers;

	if (!v->why)
		rms_add_notes_on_yes(op, e, v);
	if (v->why == RMS_WHY_PINNED && !e->refs->pins)
		rms_note(v, RMS_NOTE_LOOKS_PINNED);
	if (v->why == RMS_WHY_EXTRA_REFS && e->refs->maybe_batched)
		rms_note(v, RMS_NOTE_MAYBE_BATCHED);
	if (v->why == RMS_WHY_BUFFERS && !b->sure && !b->pending)
		rms_note(v, RMS_NOTE_MAYBE_BATCHED);
	if (rms_snapshot_truncated(&e->report->snap))
		rms_note(v, RMS_NOTE_TRUNCATED);
	if (rms_refs_raced(e->report))
		rms_note(v, RMS_NOTE_RACED);
}
