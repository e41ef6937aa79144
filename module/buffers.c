// SPDX-License-Identifier: GPL-2.0
/*
 * The buffers for the records of a walk. They are allocated before the walk, as nothing may be
 * allocated under its lock: as large as the last walk needed, within limits.
 */
#include <linux/file.h>
#include <linux/module.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "compat.h"
#include "memory.h"
#include "walk.h"

/* The least room for records, if the limit allows it: maps of that size fit into a page. */
#define RMS_ROOM	32

static unsigned int max_vmas = 1 << 18;
module_param(max_vmas, uint, 0600);
MODULE_PARM_DESC(max_vmas,
		 "Limit of VMAs in a report; truncated=1 if there are more (default 262144)");

/**
 * rms_max_vmas - how many VMAs a report may have
 *
 * Context: any.
 * Return: the parameter as it is now.
 */
u32 rms_max_vmas(void)
{
	return READ_ONCE(max_vmas);
}

/**
 * rms_max_avs - how many anon_vmas a report may have
 *
 * A tree has hardly more anon_vmas than twice its VMAs: one without a VMA of its own has at least
 * two children, or else anon_vma_clone() uses it again for the next child. The constant is for long
 * chains of ancestors in a report of few VMAs.
 *
 * Context: any.
 * Return: the number.
 */
u32 rms_max_avs(void)
{
	return 2 * min(rms_max_vmas(), U32_MAX / 4) + 1024;
}

/**
 * rms_drop_refs - drop the references that a walk's records have to mms and files
 * @w: the walk
 * @from: the first record to do this for
 *
 * Context: may sleep; no lock of mm held: the last reference to a file closes it.
 */
void rms_drop_refs(struct rms_walk *w, u32 from)
{
	u32 i;

	for (i = from; i < w->rec.held; i++) {
		mmdrop(w->rec.maps[i].mm);
		if (w->rec.maps[i].file)
			fput(w->rec.maps[i].file);
		cond_resched();
	}
	w->rec.held = min(w->rec.held, from);
}

/**
 * rms_walk_grow - allocate larger buffers; the records in the old ones are lost
 * @w: the walk, whose records hold no reference any more
 * @maps: wanted size of @w->rec.maps, in records
 * @avs: the same in @w->rec.avs
 *
 * Context: may sleep; no lock of mm held.
 * Return: 0 or -ENOMEM.
 */
int rms_walk_grow(struct rms_walk *w, u32 maps, u32 avs)
{
	if (maps > w->rec.max_maps) {
		kvfree(w->rec.maps);
		w->rec.max_maps = 0;
		w->rec.maps = rms_alloc_array(maps, sizeof(*w->rec.maps));
		if (!w->rec.maps)
			return -ENOMEM;
		w->rec.max_maps = maps;
	}
	if (avs > w->rec.max_avs) {
		kvfree(w->rec.avs);
		w->rec.max_avs = 0;
		w->rec.avs = rms_alloc_array(avs, sizeof(*w->rec.avs));
		if (!w->rec.avs)
			return -ENOMEM;
		w->rec.max_avs = avs;
	}
	return 0;
}

/**
 * rms_walk_prepare - allocate buffers that do for most walks
 * @w: the walk, zeroed
 *
 * Context: may sleep; no lock of mm held.
 * Return: 0 or -ENOMEM.
 */
int rms_walk_prepare(struct rms_walk *w)
{
	return rms_walk_grow(w, rms_want(0, rms_max_vmas()), rms_want(0, rms_max_avs()));
}

/**
 * rms_walk_reuse - prepare for the walks of another report, with the buffers of the last one
 * @w: the walk, whose records hold no reference any more
 *
 * Context: may sleep; no lock of mm held.
 */
void rms_walk_reuse(struct rms_walk *w)
{
	w->query = (struct rms_query){};
	w->out = (struct rms_outcome){};
	/* The limit may have been lowered. */
	if (w->rec.max_maps > rms_max_vmas()) {
		rms_free_array(w->rec.maps);
		w->rec.max_maps = 0;
	}
	if (w->rec.max_avs > rms_max_avs()) {
		rms_free_array(w->rec.avs);
		w->rec.max_avs = 0;
	}
}

/**
 * rms_walk_release - free the buffers of a walk
 * @w: the walk, whose records hold no reference any more; also if it was never prepared
 *
 * Context: may sleep.
 */
void rms_walk_release(struct rms_walk *w)
{
	kvfree(w->rec.maps);
	kvfree(w->rec.avs);
	kvfree(w->rec.vals);
	kvfree(w->rec.found);
}

/**
 * rms_want - the buffer size for the next walk: what the last one needed, and some more
 * @seen: how many records the last walk had
 * @limit: no more than that
 *
 * Context: any.
 * Return: how many.
 */
u32 rms_want(u32 seen, u32 limit)
{
	return min(seen + seen / 8 + RMS_ROOM, limit);
}

/**
 * rms_wanted - the buffer size for another walk, if the last one's was too small
 * @seen: how many records the last walk had
 * @max: how many its buffer could hold
 * @limit: no more than that
 *
 * Context: any.
 * Return: how many records; 0 if the buffer held all of them.
 */
u32 rms_wanted(u32 seen, u32 max, u32 limit)
{
	return seen > max ? rms_want(seen, limit) : 0;
}
