/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _RMAPSCOPE_ANON_VMA_H
#define _RMAPSCOPE_ANON_VMA_H

#include <linux/types.h>

struct anon_vma;
struct rms_walk;
struct vm_area_struct;

/**
 * struct rms_av - one anon_vma, as it was under the lock of its root
 * @self: identity only, never dereferenced; as the next two
 * @parent: its parent; itself if it is the root
 * @root: the root of its tree
 * @num_children: as the kernel counts: a root counts itself
 * @num_active_vmas: VMAs whose own anon_vma this is
 * @refcount: without ours
 * @depth: how many ancestors it has
 */
struct rms_av {
	struct anon_vma *self;
	struct anon_vma *parent;
	struct anon_vma *root;
	unsigned long num_children;
	unsigned long num_active_vmas;
	int refcount;
	u32 depth;
};

u32 rms_av_depth(const struct anon_vma *anon_vma);
void rms_read_anon_vmas(struct anon_vma *anon_vma, struct rms_walk *w);
struct anon_vma *rms_lock_tree(struct vm_area_struct *vma);

#endif /* _RMAPSCOPE_ANON_VMA_H */
