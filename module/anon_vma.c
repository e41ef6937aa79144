// SPDX-License-Identifier: GPL-2.0
/*
 * The tree that an anon_vma is in: locking it, and reading an anon_vma with its ancestors.
 */
#include <linux/mm.h>
#include <linux/rmap.h>

#include "anon_vma.h"
#include "walk.h"

/**
 * rms_av_depth - how many ancestors an anon_vma has
 * @anon_vma: must have a VMA. Its ancestors then have one as well, so they are alive
 *
 * Context: the lock of the root. Doesn't sleep.
 * Return: the number; 0 for a root.
 */
u32 rms_av_depth(const struct anon_vma *anon_vma)
{
	u32 depth = 0;

	for (; anon_vma != anon_vma->root; anon_vma = anon_vma->parent)
		depth++;
	return depth;
}

/**
 * rms_read_anon_vmas - record an anon_vma and its ancestors
 * @anon_vma: the first
 * @w: gets the records, as far as there is room, and counts all
 *
 * anon_vma->parent may only be followed while the parent is alive. Every VMA of a tree is also
 * chained to all ancestors of its anon_vma (anon_vma_clone()). So if an anon_vma has a VMA, its
 * ancestors have one, too, and are alive.
 *
 * Context: under the lock of the tree. Doesn't sleep.
 */
void rms_read_anon_vmas(struct anon_vma *anon_vma, struct rms_walk *w)
{
	bool last;

	w->rec.last_root = anon_vma->root;
	do {
		last = anon_vma == anon_vma->root ||
		       RB_EMPTY_ROOT(&anon_vma->rb_root.rb_root);
		if (w->rec.seen_avs++ < w->rec.max_avs)
			w->rec.avs[w->rec.seen_avs - 1] = (struct rms_av){
				.self = anon_vma,
				.parent = anon_vma->parent,
				.root = anon_vma->root,
				.num_children = anon_vma->num_children,
				.num_active_vmas = anon_vma->num_active_vmas,
				.refcount = atomic_read(&anon_vma->refcount),
			};
		anon_vma = anon_vma->parent;
	} while (!last);
}

/**
 * rms_lock_tree - take the lock of a VMA's tree in place of that of its mm
 * @vma: with an anon_vma
 *
 * The mmap_lock keeps the tree until the lock of the tree is held. That lock is then enough: a VMA
 * is removed from its trees only under that lock for writing, and an anon_vma is freed only after
 * its last VMA was removed (unlink_anon_vmas()). So the walk doesn't need the mmap_lock.
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
