// SPDX-License-Identifier: GPL-2.0
/*
 * The room that a walk has for its records: as much as the last one needed, within limits, so
 * that nothing has to be allocated under a lock.
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
MODULE_PARM_DESC(max_vmas, "VMAs in one report; beyond, it says truncated=1 (default 262144)");

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
 * There are no more in a tree than twice its VMAs, or so: one without a VMA of its own has
 * two children or more, or else it is used again for the next child (anon_vma_clone()). What
 * comes on top is for long lines of ancestors, where few VMAs are wanted.
 *
 * Context: any.
 * Return: the number.
 */
u32 rms_max_avs(void)
{
	return 2 * min(rms_max_vmas(), U32_MAX / 4) + 1024;
}

/**
 * rms_drop_refs - give back the mms and files of a walk's records
 * @w: the walk
 * @from: of this record and all after it
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
 * rms_walk_grow - make room for records, without keeping those that are there
 * @w: the walk, whose records hold no reference any more
 * @maps: wanted room in @w->rec.maps
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
 * rms_want - room for as many records as the last walk needed, and some more
 * @seen: how many it needed; the world grows on
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
 * rms_wanted - the room for another walk, if the last one needed more than it had
 * @seen: how many records it needed
 * @max: how many it had room for
 * @limit: no more than that
 *
 * Context: any.
 * Return: how many; 0 if there was room for all.
 */
u32 rms_wanted(u32 seen, u32 max, u32 limit)
{
	return seen > max ? rms_want(seen, limit) : 0;
}
