// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: the walk
 *
 * rmap_walk() takes the lock of the folio's reverse map for reading, and calls rms_rmap_one() for
 * every VMA that may map the folio. For an anonymous folio that lock is the rwsem of the root of
 * its anon_vma tree; for a KSM page the same of one tree after the other; for a file the
 * i_mmap_rwsem of its mapping. This file and record.c run under the lock, and so do walk_swap.c,
 * scan_walk.c, tree_scan.c, anon_vma.c, and the functions of pgtable.c that they call. Such a lock
 * is also held by top_scan.c, for one VMA at a time, and by target.c and scan_va.c, for one entry
 * of hugetlb.
 *
 * The code under the lock must not allocate with reclaim, as reclaim may want the same lock. It
 * must not print or touch user memory. It must not wait for an mmap_lock, as munmap() holds that
 * while it waits for the rmap lock. It must not drop the last user of an mm, which unmaps all of
 * it. So a callback appends a record to a buffer that was allocated before, or counts a record that
 * didn't fit into the buffer, and returns.
 *
 * Under the lock these don't change: the VMAs with their bounds, offsets and files, the mms as
 * structures, the anon_vma tree. Page tables do change: the folio may be unmapped, or mapped by
 * fork(), at any moment. Each entry is read under the lock of its page table.
 */
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/rmap.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>

#include "counters.h"
#include "rmapscope.h"
#include "symbols.h"
#include "walk.h"

/* If each VMA is a cache miss it takes a microsecond, and the lock is held for about a second. */
static unsigned int max_visits = 1 << 20;
module_param(max_visits, uint, 0600);
MODULE_PARM_DESC(max_visits,
		 "Limit of VMAs that a walk visits; truncated=1 if there are more (default 1048576)");

/**
 * rms_max_visits - how many VMAs a walk may visit
 *
 * Context: any.
 * Return: the number.
 */
u32 rms_max_visits(void)
{
	return READ_ONCE(max_visits);
}

/* rmap_walk_control.anon_lock: locks as the kernel itself does, and records what was locked. */
static struct anon_vma *rms_anon_lock(RMS_ANON_LOCK_CONST struct folio *folio,
				      struct rmap_walk_control *rwc)
{
	struct rms_walk *w = rwc->arg;
	struct anon_vma *anon_vma;

	anon_vma = static_call(rms_folio_lock_anon_vma_read)(folio, rwc);
	if (anon_vma) {
		w->out.locked_at = ktime_get_ns();
		rms_read_anon_vmas(anon_vma, w);
	}
	return anon_vma;
}

/*
 * A KSM page hangs in many trees. The first VMA that the walk visits in each stands for the tree.
 * In the middle of a fork() the own anon_vma of that VMA may not be in the tree yet, but its
 * ancestors are.
 */
static void rms_read_tree_of(struct vm_area_struct *vma, struct rms_walk *w)
{
	struct anon_vma *anon_vma = READ_ONCE(vma->anon_vma);

	if (!anon_vma || anon_vma->root == w->rec.last_root)
		return;
	while (anon_vma != anon_vma->root && RB_EMPTY_ROOT(&anon_vma->rb_root.rb_root))
		anon_vma = anon_vma->parent;
	rms_read_anon_vmas(anon_vma, w);
}

/* rmap_walk_control.rmap_one: false ends the walk. */
static bool rms_rmap_one(struct folio *folio, struct vm_area_struct *vma,
			 unsigned long addr, void *arg)
{
	struct rms_walk *w = arg;

	if (unlikely(rms_walk_stops(w)))
		return false;
	/* For a file or a KSM page the kernel takes the lock without calling anon_lock. */
	if (unlikely(!w->out.locked_at))
		w->out.locked_at = ktime_get_ns();
	if (unlikely(w->query.kind == RMS_KIND_KSM))
		rms_read_tree_of(vma, w);

	if (unlikely(w->query.large)) {
		rms_note_pages_of(w, vma);
		return true;
	}
	w->out.visited++;
	rms_note_page(w, vma, addr);
	return true;
}

/**
 * rms_walk_begin - reset the records and the outcome of the last walk
 * @w: the walk, whose records hold no reference any more
 *
 * Context: any.
 */
void rms_walk_begin(struct rms_walk *w)
{
	w->rec.nr_maps = 0;
	w->rec.nr_avs = 0;
	w->rec.seen_maps = 0;
	w->out.visits = 0;
	w->query.max_visits = rms_max_visits();
	w->out.visited = 0;
	w->out.skipped = 0;
	w->out.mapped = 0;
	w->out.entries = 0;
	w->rec.held = 0;
	w->rec.seen_avs = 0;
	w->rec.last_root = NULL;
	w->out.hit = false;
	w->out.killed = false;
	w->out.cut = false;
	w->out.contended = false;
	w->out.locked_at = 0;
	if (w->rec.found)
		memset(w->rec.found, 0, (w->query.nr + 1) * sizeof(*w->rec.found));
	w->out.ns = ktime_get_ns();
}

/**
 * rms_walk_end - complete the outcome of a walk, and count it
 * @w: the walk; no rmap lock is held any more
 *
 * Context: any.
 */
void rms_walk_end(struct rms_walk *w)
{
	u64 end = ktime_get_ns();

	w->rec.nr_maps = min(w->rec.seen_maps, w->rec.max_maps);
	w->rec.nr_avs = min(w->rec.seen_avs, w->rec.max_avs);
	w->rec.held = w->rec.nr_maps;
	w->out.ns = end - w->out.ns;
	w->out.lock_ns = w->out.locked_at ? end - w->out.locked_at : 0;
	rms_stat_walk(w->out.visits, w->out.lock_ns);
}

/**
 * rms_walk_folio - have the kernel walk all VMAs that may map a folio, and record them
 * @folio: passed rms_folio_check()
 * @w: in: the query and the buffers; out: the records and the outcome
 *
 * Afterwards the records hold references to their mms and files, which the caller drops once no
 * lock is held. If @w->out.contended is set nothing was walked: the caller unlocks the folio, waits
 * and tries again.
 *
 * Context: folio referenced and locked. May sleep: takes the rmap lock of the folio for
 * reading, and rmap_walk() reschedules. For hugetlb that lock comes before the lock of
 * the folio (see the order at the head of mm/rmap.c), so it is only tried.
 */
void rms_walk_folio(struct folio *folio, struct rms_walk *w)
{
	struct rmap_walk_control rwc = {
		.arg = w,
		.try_lock = rms_kind_is_hugetlb(w->query.kind),
		.rmap_one = rms_rmap_one,
		.anon_lock = rms_anon_lock,
	};

	w->query.exclusive = !w->query.large && w->query.kind == RMS_KIND_ANON &&
		       PageAnonExclusive(folio_page(folio, 0));
	rms_walk_begin(w);
	static_call(rms_rmap_walk)(folio, &rwc);
	rms_walk_end(w);
	w->out.contended = rwc.contended;
}

/**
 * rms_walk_none - the walk of a folio that no reverse map leads from
 * @w: out: nothing visited
 *
 * Context: any.
 */
void rms_walk_none(struct rms_walk *w)
{
	rms_walk_begin(w);
	rms_walk_end(w);
}
