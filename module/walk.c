// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: the walk
 *
 * rmap_walk() takes the lock of the folio's reverse map for reading, and calls
 * rms_rmap_one() for every VMA that may map the folio. For an anonymous folio that is
 * the rwsem of the root of its anon_vma tree; for KSM the same of one tree after the other;
 * for a file the i_mmap_rwsem of its mapping. This file runs under that lock, walk_swap.c
 * and tree_scan.c under that of a tree, all with rms_entry_*() and rms_entries_read() of
 * pgtable.c, and nothing else of ours does. What
 * they may not do: allocate (reclaim may want the same lock), print, touch user
 * memory, take an mmap_lock (munmap() holds it while it waits for our lock), or drop
 * the last user of an mm (which unmaps all of it). So a callback appends plain records to
 * a buffer that the caller brought, counts what finds no room, and returns.
 *
 * What keeps still meanwhile: the VMAs, their bounds and offsets and files, the mms
 * as structures, the anon_vma tree. What does not: page tables may be filled and
 * zapped, so the folio may be unmapped or mapped by fork() at any moment; each entry
 * is read under the lock of its page table.
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

/* At a microsecond each, if nothing is in the cache, the lock is held for a second or so. */
static unsigned int max_visits = 1 << 20;
module_param(max_visits, uint, 0600);
MODULE_PARM_DESC(max_visits, "VMAs that one walk may visit; beyond, it says truncated=1 (default 1048576)");

/* rmap_walk_control.anon_lock: as the kernel's own, and it notes what was locked. */
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
 * KSM pages hang in many trees: the first VMA of each stands for it. In the middle of a
 * fork() that VMA's own anon_vma may not be in the tree yet, but its ancestors are.
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
	/* The kernel has locked a file's or a KSM page's trees without telling us. */
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
 * rms_walk_begin - forget what the last walk found
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
	w->query.max_visits = READ_ONCE(max_visits);
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
 * rms_walk_end - take the times, and count the walk
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
	rms_stat_walk(w);
}

/**
 * rms_walk_folio - let the kernel walk all VMAs that may map a folio, and take notes
 * @folio: passed rms_folio_check()
 * @w: in: what to look for and the buffers; out: everything else
 *
 * The first @w->rec.held records hold a reference to their mm and file, which the caller
 * gives back once no lock is held. If @w->out.contended nothing was walked: wait without the
 * folio's lock, and try again.
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
