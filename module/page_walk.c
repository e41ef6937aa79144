// SPDX-License-Identifier: GPL-2.0
/*
 * One look at one page: get the page, walk it with buffers that are large enough,
 * take down the page's own figures, and let go of everything.
 */
#include <linux/delay.h>
#include <linux/hugetlb.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "compat.h"
#include "counters.h"
#include "memory.h"
#include "snapshot.h"

/* Walks of one page with larger buffers, walks because the counts moved, pages of a look. */
#define RMS_WALK_TRIES	8
#define RMS_RACED_TRIES	3
#define RMS_LOOK_TRIES	8

/* Room for what is counted page by page, if the folio has more than one. */
static int rms_folio_room(struct rms_look *look)
{
	struct rms_walk *w = &look->walk;

	kvfree(w->vals);
	kvfree(w->found);
	kvfree(look->counts);
	w->vals = NULL;
	w->found = NULL;
	look->counts = NULL;
	if (w->nr == 1)
		return 0;
	w->vals = rms_alloc_array(PTRS_PER_PTE, sizeof(*w->vals));
	w->found = rms_alloc_array(w->nr + 1, sizeof(*w->found));
	look->counts = rms_alloc_array(w->nr, sizeof(*look->counts));
	return w->vals && w->found && look->counts ? 0 : -ENOMEM;
}

/* What to look for. Our reference keeps the folio from being split. */
static int rms_aim(const struct rms_page *p, struct rms_look *look)
{
	struct rms_walk *w = &look->walk;
	struct folio *folio;

	w->mm = p->mm;
	w->va = p->va;
	w->nr = 1;
	w->large = true;
	if (p->page) {
		folio = page_folio(p->page);
		w->large = folio_test_large(folio);
		w->pfn = page_to_pfn(p->page);
		if (look->whole) {
			w->nr = folio_nr_pages(folio);
			w->pfn = folio_pfn(folio);
		}
	}
	return rms_folio_room(look);
}

static void rms_read_counts(struct folio *folio, struct rms_look *look)
{
	unsigned long i;

	/* hugetlb is always mapped as a whole. */
	unsigned long n = folio_test_hugetlb(folio) ? 1 : look->walk.nr;

	for (i = 0; i < n; i++)
		look->counts[i].mapcount = rms_page_mapcount(folio_page(folio, i));
}

/* One walk under the folio lock. The flags are taken before we set PG_locked. */
static int rms_walk_locked(const struct rms_page *p, struct rms_look *look)
{
	struct folio *folio = page_folio(p->page);
	struct rms_facts *facts = &look->facts;
	struct rms_walk *w = &look->walk;
	int ret, mapcount;

	ret = rms_facts_room(folio, facts);
	if (ret)
		return ret;
	facts->flags = rms_folio_flags(folio);
	ret = rms_folio_lock(folio);
	if (ret)
		return ret == -EAGAIN ? -EBUSY : ret;
	ret = rms_folio_check(folio);
	if (ret)
		goto out_unlock;

	rms_facts_read(p->page, look->whole, facts);
	rms_refs_begin(folio, &look->refs);
	mapcount = facts->mapcount;
	w->kind = facts->kind;
	w->pgoff = facts->pgoff - (facts->pfn - w->pfn);
	if (p->lent)
		rms_walk_lent(p, w);
	else if (facts->kind == RMS_KIND_ORPHANED)
		rms_walk_none(w);
	else
		rms_walk_folio(folio, w);
	rms_facts_read(p->page, look->whole, facts);
	if (look->counts)
		rms_read_counts(folio, look);
	rms_refs_read(p->page, &look->refs);
	rms_facts_find_file(folio, facts);
	look->raced = facts->mapcount != mapcount;
out_unlock:
	folio_unlock(folio);
	return ret;
}

/* The same for an address whose page is in a swap slot. -EAGAIN: it isn't any more. */
static int rms_walk_slot(const struct rms_page *p, struct rms_look *look)
{
	struct rms_walk *w = &look->walk;
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
	w->kind = RMS_KIND_SWAP;
	w->swap = rms_entry_swap(&entry);
	w->pgoff = rms_vma_pgoff(vma, true) + ((p->va - vma->vm_start) >> PAGE_SHIFT);
	rms_walk_swap(vma, w);	/* drops the mmap_lock */
	look->facts = (struct rms_facts){
		.kind = RMS_KIND_SWAP,
		.pgoff = w->pgoff,
		.swap = w->swap,
		.swap_count = hold.swap_count,
	};
	look->raced = false;
	look->differs = 0;
	goto out_put;
out_unlock:
	mmap_read_unlock(p->mm);
out_put:
	rms_hold_put(&hold);
	mmput(p->mm);
	return ret;
}

/*
 * What the walk has found, against the kernel's count. They differ while the page is being
 * mapped or unmapped; but by the same number each time, and with a count that stands
 * still, there is something wrong with the count, or with us.
 */
static void rms_compare(struct rms_look *look)
{
	int by = (int)look->walk.entries - look->facts.mapcount;

	/*
	 * Half a walk has nothing to say, nor an average of one page, nor records without room of
	 * which some may be the same.
	 */
	if (look->walk.cut || (!RMS_EXACT_PAGE_MAPCOUNT && look->facts.order && !look->whole) ||
	    ((look->walk.kind == RMS_KIND_KSM || look->walk.kind == RMS_KIND_HUGETLB_FILE) &&
	     look->walk.nr_maps > look->nr_maps))
		return;
	if (!by || look->raced || (look->differs && by != look->differs_by))
		look->differs = 0;
	if (!by)
		return;
	look->differs += !look->raced;
	look->differs_by = by;
	look->raced = true;
}

/*
 * Once, with the room there is. Sets @maps and @avs to the room it takes, if it takes more.
 */
static int rms_walk_once(const struct rms_page *p, struct rms_look *look, u32 limit,
			 u32 *maps, u32 *avs)
{
	struct rms_walk *w = &look->walk;
	int ret;

	w->held = 0;
	w->count_all = w->max_maps >= limit;
	rms_facts_free(&look->facts);
	ret = p->page ? rms_walk_locked(p, look) : rms_walk_slot(p, look);
	if (ret)
		return ret;
	if (w->killed)
		return -EINTR;
	*maps = w->nr_maps > w->max_maps ? rms_want(w->nr_maps, limit) : 0;
	*avs = w->nr_avs > w->max_avs ? rms_want(w->nr_avs, rms_max_avs()) : 0;
	look->nr_maps = min(w->nr_maps, w->max_maps);
	look->nr_avs = min(w->nr_avs, w->max_avs);
	ret = rms_drop_repeats(look);
	if (p->page)
		rms_compare(look);
	return ret;
}

/* The counts stand still, but the kernel's walk doesn't come to all who map the page. */
static int rms_complete_ksm(const struct rms_page *p, struct rms_look *look)
{
	int ret = rms_search_ksm(look, -look->differs_by);

	look->raced = look->walk.entries != look->facts.mapcount ||
		      rms_page_mapcount(p->page) != look->facts.mapcount;
	return ret;
}

/* Walk until all fits and nothing moved, or it has to do. */
static int rms_walk_page(const struct rms_page *p, struct rms_look *look)
{
	struct rms_walk *w = &look->walk;
	u32 limit = rms_max_vmas();
	u32 maps = p->page ? max(rms_page_mapcount(p->page), 0) : 0;
	u32 avs = rms_want(0, rms_max_avs());
	int ret, try, raced = 0;
	bool fits, still, unreached;

	maps = rms_want(maps, limit);
	ret = rms_aim(p, look);
	if (ret)
		return ret;
	for (try = 1;; try++) {
		ret = rms_walk_grow(w, maps, avs);
		if (ret)
			return ret;
		ret = rms_walk_once(p, look, limit, &maps, &avs);
		if (ret)
			return ret;
		fits = maps <= w->max_maps && avs <= w->max_avs && !w->contended;
		if (!fits)
			look->differs = 0;
		else if (!look->raced || ++raced == RMS_RACED_TRIES)
			break;
		if (try == RMS_WALK_TRIES)
			return -EAGAIN;
		rms_drop_refs(w, 0);
		rms_stat_add(RMS_STAT_RETRIES, 1);
		/* ksmd maps a page before it enters that in its tree. */
		if (w->contended || (w->kind == RMS_KIND_KSM && look->raced))
			usleep_range(100, 1000);
	}
	still = look->differs == RMS_RACED_TRIES;
	/*
	 * Repeats among records that found no room can't be told from entries. And ksmd maps
	 * a page before it enters that in its tree, or forgets it there before it unmaps it.
	 */
	unreached = still && w->kind == RMS_KIND_KSM && look->differs_by < 0;
	look->mapcount_differs = still && !unreached && w->nr_maps == look->nr_maps &&
				 !(look->differs_by > 0 && rms_seen_twice(look));
	if (unreached && w->nr_maps == look->nr_maps && !rms_may_search()) {
		look->unsearched = -look->differs_by;
	} else if (unreached && w->nr_maps == look->nr_maps) {
		ret = rms_complete_ksm(p, look);
		if (ret)
			return ret;
		/* All are found now, and who isn't among them has gone. */
		still = look->raced;
	}
	rms_sum_counts(look);
	/*
	 * A page that has left the address we were asked about is not the answer. But one that
	 * the walk doesn't find although it stands still is: nothing leads there.
	 */
	return p->mm && !w->hit && !still && !w->cut &&
	       !(w->kind == RMS_KIND_KSM && w->nr_maps > look->nr_maps) ? -EAGAIN : 0;
}

/* -EAGAIN: once more, -EBUSY: that was tried for long enough. */
static int rms_look_once(const struct rms_target *t, struct rms_look *look)
{
	struct rms_page p;
	int ret;

	ret = rms_page_get(t, &p);
	if (ret)
		return ret == -EAGAIN ? -EBUSY : ret;
	look->whole = t->folio;
	look->differs = 0;
	look->unreached = 0;
	look->unsearched = 0;
	ret = rms_walk_page(&p, look);
	if (!ret && p.page)
		ret = rms_facts_name(page_folio(p.page), &look->facts);
	look->walk.mm = NULL;
	rms_page_put(&p);
	return ret;
}

static void rms_look_count(const struct rms_look *look)
{
	rms_stat_add(RMS_STAT_MAPPINGS, look->walk.entries);
	rms_stat_add(RMS_STAT_RACED, look->raced);
	rms_stat_add(RMS_STAT_TRUNCATIONS, rms_look_truncated(look));
	rms_stat_add(RMS_STAT_MAPCOUNT_DIFFERS, look->mapcount_differs);
}

/**
 * rms_look_at - look at the page that a target leads to
 * @t: the target
 * @ns: the reader's pid namespace
 *
 * Context: may sleep; no lock of mm held.
 * Return: the snapshot, which holds no reference to anything; to be freed with
 * rms_look_free(). Or an ERR_PTR() with an errno as in Documentation/interface.rst.
 */
struct rms_look *rms_look_at(const struct rms_target *t, struct pid_namespace *ns)
{
	struct rms_look *look;
	int ret, try;

	look = kzalloc_obj(*look, RMS_GFP);
	if (!look)
		return ERR_PTR(-ENOMEM);

	for (try = 0; try < RMS_LOOK_TRIES; try++) {
		ret = rms_look_once(t, look);
		if (ret != -EAGAIN)
			break;
		rms_drop_refs(&look->walk, 0);
		rms_stat_add(RMS_STAT_RETRIES, 1);
	}
	if (!ret)
		ret = rms_resolve(look, ns);
	if (ret == -EBUSY)
		ret = -EAGAIN;
	rms_drop_refs(&look->walk, 0);
	if (ret) {
		rms_look_free(look);
		return ERR_PTR(ret);
	}
	rms_look_count(look);
	return look;
}

/**
 * rms_look_free - free a snapshot
 * @look: or NULL
 *
 * Context: may sleep.
 */
void rms_look_free(struct rms_look *look)
{
	if (!look)
		return;
	rms_resolve_free(look);
	kvfree(look->walk.maps);
	kvfree(look->walk.avs);
	kvfree(look->walk.vals);
	kvfree(look->walk.found);
	kvfree(look->counts);
	rms_facts_free(&look->facts);
	kfree(look);
}
