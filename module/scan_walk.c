// SPDX-License-Identifier: GPL-2.0
/*
 * Finds what maps the pages of a run. rmap_walk() passes over the tree for each page. This passes
 * over it once for all pages of the run that are in the same tree, as rmap_walk() does for a large
 * folio, and looks once into the page table of each VMA. It visits the same VMAs: those of the
 * interval tree of the page's own anon_vma, or file, that cover its offset.
 *
 * The rules are those of walk.c: see there.
 */
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/mmap_lock.h>
#include <linux/rmap.h>
#include <linux/rwsem.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>

#include "compat.h"
#include "counters.h"
#include "scan.h"
#include "scan_walk.h"
#include "symbols.h"
#include "walk.h"

/* A run that is split has at least so many pages. */
#define RMS_SPLIT_MIN	16

/**
 * rms_scan_clear_found - count from zero what is found
 * @run: its pages have been collected
 *
 * Context: any.
 */
void rms_scan_clear_found(struct rms_run *run)
{
	const struct rms_scan_pages *p;

	for (p = run->pages; p < run->pages + run->nr_pages; p++)
		memset(run->found + p->place, 0, p->count * sizeof(*run->found));
}

/**
 * rms_scan_group - gather the pages of a run that are in the same tree
 * @run: the run
 * @first: index of the first of them; earlier ones are in other trees, or have been walked from
 *
 * Their offsets ascend: those of addresses with the addresses, those of frames since they are
 * sorted.
 *
 * Context: any. Doesn't sleep.
 * Return: how many elements run->order has. They are marked.
 */
u32 rms_scan_group(struct rms_run *run, u32 first)
{
	const void *tree = run->pages[first].tree;
	u32 i, nr = 0;

	for (i = first; i < run->nr_pages; i++) {
		struct rms_scan_pages *p = &run->pages[i];

		if (run->by_tree && p->tree != tree)
			break;
		if (p->tree != tree || p->alone || p->grouped)
			continue;
		p->grouped = true;
		run->order[nr++] = i;
	}
	return nr;
}

/* Whether others wait for a lock that is held: that of the tree, or of the mm of the range. */
static bool rms_others_wait(const struct rms_pages_walk *w)
{
	struct mm_struct *mm = w->s->mm;

	return rwsem_is_contended(w->lock) || (mm && mmap_lock_is_contended(mm));
}

static bool rms_pages_walk_stopped(const struct rms_pages_walk *w)
{
	return w->run->killed || w->run->split || w->cut;
}

/*
 * Called before each VMA. Notes why the walk ends, if it does. The pages of a run may have many
 * more VMAs together than each of them, so fewer are looked at together before the limit counts.
 */
static bool rms_pages_walk_stops(struct rms_pages_walk *w)
{
	struct rms_run *run = w->run;

	if (unlikely(fatal_signal_pending(current))) {
		run->killed = true;
	} else if (unlikely(run->left <= 0 && run->count > RMS_SPLIT_MIN && rms_others_wait(w))) {
		run->split = true;
	} else if (unlikely(run->visited - w->visited >= rms_max_visits())) {
		w->cut = run->count == 1;
		run->cut |= w->cut;
		run->split = !w->cut;
	} else {
		run->visited++;
		run->left--;
	}
	return rms_pages_walk_stopped(w);
}

static void rms_walk_begins(struct rms_pages_walk *w)
{
	w->visited = w->run->visited;
	w->began = ktime_get_ns();
}

/*
 * Goes on to the next pages whose offsets are near each other. Frames of one run can have offsets
 * that are far apart, with many VMAs between them that have none of the pages. Returns false if
 * there are no more pages, or the walk has ended.
 */
static bool rms_walk_goes_on(struct rms_pages_walk *w)
{
	unsigned long end;

	if (w->to == w->nr || rms_pages_walk_stopped(w))
		return false;
	w->from = w->to;
	w->first = rms_nth(w->run, w->from)->pgoff;
	w->overlaps = false;
	for (end = w->first; w->to < w->nr; w->to++) {
		const struct rms_scan_pages *p = rms_nth(w->run, w->to);

		if (p->pgoff > end + RMS_RUN_PAGES)
			break;
		w->overlaps |= p->pgoff < end;
		end = max(end, p->pgoff + p->count);
	}
	w->last = end - 1;
	return true;
}

static void rms_walk_ends(const struct rms_pages_walk *w)
{
	rms_stat_walk(w->run->visited - w->visited, ktime_get_ns() - w->began);
}

/**
 * rms_scan_walk_anon - find the mappings of anonymous pages
 * @s: the stream
 * @anon_vma: the one that the pages hang in; for swap slots the root
 * @nr: elements, as rms_scan_group() has gathered them
 *
 * Context: the lock of @anon_vma->root held for reading. Reschedules.
 */
void rms_scan_walk_anon(struct rms_scan *s, struct anon_vma *anon_vma, u32 nr)
{
	struct rms_pages_walk w = {
		.s = s,
		.run = &s->run,
		.nr = nr,
		.anon = true,
		.lock = &anon_vma->root->rwsem,
	};
	struct anon_vma_chain *avc;

	rms_walk_begins(&w);
	while (rms_walk_goes_on(&w)) {
		avc = static_call(rms_anon_tree_first)(RMS_ANON_TREE(anon_vma), w.first, w.last);
		for (; avc; avc = static_call(rms_anon_tree_next)(avc, w.first, w.last)) {
			if (rms_pages_walk_stops(&w))
				break;
			rms_scan_match(&w, avc->vma, rms_vma_pgoff(avc->vma, true));
			cond_resched();
		}
	}
	rms_walk_ends(&w);
}

/**
 * rms_scan_walk_file - find the mappings of pages of a file
 * @s: the stream
 * @mapping: the file
 * @nr: elements, as rms_scan_group() has gathered them
 *
 * Context: the i_mmap lock of @mapping held for reading. Reschedules.
 */
void rms_scan_walk_file(struct rms_scan *s, struct address_space *mapping, u32 nr)
{
	struct rms_pages_walk w = {
		.s = s,
		.run = &s->run,
		.nr = nr,
		.lock = &mapping->i_mmap_rwsem,
	};
	struct vm_area_struct *vma;

	rms_walk_begins(&w);
	while (rms_walk_goes_on(&w)) {
		vma = static_call(rms_file_tree_first)(RMS_FILE_TREE(mapping), w.first, w.last);
		for (; vma; vma = static_call(rms_file_tree_next)(vma, w.first, w.last)) {
			if (rms_pages_walk_stops(&w))
				break;
			rms_scan_match(&w, vma, rms_vma_pgoff(vma, false));
			cond_resched();
		}
	}
	rms_walk_ends(&w);
}
