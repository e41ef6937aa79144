// SPDX-License-Identifier: GPL-2.0
/*
 * Walks that begin at an address instead of a page. The kernel's own walk doesn't find the tree of
 * a page in a swap slot, which is in no frame, nor of a page whose entries are all device-
 * exclusive, which counts as mapped nowhere. The VMA at the address leads to the tree. The rules
 * are those of walk.c.
 */
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/rmap.h>
#include <linux/sched/mm.h>

#include "symbols.h"
#include "walk.h"

/* Records a VMA of the tree if it holds the same swap slot. */
static void rms_swap_one(struct rms_walk *w, struct vm_area_struct *vma)
{
	struct rms_stretch s = { .vma = vma };
	struct rms_entry entry;
	struct rms_map *m;

	if (!rms_find_pages(w, &s) ||
	    !rms_entry_read(vma, s.va, &entry, NULL) ||
	    rms_entry_content(&entry) != RMS_SWAP ||
	    rms_entry_swap(&entry).val != w->query.swap.val) {
		w->out.skipped++;
		return;
	}
	m = rms_new_map(w, vma);
	m->va = s.va;
	m->first = 0;
	m->count = 1;
	m->entry = entry;
	m->mapped = false;
	m->borrowed = false;
	m->exclusive = false;
	w->out.visited++;
	if (vma->vm_mm == w->query.mm && s.va == w->query.va)
		w->out.hit = true;
}

/*
 * Visits the VMAs of a tree that may have the requested pages, as rmap_walk_anon() does: by their
 * offset in the interval tree. The root has all VMAs of the tree.
 */
static void rms_walk_tree(struct rms_walk *w, struct anon_vma *root,
			  void (*one)(struct rms_walk *w, struct vm_area_struct *vma))
{
	pgoff_t last = w->query.pgoff + w->query.nr - 1;
	struct anon_vma_chain *avc;

	avc = static_call(rms_anon_tree_first)(RMS_ANON_TREE(root), w->query.pgoff, last);
	for (; avc; avc = static_call(rms_anon_tree_next)(avc, w->query.pgoff, last)) {
		if (rms_walk_stops(w))
			return;
		one(w, avc->vma);
		cond_resched();
	}
}

static void rms_walk_from(struct vm_area_struct *vma, struct rms_walk *w,
			  void (*one)(struct rms_walk *w, struct vm_area_struct *vma))
{
	struct anon_vma *anon_vma = rms_lock_tree(vma);

	w->out.locked_at = ktime_get_ns();
	rms_read_anon_vmas(anon_vma, w);
	rms_walk_tree(w, anon_vma->root, one);
	up_read(&anon_vma->root->rwsem);
}

/**
 * rms_walk_swap - find all VMAs of a tree that hold the same swap slot
 * @vma: one of them, with an anon_vma
 * @w: in: the query and the buffers; out: the records and the outcome
 *
 * The kernel's walk starts from a page, and there is none. But the page was at the same offset in
 * all VMAs of the tree (linear_page_index()).
 *
 * Context: mmap_lock of @vma->vm_mm held for reading, and dropped. May sleep: takes the lock of the
 * tree's root for reading.
 */
void rms_walk_swap(struct vm_area_struct *vma, struct rms_walk *w)
{
	rms_walk_begin(w);
	rms_walk_from(vma, w, rms_swap_one);
	rms_walk_end(w);
}

/**
 * rms_walk_borrowed - find all VMAs of the tree of a page that a device uses exclusively
 * @p: the page, and the address that led to it
 * @w: in: as for rms_walk_folio(); out: as rms_walk_folio()
 *
 * On kernels where a device-exclusive entry doesn't count as a mapping, the page has no mapping,
 * and folio_lock_anon_vma_read() fails: only mappings keep the anon_vma that a page points to. The
 * VMA at the address keeps its own anon_vma. If @w->out.contended is set nothing was walked, as in
 * rms_walk_folio().
 *
 * Context: folio of @p referenced and locked, which comes after the mmap_lock in the order of
 * locks: that one is only tried. May sleep: takes the lock of the tree's root for reading.
 */
void rms_walk_borrowed(const struct rms_page *p, struct rms_walk *w)
{
	struct vm_area_struct *vma;

	rms_walk_begin(w);
	if (!mmget_not_zero(p->mm))
		goto out_end;
	w->out.contended = !mmap_read_trylock(p->mm);
	if (!w->out.contended) {
		vma = vma_lookup(p->mm, p->va);
		if (vma && READ_ONCE(vma->anon_vma))
			rms_walk_from(vma, w, rms_note_pages_of);	/* drops the mmap_lock */
		else
			mmap_read_unlock(p->mm);
	}
	/* If this is the last user a worker frees the memory, as the folio is locked here. */
	mmput_async(p->mm);
out_end:
	rms_walk_end(w);
}
