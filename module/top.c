// SPDX-License-Identifier: GPL-2.0
/*
 * The file "top": the machine's anon_vma trees, those with the most VMAs first.
 */
#include <linux/ktime.h>
#include <linux/list_sort.h>
#include <linux/module.h>
#include <linux/rmap.h>
#include <linux/seq_file.h>

#include "debugfs.h"
#include "format.h"
#include "memory.h"
#include "rmapscope.h"
#include "text.h"
#include "top.h"

static unsigned int max_trees = 1000;
module_param(max_trees, uint, 0600);
MODULE_PARM_DESC(max_trees,
		 "Limit of trees in the file top; truncated=1 if there are more (default 1000)");

/**
 * struct rms_top_tree - a tree in the report
 * @vmas: as in struct rms_tree_count, also all others but @tgid and @comm
 * @anon_vmas: see there
 * @avcs: see there
 * @pages: see there
 * @depth: see there
 * @nr_users: see there
 * @biggest_pages: see there
 * @biggest_va: see there
 * @tgid: the biggest process
 * @comm: its name
 */
struct rms_top_tree {
	unsigned long vmas;
	unsigned long anon_vmas;
	unsigned long avcs;
	unsigned long pages;
	u32 depth;
	u32 nr_users;
	unsigned long biggest_pages;
	unsigned long biggest_va;
	pid_t tgid;
	char comm[TASK_COMM_LEN];
};

/**
 * struct rms_top - a snapshot
 * @trees: @nr_shown trees in the order of the report
 * @nr_shown: number of them
 * @nr_trees: how many there are on the machine
 * @vmas: in all of these
 * @unforked: those of them that no other process has inherited
 * @avcs: in all trees
 * @bytes: of all trees
 * @users: mms that were read
 * @skipped: mms that went away
 * @ns: how long it took, in nanoseconds
 */
struct rms_top {
	struct rms_top_tree *trees;
	u32 nr_shown;
	u32 nr_trees;
	unsigned long vmas;
	unsigned long unforked;
	unsigned long avcs;
	unsigned long bytes;
	u32 users;
	u32 skipped;
	u64 ns;
};

/*
 * Sorts by VMAs, then by pages, the most first; then by the order in which they were found, as
 * list_sort() keeps that.
 */
static int rms_tree_count_cmp(void *priv, const struct list_head *a, const struct list_head *b)
{
	const struct rms_tree_count *x = list_entry(a, struct rms_tree_count, list);
	const struct rms_tree_count *y = list_entry(b, struct rms_tree_count, list);

	cond_resched();
	if (x->vmas != y->vmas)
		return x->vmas < y->vmas;
	return x->pages < y->pages;
}

/* What the objects themselves take. The slab caches are made for objects of these sizes. */
static unsigned long rms_tree_bytes(unsigned long anon_vmas, unsigned long avcs)
{
	return anon_vmas * sizeof(struct anon_vma) + avcs * sizeof(struct anon_vma_chain);
}

/* fork() gives each child an anon_vma of its own, so a tree with one has the VMAs of one mm. */
static void rms_top_add(struct rms_top *top, const struct rms_tree_count *tree)
{
	top->vmas += tree->vmas;
	if (tree->anon_vmas == 1)
		top->unforked += tree->vmas;
	top->avcs += tree->avcs;
	top->bytes += rms_tree_bytes(tree->anon_vmas, tree->avcs);
}

static int rms_top_fill(struct rms_top *top, struct rms_forest *f)
{
	const struct rms_tree_count *tree;
	const struct rms_user *user;
	u32 i = 0;

	*top = (struct rms_top){
		.nr_trees = f->nr_trees,
		.nr_shown = min(f->nr_trees, READ_ONCE(max_trees)),
		.users = f->users.nr,
		.skipped = f->skipped,
	};
	top->trees = rms_alloc_array(top->nr_shown, sizeof(*top->trees));
	if (!top->trees)
		return -ENOMEM;
	list_sort(NULL, &f->trees, rms_tree_count_cmp);
	list_for_each_entry(tree, &f->trees, list) {
		rms_top_add(top, tree);
		if (i >= top->nr_shown)
			continue;
		user = &f->users.user[tree->biggest];
		top->trees[i] = (struct rms_top_tree){
			.vmas = tree->vmas,
			.anon_vmas = tree->anon_vmas,
			.avcs = tree->avcs,
			.pages = tree->pages,
			.depth = tree->depth,
			.nr_users = tree->nr_users,
			.biggest_pages = tree->biggest_pages,
			.biggest_va = tree->biggest_va,
			.tgid = user->tgid,
		};
		memcpy(top->trees[i++].comm, user->comm, sizeof(user->comm));
	}
	return 0;
}

static void rms_top_release(void *report)
{
	struct rms_top *top = report;

	kvfree(top->trees);
	top->trees = NULL;
}

static int rms_top_take(void *report, const struct rms_target *t, struct pid_namespace *ns)
{
	struct rms_forest forest = {};
	struct rms_top *top = report;
	u64 begin = ktime_get_ns();
	int ret;

	rms_top_release(top);
	ret = rms_forest_scan(&forest, ns);
	if (!ret)
		ret = rms_top_fill(top, &forest);
	rms_forest_free(&forest);
	top->ns = ktime_get_ns() - begin;
	return ret;
}

static unsigned long rms_top_lines(const void *report)
{
	const struct rms_top *top = report;

	return 1 + top->nr_shown + 1;
}

static void rms_show_tree_count(struct seq_file *m, const struct rms_top *top, unsigned long i)
{
	const struct rms_top_tree *tree = &top->trees[i];

	rms_put_dec(m, "tree id=tree", i);
	rms_put_dec(m, " vmas=", tree->vmas);
	rms_put_dec(m, " anon_vmas=", tree->anon_vmas);
	rms_put_dec(m, " avcs=", tree->avcs);
	rms_put_dec(m, " bytes=", rms_tree_bytes(tree->anon_vmas, tree->avcs));
	rms_put_dec(m, " depth=", tree->depth);
	rms_put_dec(m, " processes=", tree->nr_users);
	rms_put_dec(m, " pages=", tree->pages);
	rms_put_dec(m, " pid=", tree->tgid);
	rms_puts(m, " comm=");
	rms_escape(m, tree->tgid ? tree->comm : "-");
	rms_put_dec(m, " pid_pages=", tree->biggest_pages);
	rms_put_hex(m, " va=", tree->biggest_va);
	seq_putc(m, '\n');
}

static void rms_top_line(struct seq_file *m, const void *report, unsigned long line)
{
	const struct rms_top *top = report;

	if (line == 0)
		rms_show_header(m, "top");
	else if (line <= top->nr_shown)
		rms_show_tree_count(m, top, line - 1);
	else
		seq_printf(m, "total trees=%u shown=%u vmas=%lu unforked=%lu avcs=%lu bytes=%lu processes=%u skipped=%u truncated=%d ns=%llu\n",
			   top->nr_trees, top->nr_shown, top->vmas, top->unforked, top->avcs,
			   top->bytes, top->users, top->skipped, top->nr_shown < top->nr_trees,
			   top->ns);
}

const struct rms_report_ops rms_top_ops = {
	.size = sizeof(struct rms_top),
	.take = rms_top_take,
	.release = rms_top_release,
	.nr_lines = rms_top_lines,
	.show = rms_top_line,
};
