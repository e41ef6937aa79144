/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A part of compat.h: page tables and their entries.
 */
#ifndef _RMAPSCOPE_COMPAT_PGTABLE_H
#define _RMAPSCOPE_COMPAT_PGTABLE_H

#include <linux/ksm.h>
#include <linux/mm.h>
#include <linux/static_call.h>
#include <linux/swap.h>
#include <linux/swapops.h>

/*
 * Mapping a page table. Since v6.5 (0d940a9b270b) the table may be gone by the time it is mapped,
 * and the unexported function that maps it, under RCU, can fail: __pte_offset_map_lock(), and after
 * v6.12 pte_offset_map_lock(). Before, a macro did it and could not fail.
 *
 * RMS_PTE_OFFSET_MAP_LOCK is the name of the function, where there is one. Both variants hide the
 * lock from sparse, which can't tell success from failure.
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
 * Where no page table has machine frames, as those of Xen's PV guests do, an entry can be read
 * without the patched call that pte_val() is with CONFIG_PARAVIRT_XXL.
 */
#ifdef CONFIG_PARAVIRT_XXL
#define RMS_PTES_ARE_NATIVE	(!cpu_feature_enabled(X86_FEATURE_XENPV))
#define rms_native_pte_val(pte)	native_pte_val(pte)
#else
#define RMS_PTES_ARE_NATIVE	true
#define rms_native_pte_val(pte)	pte_val(pte)
#endif

/*
 * Leaf entries: what a page table holds instead of a page. After v6.12 is_swap_pte(),
 * pte_to_swp_entry() and the is_*_entry() tests became softleaf_*(). Stable kernels take over some
 * of the new names, so the names here are different. Remove with 6.12.
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
 * What a marker stands for. A failed read from swap left an entry of its own up to v6.1, and leaves
 * a poison marker since v6.2 (15520a3f0469); since v6.6 userfaultfd can set that marker as well.
 * Guard regions came in v6.13 (7c53dfbdb024). On a kernel without a marker its bit is 0 here, and
 * no entry has it. Remove with 6.12.
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
 * does ("mm/rmap: keep mapcount untouched for device-exclusive entries"). Before, the page was not
 * counted as mapped by such an entry, which still held a reference. Remove with 6.12.
 */
#ifdef HAVE_MAKE_DEVICE_EXCLUSIVE
#define RMS_DEVICE_EXCLUSIVE_MAPS	true
#else
#define RMS_DEVICE_EXCLUSIVE_MAPS	false
#endif

/*
 * The zero page in the place of a page of zeroes, where ksmd has put it. Since v6.6 (79271476b336)
 * such an entry is marked. Before, it looks like the entry of a page that was only read. Remove
 * with 6.1.
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
 * pte_uffd_wp() became pte_uffd() after v6.12: userfaultfd now uses the bit for more than write
 * protection. Remove with 6.12.
 */
#ifndef HAVE_PTE_UFFD
#define pte_uffd(pte)		pte_uffd_wp(pte)
#endif

#endif /* _RMAPSCOPE_COMPAT_PGTABLE_H */
