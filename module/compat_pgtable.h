/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A part of compat.h: page tables and their entries.
 */
#ifndef _RMAPSCOPE_COMPAT_PGTABLE_H
#define _RMAPSCOPE_COMPAT_PGTABLE_H

#include <linux/mm.h>
#include <linux/static_call.h>
#include <linux/swap.h>
#include <linux/swapops.h>

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
 * pte_uffd_wp() became pte_uffd() after v6.12, when userfaultfd learned to use the
 * bit for more than write protection. Goes with 6.12.
 */
#ifndef HAVE_PTE_UFFD
#define pte_uffd(pte)		pte_uffd_wp(pte)
#endif

#endif /* _RMAPSCOPE_COMPAT_PGTABLE_H */
