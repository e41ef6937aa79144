// SPDX-License-Identifier: GPL-2.0
/* Faults that the checks of pages, VMAs and page tables should report. */
#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/pgtable.h>
#include <linux/rmap.h>
#include <linux/uaccess.h>

#include "faults.h"

/**
 * fault_page_flag() - set a flag in the second page of a compound page
 *
 * Context: process context.
 */
void fault_page_flag(void)
{
	struct page *page = alloc_pages(GFP_KERNEL | __GFP_COMP, 1);

	if (page)
		folio_mark_uptodate((struct folio *)(page + 1));
}

/* Maps a new page for the current process and writes to it. Returns its address, or 0. */
static unsigned long new_user_page(void)
{
	unsigned long addr = vm_mmap(NULL, 0, PAGE_SIZE, PROT_READ | PROT_WRITE,
				     MAP_PRIVATE | MAP_ANONYMOUS, 0);

	if (IS_ERR_VALUE(addr) || put_user(1, (char __user *)addr))
		return 0;
	return addr;
}

/**
 * fault_page_table() - map an anonymous page writable a second time
 *
 * Context: process context.
 */
void fault_page_table(void)
{
	unsigned long addr = new_user_page();
	struct page *page;
	pte_t pte;

	if (!addr || get_user_pages_fast(addr, 1, FOLL_WRITE, &page) != 1)
		return;
	/* This changes no page table: the check counts the mappings of the page. */
	set_pte_at(current->mm, addr, &pte, pfn_pte(page_to_pfn(page), PAGE_SHARED));
	put_page(page);
}

/**
 * fault_interval_tree() - make the key of a VMA in an anon_vma's tree wrong
 *
 * Context: process context.
 */
void fault_interval_tree(void)
{
#ifdef CONFIG_DEBUG_VM_RB
	unsigned long addr = new_user_page();
	struct anon_vma_chain *avc;
	struct vm_area_struct *vma;

	mmap_write_lock(current->mm);
	vma = vma_lookup(current->mm, addr);
	if (vma && !list_empty(&vma->anon_vma_chain)) {
		avc = list_first_entry(&vma->anon_vma_chain, struct anon_vma_chain, same_vma);
		avc->cached_vma_start++;
	}
	mmap_write_unlock(current->mm);
	/* Adding a VMA that can't be merged with that one makes the kernel check all VMAs. */
	addr = vm_mmap(NULL, 0, PAGE_SIZE, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, 0);
	if (IS_ERR_VALUE(addr))
		pr_err("no second mapping\n");
#endif
}
