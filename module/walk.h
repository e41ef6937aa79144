/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _RMAPSCOPE_WALK_H
#define _RMAPSCOPE_WALK_H

#include "rmapscope.h"

/* What the two kinds of walk share: that of a page, and that of a swap slot. */

/**
 * struct rms_stretch - pages of interest in one VMA, and the record of them as it grows
 * @vma: the VMA
 * @va: where the first page is in it
 * @first: that page, as an index into the pages asked for
 * @end: the page behind the last one
 * @map: the record of those seen last, or NULL
 * @last: the entry seen last
 * @mapped: an entry was found that maps one of the pages
 */
struct rms_stretch {
	struct vm_area_struct *vma;
	unsigned long va;
	unsigned long first;
	unsigned long end;
	struct rms_map *map;
	struct rms_entry last;
	bool mapped;
};

void rms_read_anon_vmas(struct anon_vma *anon_vma, struct rms_walk *w);
bool rms_find_pages(const struct rms_walk *w, struct rms_stretch *s);

#endif /* _RMAPSCOPE_WALK_H */
