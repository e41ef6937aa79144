// SPDX-License-Identifier: GPL-2.0
/*
 * One walk of one page, and the page's own counts and flags before and after it.
 */
#include <linux/hugetlb.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "compat.h"
#include "memory.h"
#include "page_report.h"

/* Buffers for what is counted page by page, if the request is for several. */
static int rms_alloc_counts(struct rms_page_report *report)
{
	struct rms_walk *w = &report->snap.walk;

	rms_free_array(w->rec.vals);
	rms_free_array(w->rec.found);
	rms_free_array(report->counts);
	if (w->query.nr == 1)
		return 0;
	w->rec.vals = rms_alloc_array(PTRS_PER_PTE, sizeof(*w->rec.vals));
	w->rec.found = rms_alloc_array(w->query.nr + 1, sizeof(*w->rec.found));
	report->counts = rms_alloc_array(w->query.nr, sizeof(*report->counts));
	return w->rec.vals && w->rec.found && report->counts ? 0 : -ENOMEM;
}

/**
 * rms_make_query - what the walks of a page look for
 * @p: the page; our reference keeps its folio from being split
 * @report: gets what the query needs of the page, and the buffers for it; mm and address are set
 *	already, kind and offset follow under the folio's lock
 *
 * Context: may sleep; no lock of mm held.
 * Return: 0 or -ENOMEM.
 */
int rms_make_query(const struct rms_page *p, struct rms_page_report *report)
{
	struct rms_walk *w = &report->snap.walk;
	struct folio *folio;

	w->query.nr = 1;
	w->query.large = true;
	if (p->page) {
		folio = page_folio(p->page);
		w->query.large = folio_test_large(folio);
		w->query.pfn = page_to_pfn(p->page);
		if (report->snap.whole) {
			w->query.nr = folio_nr_pages(folio);
			w->query.pfn = folio_pfn(folio);
		}
	}
	return rms_alloc_counts(report);
}

static void rms_read_counts(struct folio *folio, struct rms_page_report *report)
{
	unsigned long i;

	/* hugetlb is always mapped as a whole. */
	unsigned long n = folio_test_hugetlb(folio) ? 1 : report->snap.walk.query.nr;

	for (i = 0; i < n; i++)
		report->counts[i].mapcount = rms_page_mapcount(folio_page(folio, i));
}

/* One walk under the folio lock. The flags are read before this task sets PG_locked. */
static int rms_walk_locked(const struct rms_page *p, struct rms_page_report *report)
{
	struct folio *folio = page_folio(p->page);
	struct rms_facts *facts = &report->snap.facts;
	struct rms_walk *w = &report->snap.walk;
	int ret, mapcount;

	facts->flags = rms_folio_flags(folio);
	ret = rms_folio_lock(folio);
	if (ret)
		return ret == -EAGAIN ? -EBUSY : ret;
	ret = rms_folio_check(folio);
	if (ret)
		goto out_unlock;

	rms_facts_read(p->page, report->snap.whole, facts);
	rms_refs_begin(folio, &report->refs);
	mapcount = facts->mapcount;
	w->query.kind = facts->kind;
	w->query.pgoff = facts->pgoff - (facts->pfn - w->query.pfn);
	if (p->borrowed)
		rms_walk_borrowed(p, w);
	else if (facts->kind == RMS_KIND_ORPHANED)
		rms_walk_none(w);
	else
		rms_walk_folio(folio, w);
	/* The rest doesn't change while the folio is locked. */
	rms_facts_count(p->page, report->snap.whole, facts);
	if (report->counts)
		rms_read_counts(folio, report);
	rms_refs_read(p->page, &report->refs);
	rms_facts_find_file(folio, facts, report->snap.path);
	report->agreement = facts->mapcount != mapcount ? RMS_MOVED : RMS_AGREES;
out_unlock:
	folio_unlock(folio);
	return ret;
}

/* The same for an address whose page is in a swap slot. -EAGAIN if it has left the slot. */
static int rms_walk_slot(const struct rms_page *p, struct rms_page_report *report)
{
	struct rms_walk *w = &report->snap.walk;
	struct vm_area_struct *vma;
	struct rms_entry entry;
	struct rms_hold hold = {};
	int ret = -EAGAIN;

	if (!mmget_not_zero(p->mm))
		return -EAGAIN;
	if (mmap_read_lock_killable(p->mm)) {
		ret = -EINTR;
		goto out_put;
	}
	vma = vma_lookup(p->mm, p->va);
	if (!vma || is_vm_hugetlb_page(vma) || !vma->anon_vma ||
	    !rms_entry_read(vma, p->va, &entry, &hold) ||
	    rms_entry_content(&entry) != RMS_SWAP)
		goto out_unlock;

	ret = 0;
	w->query.kind = RMS_KIND_SWAP;
	w->query.swap = rms_entry_swap(&entry);
	w->query.pgoff = rms_vma_pgoff(vma, true) + ((p->va - vma->vm_start) >> PAGE_SHIFT);
	rms_walk_swap(vma, w);	/* drops the mmap_lock */
	rms_facts_set_swap(&report->snap.facts, w->query.pgoff, w->query.swap, hold.swap_count);
	report->agreement = RMS_NOT_COMPARABLE;
	goto out_put;
out_unlock:
	mmap_read_unlock(p->mm);
out_put:
	rms_hold_put(&hold);
	mmput(p->mm);
	return ret;
}

/**
 * rms_walk_target - walk once, and record the page's own counts and flags
 * @p: the page, or an address whose page is swapped out
 * @report: after rms_make_query(); gets the facts, the references and the records. Its agreement is
 *	RMS_MOVED if the map count moved meanwhile
 *
 * Context: may sleep; no lock of mm held.
 * Return: 0; -ENOMEM; -EINTR on a fatal signal; -EAGAIN or -EOPNOTSUPP if the page is another kind
 * of frame now, or has left its swap slot; -EBUSY if it stays locked.
 */
int rms_walk_target(const struct rms_page *p, struct rms_page_report *report)
{
	int ret = p->page ? rms_walk_locked(p, report) : rms_walk_slot(p, report);

	return !ret && report->snap.walk.out.killed ? -EINTR : ret;
}
