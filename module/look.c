// SPDX-License-Identifier: GPL-2.0
/*
 * One look at one page: get the page, walk it with buffers that are large enough,
 * take down the page's own figures, and let go of everything.
 */
#include <linux/file.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pagemap.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "compat.h"
#include "rmapscope.h"

/* Walks of one page with larger buffers, walks because the counts moved, pages of a look. */
#define RMS_WALK_TRIES	6
#define RMS_RACED_TRIES	3
#define RMS_LOOK_TRIES	8

static unsigned int max_vmas = 1 << 18;
module_param(max_vmas, uint, 0600);
MODULE_PARM_DESC(max_vmas, "VMAs in one report; beyond, it says truncated=1 (default 262144)");

/* Context: may sleep; no lock of mm held: the last reference to a file closes it. */
static void rms_drop_refs(struct rms_walk *w)
{
	u32 i;

	for (i = 0; i < w->held; i++) {
		mmdrop(w->maps[i].mm);
		if (w->maps[i].file)
			fput(w->maps[i].file);
		cond_resched();
	}
	w->held = 0;
}

/* Room for @maps and @avs records. The old contents are of no use. */
static int rms_walk_grow(struct rms_walk *w, u32 maps, u32 avs)
{
	if (maps > w->max_maps) {
		kvfree(w->maps);
		w->max_maps = 0;
		w->maps = kvmalloc_array(maps, sizeof(*w->maps), GFP_KERNEL_ACCOUNT);
		if (!w->maps)
			return -ENOMEM;
		w->max_maps = maps;
	}
	if (avs > w->max_avs) {
		kvfree(w->avs);
		w->max_avs = 0;
		w->avs = kvmalloc_array(avs, sizeof(*w->avs), GFP_KERNEL_ACCOUNT);
		if (!w->avs)
			return -ENOMEM;
		w->max_avs = avs;
	}
	return 0;
}

/* What the records of the last walk needed, and some more, as the world grows on. */
static u32 rms_want(u32 seen, u32 limit)
{
	return min(seen + seen / 8 + 32, limit);
}

/* NULL if the page is charged to none. */
static char *rms_memcg_name(struct folio *folio)
{
	char *name = NULL, *buf = kmalloc(PATH_MAX, GFP_KERNEL);
	int len;

	if (!buf)
		return ERR_PTR(-ENOMEM);
	rcu_read_lock();
	len = rms_memcg_path(folio, buf, PATH_MAX);
	rcu_read_unlock();
	if (len >= 0)
		name = kstrdup(buf, GFP_KERNEL_ACCOUNT) ?: ERR_PTR(-ENOMEM);
	kfree(buf);
	return name;
}

/* As folio_mapcount(), which 6.1 doesn't export, for a page of its own. */
static int rms_mapcount(const struct folio *folio)
{
	return atomic_read(&folio->_mapcount) + 1;
}

/* Figures that the walk doesn't give. Context: folio locked; doesn't sleep. */
static void rms_read_folio(struct folio *folio, struct rms_look *look)
{
	look->exclusive = PageAnonExclusive(pfn_to_page(look->walk.pfn));
	look->folio_pfn = folio_pfn(folio);
	look->order = folio_order(folio);
	look->pgoff = folio->index;
	look->mapcount = rms_mapcount(folio);
	look->refcount = folio_ref_count(folio) - 1;
	look->nid = folio_nid(folio);
	look->zone = folio_zone(folio)->name;
}

/*
 * One walk under the folio lock. The flags are taken before we set PG_locked.
 * -EAGAIN: the page isn't there any more. look->raced: the counts don't agree.
 */
static int rms_walk_locked(struct rms_page *p, struct rms_look *look)
{
	struct folio *folio = page_folio(p->page);
	int ret, mapcount;

	look->walk.held = 0;
	look->flags = rms_folio_flags(folio);
	if (folio_lock_killable(folio))
		return -EINTR;
	ret = rms_folio_check(folio);
	if (ret)
		goto out_unlock;

	mapcount = rms_mapcount(folio);
	rms_walk(folio, &look->walk);
	rms_read_folio(folio, look);
	look->raced = look->mapcount != mapcount ||
		      look->walk.mapped != mapcount;
	if (look->walk.killed)
		ret = -EINTR;
out_unlock:
	folio_unlock(folio);
	return ret;
}

/* Walk until all fits and nothing moved, or it has to do. */
static int rms_walk_page(struct rms_page *p, struct rms_look *look)
{
	struct rms_walk *w = &look->walk;
	u32 limit = READ_ONCE(max_vmas);
	u32 maps = rms_want(max(rms_mapcount(page_folio(p->page)), 0), limit);
	u32 avs = rms_want(0, U32_MAX);
	bool fits;
	int ret, try;

	w->pfn = page_to_pfn(p->page);
	w->mm = p->mm;
	w->va = p->va;
	for (try = 1;; try++) {
		ret = rms_walk_grow(w, maps, avs);
		if (ret)
			return ret;
		w->count_all = w->max_maps >= limit;
		ret = rms_walk_locked(p, look);
		if (ret)
			return ret;
		maps = w->visited > w->max_maps ? rms_want(w->visited, limit) : 0;
		avs = w->nr_avs > w->max_avs ? rms_want(w->nr_avs, U32_MAX) : 0;
		fits = maps <= w->max_maps && avs <= w->max_avs;
		if (fits && (!look->raced || try >= RMS_RACED_TRIES))
			break;
		if (try == RMS_WALK_TRIES)
			return -EAGAIN;
		rms_drop_refs(w);
	}
	look->nr_maps = min(w->visited, w->max_maps);
	look->nr_avs = w->nr_avs;
	/* A page that has left the address we were asked about is not the answer. */
	return p->mm && !w->found ? -EAGAIN : 0;
}

static int rms_look_once(const struct rms_target *t, struct rms_look *look)
{
	struct rms_page p;
	int ret;

	ret = rms_page_get(t, &p);
	if (ret)
		return ret;
	ret = rms_walk_page(&p, look);
	if (!ret) {
		look->memcg = rms_memcg_name(page_folio(p.page));
		if (IS_ERR(look->memcg)) {
			ret = PTR_ERR(look->memcg);
			look->memcg = NULL;
		}
	}
	look->walk.mm = NULL;
	rms_page_put(&p);
	return ret;
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

	look = kzalloc_obj(*look, GFP_KERNEL_ACCOUNT);
	if (!look)
		return ERR_PTR(-ENOMEM);

	for (try = 0; try < RMS_LOOK_TRIES; try++) {
		ret = rms_look_once(t, look);
		if (ret != -EAGAIN)
			break;
		rms_drop_refs(&look->walk);
	}
	if (!ret)
		ret = rms_resolve(look, ns);
	rms_drop_refs(&look->walk);
	if (ret) {
		rms_look_free(look);
		return ERR_PTR(ret);
	}
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
	kfree(look->memcg);
	kfree(look);
}
