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

	for (i = from; i < w->held; i++) {
		mmdrop(w->maps[i].mm);
		if (w->maps[i].file)
			fput(w->maps[i].file);
		cond_resched();
	}
	w->held = min(w->held, from);
}

/**
 * rms_walk_grow - make room for records, without keeping those that are there
 * @w: the walk, whose records hold no reference any more
 * @maps: wanted room in @w->maps
 * @avs: the same in @w->avs
 *
 * Context: may sleep; no lock of mm held.
 * Return: 0 or -ENOMEM.
 */
int rms_walk_grow(struct rms_walk *w, u32 maps, u32 avs)
{
	if (maps > w->max_maps) {
		kvfree(w->maps);
		w->max_maps = 0;
		w->maps = rms_alloc_array(maps, sizeof(*w->maps));
		if (!w->maps)
			return -ENOMEM;
		w->max_maps = maps;
	}
	if (avs > w->max_avs) {
		kvfree(w->avs);
		w->max_avs = 0;
		w->avs = rms_alloc_array(avs, sizeof(*w->avs));
		if (!w->avs)
			return -ENOMEM;
		w->max_avs = avs;
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
