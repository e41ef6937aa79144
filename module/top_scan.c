// SPDX-License-Identifier: GPL-2.0
/*
 * Finds all anon_vma trees of the machine, by reading the VMAs of all processes.
 *
 * rms_pass_over_mm() drops the mmap_lock of an mm from time to time, and the lock of a tree is held
 * for one VMA at a time. So the result is not the state at one instant: a tree that changes
 * meanwhile is counted as each of its processes was when it was read. The counts are exact for
 * trees that don't change.
 */
#include <linux/hash.h>
#include <linux/list.h>
#include <linux/log2.h>
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/pgtable.h>
#include <linux/rmap.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "anon_vma.h"
#include "compat.h"
#include "memory.h"
#include "rmapscope.h"
#include "symbols.h"
#include "top.h"

/**
 * struct rms_visit - a pass over one mm
 * @pass: where it is
 * @f: gets what it finds
 * @user: index of the mm
 */
struct rms_visit {
	struct rms_pass pass;
	struct rms_forest *f;
	u32 user;
};

/*
 * Returns the record of a tree; NULL if the tree is new and there is no spare record.
 *
 * Context: the mmap_lock keeps a VMA of the tree, and with it the root.
 */
static struct rms_tree_count *rms_tree_count_of(struct rms_forest *f, struct anon_vma *root)
{
	struct rms_tree_count **bucket = &f->buckets[hash_ptr(root, f->bits)], *tree;
	struct rms_tree_chunk *chunk;

	for (tree = *bucket; tree; tree = tree->next) {
		if (tree->root == root)
			return tree;
	}
	chunk = list_last_entry(&f->chunks, struct rms_tree_chunk, list);
	if (list_empty(&f->chunks) || chunk->nr == RMS_TREES_IN_CHUNK) {
		chunk = f->spare;
		if (!chunk)
			return NULL;
		f->spare = NULL;
		list_add_tail(&chunk->list, &f->chunks);
	}
	tree = &chunk->trees[chunk->nr++];
	atomic_inc(&root->refcount);
	*tree = (struct rms_tree_count){
		.next = *bucket,
		.root = root,
		.biggest = RMS_NO_ID,
		.current_user = RMS_NO_ID,
	};
	*bucket = tree;
	list_add_tail(&tree->list, &f->trees);
	f->nr_trees++;
	return tree;
}

/*
 * Counts a VMA, its chains, and those of its anon_vmas that have it as their first VMA. So each
 * anon_vma is counted at one VMA, and needs no list. Each chain is of one VMA.
 *
 * The mmap_lock keeps the chain once it is complete. __anon_vma_prepare() sets vma->anon_vma before
 * it completes the chain, under the lock of the tree, so that lock is taken here. Reading the trees
 * of the anon_vmas needs it anyway. The anon_vmas and their ancestors are kept by their VMAs.
 */
static void rms_count_vma(struct rms_visit *v, struct rms_tree_count *tree,
			  struct vm_area_struct *vma)
{
	struct anon_vma_chain *avc;
	long avcs = 0;
	u32 depth;

	tree->vmas++;
	down_read(&tree->root->rwsem);
	list_for_each_entry(avc, &vma->anon_vma_chain, same_vma) {
		avcs++;
		if (rb_first_cached(&avc->anon_vma->rb_root) != &avc->rb)
			continue;
		depth = rms_av_depth(avc->anon_vma);
		tree->depth = max(tree->depth, depth);
		tree->anon_vmas++;
		v->pass.left -= depth;
	}
	up_read(&tree->root->rwsem);
	tree->avcs += avcs;
	v->pass.left -= avcs;
}

/*
 * Whether a page hangs in the tree of its VMA. KSM pages don't. The page may be freed meanwhile.
 * Its struct page stays, unless the memory is offlined and removed in that moment. That can't be
 * excluded without a reference: see pfn_to_online_page(), and its callers in fs/proc/page.c.
 */
static bool rms_is_in_tree(const struct rms_entry *entry, unsigned long addr)
{
	struct folio *folio;
	struct page *page;

	unsigned long pfn;
	pte_t pte = __pte(entry->val);

	/* The zero page and raw frames are special. The bit is the same at all levels. */
	if (pte_special(pte))
		return false;
	if (likely(entry->level == RMS_PTE && pte_present(pte)))
		pfn = pte_pfn(pte);
	else if (rms_entry_content(entry) == RMS_PRESENT)
		pfn = rms_entry_pfn(entry, addr);
	else
		return false;
	page = pfn_to_online_page(pfn);
	if (!page)
		return false;
	folio = page_folio(page);
	return folio_test_anon(folio) && !folio_test_ksm(folio);
}

/* Counts the @nr pages that an entry maps at an address. */
static void rms_count_entry(struct rms_tree_count *tree, const struct rms_entry *entry,
			    unsigned long addr, unsigned int nr)
{
	if (!rms_is_in_tree(entry, addr))
		return;
	if (!tree->current_pages)
		tree->current_va = addr;
	tree->current_pages += nr;
	tree->pages += nr;
}

/* Counts the pages among the @nr entries from v->pass.addr on that were just read. */
static void rms_count_pages(struct rms_visit *v, struct rms_tree_count *tree,
			    struct rms_entry *entry, unsigned int nr)
{
	const unsigned long *vals = v->f->vals;
	unsigned long addr = v->pass.addr;
	unsigned int i;

	if (entry->level != RMS_PTE) {
		if (entry->val)
			rms_count_entry(tree, entry, addr, nr);
		return;
	}
	for (i = 0; i < nr; i++) {
		if (!vals[i])
			continue;
		entry->val = vals[i];
		rms_count_entry(tree, entry, addr + ((unsigned long)i << PAGE_SHIFT), 1);
	}
}

/* Reads one page table at a time. */
static enum rms_progress rms_read_vma(struct rms_visit *v, struct rms_tree_count *tree,
				      struct vm_area_struct *vma)
{
	struct rms_entry entry;
	unsigned int nr;
	bool pause;

	do {
		nr = rms_entries_read(vma, v->pass.addr, vma->vm_end, v->f->vals, &entry);
		v->pass.left -= entry.level == RMS_PTE ? nr : 1;
		rms_count_pages(v, tree, &entry, nr);
		v->pass.addr += (unsigned long)nr << PAGE_SHIFT;
		pause = rms_pass_must_pause(&v->pass);
	} while (v->pass.addr < vma->vm_end && !pause);

	if (tree->biggest == RMS_NO_ID || tree->current_pages > tree->biggest_pages) {
		tree->biggest = v->user;
		tree->biggest_pages = tree->current_pages;
		tree->biggest_va = tree->current_va;
	}
	return pause ? RMS_PAUSE : RMS_GO_ON;
}

/* Counts a VMA, or the rest of one. Also pauses if it needs a spare record. */
static enum rms_progress rms_visit_vma(struct rms_pass *pass, struct vm_area_struct *vma)
{
	struct rms_visit *v = container_of(pass, struct rms_visit, pass);
	struct anon_vma *anon_vma = READ_ONCE(vma->anon_vma);
	bool begins = pass->addr <= vma->vm_start;
	struct rms_tree_count *tree;

	if (!anon_vma) {
		pass->addr = vma->vm_end;
		return RMS_GO_ON;
	}
	tree = rms_tree_count_of(v->f, anon_vma->root);
	if (!tree)
		return RMS_PAUSE;
	if (begins)
		pass->addr = vma->vm_start;
	if (tree->current_user != v->user) {
		tree->current_user = v->user;
		tree->current_pages = 0;
		tree->current_va = pass->addr;
		tree->nr_users++;
		begins = true;	/* also for a VMA that came while the lock was not held */
	}
	if (begins)
		rms_count_vma(v, tree, vma);
	return rms_read_vma(v, tree, vma);
}

/* Allocates records for new trees, as nothing is allocated under the mmap_lock. */
static int rms_get_spare(struct rms_pass *pass)
{
	struct rms_forest *f = container_of(pass, struct rms_visit, pass)->f;

	if (!f->spare)
		f->spare = kmalloc_obj(*f->spare, RMS_GFP);
	if (!f->spare)
		return -ENOMEM;
	f->spare->nr = 0;
	return 0;
}

static int rms_visit_mm(struct rms_forest *f, u32 user)
{
	struct rms_visit v = {
		.pass = {
			.mm = f->users.user[user].mm,
			.prepare = rms_get_spare,
			.lock = mmap_read_lock_killable,
			.visit = rms_visit_vma,
		},
		.f = f,
		.user = user,
	};
	int ret = rms_pass_over_mm(&v.pass);

	if (ret != -ESRCH)
		return ret;
	f->skipped++;
	return 0;
}

/**
 * rms_forest_scan - find all anon_vma trees
 * @f: zeroed; to be given to rms_forest_free(), also after an error
 * @ns: the reader's pid namespace; processes outside of it are not named
 *
 * Context: may sleep; no lock of mm held. Takes the mmap_lock of each mm in turn.
 * Return: 0, -ENOMEM, or -EINTR on a fatal signal.
 */
int rms_forest_scan(struct rms_forest *f, struct pid_namespace *ns)
{
	int ret;
	u32 i;

	INIT_LIST_HEAD(&f->trees);
	INIT_LIST_HEAD(&f->chunks);
	ret = rms_find_users(&f->users, ns);
	if (ret)
		return ret;
	/* A process has some trees of its own. */
	f->bits = order_base_2(f->users.nr + 1) + 3;
	f->buckets = rms_zalloc_array(BIT(f->bits), sizeof(*f->buckets));
	f->vals = kmalloc_array(PTRS_PER_PTE, sizeof(*f->vals), RMS_GFP);
	if (!f->buckets || !f->vals)
		return -ENOMEM;
	for (i = 0; i < f->users.nr && !ret; i++)
		ret = rms_visit_mm(f, i);
	return ret;
}

/* The same as put_anon_vma() of a root. Context: may sleep; the lock of the tree is not held. */
static void rms_put_root(struct anon_vma *root)
{
	if (atomic_dec_and_test(&root->refcount))
		static_call(rms___put_anon_vma)(root);
}

/**
 * rms_forest_free - free all that a scan has found
 * @f: as rms_forest_scan() left it
 *
 * Context: may sleep; no lock of mm held.
 */
void rms_forest_free(struct rms_forest *f)
{
	struct rms_tree_chunk *chunk, *next;
	struct rms_tree_count *tree;

	list_for_each_entry(tree, &f->trees, list) {
		rms_put_root(tree->root);
		cond_resched();
	}
	list_for_each_entry_safe(chunk, next, &f->chunks, list) {
		kfree(chunk);
		cond_resched();
	}
	rms_put_users(&f->users);
	kvfree(f->buckets);
	kfree(f->spare);
	kfree(f->vals);
}
