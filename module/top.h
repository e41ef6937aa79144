/* SPDX-License-Identifier: GPL-2.0 */
/*
 * All anon_vma trees of the machine, as top_scan.c finds them and top.c shows them.
 */
#ifndef _RMAPSCOPE_TOP_H
#define _RMAPSCOPE_TOP_H

#include <linux/bits.h>
#include <linux/types.h>

#include "procs.h"

struct anon_vma;
struct hlist_head;

/**
 * struct rms_tree_count - one anon_vma tree
 * @node: in its bucket of struct rms_forest
 * @root: referenced, so that no other root gets its address meanwhile
 * @vmas: VMAs on it
 * @anon_vmas: in it
 * @pages: anonymous pages in it, once for each entry that maps them
 * @depth: largest distance of an anon_vma from the root
 * @nr_users: mms that have these VMAs
 * @order: when it was found
 * @biggest: the mm with the most pages, an index into struct rms_users.user
 * @biggest_pages: of that mm
 * @biggest_va: address of the first of these; without any, of its first VMA
 * @current_user: the mm that is being read
 * @current_pages: as @biggest_pages, so far
 * @current_va: as @biggest_va
 */
struct rms_tree_count {
	struct hlist_node node;
	struct anon_vma *root;
	unsigned long vmas;
	unsigned long anon_vmas;
	unsigned long pages;
	u32 depth;
	u32 nr_users;
	u32 order;
	u32 biggest;
	unsigned long biggest_pages;
	unsigned long biggest_va;
	u32 current_user;
	unsigned long current_pages;
	unsigned long current_va;
};

#define RMS_FOREST_BITS		14
#define RMS_FOREST_BUCKETS	BIT(RMS_FOREST_BITS)

/**
 * struct rms_forest - all trees
 * @users: the mms that have them
 * @skipped: mms that went away before all of them was seen
 * @buckets: RMS_FOREST_BUCKETS lists of trees, by the address of the root
 * @nr_trees: number of trees in them
 * @spare: for the next tree, as nothing is allocated under the lock of an mm
 * @vals: raw entries of one page table
 */
struct rms_forest {
	struct rms_users users;
	u32 skipped;
	struct hlist_head *buckets;
	u32 nr_trees;
	struct rms_tree_count *spare;
	unsigned long *vals;
};

int rms_forest_scan(struct rms_forest *f, struct pid_namespace *ns);
void rms_forest_free(struct rms_forest *f);

#endif /* _RMAPSCOPE_TOP_H */
