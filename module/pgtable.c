// SPDX-License-Identifier: GPL-2.0
/*
 * Reads one page-table entry of a VMA, under the lock of its table, and changes
 * nothing: no fault, no accessed bit, no split. It answers two questions: which page
 * is at an address of a process, and what a visited VMA has in the place of the page.
 *
 * The second is asked under the rmap lock: see the rules in walk.c.
 */
#include <linux/memory_hotplug.h>
#include <linux/pgtable.h>

#include "rmapscope.h"
#include "symbols.h"

/*
 * A table that vanishes between reading the PMD and mapping the table (collapse
 * to a huge page, freeing of an empty table) is looked up again, this often.
 */
#define RMS_TABLE_TRIES	16

/* The table of PMDs that covers @addr; NULL if the walk ends above, see @entry. */
static pmd_t *rms_pmd_offset(struct mm_struct *mm, unsigned long addr,
			     struct rms_entry *entry)
{
	pgd_t *pgd = pgd_offset(mm, addr);
	p4d_t *p4d;
	pud_t *pud, pudval;

	*entry = (struct rms_entry){ .level = RMS_PUD };
	if (!pgd_present(*pgd))
		return NULL;
	p4d = p4d_offset(pgd, addr);
	if (!p4d_present(*p4d))
		return NULL;
	pud = pud_offset(p4d, addr);
	pudval = READ_ONCE(*pud);
	if (!pud_present(pudval) || pud_leaf(pudval)) {
		entry->val = pud_val(pudval);
		return NULL;
	}
	entry->level = RMS_PMD;
	return pmd_offset(pud, addr);
}

/*
 * A reference to the page of a PTE, if it is one that has a reverse map. Context: the lock
 * of the page table is held, so the page stays mapped.
 */
static struct page *rms_pte_get_page(pte_t pte)
{
	struct page *page;
	struct folio *folio;

	/* The zero page and raw frames: what rmap knows nothing of. */
	if (!pte_present(pte) || pte_special(pte))
		return NULL;
	/* NULL for memory of devices, and for frames without a struct page. */
	page = pfn_to_online_page(pte_pfn(pte));
	if (!page)
		return NULL;
	/* Mapped, but neither of a file nor anonymous: a driver's own memory. */
	folio = page_folio(page);
	if (!READ_ONCE(folio->mapping) || !folio_try_get(folio))
		return NULL;
	return page;
}

static bool rms_pmd_is_table(pmd_t pmd)
{
	return pmd_present(pmd) && !pmd_leaf(pmd);
}

/* Read the PMD itself, unless a table is there: then return false. */
static bool rms_read_pmd(struct mm_struct *mm, pmd_t *pmd, struct rms_entry *entry)
{
	pmd_t pmdval = READ_ONCE(*pmd);
	spinlock_t *ptl; /* of the table of PMDs */
	bool table;

	if (pmd_none(pmdval))
		return true;
	if (rms_pmd_is_table(pmdval))
		return false;

	ptl = pmd_lock(mm, pmd);
	pmdval = READ_ONCE(*pmd);
	table = rms_pmd_is_table(pmdval);
	if (!table)
		entry->val = pmd_val(pmdval);
	spin_unlock(ptl);
	return !table;
}

/* Read the PTE, unless the table has gone: then return false. */
static bool rms_read_pte(struct mm_struct *mm, pmd_t *pmd, unsigned long addr,
			 struct rms_entry *entry, struct page **page)
{
	spinlock_t *ptl; /* of the table of PTEs */
	pte_t *pte = rms_pte_map_lock(mm, pmd, addr, &ptl);

	if (!pte)
		return false;
	entry->val = pte_val(ptep_get(pte));
	entry->level = RMS_PTE;
	if (page)
		*page = rms_pte_get_page(ptep_get(pte));
	rms_pte_unmap_unlock(pte, ptl);
	return true;
}

/**
 * rms_entry_read - read the page-table entry that translates an address
 * @vma: covers @addr; not of hugetlb
 * @addr: page-aligned
 * @entry: out: the entry, and where it was found
 * @page: out: a reference to the page if it is an ordinary one, mapped by a PTE, else
 *	NULL; or NULL if none is wanted
 *
 * Like follow_page_mask() and folio_walk_start() in the kernel, but it looks at all
 * there is, doesn't touch the page, and doesn't need the mmap_lock if the VMA is
 * held in place by the rmap lock that led to it: page tables are only freed after
 * the VMA was unlinked from there (free_pgtables()).
 *
 * Context: mmap_lock of @vma->vm_mm, or the rmap lock of a tree that @vma is in, held
 * for reading. Takes and drops the page-table lock. Doesn't sleep or allocate.
 * Return: false if the tables changed each time we tried; then @entry is empty.
 */
bool rms_entry_read(struct vm_area_struct *vma, unsigned long addr,
		    struct rms_entry *entry, struct page **page)
{
	struct mm_struct *mm = vma->vm_mm;
	pmd_t *pmd;
	int try;

	if (page)
		*page = NULL;
	pmd = rms_pmd_offset(mm, addr, entry);
	if (!pmd)
		return true;
	for (try = 0; try < RMS_TABLE_TRIES; try++) {
		if (rms_read_pmd(mm, pmd, entry) ||
		    rms_read_pte(mm, pmd, addr, entry, page))
			return true;
	}
	return false;
}

static swp_entry_t rms_entry_leaf(const struct rms_entry *entry)
{
	if (entry->level == RMS_PTE)
		return rms_leaf_from_pte(__pte(entry->val));
	if (entry->level == RMS_PMD)
		return rms_leaf_from_pmd(__pmd(entry->val));
	return (swp_entry_t){ 0 };
}

static bool rms_entry_present(const struct rms_entry *entry)
{
	switch (entry->level) {
	case RMS_PTE:
		return pte_present(__pte(entry->val));
	case RMS_PMD:
		return pmd_present(__pmd(entry->val));
	default:
		return pud_present(__pud(entry->val));
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
	if (rms_leaf_is_device(leaf))
		return RMS_DEVICE;
	return rms_leaf_is_marker(leaf) ? RMS_NONE : RMS_OTHER;
}

/**
 * rms_entry_pfn - the frame that a page-table entry leads to
 * @entry: its content is RMS_PRESENT, RMS_MIGRATION or RMS_DEVICE
 * @addr: the address that was looked up: a huge entry covers many frames
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
	return pud_pfn(__pud(entry->val)) + ((addr & ~PUD_MASK) >> PAGE_SHIFT);
}
