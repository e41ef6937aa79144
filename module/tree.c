// SPDX-License-Identifier: GPL-2.0
/*
 * The file "tree": the whole anon_vma tree that a page hangs in. How to get at the tree,
 * how to name what is in it, and the text; tree_scan.c reads it.
 */
#include <linux/bsearch.h>
#include <linux/delay.h>
#include <linux/hugetlb.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/rmap.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "counters.h"
#include "debugfs.h"
#include "format.h"
#include "key.h"
#include "memory.h"
#include "symbols.h"
#include "tree.h"

/* Scans with larger buffers, and pages of a look. */
#define RMS_SCAN_TRIES	6
#define RMS_TREE_TRIES	8

/* The anon_vma_chains of one VMA that there is room for, on average, at the limit. */
#define RMS_LINKS_PER_VMA	16

/*
 * The tree of an anonymous page: it leads to its anon_vma, as in the kernel's own walk.
 * A page that is mapped nowhere, just now or because it is in the swap cache only, doesn't
 * lead there: then there are no records. As in rms_walk_folio(), the lock of hugetlb is only tried.
 */
static int rms_scan_by_folio(const struct rms_page *p, struct rms_tree *tree)
{
	struct folio *folio = page_folio(p->page);
	struct rms_facts *facts = &tree->look.facts;
	struct rms_walk *w = &tree->look.walk;
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
	rms_facts_read(p->page, tree->look.whole, facts);
	ret = -EAGAIN;
	if (facts->kind == RMS_KIND_KSM)
		goto out_unlock;	/* only since a moment ago */
	ret = -EOPNOTSUPP;
	if (!rms_kind_is_anon(facts->kind))
		goto out_unlock;

	w->nr = tree->look.whole ? folio_nr_pages(folio) : 1;
	w->pgoff = facts->pgoff - (tree->look.whole ? facts->pfn - facts->folio_pfn : 0);
	w->pfn = facts->pfn;
	rwc.try_lock = facts->kind == RMS_KIND_HUGETLB_ANON;
	anon_vma = static_call(rms_folio_lock_anon_vma_read)(folio, &rwc);
	if (anon_vma) {
		rms_tree_scan(tree, anon_vma);
		up_read(&anon_vma->root->rwsem);
	}
	w->contended = rwc.contended;
	ret = 0;
out_unlock:
	folio_unlock(folio);
	return ret;
}

/* Take down what a page is that doesn't lead to a tree by itself. Context: mmap_lock held. */
static int rms_read_page(const struct rms_page *p, struct rms_facts *facts)
{
	enum rms_kind kind = p->lent ? RMS_KIND_ANON : RMS_KIND_KSM;
	struct folio *folio = page_folio(p->page);
	int ret;

	facts->flags = rms_folio_flags(folio);
	/* Not to be waited for: others may be waiting for the mmap_lock. */
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

/* Take down what is in a VMA at the target's address. -EAGAIN: not what was there before. */
static int rms_read_place(const struct rms_page *p, struct vm_area_struct *vma,
			  struct rms_tree *tree)
{
	struct rms_facts *facts = &tree->look.facts;
	struct rms_walk *w = &tree->look.walk;
	struct rms_hold hold = {};
	struct rms_entry entry;
	int ret = -EAGAIN;

	w->nr = 1;
	w->pgoff = rms_vma_pgoff(vma, true) + ((p->va - vma->vm_start) >> PAGE_SHIFT);
	if (!rms_entry_read(vma, p->va, &entry, &hold))
		return -EAGAIN;
	if (p->page) {
		if (hold.page == p->page)
			ret = rms_read_page(p, facts);
	} else if (rms_entry_content(&entry) == RMS_SWAP) {
		*facts = (struct rms_facts){
			.kind = RMS_KIND_SWAP,
			.pgoff = w->pgoff,
			.swap = rms_entry_swap(&entry),
			.swap_count = hold.swap_count,
		};
		ret = 0;
	}
	rms_hold_put(&hold);
	return ret;
}

/*
 * The tree of an address, for what doesn't lead to a tree of its own: a page in a swap slot, one
 * of KSM, which hangs in as many trees as it was merged from, or one that counts as mapped
 * nowhere because its entries are device-exclusive.
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
		tree->look.walk.hit = true;
		anon_vma = rms_lock_tree(vma);	/* and drops the mmap_lock */
		rms_tree_scan(tree, anon_vma);
		up_read(&anon_vma->root->rwsem);
	}
	mmput(p->mm);
	return ret;
}

static int rms_scan_once(const struct rms_page *p, struct rms_tree *tree)
{
	struct rms_walk *w = &tree->look.walk;
	bool by_va = !p->page || p->lent || folio_test_ksm(page_folio(p->page));
	int ret;

	if (by_va && !p->mm)
		return -EOPNOTSUPP;
	rms_tree_begin(tree);
	ret = by_va ? rms_scan_by_va(p, tree) : rms_scan_by_folio(p, tree);
	rms_walk_end(w);
	return !ret && w->killed ? -EINTR : ret;
}

static int rms_tree_grow(struct rms_tree *tree, u32 maps, u32 avs, u32 links)
{
	int ret = rms_walk_grow(&tree->look.walk, maps, avs);

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

/* Scan until all fits. */
static int rms_scan_tree(const struct rms_page *p, struct rms_tree *tree)
{
	u32 limit = min(rms_max_vmas(), U32_MAX / RMS_LINKS_PER_VMA);
	u32 max_links = limit * RMS_LINKS_PER_VMA;
	u32 maps = rms_want(0, limit), avs = rms_want(0, rms_max_avs()), links = 4 * maps;
	struct rms_walk *w = &tree->look.walk;
	int ret, try;

	w->mm = p->mm;
	w->va = p->va;
	for (try = 1;; try++) {
		ret = rms_tree_grow(tree, maps, avs, links);
		if (!ret)
			ret = rms_scan_once(p, tree);
		if (ret)
			return ret;
		maps = w->nr_maps > w->max_maps ? rms_want(w->nr_maps, limit) : 0;
		avs = w->nr_avs > w->max_avs ? rms_want(w->nr_avs, rms_max_avs()) : 0;
		links = tree->nr_links > tree->max_links ? rms_want(tree->nr_links, max_links) : 0;
		if (maps > w->max_maps)
			links = max(links, 4 * maps);
		if (maps <= w->max_maps && avs <= w->max_avs && links <= tree->max_links &&
		    !w->contended)
			break;
		if (try == RMS_SCAN_TRIES)
			return -EAGAIN;
		rms_drop_refs(w, 0);
		rms_stat_add(RMS_STAT_RETRIES, 1);
		if (w->contended)
			usleep_range(100, 1000);
	}
	/* A page that has left the address we were asked about is not the answer. */
	return p->mm && !w->hit && !w->cut ? -EAGAIN : 0;
}

/* -EAGAIN: once more, -EBUSY: that was tried for long enough. */
static int rms_tree_once(const struct rms_target *t, struct rms_tree *tree)
{
	struct rms_page p;
	int ret;

	ret = rms_page_get(t, &p);
	if (ret)
		return ret == -EAGAIN ? -EBUSY : ret;
	tree->look.whole = t->folio;
	ret = rms_scan_tree(&p, tree);
	if (!ret && tree->look.facts.kind != RMS_KIND_SWAP)
		ret = rms_facts_name(page_folio(p.page), &tree->look.facts);
	tree->look.walk.mm = NULL;
	rms_page_put(&p);
	return ret;
}

static u32 rms_find_av(const struct rms_key *keys, u32 nr, const struct anon_vma *anon_vma,
		       u32 otherwise)
{
	const struct rms_key *key = bsearch(anon_vma, keys, nr, sizeof(*keys), rms_key_find);

	return key ? key->index : otherwise;
}

/* Identities become numbers. A link to nowhere can't be; it would be left out. */
static int rms_number_links(struct rms_tree *tree)
{
	const struct rms_av *avs = tree->look.walk.avs;
	u32 i, n = 0, nr_avs = tree->look.nr_avs;
	struct rms_key *keys;

	if (!nr_avs)
		return 0;
	keys = rms_alloc_array(nr_avs, sizeof(*keys));
	tree->parents = rms_alloc_array(nr_avs, sizeof(*tree->parents));
	if (!keys || !tree->parents) {
		kvfree(keys);
		return -ENOMEM;
	}
	for (i = 0; i < nr_avs; i++)
		keys[i] = (struct rms_key){ avs[i].self, i };
	sort_r_nonatomic(keys, nr_avs, sizeof(*keys), rms_key_cmp, NULL, NULL);

	tree->root = rms_find_av(keys, nr_avs, avs[0].root, 0);
	for (i = 0; i < nr_avs; i++)
		tree->parents[i] = rms_find_av(keys, nr_avs, avs[i].parent, i);
	for (i = 0; i < tree->nr_links; i++) {
		tree->links[n] = tree->links[i];
		tree->links[n].av = rms_find_av(keys, nr_avs, tree->links[i].anon_vma, RMS_NO_ID);
		n += tree->links[n].av != RMS_NO_ID;
		cond_resched();
	}
	tree->nr_links = n;
	kvfree(keys);
	return 0;
}

/* Name all that was found. The records still hold their mms and files. */
static int rms_tree_resolve(struct rms_tree *tree, struct pid_namespace *ns)
{
	struct rms_look *look = &tree->look;
	struct rms_walk *w = &look->walk;
	int ret;

	look->nr_maps = min(w->nr_maps, w->max_maps);
	look->nr_avs = min(w->nr_avs, w->max_avs);
	tree->truncated = rms_look_truncated(look) || tree->nr_links > tree->max_links;
	tree->nr_links = min(tree->nr_links, tree->max_links);
	rms_stat_add(RMS_STAT_TRUNCATIONS, tree->truncated);
	ret = rms_resolve(look, ns);
	return ret ?: rms_number_links(tree);
}

static void rms_tree_free(void *report)
{
	struct rms_tree *tree = report;

	if (!tree)
		return;
	rms_resolve_free(&tree->look);
	kvfree(tree->look.walk.maps);
	kvfree(tree->look.walk.avs);
	rms_facts_free(&tree->look.facts);
	kvfree(tree->links);
	kvfree(tree->parents);
	kfree(tree);
}

static void *rms_tree_look(const struct rms_target *t, struct pid_namespace *ns)
{
	struct rms_tree *tree = kzalloc_obj(*tree, RMS_GFP);
	int ret, try;

	if (!tree)
		return ERR_PTR(-ENOMEM);
	tree->look.tree = true;
	for (try = 0; try < RMS_TREE_TRIES; try++) {
		ret = rms_tree_once(t, tree);
		if (ret != -EAGAIN)
			break;
		rms_drop_refs(&tree->look.walk, 0);
		rms_stat_add(RMS_STAT_RETRIES, 1);
	}
	if (!ret)
		ret = rms_tree_resolve(tree, ns);
	if (ret == -EBUSY)
		ret = -EAGAIN;
	rms_drop_refs(&tree->look.walk, 0);
	if (ret) {
		rms_tree_free(tree);
		return ERR_PTR(ret);
	}
	return tree;
}

static void rms_show_tree_vma(struct seq_file *m, const struct rms_look *look, u32 i)
{
	const struct rms_map *map = &look->walk.maps[i];

	seq_printf(m, "vma id=vma%u ", i);
	rms_show_owner(m, look, &look->owners[map->owner]);
	rms_show_vma(m, map);
	if (map->av_id == RMS_NO_ID)
		seq_puts(m, " own=-");
	else
		seq_printf(m, " own=av%u", map->av_id);
	rms_show_name(m, look, map);
}

static void rms_show_tree(struct seq_file *m, const struct rms_tree *tree)
{
	const struct rms_walk *w = &tree->look.walk;

	seq_printf(m, "tree vmas=%u anon_vmas=%u avcs=%u depth=%u processes=%u truncated=%d ns=%llu lock_ns=%llu\n",
		   w->nr_maps, tree->look.nr_avs, tree->nr_links, tree->depth, tree->look.nr_owners,
		   tree->truncated, w->ns, w->lock_ns);
}

static unsigned long rms_tree_lines(const void *report)
{
	const struct rms_tree *tree = report;

	return RMS_HEAD_LINES + tree->look.nr_avs + tree->look.nr_maps + tree->nr_links + 1;
}

static void rms_tree_line(struct seq_file *m, const void *report, unsigned long line)
{
	const struct rms_tree *tree = report;
	const struct rms_look *look = &tree->look;

	if (line == 0) {
		rms_show_header(m, "tree");
		return;
	}
	if (line == 1) {
		rms_show_page(m, &look->facts);
		return;
	}
	line -= RMS_HEAD_LINES;
	if (line < look->nr_avs) {
		rms_show_anon_vma(m, &look->walk.avs[line], line, tree->root, tree->parents[line]);
		return;
	}
	line -= look->nr_avs;
	if (line < look->nr_maps) {
		rms_show_tree_vma(m, look, line);
		return;
	}
	line -= look->nr_maps;
	if (line < tree->nr_links)
		seq_printf(m, "avc anon_vma=av%u vma=vma%u covers_page=%d\n",
			   tree->links[line].av, tree->links[line].map,
			   look->walk.maps[tree->links[line].map].count > 0);
	else
		rms_show_tree(m, tree);
}

const struct rms_report_ops rms_tree_ops = {
	.targeted = true,
	.take = rms_tree_look,
	.free = rms_tree_free,
	.nr_lines = rms_tree_lines,
	.show = rms_tree_line,
};
