// SPDX-License-Identifier: GPL-2.0
/*
 * Reads page-table entries of a VMA, under the lock of their table, and changes nothing: no fault,
 * no accessed bit, no split. It serves two purposes: to find the page at an address of a process,
 * and to find out what a visited VMA has in the place of a page. The latter runs under the rmap
 * lock: see the rules in walk.c.
 */
#include <linux/hugetlb.h>
#include <linux/memory_hotplug.h>
#include <linux/pgtable.h>
#include <linux/swap.h>

#include "rmapscope.h"
#include "symbols.h"

/*
 * How often to read a PMD again whose page table has gone by the time it is mapped: a collapse to a
 * huge page removes it, or an empty table is freed.
 */
#define RMS_TABLE_TRIES	16

/*
 * One read of the entries of @nr pages from @addr on, into @vals; for @hold, see rms_hold_entry().
 * With @table, a table of PTEs is left locked instead of being read. All that a walk does for each
 * VMA is inlined, so that this structure is a few registers and not memory: most of the time of a
 * walk is spent here.
 */
struct rms_reading {
	struct vm_area_struct *vma;
	unsigned long addr;
	unsigned int nr;
	unsigned long *vals;
	struct rms_entry *entry;
	struct rms_hold *hold;
	struct rms_table *table;
};

/*
 * Takes a reference to a page, if it has a reverse map.
 *
 * Context: the lock of the page table is held, so the page stays mapped.
 */
static void rms_hold_page(struct rms_hold *hold, unsigned long pfn)
{
	/* NULL for memory of devices, and for frames without a struct page. */
	struct page *page = pfn_to_online_page(pfn) ?: rms_fsdax_page(pfn, &hold->pgmap);

	/*
	 * A mapped page without ->mapping is neither a file's nor anonymous: it is a driver's own
	 * memory, or the huge zero page.
	 */
	if (page && READ_ONCE(page_folio(page)->mapping)) {
		hold->frozen = !folio_try_get(page_folio(page));
		hold->page = hold->frozen ? NULL : page;
	}
	if (!hold->page) {
		put_dev_pagemap(hold->pgmap);
		hold->pgmap = NULL;
	}
}

/* Holds the page of an entry of any level. Context: as rms_hold_page(). */
static noinline void rms_hold_entry(struct rms_hold *hold, const struct rms_entry *entry,
				    struct vm_area_struct *vma, unsigned long addr)
{
	switch (rms_entry_content(entry)) {
	case RMS_PRESENT:
		/* The zero page and raw frames have no reverse map. */
		if (entry->level == RMS_PTE ? pte_special(__pte(entry->val)) :
					      vma->vm_flags & (VM_PFNMAP | VM_MIXEDMAP))
			break;
		rms_hold_page(hold, rms_entry_pfn(entry, addr));
		break;
	case RMS_DEVICE_EXCLUSIVE:
		/* The entry holds a reference to the page, as a present one does. */
		rms_hold_page(hold, rms_entry_pfn(entry, addr));
		break;
	case RMS_SWAP:
		/* This entry keeps the swap slot in use until the page-table lock is dropped. */
		hold->swap_count = rms_swap_count(rms_entry_swap(entry));
		break;
	default:
		break;
	}
}

/**
 * rms_hold_put - drop the references to the page of an entry
 * @hold: as rms_entry_read() left it
 *
 * Context: may sleep; no rmap lock held, nor the mmap_lock if this is the last reference.
 */
void rms_hold_put(struct rms_hold *hold)
{
	if (hold->page)
		put_page(hold->page);
	put_dev_pagemap(hold->pgmap);
	*hold = (struct rms_hold){};
}

static bool rms_pud_is_table(pud_t pud)
{
	return pud_present(pud) && !pud_leaf(pud);
}

/* Reads a PUD that leads to no table. Returns false if it leads to one by now. */
static noinline bool rms_read_pud(struct vm_area_struct *vma, unsigned long addr, pud_t *pud,
				  struct rms_entry *entry, struct rms_hold *hold)
{
	spinlock_t *ptl = pud_lock(vma->vm_mm, pud);
	pud_t pudval = READ_ONCE(*pud);
	bool table = rms_pud_is_table(pudval);

	if (!table) {
		*entry = (struct rms_entry){ pud_val(pudval), RMS_PUD, pud };
		if (hold)
			rms_hold_entry(hold, entry, vma, addr);
	}
	spin_unlock(ptl);
	return !table;
}

static bool rms_pmd_is_table(pmd_t pmd)
{
	return pmd_present(pmd) && !pmd_leaf(pmd);
}

/* Reads a PMD that leads to no table. Returns false if it leads to one by now. */
static noinline bool rms_read_pmd(struct vm_area_struct *vma, unsigned long addr, pmd_t *pmd,
				  struct rms_entry *entry, struct rms_hold *hold)
{
	spinlock_t *ptl = pmd_lock(vma->vm_mm, pmd);
	pmd_t pmdval = READ_ONCE(*pmd);
	bool table = rms_pmd_is_table(pmdval);

	if (!table) {
		*entry = (struct rms_entry){ pmd_val(pmdval), RMS_PMD, pmd };
		if (hold)
			rms_hold_entry(hold, entry, vma, addr);
	}
	spin_unlock(ptl);
	return !table;
}

/* Reads PTEs. Returns false if the table has gone. */
static __always_inline bool rms_read_ptes(const struct rms_reading *r, pmd_t *pmd)
{
	spinlock_t *ptl; /* of the table of PTEs */
	pte_t *pte = rms_pte_map_lock(r->vma->vm_mm, pmd, r->addr, &ptl);
	unsigned int i;

	if (!pte)
		return false;
	if (r->table) {
		r->table->pte = pte;
		r->table->ptl = ptl;
		r->entry->level = RMS_PTE;
		return true;
	}
	*r->entry = (struct rms_entry){ .val = pte_val(ptep_get(pte)), .level = RMS_PTE };
	for (i = 0; r->vals && i < r->nr; i++)
		r->vals[i] = pte_val(ptep_get(pte + i));
	if (r->hold)
		rms_hold_entry(r->hold, r->entry, r->vma, r->addr);
	rms_pte_unmap_unlock(pte, ptl);
	return true;
}

/* Goes down the tables to where they end. Returns false if they changed at each try. */
static __always_inline bool rms_read_tables(const struct rms_reading *r)
{
	pgd_t *pgd = pgd_offset(r->vma->vm_mm, r->addr);
	struct rms_entry *entry = r->entry;
	pud_t *pud, pudval;
	pmd_t *pmd, pmdval;
	p4d_t *p4d;
	int try;

	*entry = (struct rms_entry){ .level = RMS_PUD };
	if (!pgd_present(*pgd))
		return true;
	p4d = p4d_offset(pgd, r->addr);
	if (!p4d_present(*p4d)) {
		if (r->table)
			r->table->end = (r->addr & P4D_MASK) + P4D_SIZE;
		return true;
	}
	pud = pud_offset(p4d, r->addr);
	for (try = 0; try < RMS_TABLE_TRIES; try++) {
		pudval = READ_ONCE(*pud);
		if (unlikely(!rms_pud_is_table(pudval))) {
			if (pud_none(pudval) ||
			    rms_read_pud(r->vma, r->addr, pud, entry, r->hold))
				return true;
			continue;
		}
		pmd = pmd_offset(pud, r->addr);
		pmdval = READ_ONCE(*pmd);
		if (unlikely(!rms_pmd_is_table(pmdval))) {
			entry->level = RMS_PMD;
			if (pmd_none(pmdval) ||
			    rms_read_pmd(r->vma, r->addr, pmd, entry, r->hold))
				return true;
			continue;
		}
		if (likely(rms_read_ptes(r, pmd)))
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
 * Like follow_page_mask() and folio_walk_start() in the kernel, but it reads entries of any kind,
 * and doesn't mark the page as accessed.
 *
 * The mmap_lock keeps the page tables of all addresses in @vma. An rmap lock keeps only the tables
 * of the addresses that the pgoff of a page leads to. munmap() and exit free tables after they have
 * unlinked the VMA (free_pgtables()). But exec moves its new stack downwards under the mmap_lock
 * alone (shift_arg_pages(), since v6.10 relocate_vma_down()): for a while @vma covers both places,
 * then the tables of the old place are freed, and @vma stays in its tree all the time. By then the
 * pgoff of each page leads to the new place. Tables of hugetlb that processes share are unshared
 * under the i_mmap lock of the file for writing.
 *
 * Context: mmap_lock of @vma->vm_mm held for reading; or the rmap lock of a tree that @vma is in,
 * with @addr made from a page's pgoff; for hugetlb of a file also its i_mmap lock. Takes and drops
 * the page-table lock. Doesn't sleep or allocate.
 * Return: false if the tables changed each time we tried; then @entry is empty.
 */
bool rms_entry_read(struct vm_area_struct *vma, unsigned long addr,
		    struct rms_entry *entry, struct rms_hold *hold)
{
	struct rms_reading r = {
		.vma = vma,
		.addr = addr,
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
 * Return: how many pages from @addr on were read, at least one.
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

	/* If the tables changed at each try, take the range of a table of PTEs for empty. */
	if (!rms_read_tables(&r))
		entry->level = RMS_PMD;
	if (entry->level == RMS_PUD)
		return (pud_addr_end(addr, end) - addr) >> PAGE_SHIFT;
	return r.nr;
}

/**
 * rms_table_open - find and lock the table of PTEs that translates an address
 * @vma: covers @addr
 * @addr: page-aligned
 * @table: out; to be given to rms_table_close()
 * @hold: out: what keeps the page of a huge entry there, as for rms_entry_read(); or NULL
 *
 * If the tables changed each time we tried, @table is as if nothing were there.
 *
 * Context: as rms_entry_read(). Returns with the lock of the table held, if there is one.
 */
void rms_table_open(struct vm_area_struct *vma, unsigned long addr, struct rms_table *table,
		    struct rms_hold *hold)
{
	struct rms_reading r = {
		.vma = vma,
		.addr = addr,
		.entry = &table->entry,
		.hold = hold,
		.table = table,
	};

	table->pte = NULL;
	table->end = 0;
	if (!rms_read_tables(&r))
		table->entry.level = RMS_PMD;
	if (table->pte || table->entry.level == RMS_PMD)
		table->end = (addr & PMD_MASK) + PMD_SIZE;
	else if (!table->end)
		table->end = (addr & PUD_MASK) + PUD_SIZE;
}

/**
 * rms_table_close - unlock a table
 * @table: as rms_table_open() left it
 *
 * Context: the lock of the table is held, if there is one.
 */
void rms_table_close(struct rms_table *table)
{
	if (table->pte)
		rms_pte_unmap_unlock(table->pte, table->ptl);
	table->pte = NULL;
}
