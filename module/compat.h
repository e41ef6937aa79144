/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Every difference between the supported kernels, and the only place for them.
 * The code is written in the spelling of the newest kernel; what older ones lack
 * is emulated here. Each entry says what changed, when, and when it can go.
 * Most are decided by header probes in compat.mk. Where a change came between the kernels
 * that we test on, it is dated as "after" the last one that doesn't have it.
 */
#ifndef _RMAPSCOPE_COMPAT_H
#define _RMAPSCOPE_COMPAT_H

#include <linux/buffer_head.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/ksm.h>
#include <linux/memcontrol.h>
#include <linux/memremap.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/rmap.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/static_call.h>
#include <linux/swap.h>
#include <linux/swapops.h>

#include "compat_sort.h"

#ifndef HAVE_FOLIO_RMAP_WALK
#error "rmapscope needs Linux 6.1 or newer: rmap_walk() takes no folio here"
#endif
#ifndef CONFIG_X86_64
#error "rmapscope supports x86-64 only: nothing else has been tested"
#endif

/*
 * The threads of a process, under RCU. After v6.1 for_each_thread() asks lockdep about
 * tasklist_lock where the use of RCU lists is checked, and that is no symbol for modules.
 */
#define rms_for_each_thread(p, t)	\
	list_for_each_entry_rcu(t, &(p)->signal->thread_head, thread_node)

/*
 * const arguments. After v6.12 the folio of folio_lock_anon_vma_read(), and with it that
 * of rmap_walk_control.anon_lock, became const. Goes with 6.12.
 */
#ifdef HAVE_CONST_ANON_LOCK
#define RMS_ANON_LOCK_CONST	const
#else
#define RMS_ANON_LOCK_CONST
#endif

/*
 * Mapping a page table. Since v6.5 the table may be gone by the time it is mapped, and an
 * unexported function looks, under RCU (v6.5 __pte_offset_map_lock(), after v6.12
 * pte_offset_map_lock()); before, a macro did that could not fail.
 * RMS_PTE_OFFSET_MAP_LOCK is the function's name where there is one to resolve. Both
 * hide the lock from sparse, which can't tell the two outcomes apart.
 */
#if defined(HAVE___PTE_OFFSET_MAP_LOCK)
#define RMS_PTE_OFFSET_MAP_LOCK	__pte_offset_map_lock
#elif defined(HAVE_PTE_OFFSET_MAP_LOCK_FN)
#define RMS_PTE_OFFSET_MAP_LOCK	pte_offset_map_lock
#endif

#ifdef RMS_PTE_OFFSET_MAP_LOCK
DECLARE_STATIC_CALL(rms_pte_offset_map_lock, RMS_PTE_OFFSET_MAP_LOCK);

static inline pte_t *rms_pte_map_lock(struct mm_struct *mm, pmd_t *pmd,
				      unsigned long addr, spinlock_t **ptl)
{
	return static_call(rms_pte_offset_map_lock)(mm, pmd, addr, ptl);
}

static inline void rms_pte_unmap_unlock(pte_t *pte, spinlock_t *ptl)
{
	__acquire(RCU);
	__acquire(ptl);
	pte_unmap_unlock(pte, ptl);
}
#else
static inline pte_t *rms_pte_map_lock(struct mm_struct *mm, pmd_t *pmd,
				      unsigned long addr, spinlock_t **ptl)
{
	pte_t *pte = pte_offset_map_lock(mm, pmd, addr, ptl);

	__release(*ptl);
	return pte;
}

static inline void rms_pte_unmap_unlock(pte_t *pte, spinlock_t *ptl)
{
	__acquire(ptl);
	pte_unmap_unlock(pte, ptl);
}
#endif

/* Users of this module. Where none can be unloaded nothing is counted, and nothing waits. */
static inline int rms_module_users(void)
{
#ifdef CONFIG_MODULE_UNLOAD
	return module_refcount(THIS_MODULE);
#else
	return 0;
#endif
}

/* Entries that hold a swap slot. Without swap there are none, and no function counts them. */
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
 * Leaf entries: what a page table holds instead of a page. After v6.12 is_swap_pte(),
 * pte_to_swp_entry() and the is_*_entry() tests became softleaf_*(). The names are our own,
 * because stable kernels take over some of the new ones. Goes with 6.12.
 */
#ifdef HAVE_LEAFOPS
#include <linux/leafops.h>
#define rms_leaf_from_pte(pte)			softleaf_from_pte(pte)
#define rms_leaf_is_swap(leaf)			softleaf_is_swap(leaf)
#define rms_leaf_is_migration(leaf)		softleaf_is_migration(leaf)
#define rms_leaf_is_device_private(leaf)	softleaf_is_device_private(leaf)
#define rms_leaf_is_device_exclusive(leaf)	softleaf_is_device_exclusive(leaf)
#define rms_leaf_is_hwpoison(leaf)		softleaf_is_hwpoison(leaf)
#define rms_leaf_is_marker(leaf)		softleaf_is_marker(leaf)
#define rms_leaf_marker(leaf)			softleaf_to_marker(leaf)
#define rms_leaf_to_pfn(leaf)			softleaf_to_pfn(leaf)
#else
static inline swp_entry_t rms_leaf_from_pte(pte_t pte)
{
	return is_swap_pte(pte) ? pte_to_swp_entry(pte) : (swp_entry_t){ 0 };
}

static inline bool rms_leaf_is_swap(swp_entry_t leaf)
{
	return leaf.val && !non_swap_entry(leaf);
}

#define rms_leaf_is_migration(leaf)		is_migration_entry(leaf)
#define rms_leaf_is_device_private(leaf)	is_device_private_entry(leaf)
#define rms_leaf_is_device_exclusive(leaf)	is_device_exclusive_entry(leaf)
#define rms_leaf_is_hwpoison(leaf)		is_hwpoison_entry(leaf)
#define rms_leaf_is_marker(leaf)		is_pte_marker_entry(leaf)
#define rms_leaf_marker(leaf)			pte_marker_get(leaf)
#define rms_leaf_to_pfn(leaf)			swp_offset_pfn(leaf)
#endif

/*
 * What a marker marks. The poison of a failed read from swap was an entry of its own until v6.2,
 * and a marker since then (15520a3f0469), which userfaultfd can set since v6.6. Guard regions
 * came in v6.13 (7c53dfbdb024). Where the kernel has no such marker, no entry has the bit. Goes
 * with 6.12.
 */
static inline bool rms_leaf_is_swapin_error(swp_entry_t leaf)
{
#ifdef SWP_SWAPIN_ERROR
	return is_swapin_error_entry(leaf);
#else
	return false;
#endif
}

#ifndef PTE_MARKER_POISONED
#define PTE_MARKER_POISONED			0
#endif
#ifndef PTE_MARKER_GUARD
#define PTE_MARKER_GUARD			0
#endif

/*
 * Whether an entry of memory that a device uses exclusively counts as a mapping. Since v6.15 it
 * does ("mm/rmap: keep mapcount untouched for device-exclusive entries"); before, the page lost
 * the mapcount and kept the reference. Goes with 6.12.
 */
#ifdef HAVE_MAKE_DEVICE_EXCLUSIVE
#define RMS_DEVICE_EXCLUSIVE_MAPS	true
#else
#define RMS_DEVICE_EXCLUSIVE_MAPS	false
#endif

/*
 * The zero page that ksmd has put in the place of a page of zeroes. Its entry is marked as such
 * since v6.6 (79271476b336); before, it can't be told from one that was only read. Goes with
 * 6.1.
 */
static inline bool rms_pte_is_ksm_zero(pte_t pte)
{
#ifdef is_ksm_zero_pte
	return is_ksm_zero_pte(pte);
#else
	return false;
#endif
}

/*
 * The VMAs of a tree that may have some pages: the kernel's iterators over the interval tree. After
 * v6.12 they take the anon_vma instead of its tree, under other names. Goes with 6.12.
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

/*
 * pte_uffd_wp() became pte_uffd() after v6.12, when userfaultfd learned to use the
 * bit for more than write protection. Goes with 6.12.
 */
#ifndef HAVE_PTE_UFFD
#define pte_uffd(pte)		pte_uffd_wp(pte)
#endif

/*
 * Files on a device's memory that are accessed directly (fsdax). Since v6.15 their pages are
 * counted and mapped like others, and have an rmap (38607c62b34b); before, entries led there
 * past all counts. The pages exist as long as the device's pagemap does, which is referenced in
 * @pgmap also where NULL is returned. Only for a frame that an entry maps: of others the struct
 * page may be none. get_dev_pagemap() lost an argument at some time after that. Goes with 6.12.
 */
static inline struct page *rms_fsdax_page(unsigned long pfn, struct dev_pagemap **pgmap)
{
#ifdef HAVE_FOLIO_IS_FSDAX
#ifdef HAVE_GET_DEV_PAGEMAP_HINT
	*pgmap = get_dev_pagemap(pfn, NULL);
#else
	*pgmap = get_dev_pagemap(pfn);
#endif
	if (*pgmap && (*pgmap)->type == MEMORY_DEVICE_FS_DAX)
		return pfn_to_page(pfn);
#endif
	return NULL;
}

/* Such pages are marked as reserved like all memory of devices. */
static inline bool rms_folio_is_fsdax(const struct folio *folio)
{
#ifdef HAVE_FOLIO_IS_FSDAX
	return folio_is_fsdax(folio);
#else
	return false;
#endif
}

/* An iterator over the dentries of an inode came after v6.12. Goes with 6.12. */
#ifndef for_each_alias
#define for_each_alias(dentry, inode)	\
	hlist_for_each_entry(dentry, &(inode)->i_dentry, d_u.d_alias)
#endif

/* folio->flags became a struct after v6.12. Goes with 6.12. */
static inline unsigned long rms_folio_flags(const struct folio *folio)
{
#ifdef HAVE_MEMDESC_FLAGS
	return READ_ONCE(folio->flags.f);
#else
	return READ_ONCE(folio->flags);
#endif
}

/*
 * Where a VMA begins in its anon_vma tree. After v6.12 a VMA of a private file got an
 * anonymous offset besides that of the file. Goes with 6.12.
 */
static inline pgoff_t rms_vma_pgoff(const struct vm_area_struct *vma, bool anon)
{
#ifdef HAVE_ANON_PGOFF
	return anon ? vma_start_anon_pgoff(vma) : vma->vm_pgoff;
#else
	return vma->vm_pgoff;
#endif
}

/* Before v6.7 hugetlb counted folio->index in huge pages. Goes with 6.1. */
static inline pgoff_t rms_folio_pgoff(struct folio *folio)
{
#ifdef HAVE_HUGETLB_HUGE_INDEX
	if (folio_test_hugetlb(folio))
		return folio->index << folio_order(folio);
#endif
	return folio->index;
}

/*
 * The kernel's own counts of mappings: of one page of a folio, and of all of it. Until v6.9
 * page_mapcount() knew the former, with PageDoubleMap() to see through (until
 * v6.2), and folio_mapcount() was a function, not exported. From then until v6.10, which
 * keeps a count for the folio, it was inline, but called a function that wasn't (v6.2
 * total_compound_mapcount(), v6.3 folio_total_mapcount()). Goes with 6.1.
 */
#ifdef HAVE___PAGE_MAPCOUNT
#define rms_page_mapcount(page)	page_mapcount(page)

static inline int rms_folio_mapcount(struct folio *folio)
{
	int entire, sum, i, nr = folio_nr_pages(folio);

	if (!folio_test_large(folio))
		return atomic_read(&folio->_mapcount) + 1;
	entire = folio_entire_mapcount(folio);
	if (folio_test_hugetlb(folio))
		return entire;
	for (sum = 0, i = 0; i < nr; i++)
		sum += atomic_read(&folio_page(folio, i)->_mapcount) + 1;
	/* A huge mapping of a file counts in each page, too; of anonymous memory, once. */
	if (!folio_test_anon(folio))
		return sum - entire * (nr - 1);
	return sum + entire - (folio_test_double_map(folio) ? nr : 0);
}
#else
/*
 * Without a count of each page (CONFIG_NO_PAGE_MAPCOUNT) there is an average: a mapping of the
 * entire folio is one of each page, the others are spread evenly. Rounded as in
 * folio_average_page_mapcount() of fs/proc/internal.h, and not below 1 if any page is mapped.
 */
static inline int rms_average_mapcount(const struct folio *folio)
{
	int entire = folio_entire_mapcount(folio);
	int single = folio_mapcount(folio) - entire;

	if (single <= 0)
		return entire;
	return max(entire + (int)DIV_ROUND_CLOSEST(single, (int)folio_nr_pages(folio)), 1);
}

static inline int rms_page_mapcount(struct page *page)
{
	struct folio *folio = page_folio(page);
	int count = 0;

#ifdef CONFIG_NO_PAGE_MAPCOUNT
	if (folio_test_large(folio))
		return rms_average_mapcount(folio);
#endif
	/* What counts pages of hugetlb is in its first one. */
	if (!folio_test_hugetlb(folio))
		count = atomic_read(&page->_mapcount) + 1;
	if (folio_test_large(folio))
		count += folio_entire_mapcount(folio);
	return count;
}

#ifdef HAVE_FOLIO_TOTAL_MAPCOUNT
static inline int rms_folio_mapcount(struct folio *folio)
{
	int sum, i, nr = folio_nr_pages(folio);

	if (!folio_test_large(folio))
		return atomic_read(&folio->_mapcount) + 1;
	sum = folio_entire_mapcount(folio);
	for (i = 0; i < nr && !folio_test_hugetlb(folio); i++)
		sum += atomic_read(&folio_page(folio, i)->_mapcount) + 1;
	return sum;
}
#else
#define rms_folio_mapcount(folio)	folio_mapcount(folio)
#endif
#endif

/*
 * References that the page cache has to a folio: one for each page; before v6.7 hugetlb had
 * one for all of them. Goes with 6.1.
 */
static inline int rms_pagecache_refs(const struct folio *folio, int nr)
{
#ifdef HAVE_HUGETLB_HUGE_INDEX
	if (folio_test_hugetlb((struct folio *)folio))
		return 1;
#endif
	return nr;
}

/* Pins of a large folio; until v6.1 the counter was in a page of it. Goes with 6.1. */
static inline int rms_folio_pincount(struct folio *folio)
{
#ifdef HAVE_FOLIO_PINCOUNT_PTR
	return atomic_read(folio_pincount_ptr(folio));
#else
	return atomic_read(&folio->_pincount);
#endif
}

/* Memory that not even the kernel may read can't be moved; since v6.11. Goes with 6.1. */
static inline bool rms_mapping_inaccessible(struct address_space *mapping)
{
#ifdef HAVE_MAPPING_INACCESSIBLE
	return mapping_inaccessible(mapping);
#else
	return false;
#endif
}

/* MAP_DROPPABLE came in v6.11. Goes with 6.1. */
#ifndef VM_DROPPABLE
#define VM_DROPPABLE	VM_NONE
#endif

/* Files with blocks of several pages came in v6.12. Goes with 6.1. */
static inline unsigned int rms_mapping_min_order(struct address_space *mapping)
{
#ifdef HAVE_MAPPING_MIN_FOLIO_ORDER
	return mapping_min_folio_order(mapping);
#else
	return 0;
#endif
}

/*
 * A name for readers of the kernel's source: the function that splits a folio learned to
 * leave larger ones than pages in v6.9, and after v6.12 to split in other ways. Goes with 6.12.
 */
#if defined(HAVE___FOLIO_SPLIT)
#define RMS_SPLIT_FUNC		"__folio_split"
#elif defined(HAVE_SPLIT_TO_ORDER)
#define RMS_SPLIT_FUNC		"split_huge_page_to_list_to_order"
#else
#define RMS_SPLIT_FUNC		"split_huge_page_to_list"
#endif

/*
 * The bits of page->mapping that are no part of the pointer; named for folios after v6.12. Goes
 * with 6.12.
 */
#ifdef FOLIO_MAPPING_FLAGS
#define RMS_MAPPING_FLAGS	((unsigned long)FOLIO_MAPPING_FLAGS)
#else
#define RMS_MAPPING_FLAGS	((unsigned long)PAGE_MAPPING_FLAGS)
#endif

/*
 * Pages of drivers that migrate by methods of their own: a bit of page->mapping until
 * v6.12, since then a flag and a type. Goes with 6.12.
 */
static inline bool rms_folio_has_movable_ops(struct folio *folio)
{
#ifdef PAGE_MAPPING_MOVABLE
	return ((unsigned long)READ_ONCE(folio->mapping) & PAGE_MAPPING_FLAGS) ==
	       PAGE_MAPPING_MOVABLE;
#else
	return page_has_movable_ops(&folio->page);
#endif
}

/*
 * After v6.12 this declaration moved to a header of mm/ that modules don't have. Where
 * there still is a public one it must agree.
 */
void __put_anon_vma(struct anon_vma *anon_vma);

/*
 * Until some time after v6.12 a file system without migrate_folio() could have
 * writepage(), and migration then wrote the page first. Goes with 6.12.
 */
static inline bool rms_mapping_can_write(struct address_space *mapping)
{
#ifdef HAVE_WRITEPAGE
	return mapping->a_ops->writepage;
#else
	return false;
#endif
}

/*
 * Whether the kernel counts the mappings of each page of a large folio, or only an average.
 * Not a matter of version, but of the configuration, which came after v6.12.
 */
#define RMS_EXACT_PAGE_MAPCOUNT	(!IS_ENABLED(CONFIG_NO_PAGE_MAPCOUNT))

/*
 * Frames of the kernel's own by their raw flags, for a page that isn't referenced and may be
 * anybody's. Slab is a flag until v6.8, then a type. Goes with 6.1.
 */
static inline bool rms_page_is_kernels(const struct page *page, unsigned long flags)
{
#ifdef HAVE_PG_SLAB
	if (flags & BIT(PG_slab))
		return true;
#endif
	return flags & BIT(PG_reserved);
}

/* Allocation by type came after v6.12. Goes with 6.12. */
#ifndef kzalloc_obj
#define kzalloc_obj(obj, gfp)	kzalloc(sizeof(obj), gfp)
#define kmalloc_obj(obj, gfp)	kmalloc(sizeof(obj), gfp)
#endif

/*
 * The path that the user knows: since v6.8 a file mapped through overlayfs is a
 * backing file, whose own path is that of the lower layer. Goes with 6.1.
 */
#ifndef HAVE_FILE_USER_PATH
static inline const struct path *file_user_path(const struct file *file)
{
	return &file->f_path;
}
#endif

/*
 * Without memory cgroups no page has one, and an mm has no owner. Not a matter of
 * version, but of the configuration. Context: RCU read lock, for the first two.
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

/* Whether no swap slots are left for a folio in its cgroup; v1 has no such limit. */
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
 * Whether what a file system keeps with the folios of a file is buffers: it is where a
 * method is the kernel's own for buffers, or where the kernel itself lets go of them as such.
 * Since v6.6 a kernel can be built without buffers. Not a matter of version.
 */
#if defined(CONFIG_BUFFER_HEAD) || (defined(CONFIG_BLOCK) && !defined(HAVE_BUFFER_HEAD_OPTION))
#define RMS_HAS_BUFFERS	true

static inline bool rms_mapping_has_buffers(const struct address_space *mapping)
{
	const struct address_space_operations *ops = mapping->a_ops;

	return !ops->release_folio || ops->dirty_folio == block_dirty_folio ||
	       ops->invalidate_folio == block_invalidate_folio ||
	       ops->is_partially_uptodate == block_is_partially_uptodate;
}
#else
#define RMS_HAS_BUFFERS	false

static inline bool rms_mapping_has_buffers(const struct address_space *mapping)
{
	return false;
}
#endif

/*
 * What counts as shared: for move_pages(2), for MADV_PAGEOUT of an entry that maps all of a
 * large folio, and for MADV_PAGEOUT of a part of one. Until v6.8 that was the map count of the
 * page at the address, since v6.9 folio_likely_mapped_shared() guesses, and after v6.12
 * folio_maybe_mapped_shared() keeps account of address spaces. Goes with 6.1 and 6.12.
 */
#if defined(HAVE_FOLIO_MAYBE_MAPPED_SHARED)
#define rms_move_shared(page)	folio_maybe_mapped_shared(page_folio(page))
#define rms_huge_shared(folio)	folio_maybe_mapped_shared(folio)
#define rms_part_shared(folio)	folio_maybe_mapped_shared(folio)
#elif defined(HAVE_FOLIO_LIKELY_MAPPED_SHARED)
#define rms_move_shared(page)	folio_likely_mapped_shared(page_folio(page))
#define rms_huge_shared(folio)	folio_likely_mapped_shared(folio)
#define rms_part_shared(folio)	folio_likely_mapped_shared(folio)
#else
#define rms_move_shared(page)	(rms_page_mapcount(page) > 1)
#define rms_huge_shared(folio)	(rms_page_mapcount(&(folio)->page) > 1)
#define rms_part_shared(folio)	((void)(folio), false)
#endif

/*
 * A name for readers of the kernel's source: what isolates a page of hugetlb was called
 * isolate_hugetlb() from v5.19 to some time after v6.12, and is folio_isolate_hugetlb() since, in
 * stable 6.1, too. Goes with 6.12.
 */
#ifdef HAVE_ISOLATE_HUGETLB
#define RMS_ISOLATE_HUGETLB	"isolate_hugetlb"
#else
#define RMS_ISOLATE_HUGETLB	"folio_isolate_hugetlb"
#endif

/*
 * Whether nfs_migrate_folio() refuses a folio with a request under way. In 7.3 a migration that may
 * wait writes it first; no header shows that, so it goes by something else that is later than 6.12.
 * Goes with 6.12.
 */
#ifdef HAVE_FOLIO_MAYBE_MAPPED_SHARED
#define RMS_NFS_KEEPS_PRIVATE	0
#else
#define RMS_NFS_KEEPS_PRIVATE	1
#endif

#endif /* _RMAPSCOPE_COMPAT_H */
