// SPDX-License-Identifier: GPL-2.0
/*
 * Whether reclaim, migration and splitting would succeed. Nothing is tried. A verdict tests the
 * kernel's own conditions in the kernel's order, on the facts of one snapshot, and ends at the
 * first condition that stops the operation. func= is the kernel function that has the condition.
 */
#include <linux/mm.h>

#include "compat.h"
#include "verdict.h"

/* Whether one page table maps all pages of a large folio. The kernel handles these together. */
static bool rms_maps_in_one(const struct rms_page_report *report, const struct rms_map *map)
{
	unsigned long size = PAGE_SIZE << report->snap.facts.order;

	return map->entry.level == RMS_PTE && (u64)map->count << PAGE_SHIFT == size &&
	       (map->va & ~PMD_MASK) + size <= PMD_SIZE;
}

/* Entries of all levels have these bits at the same places. */
static void rms_weigh_map(struct rms_evidence *e, const struct rms_map *map, bool reached)
{
	pte_t pte;

	if (!(map->vm_flags & VM_DROPPABLE))
		e->kept = true;
	if (!e->locked && map->vm_flags & VM_LOCKED && (reached || e->refs->mlocked))
		e->locked = map;
	if (rms_entry_content(&map->entry) != RMS_PRESENT)
		return;
	e->huge |= e->large && map->entry.level == RMS_PMD;
	e->in_one |= e->large && rms_maps_in_one(e->report, map);
	pte = __pte(map->entry.val);
	if (pte_young(pte))
		e->young += map->entry.level == RMS_PTE ? map->count : 1;
	if (pte_dirty(pte))
		e->dirty = true;
}

/* What the records of a snapshot say of its page. */
static void rms_gather_evidence(const struct rms_page_report *report, struct rms_evidence *e)
{
	const struct rms_snapshot *snap = &report->snap;
	const struct rms_map *map;
	u32 i;

	*e = (struct rms_evidence){
		.report = report,
		.refs = &report->refs,
		.kind = snap->facts.kind,
		.large = snap->facts.order > 0,
		.partial = snap->facts.order > 0 && !snap->whole && snap->walk.out.skipped,
		.dirty = report->refs.dirty,
	};
	for (i = 0; i < snap->walk.rec.nr_maps; i++) {
		map = &snap->walk.rec.maps[i];
		if (e->large && !snap->whole && map->entry.level == RMS_PTE)
			e->partial = true;
		/* VM_LOCKED stops the kernel's walk only in VMAs that the walk reaches. */
		if (map->mapped)
			rms_weigh_map(e, map, !report->unreached || i < report->reached);
	}
}

static bool rms_stop(struct rms_verdict *v, enum rms_why why, const char *func)
{
	v->why = why;
	v->func = func;
	return true;
}

/* Whether there are references that the kernel doesn't expect, once all batches are drained. */
static bool rms_extra_refs(const struct rms_refs *refs)
{
	return refs->unexplained > refs->batched;
}

static bool rms_stop_for_refs(const struct rms_evidence *e, struct rms_verdict *v,
			      const char *func)
{
	if (!rms_extra_refs(e->refs))
		return false;
	return rms_stop(v, e->refs->maybe_pinned ? RMS_WHY_PINNED : RMS_WHY_EXTRA_REFS, func);
}

/* Buffers that filemap_release_folio() can't release. */
static bool rms_stop_for_buffers(const struct rms_evidence *e, struct rms_verdict *v,
				 const char *func)
{
	const struct rms_buffers *b = &e->refs->buffers;

	return (b->pending || b->kept) && rms_stop(v, RMS_WHY_BUFFERS, func);
}

/* rmap_walk() can't reach these mappings, so the page stays mapped and the kernel gives up here. */
static bool rms_stop_for_unreached(const struct rms_evidence *e, struct rms_verdict *v,
				   const char *func)
{
	const struct rms_page_report *report = e->report;
	const struct rms_records *rec = &report->snap.walk.rec;
	u32 i;

	if (!report->unreached && !report->unsearched)
		return false;
	for (i = report->reached; report->unreached && i < rec->nr_maps && !v->who; i++) {
		if (rec->maps[i].mapped)
			v->who = &rec->maps[i];
	}
	return rms_stop(v, RMS_WHY_UNREACHED, func);
}

/* The conditions that keep a folio off the lists that reclaim works on. */
static bool rms_off_limits(const struct rms_evidence *e, struct rms_verdict *v)
{
	const struct rms_refs *refs = e->refs;
	bool listed = !refs->off_lru && !refs->hugetlb;

	if (refs->hwpoison)
		return rms_stop(v, RMS_WHY_HWPOISON,
				listed ? "shrink_folio_list" : "folio_isolate_lru");
	if (refs->hugetlb)
		return rms_stop(v, RMS_WHY_HUGETLB, "folio_isolate_lru");
	if (refs->dax)
		return rms_stop(v, RMS_WHY_DAX, "folio_isolate_lru");
	if (!refs->in_cache)
		return rms_stop(v, RMS_WHY_NOT_ON_LRU, "folio_isolate_lru");
	if (refs->mlocked || e->locked) {
		v->who = e->locked;
		return rms_stop(v, RMS_WHY_MLOCKED, refs->mlocked ? "folio_evictable" :
				"try_to_unmap_one");
	}
	if (refs->unevictable)
		return rms_stop(v, RMS_WHY_UNEVICTABLE, "folio_evictable");
	if (refs->writeback)
		return rms_stop(v, RMS_WHY_WRITEBACK, "shrink_folio_list");
	return false;
}

/*
 * Anonymous memory needs a swap slot, unless it was given up (MADV_FREE) and not written to since.
 */
static bool rms_no_way_for_anon(const struct rms_evidence *e, struct rms_verdict *v)
{
	const struct rms_refs *refs = e->refs;

	if (!refs->swapbacked)
		return (refs->maps && rms_stop_for_refs(e, v, "try_to_unmap_one")) ||
		       (e->dirty && e->kept && rms_stop(v, RMS_WHY_REDIRTIED, "try_to_unmap_one"));
	if (refs->swapcache)
		return false;
	if (refs->maybe_pinned)
		return rms_stop(v, RMS_WHY_PINNED, "shrink_folio_list");
	if (e->large && rms_stop_for_refs(e, v, "shrink_folio_list"))
		return true;
	return refs->swap_full && rms_stop(v, RMS_WHY_NO_SWAP, "shrink_folio_list");
}

/*
 * Whether it is written to swap. Anonymous memory without a swap slot becomes dirty when it gets
 * one.
 */
static bool rms_is_written(const struct rms_evidence *e)
{
	const struct rms_refs *refs = e->refs;

	return refs->swapbacked &&
	       (e->dirty || (rms_kind_is_anon(e->kind) && !refs->swapcache));
}

/*
 * A page that was cut off from its file is freed with its last reference. All that reclaim can do
 * is to release its buffers, if these have kept it.
 */
static void rms_judge_orphan(const struct rms_evidence *e, struct rms_verdict *v)
{
	if (rms_stop_for_buffers(e, v, "filemap_release_folio"))
		return;
	if (rms_extra_refs(e->refs))
		rms_stop(v, RMS_WHY_ORPHANED, "shrink_folio_list");
	else
		v->func = "shrink_folio_list";
}

/* Follows shrink_folio_list(), as madvise(MADV_PAGEOUT) and memory.reclaim call it. */
static void rms_judge_reclaim(const struct rms_evidence *e, struct rms_verdict *v)
{
	const struct rms_refs *refs = e->refs;
	bool anon = rms_kind_is_anon(e->kind);

	if (rms_off_limits(e, v))
		return;
	if (e->kind == RMS_KIND_ORPHANED) {
		rms_judge_orphan(e, v);
		return;
	}
	if (anon && rms_no_way_for_anon(e, v))
		return;
	if (rms_stop_for_unreached(e, v, "shrink_folio_list"))
		return;
	/* By now the kernel has unmapped it, so many mappings don't look like a pin any more. */
	if (refs->maybe_pinned && rms_extra_refs(refs)) {
		rms_stop(v, RMS_WHY_PINNED, "shrink_folio_list");
		return;
	}
	/* Reclaim doesn't write files: the flusher threads do. */
	if (e->kind == RMS_KIND_FILE && e->dirty) {
		rms_stop(v, RMS_WHY_DIRTY, "shrink_folio_list");
		return;
	}
	if (rms_stop_for_buffers(e, v, "filemap_release_folio"))
		return;
	if (rms_stop_for_refs(e, v, rms_is_written(e) ? "pageout" : "__remove_mapping"))
		return;
	if (e->kind == RMS_KIND_SHMEM && e->dirty && refs->swap_full) {
		rms_stop(v, RMS_WHY_NO_SWAP, "pageout");
		return;
	}
	v->func = "shrink_folio_list";
}

/*
 * The conditions of the file's own method, up to folio_migrate_mapping(), which all methods call.
 */
static bool rms_no_way_to_move(const struct rms_evidence *e, struct rms_verdict *v)
{
	const struct rms_refs *refs = e->refs;
	const struct rms_buffers *b = &refs->buffers;

	if (!IS_ENABLED(CONFIG_MIGRATION))
		return rms_stop(v, RMS_WHY_UNMOVABLE, "migrate_pages");
	if (refs->unmovable)
		return rms_stop(v, RMS_WHY_UNMOVABLE, "move_to_new_folio");
	/* The page has no file any more. The kernel only tries to free it here. */
	if (e->kind == RMS_KIND_ORPHANED)
		return rms_stop_for_buffers(e, v, "migrate_folio_unmap");
	/* Newer kernels write the request that holds the private data first. */
	if (refs->method == RMS_METHOD_NFS && refs->private && RMS_NFS_KEEPS_PRIVATE)
		return rms_stop(v, RMS_WHY_PRIVATE, "nfs_migrate_folio");
	if (refs->method != RMS_METHOD_FALLBACK)
		return false;
	if (e->dirty && refs->no_write_op)
		return rms_stop(v, RMS_WHY_NO_MIGRATE_OP, "move_to_new_folio");
	/* A dirty folio is written first, which cleans its buffers. */
	return (b->kept || (b->pending && !e->dirty)) &&
	       rms_stop(v, RMS_WHY_BUFFERS, "filemap_release_folio");
}

/* Follows migrate_folio_unmap(), move_to_new_folio() and folio_migrate_mapping(). */
static void rms_judge_migrate(const struct rms_evidence *e, struct rms_verdict *v)
{
	const struct rms_refs *refs = e->refs;

	if (refs->dax)
		rms_stop(v, RMS_WHY_DAX, "folio_isolate_lru");
	else if (!refs->in_cache && !refs->hugetlb)
		rms_stop(v, RMS_WHY_NOT_ON_LRU, "folio_isolate_lru");
	else if (refs->hwpoison && refs->hugetlb)
		rms_stop(v, RMS_WHY_HWPOISON, RMS_ISOLATE_HUGETLB);
	else if (refs->hwpoison)
		rms_stop(v, RMS_WHY_HWPOISON,
			 refs->off_lru ? "folio_isolate_lru" : "move_to_new_folio");
	else if (rms_stop_for_unreached(e, v, "migrate_folio_unmap"))
		return;
	else if (rms_no_way_to_move(e, v))
		return;
	else if (refs->unexplained > refs->batched + refs->expected)
		rms_stop_for_refs(e, v, "folio_migrate_mapping");
	else if (refs->method == RMS_METHOD_NOREFS && refs->buffers.held)
		rms_stop(v, RMS_WHY_BUFFERS, "buffer_migrate_folio_norefs");
	else
		v->func = "migrate_folio_unmap";
}

/* Follows split_huge_page_to_list() and its successors, down to single pages. */
static void rms_judge_split(const struct rms_evidence *e, struct rms_verdict *v)
{
	const struct rms_refs *refs = e->refs;

	/* A large folio with broken pages is split, so that its other pages can be used. */
	if (refs->hwpoison && (!e->large || refs->hugetlb))
		rms_stop(v, RMS_WHY_HWPOISON, RMS_SPLIT_FUNC);
	else if (!e->large)
		rms_stop(v, RMS_WHY_ORDER0, RMS_SPLIT_FUNC);
	else if (refs->hugetlb)
		rms_stop(v, RMS_WHY_HUGETLB, RMS_SPLIT_FUNC);
	else if (e->kind == RMS_KIND_ORPHANED)
		rms_stop(v, RMS_WHY_ORPHANED, RMS_SPLIT_FUNC);
	else if (refs->dax)
		rms_stop(v, RMS_WHY_DAX, RMS_SPLIT_FUNC);
	else if (!refs->in_cache)
		rms_stop(v, RMS_WHY_NOT_ON_LRU, RMS_SPLIT_FUNC);
	else if (refs->writeback)
		rms_stop(v, RMS_WHY_WRITEBACK, RMS_SPLIT_FUNC);
	else if (rms_kind_is_anon(e->kind) && !refs->maps)
		rms_stop(v, RMS_WHY_UNMAPPED, RMS_SPLIT_FUNC);
	else if (refs->min_order)
		rms_stop(v, RMS_WHY_MIN_ORDER, RMS_SPLIT_FUNC);
	else if (refs->private && refs->dirty && !refs->buffers.any)
		rms_stop(v, RMS_WHY_PRIVATE, RMS_SPLIT_FUNC);
	else if (rms_stop_for_buffers(e, v, "filemap_release_folio"))
		return;
	else if (!rms_stop_for_refs(e, v, RMS_SPLIT_FUNC))
		v->func = RMS_SPLIT_FUNC;
}

static void rms_decide(enum rms_op op, const struct rms_evidence *e, struct rms_verdict *v)
{
	switch (op) {
	case RMS_OP_RECLAIM:
		rms_judge_reclaim(e, v);
		break;
	case RMS_OP_MIGRATE:
		rms_judge_migrate(e, v);
		break;
	case RMS_OP_SPLIT:
		rms_judge_split(e, v);
		break;
	case RMS_NR_OPS:
		break;
	}
}

/**
 * rms_judge - decide what would become of a folio
 * @op: what is to be done with it
 * @report: the snapshot of a page; not of one that is swapped out
 * @v: out: all of it
 *
 * Context: any.
 */
void rms_judge(enum rms_op op, const struct rms_page_report *report, struct rms_verdict *v)
{
	struct rms_evidence e;

	*v = (struct rms_verdict){};
	rms_gather_evidence(report, &e);
	rms_decide(op, &e, v);
	rms_add_notes(op, &e, v);
}
