// SPDX-License-Identifier: GPL-2.0
/*
 * The report on an anon_vma tree: finds the tree of a page, has it read, and numbers what is in it.
 */
#include <linux/delay.h>
#include <linux/hugetlb.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/rmap.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "anon_vma.h"
#include "compat.h"
#include "counters.h"
#include "memory.h"
#include "numbers.h"
#include "symbols.h"
#include "tree.h"

/* How often a tree is scanned again with larger buffers. */
#define RMS_SCAN_TRIES	6

/*
 * How many anon_vma_chains are allowed for each VMA of a report with max_vmas VMAs, on average.
 */
#define RMS_LINKS_PER_VMA	16

/*
 * Reads the tree of an anonymous page, which leads to its anon_vma as in the kernel's own walk. A
 * page that is mapped nowhere, for now or because it is in the swap cache only, leads to none, and
 * there are no records. The rmap lock of hugetlb is only tried, as in rms_walk_folio().
 */
static int rms_scan_by_folio(const struct rms_page *p, struct rms_tree *tree)
{
	struct folio *folio = page_folio(p->page);
	struct rms_facts *facts = &tree->snap.facts;
	struct rms_walk *w = &tree->snap.walk;
	struct rmap_walk_control rwc = {};
	struct anon_vma *anon_vma;
	int ret;

	facts->flags = rms_folio_flags(folio);
	ret = rms_folio_lock(folio);
	if (ret)
		return ret == -EAGAIN ? -EBUSY : ret;
	ret = rms_folio_check(folio);
	if (ret)
		goto out_unlock;
	rms_facts_read(p->page, tree->snap.whole, facts);
	ret = -EAGAIN;
	if (facts->kind == RMS_KIND_KSM)
		goto out_unlock;	/* it has become a KSM page just now */
	ret = -EOPNOTSUPP;
	if (!rms_kind_is_anon(facts->kind))
		goto out_unlock;

	w->query.nr = tree->snap.whole ? folio_nr_pages(folio) : 1;
	w->query.pgoff = facts->pgoff - (tree->snap.whole ? facts->pfn - facts->folio_pfn : 0);
	w->query.pfn = facts->pfn;
	rwc.try_lock = facts->kind == RMS_KIND_HUGETLB_ANON;
	anon_vma = static_call(rms_folio_lock_anon_vma_read)(folio, &rwc);
	if (anon_vma) {
		rms_tree_scan(tree, anon_vma);
		up_read(&anon_vma->root->rwsem);
	}
	w->out.contended = rwc.contended;
	ret = 0;
out_unlock:
	folio_unlock(folio);
	return ret;
}

/* Reads the facts of a page that doesn't lead to a tree by itself. Context: mmap_lock held. */
static int rms_read_page(const struct rms_page *p, struct rms_facts *facts)
{
	enum rms_kind kind = p->borrowed ? RMS_KIND_ANON : RMS_KIND_KSM;
	struct folio *folio = page_folio(p->page);
	int ret;

	facts->flags = rms_folio_flags(folio);
	/* Doesn't wait for the lock, as other tasks may wait for the mmap_lock. */
	if (!folio_trylock(folio))
		return -EAGAIN;
	ret = rms_folio_check(folio);
	if (!ret)
		rms_facts_read(p->page, false, facts);
	if (!ret && facts->kind != kind)
		ret = -EAGAIN;
	folio_unlock(folio);
	return ret;
}

/* Reads what a VMA has at the target's address. -EAGAIN: it is not the same page any more. */
static int rms_read_place(const struct rms_page *p, struct vm_area_struct *vma,
			  struct rms_tree *tree)
{
	struct rms_facts *facts = &tree->snap.facts;
	struct rms_walk *w = &tree->snap.walk;
	struct rms_hold hold = {};
	struct rms_entry entry;
	int ret = -EAGAIN;

	w->query.nr = 1;
	w->query.pgoff = rms_vma_pgoff(vma, true) + ((p->va - vma->vm_start) >> PAGE_SHIFT);
	if (!rms_entry_read(vma, p->va, &entry, &hold))
		return -EAGAIN;
	if (p->page) {
		if (hold.page == p->page)
			ret = rms_read_page(p, facts);
	} else if (rms_entry_content(&entry) == RMS_SWAP) {
		rms_facts_set_swap(facts, w->query.pgoff, rms_entry_swap(&entry), hold.swap_count);
		ret = 0;
	}
	rms_hold_put(&hold);
	return ret;
}

/*
 * Reads the tree of an address, for what doesn't lead to one tree of its own: a page in a swap
 * slot; a KSM page, which hangs in all the trees that it was merged from; or a page that counts as
 * mapped nowhere because its entries are device-exclusive.
 */
static int rms_scan_by_va(const struct rms_page *p, struct rms_tree *tree)
{
	struct vm_area_struct *vma;
	struct anon_vma *anon_vma;
	int ret = -EAGAIN;

	if (!mmget_not_zero(p->mm))
		return -EAGAIN;
	if (mmap_read_lock_killable(p->mm)) {
		mmput(p->mm);
		return -EINTR;
	}
	vma = vma_lookup(p->mm, p->va);
	anon_vma = vma && !is_vm_hugetlb_page(vma) ? READ_ONCE(vma->anon_vma) : NULL;
	if (anon_vma)
		ret = rms_read_place(p, vma, tree);
	if (ret) {
		mmap_read_unlock(p->mm);
	} else {
		tree->snap.walk.out.hit = true;
		anon_vma = rms_lock_tree(vma);	/* and drops the mmap_lock */
		rms_tree_scan(tree, anon_vma);
		up_read(&anon_vma->root->rwsem);
	}
	mmput(p->mm);
	return ret;
}

static int rms_scan_once(const struct rms_page *p, struct rms_tree *tree)
{
	struct rms_walk *w = &tree->snap.walk;
	bool by_va = !p->page || p->borrowed || folio_test_ksm(page_folio(p->page));
	int ret;

	if (by_va && !p->mm)
		return -EOPNOTSUPP;
	rms_tree_begin(tree);
	ret = by_va ? rms_scan_by_va(p, tree) : rms_scan_by_folio(p, tree);
	rms_walk_end(w);
	return !ret && w->out.killed ? -EINTR : ret;
}

static int rms_tree_grow(struct rms_tree *tree, u32 maps, u32 avs, u32 links)
{
	int ret = rms_walk_grow(&tree->snap.walk, maps, avs);

	if (ret || links <= tree->max_links)
		return ret;
	kvfree(tree->links);
	tree->max_links = 0;
	tree->links = rms_alloc_array(links, sizeof(*tree->links));
	if (!tree->links)
		return -ENOMEM;
	tree->max_links = links;
	return 0;
}

/* Scans with larger buffers until all records fit. */
static int rms_scan_tree(const struct rms_page *p, struct rms_snapshot *snap)
{
	struct rms_tree *tree = container_of(snap, struct rms_tree, snap);
	u32 limit = min(rms_max_vmas(), U32_MAX / RMS_LINKS_PER_VMA);
	u32 max_links = limit * RMS_LINKS_PER_VMA;
	u32 maps = rms_want(0, limit), avs = rms_want(0, rms_max_avs()), links = 4 * maps;
	struct rms_walk *w = &tree->snap.walk;
	int ret, try;

	/* The limit may have been lowered. */
	if (tree->max_links > max_links) {
		rms_free_array(tree->links);
		tree->max_links = 0;
	}
	snap->tree = true;
	w->query.kind = RMS_KIND_ANON;	/* whatever has a tree is anonymous */
	for (try = 1;; try++) {
		ret = rms_tree_grow(tree, maps, avs, links);
		if (!ret)
			ret = rms_scan_once(p, tree);
		if (ret)
			return ret;
		maps = rms_wanted(w->rec.seen_maps, w->rec.max_maps, limit);
		avs = rms_wanted(w->rec.seen_avs, w->rec.max_avs, rms_max_avs());
		links = rms_wanted(tree->nr_links, tree->max_links, max_links);
		if (maps > w->rec.max_maps)
			links = max(links, 4 * maps);
		if (maps <= w->rec.max_maps && avs <= w->rec.max_avs && links <= tree->max_links &&
		    !w->out.contended)
			break;
		if (try == RMS_SCAN_TRIES)
			return -EAGAIN;
		rms_drop_refs(w, 0);
		rms_stat_add(RMS_STAT_RETRIES, 1);
		if (w->out.contended)
			usleep_range(100, 1000);
	}
	/*
	 * If the page has left the address of the target, this would be the tree of another page.
	 */
	return p->mm && !w->out.hit && !w->out.cut ? -EAGAIN : 0;
}

/*
 * Replaces identities by numbers. An anon_vma that a link names always has a number; a link without
 * one is left out.
 */
static int rms_number_links(struct rms_tree *tree)
{
	const struct rms_av *avs = tree->snap.walk.rec.avs;
	u32 i, id, n = 0, nr_avs = tree->snap.walk.rec.nr_avs;
	struct rms_numbers numbers;
	int ret;

	if (!nr_avs)
		return 0;
	ret = rms_numbers_init(&numbers, nr_avs);
	if (ret)
		return ret;
	tree->parents = rms_alloc_array(nr_avs, sizeof(*tree->parents));
	if (!tree->parents) {
		rms_numbers_free(&numbers);
		return -ENOMEM;
	}
	/* Each is recorded once, so its number is its index. */
	for (i = 0; i < nr_avs; i++)
		rms_number(&numbers, avs[i].self);

	id = rms_find_number(&numbers, avs[0].root);
	tree->root = id != RMS_NO_ID ? id : 0;
	for (i = 0; i < nr_avs; i++) {
		id = rms_find_number(&numbers, avs[i].parent);
		tree->parents[i] = id != RMS_NO_ID ? id : i;
	}
	for (i = 0; i < tree->nr_links; i++) {
		tree->links[n] = tree->links[i];
		tree->links[n].av = rms_find_number(&numbers, tree->links[i].anon_vma);
		n += tree->links[n].av != RMS_NO_ID;
		cond_resched();
	}
	tree->nr_links = n;
	rms_numbers_free(&numbers);
	return 0;
}

/**
 * rms_tree_prepare - allocate what a report on a small tree needs
 * @tree: zeroed
 *
 * Context: may sleep; no lock of mm held.
 * Return: 0 or -ENOMEM.
 */
int rms_tree_prepare(struct rms_tree *tree)
{
	return rms_snapshot_prepare(&tree->snap);
}

/**
 * rms_tree_take - report on the tree of the page that a target leads to
 * @tree: after rms_tree_prepare(), or an earlier report; out. It holds no reference to anything
 * @t: the target
 * @ns: the reader's pid namespace
 *
 * Context: may sleep; no lock of mm held.
 * Return: 0, or an errno as in Documentation/interface.rst.
 */
int rms_tree_take(struct rms_tree *tree, const struct rms_target *t, struct pid_namespace *ns)
{
	int ret;

	rms_free_array(tree->parents);
	ret = rms_snapshot_take(&tree->snap, t, ns, rms_scan_tree);
	if (ret)
		return ret;
	tree->truncated = rms_snapshot_truncated(&tree->snap) || tree->nr_links > tree->max_links;
	tree->nr_links = min(tree->nr_links, tree->max_links);
	rms_stat_add(RMS_STAT_TRUNCATIONS, tree->truncated);
	return rms_number_links(tree);
}

/**
 * rms_tree_release - free what a report holds
 * @tree: the report, complete or not
 *
 * Context: may sleep.
 */
void rms_tree_release(struct rms_tree *tree)
{
	rms_snapshot_release(&tree->snap);
	kvfree(tree->links);
	kvfree(tree->parents);
}
