// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: the walk
 *
 * rmap_walk() takes the lock of the folio's reverse map for reading, here the rwsem of
 * the root of its anon_vma tree, and calls rms_rmap_one() for every VMA that may map
 * the folio. This file runs under that lock, with rms_entry_*() of pgtable.c, and
 * nothing else of ours does. What they may not do: allocate (reclaim may want the same
 * lock), print, touch user memory, take an mmap_lock (munmap() holds it while it waits
 * for our lock), or drop the last user of an mm (which unmaps all of it). So a callback
 * appends one plain record to a buffer that the caller brought, counts what finds no
 * room, and returns.
 *
 * What keeps still meanwhile: the VMAs, their bounds and offsets and files, the mms
 * as structures, the anon_vma tree. What does not: page tables may be filled and
 * zapped, so the folio may be unmapped or mapped by fork() at any moment; each entry
 * is read under the lock of its page table.
 */
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/rmap.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>

#include "rmapscope.h"
#include "symbols.h"

/*
 * The page's anon_vma and its ancestors. anon_vma->parent may only be followed while
 * somebody keeps the parent alive: every VMA of a tree is also chained to all
 * ancestors (anon_vma_clone()), so an anon_vma with a VMA has ancestors with one.
 */
static void rms_read_anon_vmas(struct anon_vma *anon_vma, struct rms_walk *w)
{
	for (;;) {
		if (w->nr_avs++ < w->max_avs)
			w->avs[w->nr_avs - 1] = (struct rms_av){
				.self = anon_vma,
				.num_children = anon_vma->num_children,
				.num_active_vmas = anon_vma->num_active_vmas,
				.refcount = atomic_read(&anon_vma->refcount),
			};
		if (anon_vma == anon_vma->root ||
		    RB_EMPTY_ROOT(&anon_vma->rb_root.rb_root))
			return;
		anon_vma = anon_vma->parent;
	}
}

/* rmap_walk_control.anon_lock: as the kernel's own, and it notes what was locked. */
static struct anon_vma *rms_anon_lock(RMS_ANON_LOCK_CONST struct folio *folio,
				      struct rmap_walk_control *rwc)
{
	struct rms_walk *w = rwc->arg;
	struct anon_vma *anon_vma;

	anon_vma = static_call(rms_folio_lock_anon_vma_read)(folio, rwc);
	if (anon_vma) {
		w->locked_at = ktime_get_ns();
		rms_read_anon_vmas(anon_vma, w);
	}
	return anon_vma;
}

/*
 * Whether an entry maps the page, as page_vma_mapped_walk() would find it: present, or one
 * of the device entries that count as a mapping. Read under the lock of the page
 * table, so a zap that has cleared the entry has also dropped the mapcount.
 */
static bool rms_maps_page(const struct rms_walk *w, const struct rms_entry *entry,
			  unsigned long addr)
{
	switch (rms_entry_content(entry)) {
	case RMS_PRESENT:
	case RMS_DEVICE:
		return rms_entry_pfn(entry, addr) == w->pfn;
	default:
		return false;
	}
}

/* rmap_walk_control.rmap_one: false ends the walk. */
static bool rms_rmap_one(struct folio *folio, struct vm_area_struct *vma,
			 unsigned long addr, void *arg)
{
	struct rms_walk *w = arg;
	struct rms_map spare, *m = &spare;

	if (unlikely(fatal_signal_pending(current))) {
		w->killed = true;
		return false;
	}

	if (likely(w->visited < w->max_maps)) {
		m = &w->maps[w->visited];
		m->mm = vma->vm_mm;
		mmgrab(m->mm);
		m->file = vma->vm_file;
		if (m->file)
			get_file(m->file);
		m->anon_vma = READ_ONCE(vma->anon_vma);
		m->va = addr;
		m->vm_start = vma->vm_start;
		m->vm_end = vma->vm_end;
		m->vm_pgoff = vma->vm_pgoff;
		m->vm_flags = READ_ONCE(vma->vm_flags);
	}
	w->visited++;
	if (m == &spare && !w->count_all)
		return true;

	/* Should the tables never hold still, mapped and mapcount won't agree. */
	rms_entry_read(vma, addr, &m->entry, NULL);
	m->mapped = rms_maps_page(w, &m->entry, addr);
	if (m->mapped) {
		w->mapped++;
		if (vma->vm_mm == w->mm && addr == w->va)
			w->found = true;
	}
	return true;
}

/**
 * rms_walk - let the kernel walk all VMAs that may map a folio, and take notes
 * @folio: passed rms_folio_check(); an order-0 folio
 * @w: in: @pfn, @mm, @va and the buffers; out: everything else
 *
 * The first @w->held records hold a reference to their mm and file, which the caller
 * gives back once no lock is held.
 *
 * Context: folio referenced and locked. May sleep: takes the rmap lock of the folio for
 * reading, and rmap_walk() reschedules.
 */
void rms_walk(struct folio *folio, struct rms_walk *w)
{
	struct rmap_walk_control rwc = {
		.arg = w,
		.rmap_one = rms_rmap_one,
		.anon_lock = rms_anon_lock,
	};
	u64 start, end;

	w->visited = 0;
	w->mapped = 0;
	w->nr_avs = 0;
	w->found = false;
	w->killed = false;
	w->locked_at = 0;

	start = ktime_get_ns();
	static_call(rms_rmap_walk)(folio, &rwc);
	end = ktime_get_ns();

	w->held = min(w->visited, w->max_maps);
	w->ns = end - start;
	w->lock_ns = w->locked_at ? end - w->locked_at : 0;
}
