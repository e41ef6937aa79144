/* SPDX-License-Identifier: GPL-2.0 */
/*
 * All anon_vma trees of the machine, as top_scan.c finds them and top.c shows them.
 */
#ifndef _RMAPSCOPE_TOP_H
#define _RMAPSCOPE_TOP_H

#include <linux/list.h>
#include <linux/types.h>

#include "procs.h"

struct anon_vma;

/**
 * struct rms_tree_count - one anon_vma tree
 * @list: in struct rms_forest
 * @next: in its bucket there
 * @root: referenced, so that no other root gets its address meanwhile
 * @vmas: VMAs on it
 * @anon_vmas: in it
 * @avcs: anon_vma_chains of these VMAs
 * @pages: anonymous pages in it, once for each entry that maps them
 * @depth: largest distance of an anon_vma from the root
 * @nr_users: mms that have these VMAs
 * @biggest: the mm with the most pages, an index into struct rms_users.user
 * @biggest_pages: of that mm
 * @biggest_va: address of the first of these; without any, of its first VMA
 * @current_user: the mm that is being read
 * @current_pages: as @biggest_pages, so far
 * @current_va: as @biggest_va
 */
struct rms_tree_count {
	struct list_head list;
	struct rms_tree_count *next;
	struct anon_vma *root;
	unsigned long vmas;
	unsigned long anon_vmas;
	unsigned long avcs;
	unsigned long pages;
	u32 depth;
	u32 nr_users;
	u32 biggest;
	unsigned long biggest_pages;
	unsigned long biggest_va;
	u32 current_user;
	unsigned long current_pages;
	unsigned long current_va;
};

/* Records of trees are allocated so many at a time, which takes about a page. */
#define RMS_TREES_IN_CHUNK	32

/**
 * struct rms_tree_chunk - memory for some trees
 * @list: in struct rms_forest
 * @nr: how many are in use
 * @trees: the trees
 */
struct rms_tree_chunk {
	struct list_head list;
	u32 nr;
	struct rms_tree_count trees[RMS_TREES_IN_CHUNK];
};

/**
 * struct rms_forest - all trees
 * @users: the mms that have them
 * @skipped: mms that went away before all of them was seen
 * @buckets: 2^@bits lists of trees, by the address of the root
 * @bits: binary logarithm of the number of buckets
 * @trees: all trees, in the order in which they were found
 * @nr_trees: number of them
 * @chunks: their memory
 * @spare: the next chunk, as nothing is allocated under the lock of an mm
 * @vals: raw entries of one page table
 */
struct rms_forest {
	struct rms_users users;
	u32 skipped;
	struct rms_tree_count **buckets;
	unsigned int bits;
	struct list_head trees;
	u32 nr_trees;
	struct list_head chunks;
	struct rms_tree_chunk *spare;
	unsigned long *vals;
};

int rms_forest_scan(struct rms_forest *f, struct pid_namespace *ns);
void rms_forest_free(struct rms_forest *f);

#endif /* _RMAPSCOPE_TOP_H */
