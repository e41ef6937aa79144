/* SPDX-License-Identifier: GPL-2.0 */
/* A walk from pages of a run: see scan_walk.c. */
#ifndef _RMAPSCOPE_SCAN_WALK_H
#define _RMAPSCOPE_SCAN_WALK_H

#include <linux/mm.h>
#include <linux/rwsem.h>

#include "scan.h"

/**
 * struct rms_pages_walk - the pages of one tree, while they are looked for
 * @s: the stream
 * @run: its run
 * @nr: elements of run->order
 * @from: the first of those that are looked for
 * @to: the one behind the last
 * @first: the lowest offset of their pages
 * @last: the highest
 * @overlaps: different ones of them have the same offset
 * @anon: they are in an anon_vma
 * @lock: of the tree
 * @began: when the walk began, in nanoseconds
 * @visited: VMAs that the run had visited before
 * @cut: the limit of visits was reached
 * @flags: of the last present PTE that began a new element of run->maps
 * @exclusive: PageAnonExclusive() of its page
 * @bits: of them; most PTEs have the same
 */
struct rms_pages_walk {
	struct rms_scan *s;
	struct rms_run *run;
	u32 nr;
	u32 from;
	u32 to;
	unsigned long first;
	unsigned long last;
	bool overlaps;
	bool anon;
	struct rw_semaphore *lock;
	u64 began;
	u64 visited;
	bool cut;
	unsigned long flags;
	bool exclusive;
	u32 bits;
};

/* The @i-th element of the walk. */
static inline struct rms_scan_pages *rms_nth(const struct rms_run *run, u32 i)
{
	return &run->pages[run->order[i]];
}

void rms_scan_match(struct rms_pages_walk *w, struct vm_area_struct *vma, unsigned long base);

#endif /* _RMAPSCOPE_SCAN_WALK_H */
