// SPDX-License-Identifier: GPL-2.0
/*
 * Reads a whole anon_vma tree under the lock of its root. The rules are those of walk.c: nothing is
 * allocated or printed here, and the records go to buffers that were allocated before.
 *
 * A VMA is linked to its own anon_vma and to all ancestors of that (anon_vma_clone()). So the root
 * has all VMAs of the tree, and the list of each VMA has all its links. Together they are the whole
 * tree, with one exception: an anon_vma that has lost its last VMA, and is kept by references only
 * (of KSM, or of a page being moved). No list leads to it, it has no children, and its parent may
 * be gone.
 */
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/rmap.h>
#include <linux/sched/signal.h>

#include "compat.h"
#include "tree.h"

static void rms_note_av(struct rms_tree *tree, const struct anon_vma *anon_vma)
{
	struct rms_walk *w = &tree->snap.walk;
	u32 depth = rms_av_depth(anon_vma);

	tree->depth = max(tree->depth, depth);
	if (w->rec.seen_avs++ >= w->rec.max_avs)
		return;
	w->rec.avs[w->rec.seen_avs - 1] = (struct rms_av){
		.self = (struct anon_vma *)anon_vma,
		.parent = anon_vma->parent,
		.root = anon_vma->root,
		.num_children = anon_vma->num_children,
		.num_active_vmas = anon_vma->num_active_vmas,
		.refcount = atomic_read(&anon_vma->refcount),
		.depth = depth,
	};
}

static void rms_note_link(struct rms_tree *tree, const struct anon_vma *anon_vma, u32 map)
{
	if (tree->nr_links++ < tree->max_links)
		tree->links[tree->nr_links - 1] = (struct rms_link){ anon_vma, RMS_NO_ID, map };
}

/*
 * Records what a VMA is linked to. An anon_vma is recorded at the first VMA in its tree, so that
 * none is recorded twice.
 *
 * fork() gives a VMA its new anon_vma without the lock of the tree (since v6.12 the link to it as
 * well), after it has linked the VMA to the ancestors. Until the VMA is in the tree of the new
 * anon_vma, which takes the lock, that anon_vma doesn't belong to the tree yet, and is skipped.
 */
static void rms_read_chain(struct rms_tree *tree, struct vm_area_struct *vma,
			   struct rms_map *m, const struct anon_vma *own)
{
	const struct anon_vma *active = READ_ONCE(vma->anon_vma);
	struct rms_walk *w = &tree->snap.walk;
	struct anon_vma_chain *avc;
	struct anon_vma *anon_vma;

	m->anon_vma = NULL;
	list_for_each_entry(avc, &vma->anon_vma_chain, same_vma) {
		anon_vma = avc->anon_vma;
		if (RB_EMPTY_ROOT(&anon_vma->rb_root.rb_root))
			continue;
		if (anon_vma == active)
			m->anon_vma = anon_vma;
		if (anon_vma != own && rb_first_cached(&anon_vma->rb_root) == &avc->rb)
			rms_note_av(tree, anon_vma);
		if (m != &w->rec.spare)
			rms_note_link(tree, anon_vma, m - w->rec.maps);
	}
}

/*
 * Whether a VMA is that of the target, and still has the page there. The address must be the one
 * that the offset of the page leads to, as the lock of the tree keeps no other page tables: see
 * rms_entry_read().
 */
static bool rms_is_target(const struct rms_tree *tree, struct vm_area_struct *vma)
{
	unsigned long base = rms_vma_pgoff(vma, true), pgoff = tree->snap.facts.pgoff;
	const struct rms_walk *w = &tree->snap.walk;
	struct rms_entry entry;

	if (vma->vm_mm != w->query.mm || pgoff < base || pgoff - base >= vma_pages(vma) ||
	    w->query.va != vma->vm_start + ((pgoff - base) << PAGE_SHIFT))
		return false;
	if (!rms_entry_read(vma, w->query.va, &entry, NULL))
		return false;
	switch (rms_entry_content(&entry)) {
	case RMS_PRESENT:
	case RMS_DEVICE_PRIVATE:
	case RMS_DEVICE_EXCLUSIVE:
		return rms_entry_pfn(&entry, w->query.va) == w->query.pfn;
	default:
		return false;
	}
}

static void rms_scan_vma(struct rms_tree *tree, struct vm_area_struct *vma,
			 const struct anon_vma *own)
{
	struct rms_walk *w = &tree->snap.walk;
	struct rms_map *m = rms_new_map(w, vma);
	struct rms_stretch s = { .vma = vma };

	m->count = rms_find_pages(w, &s) ? s.end - s.first : 0;
	if (!w->out.hit)
		w->out.hit = rms_is_target(tree, vma);
	rms_read_chain(tree, vma, m, own);
}

/**
 * rms_tree_begin - prepare for a scan, without records
 * @tree: the tree, whose records hold no reference any more
 *
 * Context: any.
 */
void rms_tree_begin(struct rms_tree *tree)
{
	tree->nr_links = 0;
	tree->depth = 0;
	rms_walk_begin(&tree->snap.walk);
}

/**
 * rms_tree_scan - read the tree of an anon_vma
 * @tree: after rms_tree_begin(); gets the records, as far as there is room, and counts all
 * @own: the anon_vma, which becomes the first record
 *
 * There are no records if @own has lost its last VMA. Afterwards the records hold references to
 * their mms and files, which the caller gives back once no lock is held.
 *
 * Context: the lock of @own->root held for reading, which keeps @own. May sleep.
 */
void rms_tree_scan(struct rms_tree *tree, struct anon_vma *own)
{
	struct rms_walk *w = &tree->snap.walk;
	struct rb_node *node = NULL;

	lockdep_assert_held_read(&own->root->rwsem);
	w->out.locked_at = ktime_get_ns();
	if (!RB_EMPTY_ROOT(&own->rb_root.rb_root)) {
		rms_note_av(tree, own);
		node = rb_first_cached(&own->root->rb_root);
	}
	for (; node; node = rb_next(node)) {
		if (rms_walk_stops(w))
			break;
		rms_scan_vma(tree, rb_entry(node, struct anon_vma_chain, rb)->vma, own);
		cond_resched();
	}
}
