// SPDX-License-Identifier: GPL-2.0
/*
 * A request, from a target to a snapshot: find the page, walk from it, name what was found, and
 * drop all references.
 */
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "counters.h"
#include "memory.h"
#include "snapshot.h"

/* How often a page is looked up again because it has left the target. */
#define RMS_TARGET_TRIES	8

/* -EAGAIN asks for another try; -EBUSY is one that took long enough already. */
static int rms_snapshot_once(struct rms_snapshot *snap, const struct rms_target *t,
			     int (*walk)(const struct rms_page *p, struct rms_snapshot *snap))
{
	struct rms_page p;
	int ret;

	ret = rms_page_get(t, &p);
	if (ret)
		return ret == -EAGAIN ? -EBUSY : ret;
	snap->whole = t->folio;
	*snap->path = '\0';
	snap->walk.query.mm = p.mm;
	snap->walk.query.va = p.va;
	ret = walk(&p, snap);
	if (!ret && snap->facts.kind != RMS_KIND_SWAP)
		ret = rms_facts_name(page_folio(p.page), &snap->facts, snap->path);
	snap->walk.query.mm = NULL;
	rms_page_put(&p);
	return ret;
}

/**
 * rms_snapshot_prepare - allocate what a small report needs
 * @snap: zeroed; to be given to rms_snapshot_release(), also after an error
 *
 * Context: may sleep; no lock of mm held.
 * Return: 0 or -ENOMEM.
 */
int rms_snapshot_prepare(struct rms_snapshot *snap)
{
	snap->path = kmalloc(PATH_MAX, RMS_GFP);
	if (!snap->path)
		return -ENOMEM;
	return rms_walk_prepare(&snap->walk) ?: rms_resolve_prepare(snap);
}

/**
 * rms_snapshot_walk - walk from the page that a target leads to
 * @snap: after rms_snapshot_prepare(), or an earlier snapshot, whose buffers are used again
 * @t: the target
 * @walk: fills in the facts and the records. -EAGAIN if the page has left the target, or is another
 *	one now; -EBUSY if it stays locked
 *
 * Context: may sleep; no lock of mm held.
 * Return: 0, or an errno as in Documentation/interface.rst. The records hold their mms and files,
 * also after an error, until rms_drop_refs().
 */
int rms_snapshot_walk(struct rms_snapshot *snap, const struct rms_target *t,
		      int (*walk)(const struct rms_page *p, struct rms_snapshot *snap))
{
	int ret, try;

	rms_walk_reuse(&snap->walk);
	rms_resolve_reuse(snap);
	for (try = 0; try < RMS_TARGET_TRIES; try++) {
		ret = rms_snapshot_once(snap, t, walk);
		if (ret != -EAGAIN)
			break;
		rms_drop_refs(&snap->walk, 0);
		rms_stat_add(RMS_STAT_RETRIES, 1);
	}
	return ret == -EBUSY ? -EAGAIN : ret;
}

/**
 * rms_snapshot_take - walk from the page that a target leads to, and name what was found
 * @snap: as for rms_snapshot_walk()
 * @t: the target
 * @ns: the reader's pid namespace
 * @walk: as for rms_snapshot_walk()
 *
 * Context: may sleep; no lock of mm held.
 * Return: 0, or an errno as in Documentation/interface.rst. No reference is held in either case.
 */
int rms_snapshot_take(struct rms_snapshot *snap, const struct rms_target *t,
		      struct pid_namespace *ns,
		      int (*walk)(const struct rms_page *p, struct rms_snapshot *snap))
{
	int ret = rms_snapshot_walk(snap, t, walk);

	if (!ret)
		ret = rms_resolve(snap, ns);
	rms_drop_refs(&snap->walk, 0);
	return ret;
}

/**
 * rms_snapshot_release - free all that belongs to a snapshot
 * @snap: the snapshot, complete or not
 *
 * Context: may sleep.
 */
void rms_snapshot_release(struct rms_snapshot *snap)
{
	rms_resolve_release(snap);
	rms_walk_release(&snap->walk);
	rms_facts_free(&snap->facts);
	kfree(snap->path);
}
