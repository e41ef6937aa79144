// SPDX-License-Identifier: GPL-2.0
/* What a page-table entry says, once it has been read. */
#include <linux/mm.h>
#include <linux/pgtable.h>

#include "compat.h"
#include "rmapscope.h"

/*
 * Decodes an entry that isn't present. hugetlb writes PTEs at every level, also where the kernel is
 * built without transparent huge pages and has no decoder for PMDs. A PMD of a transparent huge
 * page has its type, offset and bits at the same places as a PTE.
 */
static swp_entry_t rms_entry_leaf(const struct rms_entry *entry)
{
	return rms_leaf_from_pte(__pte(entry->val));
}

static bool rms_entry_present(const struct rms_entry *entry)
{
	switch (entry->level) {
	case RMS_PTE:
		return pte_present(__pte(entry->val));
	case RMS_PMD:
		return pmd_present(__pmd(entry->val));
	default:
		/* Not pud_present(), which ignores PROT_NONE: hugetlb writes that as a PTE. */
		return pte_present(__pte(entry->val));
	}
}

/**
 * rms_entry_content - tell what a page-table entry holds
 * @entry: as read by rms_entry_read()
 *
 * Context: any.
 * Return: what it holds; a marker (userfaultfd, guard) is RMS_NONE.
 */
enum rms_content rms_entry_content(const struct rms_entry *entry)
{
	swp_entry_t leaf;

	if (entry->level == RMS_PTE && pte_none(__pte(entry->val)))
		return RMS_NONE;
	if (!entry->val)
		return RMS_NONE;
	if (rms_entry_present(entry))
		return RMS_PRESENT;
	leaf = rms_entry_leaf(entry);
	if (rms_leaf_is_swap(leaf))
		return RMS_SWAP;
	if (rms_leaf_is_migration(leaf))
		return RMS_MIGRATION;
	if (rms_leaf_is_device_private(leaf))
		return RMS_DEVICE_PRIVATE;
	if (rms_leaf_is_device_exclusive(leaf))
		return RMS_DEVICE_EXCLUSIVE;
	if (rms_leaf_is_hwpoison(leaf))
		return RMS_HWPOISON;
	return rms_leaf_is_marker(leaf) ? RMS_NONE : RMS_OTHER;
}

/**
 * rms_entry_marker - what a marker in the place of a page marks
 * @entry: its content is RMS_NONE
 *
 * Context: any.
 * Return: bits PTE_MARKER_*; 0 if there is no marker.
 */
unsigned long rms_entry_marker(const struct rms_entry *entry)
{
	swp_entry_t leaf = rms_entry_leaf(entry);

	return rms_leaf_is_marker(leaf) ? rms_leaf_marker(leaf) : 0;
}

/**
 * rms_entry_is_swapin_error - whether the page could not be read from swap
 * @entry: its content is RMS_OTHER
 *
 * Context: any.
 * Return: true if so; newer kernels write a marker instead (PTE_MARKER_POISONED).
 */
bool rms_entry_is_swapin_error(const struct rms_entry *entry)
{
	return rms_leaf_is_swapin_error(rms_entry_leaf(entry));
}

/**
 * rms_entry_swap - the swap slot that a page-table entry leads to
 * @entry: its content is RMS_SWAP
 *
 * Context: any.
 * Return: type and offset of the slot.
 */
swp_entry_t rms_entry_swap(const struct rms_entry *entry)
{
	return rms_entry_leaf(entry);
}

/**
 * rms_entry_pfn - the frame that a page-table entry leads to
 * @entry: its content is RMS_PRESENT, RMS_MIGRATION, RMS_HWPOISON or that of a device
 * @addr: the address, as a huge entry covers many frames
 *
 * Context: any.
 * Return: the frame at @addr.
 */
unsigned long rms_entry_pfn(const struct rms_entry *entry, unsigned long addr)
{
	bool present = rms_entry_present(entry);

	if (entry->level == RMS_PTE)
		return present ? pte_pfn(__pte(entry->val)) :
				 rms_leaf_to_pfn(rms_entry_leaf(entry));
	if (entry->level == RMS_PMD)
		return (present ? pmd_pfn(__pmd(entry->val)) :
				  rms_leaf_to_pfn(rms_entry_leaf(entry))) +
		       ((addr & ~PMD_MASK) >> PAGE_SHIFT);
	return (present ? pud_pfn(__pud(entry->val)) :
			  rms_leaf_to_pfn(rms_entry_leaf(entry))) +
	       ((addr & ~PUD_MASK) >> PAGE_SHIFT);
}
