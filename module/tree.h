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
 * @av: the same, as an index into the anon_vmas of the report (by tree.c)
 * @map: with this VMA, an index into the VMAs of the report
 */
struct rms_link {
	const struct anon_vma *anon_vma;
	u32 av;
	u32 map;
};

/**
 * struct rms_tree - a tree: its anon_vmas, its VMAs, and what links them
 * @look: the page, the anon_vmas (@look.walk.avs, the page's own first if it has one) and
 *	the VMAs (@look.walk.maps, of which @count tells how many of the wanted pages belong
 *	in it; @anon_vma is NULL as long as it is not in the tree). Of @look.walk are used:
 *	@pgoff, @nr, @mm, @va, @pfn; @maps, @avs, @hit, @killed, @contended and the times
 * @links: @max_links records
 * @max_links: room
 * @nr_links: records of VMAs that are in the report, also those that found no room; once
 *	the tree is complete: those in the report
 * @depth: largest distance of an anon_vma from the root
 * @root: number of the root in the report (by tree.c)
 * @parents: number of the parent of each anon_vma (by tree.c)
 * @truncated: not all is in the report (by tree.c)
 */
struct rms_tree {
	struct rms_look look;
	struct rms_link *links;
	u32 max_links;
	u32 nr_links;
	u32 depth;
	u32 root;
	u32 *parents;
	bool truncated;
};

void rms_tree_begin(struct rms_tree *tree);
void rms_tree_scan(struct rms_tree *tree, struct anon_vma *own);

#endif /* _RMAPSCOPE_TREE_H */
