/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Every difference between the supported kernels, and the only place for them. The code is written
 * in the spelling of the newest kernel; this emulates what older ones lack. Each entry says what
 * changed, in which version, by which commit if that is known, and when the entry can go. Most are
 * decided by the header probes in compat.mk. A change between two of the tested kernels whose
 * version isn't known is dated as "after" the last kernel without it.
 */
#ifndef _RMAPSCOPE_COMPAT_H
#define _RMAPSCOPE_COMPAT_H

#include <linux/cgroup.h>
#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/rmap.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/static_call.h>
#include <linux/swap.h>

#ifndef HAVE_FOLIO_RMAP_WALK
#error "rmapscope needs Linux 6.1 or newer: rmap_walk() takes no folio here"
#endif
#ifndef CONFIG_X86_64
#error "rmapscope supports x86-64 only: nothing else has been tested"
#endif

#include "compat_file.h"
#include "compat_folio.h"
#include "compat_pgtable.h"
#include "compat_sort.h"

/*
 * The threads of a process, under RCU. After v6.1 for_each_thread() asks lockdep about
 * tasklist_lock where CONFIG_PROVE_RCU_LIST is set, and modules can't use that symbol.
 */
#define rms_for_each_thread(p, t)	\
	list_for_each_entry_rcu(t, &(p)->signal->thread_head, thread_node)

/*
 * const arguments: after v6.12 the folio of folio_lock_anon_vma_read() became const, and with it
 * that of rmap_walk_control.anon_lock. Remove with 6.12.
 */
#ifdef HAVE_CONST_ANON_LOCK
#define RMS_ANON_LOCK_CONST	const
#else
#define RMS_ANON_LOCK_CONST
#endif

/*
 * How many users this module has. A kernel that can't unload modules doesn't count them. Not a
 * matter of version, but of the configuration.
 */
static inline int rms_module_users(void)
{
#ifdef CONFIG_MODULE_UNLOAD
	return module_refcount(THIS_MODULE);
#else
	return 0;
#endif
}

/*
 * How many page-table entries hold a swap slot. A kernel without swap has no function for that. Not
 * a matter of version, but of the configuration.
 */
#ifdef CONFIG_SWAP
#define RMS_SWP_SWAPCOUNT	swp_swapcount
DECLARE_STATIC_CALL(rms_swp_swapcount, swp_swapcount);

static inline int rms_swap_count(swp_entry_t entry)
{
	return static_call(rms_swp_swapcount)(entry);
}
#else
static inline int rms_swap_count(swp_entry_t entry)
{
	return 0;
}
#endif

/*
 * The kernel's iterators over the interval tree of an anon_vma. After v6.12 they have other names,
 * and take the anon_vma instead of its tree. Remove with 6.12.
 */
#ifdef HAVE_ANON_RMAP_TREE
#define RMS_ANON_TREE_FIRST		anon_rmap_tree_iter_first
#define RMS_ANON_TREE_NEXT		anon_rmap_tree_iter_next
#define RMS_ANON_TREE(anon_vma)		(anon_vma)
#else
#define RMS_ANON_TREE_FIRST		anon_vma_interval_tree_iter_first
#define RMS_ANON_TREE_NEXT		anon_vma_interval_tree_iter_next
#define RMS_ANON_TREE(anon_vma)		(&(anon_vma)->rb_root)
#endif

/* The same for the interval tree of the VMAs that map a file. */
#ifdef HAVE_MAPPING_RMAP_TREE
#define RMS_FILE_TREE_FIRST		mapping_rmap_tree_iter_first
#define RMS_FILE_TREE_NEXT		mapping_rmap_tree_iter_next
#define RMS_FILE_TREE(mapping)		(mapping)
#else
#define RMS_FILE_TREE_FIRST		vma_interval_tree_iter_first
#define RMS_FILE_TREE_NEXT		vma_interval_tree_iter_next
#define RMS_FILE_TREE(mapping)		(&(mapping)->i_mmap)
#endif

/*
 * The offset of a VMA in its anon_vma tree. After v6.12 a VMA of a private file has an offset for
 * anonymous pages besides that of the file. Remove with 6.12.
 */
static inline pgoff_t rms_vma_pgoff(const struct vm_area_struct *vma, bool anon)
{
#ifdef HAVE_ANON_PGOFF
	return anon ? vma_start_anon_pgoff(vma) : vma->vm_pgoff;
#else
	return vma->vm_pgoff;
#endif
}

/* MAP_DROPPABLE came in v6.11. Remove with 6.1. */
#ifndef VM_DROPPABLE
#define VM_DROPPABLE	VM_NONE
#endif

/*
 * The function that splits a folio, as a name in verdicts. Since v6.9 (c010d47f107f) it can leave
 * folios larger than a page, and after v6.12 it can split in other ways; it was renamed both times.
 * Remove with 6.12.
 */
#if defined(HAVE___FOLIO_SPLIT)
#define RMS_SPLIT_FUNC		"__folio_split"
#elif defined(HAVE_SPLIT_TO_ORDER)
#define RMS_SPLIT_FUNC		"split_huge_page_to_list_to_order"
#else
#define RMS_SPLIT_FUNC		"split_huge_page_to_list"
#endif

/*
 * After v6.12 this declaration moved to a header of mm/ that modules can't include. Where a public
 * header still has one, the two must agree. Remove with 6.12.
 */
void __put_anon_vma(struct anon_vma *anon_vma);

/* Allocation by type came after v6.12. Remove with 6.12. */
#ifndef kzalloc_obj
#define kzalloc_obj(obj, gfp)	kzalloc(sizeof(obj), gfp)
#define kmalloc_obj(obj, gfp)	kmalloc(sizeof(obj), gfp)
#endif

/*
 * A kernel without memory cgroups: no page is charged to one, and no mm has an owner. Not a matter
 * of version, but of the configuration.
 *
 * Context: RCU read lock held, for the first two.
 */
#ifdef CONFIG_MEMCG
static inline int rms_memcg_path(struct folio *folio, char *buf, size_t size, bool *removed)
{
	struct mem_cgroup *memcg = folio_memcg(folio);
	int len = memcg ? cgroup_path(memcg->css.cgroup, buf, size) : -ENOENT;

	/* As cgroup_is_dead() for /proc/PID/cgroup. */
	*removed = len >= 0 && !(memcg->css.cgroup->self.flags & CSS_ONLINE);
	return len;
}

static inline struct task_struct *rms_mm_owner(struct mm_struct *mm)
{
	return rcu_dereference(mm->owner);
}

/*
 * Whether the cgroup of a folio may have no more swap slots. Version 1 of cgroups has no such
 * limit.
 */
static inline bool rms_memcg_swap_full(struct folio *folio)
{
	struct page_counter *counter = NULL;
	struct mem_cgroup *memcg;
	bool full = false;

	rcu_read_lock();
	memcg = folio_memcg(folio);
	if (memcg && cgroup_subsys_on_dfl(memory_cgrp_subsys))
		counter = &memcg->swap;
	for (; counter && !full; counter = counter->parent)
		full = page_counter_read(counter) >= READ_ONCE(counter->max);
	rcu_read_unlock();
	return full;
}
#else
static inline int rms_memcg_path(struct folio *folio, char *buf, size_t size, bool *removed)
{
	return -ENOENT;
}

static inline struct task_struct *rms_mm_owner(struct mm_struct *mm)
{
	return NULL;
}

static inline bool rms_memcg_swap_full(struct folio *folio)
{
	return false;
}
#endif

/*
 * The function that isolates a hugetlb folio, as a name in verdicts. After v6.12, and in stable
 * 6.1, isolate_hugetlb() became folio_isolate_hugetlb(). Remove with 6.12.
 */
#ifdef HAVE_ISOLATE_HUGETLB
#define RMS_ISOLATE_HUGETLB	"isolate_hugetlb"
#else
#define RMS_ISOLATE_HUGETLB	"folio_isolate_hugetlb"
#endif

/*
 * Whether nfs_migrate_folio() refuses a folio with a request under way. After v6.12 a migration
 * that may wait writes the request first. No header shows that, so this tests for another change of
 * about that time. Remove with 6.12.
 */
#ifdef HAVE_FOLIO_MAYBE_MAPPED_SHARED
#define RMS_NFS_KEEPS_PRIVATE	0
#else
#define RMS_NFS_KEEPS_PRIVATE	1
#endif

#endif /* _RMAPSCOPE_COMPAT_H */
