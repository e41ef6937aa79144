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

static unsigned int max_vmas = 1 << 18;
module_param(max_vmas, uint, 0600);
MODULE_PARM_DESC(max_vmas, "Most VMAs in one report; with more it says truncated=1 (default 262144)");

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
 * rms_want - the buffer size for the next walk: what the last one needed, and some more
 * @seen: how many records the last walk had
 * @limit: no more than that
 *
 * Context: any.
 * Return: how many.
 */
u32 rms_want(u32 seen, u32 limit)
{
	return min(seen + seen / 8 + 32, limit);
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
