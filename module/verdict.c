// SPDX-License-Identifier: GPL-2.0
/*
 * What reclaim, migration and splitting would make of a folio. Nothing is tried: each
 * verdict goes through the kernel's own conditions, in the kernel's order, on the notes
 * of one look, and ends at the first that stops it. func= is where the kernel would.
 */
#include <linux/mm.h>
#include <linux/seq_file.h>

#include "compat.h"
#include "format.h"
#include "look.h"
#include "refs.h"

/* Lines of ours: the references, and a verdict for each of reclaim, migration, split. */
#define RMS_WHY_LINES	4

/**
 * struct rms_verdict - what would become of a folio
 * @why: what stops it, in a word; NULL if nothing does
 * @func: the kernel's function that would stop, or do it
 * @who: the place that stops it, or NULL
 */
struct rms_verdict {
	const char *why;
	const char *func;
	const struct rms_map *who;
};

/**
 * struct rms_evidence - what a verdict goes by
 * @look: the whole snapshot
 * @refs: its references and flags
 * @kind: of the folio
 * @large: it is a large folio
 * @partial: of which other pages may be mapped otherwise than the one that was looked at
 * @locked: the first VMA with VM_LOCKED that maps it, or NULL
 * @young: entries with the accessed bit
 * @dirty: the folio is dirty, or will be once its entries are gone
 * @kept: it is mapped by some VMA that isn't MAP_DROPPABLE
 */
struct rms_evidence {
	const struct rms_look *look;
	const struct rms_refs *refs;
	enum rms_kind kind;
	bool large;
	bool partial;
	const struct rms_map *locked;
	u32 young;
	bool dirty;
	bool kept;
};

static bool rms_is_hugetlb(enum rms_kind kind)
{
	return kind == RMS_HUGETLB_ANON || kind == RMS_HUGETLB_FILE;
}

/* An entry of any level has these bits at the same places. */
static void rms_gather_evidence(const struct rms_look *look, struct rms_evidence *e)
{
	const struct rms_map *map;
	bool reached;
	pte_t pte;
	u32 i;

	*e = (struct rms_evidence){
		.look = look,
		.refs = &look->refs,
		.kind = look->facts.kind,
		.large = look->facts.order > 0,
		.partial = look->facts.order > 0 && !look->whole && look->walk.skipped,
		.dirty = look->refs.dirty,
	};
	for (i = 0; i < look->nr_maps; i++) {
		map = &look->walk.maps[i];
		if (e->large && !look->whole && map->entry.level == RMS_PTE)
			e->partial = true;
		if (!map->mapped)
			continue;
		if (!(map->vm_flags & VM_DROPPABLE))
			e->kept = true;
		/* Where the kernel doesn't get to, its walk isn't stopped by VM_LOCKED either. */
		reached = !look->unreached || i < look->reached;
		if (!e->locked && map->vm_flags & VM_LOCKED && (reached || look->refs.mlocked))
			e->locked = map;
		if (rms_entry_content(&map->entry) != RMS_PRESENT)
			continue;
		pte = __pte(map->entry.val);
		if (pte_young(pte))
			e->young += map->entry.level == RMS_PTE ? map->count : 1;
		if (pte_dirty(pte))
			e->dirty = true;
	}
}

static bool rms_stop(struct rms_verdict *v, const char *why, const char *func)
{
	v->why = why;
	v->func = func;
	return true;
}

/* References beyond those that the kernel expects, once all batches are drained. */
static bool rms_extra_refs(const struct rms_refs *refs)
{
	return refs->unexplained > refs->batched;
}

static bool rms_stop_for_refs(const struct rms_evidence *e, struct rms_verdict *v,
			      const char *func)
{
	if (!rms_extra_refs(e->refs))
		return false;
	return rms_stop(v, e->refs->maybe_pinned ? "pinned" : "extra_refs", func);
}

/* Who isn't found isn't unmapped, and then no more is tried. */
static bool rms_stop_for_strays(const struct rms_evidence *e, struct rms_verdict *v,
				const char *func)
{
	const struct rms_look *look = e->look;
	u32 i;

	if (!look->unreached && !look->unsearched)
		return false;
	for (i = look->reached; look->unreached && i < look->nr_maps && !v->who; i++) {
		if (look->walk.maps[i].mapped)
			v->who = &look->walk.maps[i];
	}
	return rms_stop(v, "unreached", func);
}

/* The conditions that keep a folio from the lists that reclaim works on. */
static bool rms_off_limits(const struct rms_evidence *e, struct rms_verdict *v)
{
	const struct rms_refs *refs = e->refs;

	if (rms_is_hugetlb(e->kind))
		return rms_stop(v, "hugetlb", "folio_isolate_lru");
	if (!refs->in_cache)
		return rms_stop(v, "not_on_lru", "folio_isolate_lru");
	if (refs->hwpoison)
		return rms_stop(v, "hwpoison", "shrink_folio_list");
	if (refs->mlocked || e->locked) {
		v->who = e->locked;
		return rms_stop(v, "mlocked", refs->mlocked ? "folio_evictable" :
				"try_to_unmap_one");
	}
	if (refs->unevictable)
		return rms_stop(v, "unevictable", "folio_evictable");
	if (refs->writeback)
		return rms_stop(v, "writeback", "shrink_folio_list");
	return false;
}

/* Anonymous memory needs a swap slot, unless it was given up and not written to since. */
static bool rms_no_way_for_anon(const struct rms_evidence *e, struct rms_verdict *v)
{
	const struct rms_refs *refs = e->refs;

	if (!refs->swapbacked)
		return e->dirty && e->kept && rms_stop(v, "redirtied", "try_to_unmap_one");
	if (refs->swapcache)
		return false;
	if (refs->maybe_pinned)
		return rms_stop(v, "pinned", "shrink_folio_list");
	if (e->large && rms_stop_for_refs(e, v, "shrink_folio_list"))
		return true;
	return refs->swap_full && rms_stop(v, "no_swap", "shrink_folio_list");
}

/* Follows shrink_folio_list(), as madvise(MADV_PAGEOUT) or memory.reclaim have it run. */
static void rms_judge_reclaim(const struct rms_evidence *e, struct rms_verdict *v)
{
	const struct rms_refs *refs = e->refs;
	bool anon = rms_kind_is_anon(e->kind);

	if (rms_off_limits(e, v))
		return;
	if (anon && rms_no_way_for_anon(e, v))
		return;
	if (rms_stop_for_strays(e, v, "shrink_folio_list"))
		return;
	/* Unmapped by now, so that a page of many sharers isn't taken for pinned any more. */
	if (refs->maybe_pinned && rms_extra_refs(refs)) {
		rms_stop(v, "pinned", "shrink_folio_list");
		return;
	}
	/* Files are written by others: the flusher threads. */
	if (e->kind == RMS_FILE && e->dirty) {
		rms_stop(v, "dirty", "shrink_folio_list");
		return;
	}
	if (rms_stop_for_refs(e, v, "__remove_mapping"))
		return;
	if (e->kind == RMS_SHMEM && e->dirty && refs->swap_full) {
		rms_stop(v, "no_swap", "pageout");
		return;
	}
	v->func = "shrink_folio_list";
}

/* Follows migrate_folio_unmap(), move_to_new_folio() and folio_migrate_mapping(). */
static void rms_judge_migrate(const struct rms_evidence *e, struct rms_verdict *v)
{
	const struct rms_refs *refs = e->refs;

	if (!refs->in_cache && !rms_is_hugetlb(e->kind))
		rms_stop(v, "not_on_lru", "folio_isolate_lru");
	else if (rms_stop_for_strays(e, v, "migrate_folio_unmap"))
		return;
	else if (refs->unmovable)
		rms_stop(v, "unmovable", "move_to_new_folio");
	else if (refs->no_migrate_op && e->dirty)
		rms_stop(v, "no_migrate_op", "move_to_new_folio");
	else if (!rms_stop_for_refs(e, v, "folio_migrate_mapping"))
		v->func = "migrate_folio_unmap";
}

/* Follows split_huge_page_to_list() and its successors, down to single pages. */
static void rms_judge_split(const struct rms_evidence *e, struct rms_verdict *v)
{
	const struct rms_refs *refs = e->refs;

	if (!e->large)
		rms_stop(v, "order0", RMS_SPLIT_FUNC);
	else if (rms_is_hugetlb(e->kind))
		rms_stop(v, "hugetlb", RMS_SPLIT_FUNC);
	else if (!refs->in_cache)
		rms_stop(v, "not_on_lru", RMS_SPLIT_FUNC);
	else if (refs->writeback)
		rms_stop(v, "writeback", RMS_SPLIT_FUNC);
	else if (rms_kind_is_anon(e->kind) && !refs->maps)
		rms_stop(v, "unmapped", RMS_SPLIT_FUNC);
	else if (refs->min_order)
		rms_stop(v, "min_order", RMS_SPLIT_FUNC);
	else if (refs->private && refs->dirty)
		rms_stop(v, "private", RMS_SPLIT_FUNC);
	else if (!rms_stop_for_refs(e, v, RMS_SPLIT_FUNC))
		v->func = RMS_SPLIT_FUNC;
}

enum rms_op {
	RMS_RECLAIM,
	RMS_MIGRATE,
	RMS_SPLIT,
};

static const struct {
	const char *name;
	void (*judge)(const struct rms_evidence *e, struct rms_verdict *v);
} rms_ops[] = {
	[RMS_RECLAIM] = { "reclaim", rms_judge_reclaim },
	[RMS_MIGRATE] = { "migrate", rms_judge_migrate },
	[RMS_SPLIT] = { "split", rms_judge_split },
};

/* A count that is wrong all the time hasn't moved. */
static bool rms_refs_raced(const struct rms_look *look)
{
	return look->refs.raced || (look->raced && !look->mapcount_differs);
}

static void rms_note(struct seq_file *m, const char **sep, const char *note)
{
	seq_printf(m, "%s%s", *sep, note);
	*sep = ",";
}

/* What doesn't decide, but should be known. */
static void rms_show_notes(struct seq_file *m, enum rms_op op, const struct rms_evidence *e,
			   const struct rms_verdict *v)
{
	const struct rms_look *look = e->look;
	const char *sep = " note=";

	if (op == RMS_RECLAIM && !v->why && e->young) {
		rms_note(m, &sep, "referenced:");
		seq_printf(m, "%u", e->young);
	}
	if (op == RMS_RECLAIM && !v->why && look->walk.mapped > 1)
		rms_note(m, &sep, "madvise_skips_shared");
	if (op == RMS_MIGRATE && !v->why && look->walk.mapped > 1)
		rms_note(m, &sep, "needs_move_all");
	if (op == RMS_MIGRATE && !v->why && e->refs->writeback)
		rms_note(m, &sep, "writeback");
	if (v->why && !strcmp(v->why, "pinned") && !e->refs->pins)
		rms_note(m, &sep, "looks_pinned");
	if (!v->why && e->refs->batched)
		rms_note(m, &sep, "batched");
	if (v->why && !strcmp(v->why, "extra_refs") && e->refs->maybe_batched)
		rms_note(m, &sep, "maybe_batched");
	if (rms_look_truncated(look))
		rms_note(m, &sep, "truncated");
	if (op == RMS_RECLAIM && !v->why && e->partial)
		rms_note(m, &sep, "page_only");
	if (rms_refs_raced(look))
		rms_note(m, &sep, "raced");
	if (*sep == ' ')
		rms_note(m, &sep, "-");
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
	struct rms_verdict v = {};
	struct rms_evidence e;

	rms_gather_evidence(look, &e);
	rms_ops[op].judge(&e, &v);
	seq_printf(m, "verdict op=%s ok=%d why=%s func=%s",
		   rms_ops[op].name, !v.why, v.why ?: "-", v.func);
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
	return look->facts.kind == RMS_SWAPPED ? 0 : RMS_WHY_LINES;
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
