// SPDX-License-Identifier: GPL-2.0
/*
 * Reads page-table entries of a VMA, under the lock of their table, and changes
 * nothing: no fault, no accessed bit, no split. It answers two questions: which page
 * is at an address of a process, and what a visited VMA has in the place of a page.
 *
 * The second is asked under the rmap lock: see the rules in walk.c.
 */
#include <linux/hugetlb.h>
#include <linux/memory_hotplug.h>
#include <linux/pgtable.h>
#include <linux/swap.h>

#include "rmapscope.h"
#include "symbols.h"

/*
 * A table that vanishes between reading the PMD and mapping the table (collapse
 * to a huge page, freeing of an empty table) is looked up again, this often.
 */
#define RMS_TABLE_TRIES	16

/* One reading: of @nr pages from @addr on, into @vals; for @hold, see rms_entry_hold(). */
struct rms_reading {
	struct vm_area_struct *vma;
	unsigned long addr;
	unsigned int nr;
	unsigned long *vals;
	struct rms_entry *entry;
	struct rms_hold *hold;
};

/*
 * A reference to a page, if it is one that has a reverse map. Context: the lock
 * of the page table is held, so the page stays mapped.
 */
static struct page *rms_hold_page(unsigned long pfn)
{
	/* NULL for memory of devices, and for frames without a struct page. */
	struct page *page = pfn_to_online_page(pfn);
	struct folio *folio;

	if (!page)
		return NULL;
	/*
	 * Mapped, but neither of a file nor anonymous: a driver's own memory, or the huge
	 * zero page.
	 */
	folio = page_folio(page);
	if (!READ_ONCE(folio->mapping) || !folio_try_get(folio))
		return NULL;
	return page;
}

/* Of an entry of any level. Context: as above. */
static void rms_hold_entry(struct rms_reading *r)
{
	const struct rms_entry *entry = r->entry;

	switch (rms_entry_content(entry)) {
	case RMS_PRESENT:
		/* The zero page and raw frames: what rmap knows nothing of. */
		if (entry->level == RMS_PTE ? pte_special(__pte(entry->val)) :
					      r->vma->vm_flags & (VM_PFNMAP | VM_MIXEDMAP))
			break;
		r->hold->page = rms_hold_page(rms_entry_pfn(entry, r->addr));
		break;
	case RMS_SWAP:
		/* Our entry keeps the swap slot in use until the lock is gone. */
		r->hold->swap_count = static_call(rms_swp_swapcount)(rms_entry_swap(entry));
		break;
	default:
		break;
	}
}

/* A huge entry, one that is not present, or nothing: note it down. */
static void rms_read_leaf(struct rms_reading *r, enum rms_level level, const void *slot,
			  unsigned long val)
{
	*r->entry = (struct rms_entry){ .val = val, .level = level, .slot = slot };
	if (r->hold)
		rms_hold_entry(r);
}

static bool rms_pud_is_table(pud_t pud)
{
	return pud_present(pud) && !pud_leaf(pud);
}

/* The PUD itself, unless a table is there: then return false. */
static bool rms_read_pud(struct rms_reading *r, pud_t *pud)
{
	struct mm_struct *mm = r->vma->vm_mm;
	spinlock_t *ptl; /* of the table of PUDs */
	pud_t pudval = READ_ONCE(*pud);
	bool table;

	if (pud_none(pudval)) {
		rms_read_leaf(r, RMS_PUD, NULL, 0);
		return true;
	}
	if (rms_pud_is_table(pudval))
		return false;

	ptl = pud_lock(mm, pud);
	pudval = READ_ONCE(*pud);
	table = rms_pud_is_table(pudval);
	if (!table)
		rms_read_leaf(r, RMS_PUD, pud, pud_val(pudval));
	spin_unlock(ptl);
	return !table;
}

static bool rms_pmd_is_table(pmd_t pmd)
{
	return pmd_present(pmd) && !pmd_leaf(pmd);
}

/* The PMD itself, unless a table is there: then return false. */
static bool rms_read_pmd(struct rms_reading *r, pmd_t *pmd)
{
	struct mm_struct *mm = r->vma->vm_mm;
	spinlock_t *ptl; /* of the table of PMDs */
	pmd_t pmdval = READ_ONCE(*pmd);
	bool table;

	if (pmd_none(pmdval)) {
		rms_read_leaf(r, RMS_PMD, NULL, 0);
		return true;
	}
	if (rms_pmd_is_table(pmdval))
		return false;

	ptl = pmd_lock(mm, pmd);
	pmdval = READ_ONCE(*pmd);
	table = rms_pmd_is_table(pmdval);
	if (!table)
		rms_read_leaf(r, RMS_PMD, pmd, pmd_val(pmdval));
	spin_unlock(ptl);
	return !table;
}

/* The PTEs, unless the table has gone: then return false. */
static bool rms_read_ptes(struct rms_reading *r, pmd_t *pmd)
{
	spinlock_t *ptl; /* of the table of PTEs */
	pte_t *pte = rms_pte_map_lock(r->vma->vm_mm, pmd, r->addr, &ptl);
	unsigned int i;

	if (!pte)
		return false;
	for (i = 0; i < r->nr; i++)
		r->vals[i] = pte_val(ptep_get(pte + i));
	*r->entry = (struct rms_entry){ .val = r->vals[0], .level = RMS_PTE };
	if (r->hold)
		rms_hold_entry(r);
	rms_pte_unmap_unlock(pte, ptl);
	return true;
}

/* Down the tables to where they end. False if they changed each time we tried. */
static bool rms_read_tables(struct rms_reading *r)
{
	pgd_t *pgd = pgd_offset(r->vma->vm_mm, r->addr);
	p4d_t *p4d;
	pud_t *pud;
	pmd_t *pmd;
	int try;

	*r->entry = (struct rms_entry){ .level = RMS_PUD };
	if (!pgd_present(*pgd))
		return true;
	p4d = p4d_offset(pgd, r->addr);
	if (!p4d_present(*p4d))
		return true;
	pud = pud_offset(p4d, r->addr);
	for (try = 0; try < RMS_TABLE_TRIES; try++) {
		if (rms_read_pud(r, pud))
			return true;
		pmd = pmd_offset(pud, r->addr);
		if (rms_read_pmd(r, pmd) || rms_read_ptes(r, pmd))
			return true;
	}
	return false;
}

/**
 * rms_entry_read - read the page-table entry that translates an address
 * @vma: covers @addr
 * @addr: page-aligned
 * @entry: out: the entry, and where it was found
 * @hold: out: what keeps the page there, for a caller without an rmap lock; or NULL
 *
 * Like follow_page_mask() and folio_walk_start() in the kernel, but it looks at all
 * there is, doesn't touch the page, and doesn't need the mmap_lock if the VMA is
 * held in place by the rmap lock that led to it: page tables are only freed after
 * the VMA was unlinked from there (free_pgtables()). Tables that hugetlb shares between
 * processes are unshared under the i_mmap lock of the file for writing.
 *
 * Context: mmap_lock of @vma->vm_mm, or the rmap lock of a tree that @vma is in, held
 * for reading; for hugetlb of a file also its i_mmap lock. Takes and drops the page-table
 * lock. Doesn't sleep or allocate.
 * Return: false if the tables changed each time we tried; then @entry is empty.
 */
bool rms_entry_read(struct vm_area_struct *vma, unsigned long addr,
		    struct rms_entry *entry, struct rms_hold *hold)
{
	unsigned long val;
	struct rms_reading r = {
		.vma = vma,
		.addr = addr,
		.nr = 1,
		.vals = &val,
		.entry = entry,
		.hold = hold,
	};

	if (hold)
		*hold = (struct rms_hold){};
	return rms_read_tables(&r);
}

/**
 * rms_entries_read - read the entries that translate a range, up to the end of one table
 * @vma: covers the range
 * @addr: page-aligned
 * @end: exclusive, page-aligned, beyond @addr
 * @vals: out: raw PTEs, room for PTRS_PER_PTE of them
 * @entry: out: the first entry; if its level isn't RMS_PTE, it is all there is, and @vals
 *	are not touched
 *
 * Context: as rms_entry_read().
 * Return: how many pages from @addr on are told of, at least one.
 */
unsigned int rms_entries_read(struct vm_area_struct *vma, unsigned long addr,
			      unsigned long end, unsigned long *vals, struct rms_entry *entry)
{
	struct rms_reading r = {
		.vma = vma,
		.addr = addr,
		.nr = (min(pmd_addr_end(addr, end), end) - addr) >> PAGE_SHIFT,
		.vals = vals,
		.entry = entry,
	};

	/* Tables that never held still are empty to us, as far as a table of PTEs. */
	if (!rms_read_tables(&r))
		entry->level = RMS_PMD;
	if (entry->level == RMS_PUD)
		return (pud_addr_end(addr, end) - addr) >> PAGE_SHIFT;
	return r.nr;
}

static swp_entry_t rms_entry_leaf(const struct rms_entry *entry)
{
	if (entry->level == RMS_PMD)
		return rms_leaf_from_pmd(__pmd(entry->val));
	/* Only hugetlb has PUDs that aren't present, and it writes them as PTEs. */
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
	return (present ? pud_pfn(__pud(entry->val)) :
			  rms_leaf_to_pfn(rms_entry_leaf(entry))) +
	       ((addr & ~PUD_MASK) >> PAGE_SHIFT);
}
