// SPDX-License-Identifier: GPL-2.0
/*
 * What keeps a page where it is, as text: the records "refs" and "verdict".
 */
#include <linux/mm.h>
#include <linux/seq_file.h>

#include "compat.h"
#include "verdict.h"

/* Lines of ours: the references, and a verdict for each of reclaim, migration, split. */
#define RMS_WHY_LINES	4

static const char * const rms_op_words[RMS_NR_OPS] = RMS_OP_WORDS;
static const char * const rms_why_words[RMS_NR_WHYS] = RMS_WHY_WORDS;
static const char * const rms_note_words[RMS_NR_NOTES] = RMS_NOTE_WORDS;

/* A count that is wrong all the time hasn't moved, nor one that was not searched for. */
static bool rms_refs_raced(const struct rms_look *look)
{
	return look->refs.raced ||
	       (look->raced && !look->mapcount_differs && !look->unsearched);
}

static void rms_note(struct seq_file *m, const char **sep, enum rms_note note)
{
	seq_printf(m, "%s%s", *sep, rms_note_words[note]);
	*sep = ",";
}

/* Whether some page that was looked at has more than one mapping. */
static bool rms_mapped_twice(const struct rms_look *look)
{
	u32 i;

	if (!look->nr_counts)
		return look->facts.mapcount > 1;
	for (i = 0; i < look->nr_counts; i++) {
		if (look->counts[i].mapcount > 1)
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
	const struct rms_look *look = e->look;

	if (e->huge && (e->refs->huge_shared || look->whole))
		return e->refs->huge_shared;
	if (rms_mapped_twice(look))
		return true;
	return e->refs->part_shared &&
	       !(look->whole && e->in_one && e->refs->maps == 1 << look->facts.order);
}

static void rms_note_number(struct seq_file *m, const char **sep, enum rms_note note, u32 n)
{
	rms_note(m, sep, note);
	seq_printf(m, ":%u", n);
}

/* Of what would happen: nothing stops it. */
static void rms_show_notes_on_yes(struct seq_file *m, const char **sep, enum rms_op op,
				  const struct rms_evidence *e)
{
	const struct rms_refs *refs = e->refs;

	if (op == RMS_OP_RECLAIM && e->young)
		rms_note_number(m, sep, RMS_NOTE_REFERENCED, e->young);
	if (op == RMS_OP_RECLAIM && rms_pageout_skips(e))
		rms_note(m, sep, RMS_NOTE_MADVISE_SKIPS_SHARED);
	if (op == RMS_OP_MIGRATE && refs->move_shared)
		rms_note(m, sep, RMS_NOTE_NEEDS_MOVE_ALL);
	if (op == RMS_OP_MIGRATE && refs->writeback)
		rms_note(m, sep, RMS_NOTE_WRITEBACK);
	if (op == RMS_OP_MIGRATE && refs->expected)
		rms_note_number(m, sep, RMS_NOTE_EXPECTED, refs->expected);
	if (refs->batched || (op != RMS_OP_SPLIT && refs->buffers.batched))
		rms_note(m, sep, RMS_NOTE_BATCHED);
	if (op == RMS_OP_RECLAIM && e->partial)
		rms_note(m, sep, RMS_NOTE_PAGE_ONLY);
}

/* What doesn't decide, but should be known. */
static void rms_show_notes(struct seq_file *m, enum rms_op op, const struct rms_evidence *e,
			   const struct rms_verdict *v)
{
	const struct rms_buffers *b = &e->refs->buffers;
	const char *sep = " note=";

	if (!v->why)
		rms_show_notes_on_yes(m, &sep, op, e);
	if (v->why == RMS_WHY_PINNED && !e->refs->pins)
		rms_note(m, &sep, RMS_NOTE_LOOKS_PINNED);
	if (v->why == RMS_WHY_EXTRA_REFS && e->refs->maybe_batched)
		rms_note(m, &sep, RMS_NOTE_MAYBE_BATCHED);
	if (v->why == RMS_WHY_BUFFERS && !b->sure && !b->pending)
		rms_note(m, &sep, RMS_NOTE_MAYBE_BATCHED);
	if (rms_look_truncated(e->look))
		rms_note(m, &sep, RMS_NOTE_TRUNCATED);
	if (rms_refs_raced(e->look))
		rms_note(m, &sep, RMS_NOTE_RACED);
	if (*sep == ' ')
		seq_puts(m, " note=-");
}

static void rms_show_who(struct seq_file *m, const struct rms_look *look,
			 const struct rms_map *map)
{
	const struct rms_owner *owner = &look->owners[map->owner];

	seq_printf(m, " pid=%d va=0x%lx",
		   owner->nr_tasks ? look->tasks[owner->first_task].tgid : 0, map->va);
}

static void rms_show_verdict(struct seq_file *m, const struct rms_look *look, enum rms_op op)
{
	struct rms_verdict v;
	struct rms_evidence e;

	rms_gather_evidence(look, &e);
	rms_judge(op, &e, &v);
	seq_printf(m, "verdict op=%s ok=%d why=%s func=%s",
		   rms_op_words[op], !v.why, rms_why_words[v.why], v.func);
	if (v.who)
		rms_show_who(m, look, v.who);
	rms_show_notes(m, op, &e, &v);
	seq_putc(m, '\n');
}

static void rms_show_refs(struct seq_file *m, const struct rms_look *look)
{
	const struct rms_refs *r = &look->refs;

	seq_printf(m, "refs total=%d maps=%d pagecache=%d swapcache=%d private=%d self=%d unexplained=%d",
		   r->total, r->maps, r->pagecache, r->swapcache, r->private, r->self,
		   r->unexplained);
	seq_printf(m, " maybe_pinned=%d pins=%d off_lru=%d raced=%d mapcount_differs=%d\n",
		   r->maybe_pinned, r->pins, r->off_lru, rms_refs_raced(look),
		   look->mapcount_differs);
}

/**
 * rms_why_lines - how many lines we have to say about a look
 * @look: the look
 *
 * Context: any.
 * Return: the number; 0 if there is no page.
 */
unsigned long rms_why_lines(const struct rms_look *look)
{
	return look->facts.kind == RMS_KIND_SWAP ? 0 : RMS_WHY_LINES;
}

/**
 * rms_show_why - the records "refs" and "verdict"
 * @m: where to
 * @look: the look
 * @line: which of them, from 0
 *
 * Context: may sleep.
 */
void rms_show_why(struct seq_file *m, const struct rms_look *look, unsigned long line)
{
	if (!line)
		rms_show_refs(m, look);
	else
		rms_show_verdict(m, look, line - 1);
}
