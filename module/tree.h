/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One whole anon_vma tree, as tree_scan.c finds it and tree.c shows it.
 */
#ifndef _RMAPSCOPE_TREE_H
#define _RMAPSCOPE_TREE_H

#include "snapshot.h"

struct anon_vma;

/**
 * struct rms_link - an anon_vma_chain
 * @anon_vma: what it links, as an identity only
 * @av: the same, as an index into the anon_vmas of the report (by tree_walk.c)
 * @map: with this VMA, an index into the VMAs of the report
 */
struct rms_link {
	const struct anon_vma *anon_vma;
	u32 av;
	u32 map;
};

/**
 * struct rms_tree - a tree: its anon_vmas, its VMAs, and what links them
 * @snap: the page; the anon_vmas, the page's own first if it has one; and the VMAs. Of each VMA
 *	@count is the number of requested pages that belong in it. @anon_vma is NULL until fork()
 *	has put the VMA's own anon_vma into the tree
 * @links: @max_links records
 * @max_links: room
 * @nr_links: number of links, also of those that didn't fit into the buffer; once the tree is
 *	complete, of those in the report
 * @depth: largest distance of an anon_vma from the root
 * @root: number of the root in the report (by tree_walk.c)
 * @parents: number of the parent of each anon_vma (by tree_walk.c)
 * @truncated: not all is in the report (by tree_walk.c)
 */
struct rms_tree {
	struct rms_snapshot snap;
	struct rms_link *links;
	u32 max_links;
	u32 nr_links;
	u32 depth;
	u32 root;
	u32 *parents;
	bool truncated;
};

int rms_tree_prepare(struct rms_tree *tree);
int rms_tree_take(struct rms_tree *tree, const struct rms_target *t, struct pid_namespace *ns);
void rms_tree_release(struct rms_tree *tree);
void rms_tree_begin(struct rms_tree *tree);
void rms_tree_scan(struct rms_tree *tree, struct anon_vma *own);

#endif /* _RMAPSCOPE_TREE_H */
