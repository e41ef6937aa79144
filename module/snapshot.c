// SPDX-License-Identifier: GPL-2.0
/*
 * A request, from a target to a snapshot: find the page, walk from it, name what was found, and
 * drop all references.
 */
#include <linux/mm.h>
#include <linux/slab.h>

#include "counters.h"
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
	snap->walk.query.mm = p.mm;
	snap->walk.query.va = p.va;
	ret = walk(&p, snap);
	if (!ret && snap->facts.kind != RMS_KIND_SWAP)
		ret = rms_facts_name(page_folio(p.page), &snap->facts);
	snap->walk.query.mm = NULL;
	rms_page_put(&p);
	return ret;
}

/**
 * rms_snapshot_take - walk from the page that a target leads to, and name what was found
 * @snap: zeroed, but for what @walk needs to be set before; to be freed with rms_snapshot_free(),
 *	also after an error
 * @t: the target
 * @ns: the reader's pid namespace
 * @walk: fills in the facts and the records. -EAGAIN if the page has left the target, or is another
 *	one now; -EBUSY if it stays locked
 *
 * Context: may sleep; no lock of mm held.
 * Return: 0, or an errno as in Documentation/interface.rst. No reference is held in either case.
 */
int rms_snapshot_take(struct rms_snapshot *snap, const struct rms_target *t,
		      struct pid_namespace *ns,
		      int (*walk)(const struct rms_page *p, struct rms_snapshot *snap))
{
	int ret, try;

	for (try = 0; try < RMS_TARGET_TRIES; try++) {
		ret = rms_snapshot_once(snap, t, walk);
		if (ret != -EAGAIN)
			break;
		rms_drop_refs(&snap->walk, 0);
		rms_stat_add(RMS_STAT_RETRIES, 1);
	}
	if (!ret)
		ret = rms_resolve(snap, ns);
	rms_drop_refs(&snap->walk, 0);
	return ret == -EBUSY ? -EAGAIN : ret;
}

/**
 * rms_snapshot_free - free all that belongs to a snapshot
 * @snap: as rms_snapshot_take() left it
 *
 * Context: may sleep.
 */
void rms_snapshot_free(struct rms_snapshot *snap)
{
	rms_resolve_free(snap);
	kvfree(snap->walk.rec.maps);
	kvfree(snap->walk.rec.avs);
	kvfree(snap->walk.rec.vals);
	kvfree(snap->walk.rec.found);
	rms_facts_free(&snap->facts);
}
