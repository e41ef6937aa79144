// SPDX-License-Identifier: GPL-2.0
/* Notes on a verdict: facts that don't decide it, but that its reader should know. */
#include <linux/bits.h>

#include "verdict.h"

/* Whether any of the requested pages has more than one mapping. */
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
 * Follows madvise_cold_or_pageout_pte_range(). If one entry maps the whole folio, and the request
 * is for all of it, the folio is taken or left as a whole. Otherwise it is split first, unless it
 * is shared, and each page is decided by its own count. Newer kernels don't split a folio that one
 * page table maps as a whole.
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

/* Notes on an operation that nothing stops. */
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
 * rms_add_notes - add the facts that don't change a verdict
 * @op: what the verdict is about
 * @e: the facts on which the verdict was decided
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
