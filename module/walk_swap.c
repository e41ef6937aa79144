// SPDX-License-Identifier: GPL-2.0
/*
 * The walk for an address that is swapped out: the kernel's own starts from a page, and there
 * is none. The rules are those of walk.c.
 */
#include <linux/mm.h>
#include <linux/rmap.h>
#include <linux/ktime.h>

#include "walk.h"

/* A VMA of the tree: does it hold the swap slot, too? */
static void rms_swap_one(struct rms_walk *w, struct vm_area_struct *vma)
{
	struct rms_stretch s = { .vma = vma };
	struct rms_entry entry;
	struct rms_map *m;

	if (!rms_find_pages(w, &s))
		return;
	if (!rms_entry_read(vma, s.va, &entry, NULL) ||
	    rms_entry_content(&entry) != RMS_SWAP ||
	    rms_entry_swap(&entry).val != w->swap.val) {
		w->skipped++;
		return;
	}
	m = rms_new_map(w, vma);
	m->va = s.va;
	m->first = 0;
	m->count = 1;
	m->entry = entry;
	m->mapped = false;
	m->exclusive = false;
	w->visited++;
	if (vma->vm_mm == w->mm && s.va == w->va)
		w->hit = true;
}

static void rms_swap_tree(struct rms_walk *w, struct anon_vma *root)
{
	struct rb_node *node;

	for (node = rb_first_cached(&root->rb_root); node; node = rb_next(node)) {
		if (rms_walk_stops(w))
			return;
		rms_swap_one(w, rb_entry(node, struct anon_vma_chain, rb)->vma);
		cond_resched();
	}
}

/**
 * rms_lock_tree - take the lock of a VMA's tree in place of that of its mm
 * @vma: with an anon_vma
 *
 * The mmap_lock keeps the tree until its own lock does: a VMA is taken out of its trees, and an
 * anon_vma with VMAs is freed, under that lock for writing only (unlink_anon_vmas()). So the mm's
 * lock isn't held for as long as the tree is walked.
 *
 * Context: mmap_lock of @vma->vm_mm held for reading, and dropped. May sleep.
 * Return: the anon_vma, with @root->rwsem held for reading.
 */
struct anon_vma *rms_lock_tree(struct vm_area_struct *vma)
{
	struct anon_vma *anon_vma = READ_ONCE(vma->anon_vma);
	struct mm_struct *mm = vma->vm_mm;

	down_read(&anon_vma->root->rwsem);
	mmap_read_unlock(mm);
	return anon_vma;
}

/**
 * rms_walk_swap - find all VMAs of a tree that hold the same swap slot
 * @vma: one of them, with an anon_vma
 * @w: in: @kind, @pgoff, @swap, @mm, @va and the buffers; out: as rms_walk()
 *
 * The kernel's walk starts from a page and there is none. But the page, wherever it came
 * from, was at the same offset in all VMAs of the tree (linear_page_index()), and the root
 * has all VMAs of the tree.
 *
 * Context: mmap_lock of @vma->vm_mm held for reading, and dropped. May sleep: takes the lock of the
 * tree's root for reading.
 */
void rms_walk_swap(struct vm_area_struct *vma, struct rms_walk *w)
{
	struct anon_vma *anon_vma;

	rms_walk_begin(w);
	anon_vma = rms_lock_tree(vma);
	w->locked_at = ktime_get_ns();
	rms_read_anon_vmas(anon_vma, w);
	rms_swap_tree(w, anon_vma->root);
	up_read(&anon_vma->root->rwsem);
	rms_walk_end(w);
}
