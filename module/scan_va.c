// SPDX-License-Identifier: GPL-2.0
/*
 * Collects the pages of a run from the page tables of a process, one table at a time, and walks
 * from them. The mmap_lock of the process is held for one run, or for as many steps over empty page
 * tables as a report takes at once.
 *
 * No page is referenced. The lock of the table keeps the pages while they are read, and the walk
 * only compares their frame numbers. The mmap_lock keeps the VMA, and that its anon_vmas and file.
 */
#include <linux/hugetlb.h>
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/rmap.h>
#include <linux/sched/mm.h>

#include "compat.h"
#include "procs.h"
#include "scan.h"
#include "scan_facts.h"

/**
 * struct rms_table_scan - one table of the process that is being collected
 * @s: the stream
 * @vma: the VMA
 * @start: the first address
 * @end: the one behind the last
 * @table: what was found there
 */
struct rms_table_scan {
	struct rms_scan *s;
	struct vm_area_struct *vma;
	unsigned long start;
	unsigned long end;
	struct rms_table table;
};

static bool rms_is_raw(const struct vm_area_struct *vma)
{
	return vma->vm_flags & (VM_PFNMAP | VM_MIXEDMAP);
}

/* The report on the page finds out. */
static void rms_leave_alone(struct rms_table_scan *t, u32 index, u32 count)
{
	struct rms_scan_pages *p = rms_scan_add(&t->s->run, index);

	p->count = count;
	p->alone = true;
	p->fields = RMS_PAGE_LEVEL;
	p->level = t->table.entry.level;
}

/*
 * Whether a page can be walked from together with the others: the walk finds it by its offset in
 * the tree of the VMA, or in its file.
 */
static bool rms_is_linear(const struct rms_table_scan *t, const struct rms_scan_pages *p,
			  unsigned long addr)
{
	const struct vm_area_struct *vma = t->vma;
	bool anon = p->kind == RMS_KIND_ANON;

	if (p->pgoff != rms_vma_pgoff(vma, anon) + ((addr - vma->vm_start) >> PAGE_SHIFT))
		return false;
	/*
	 * Under no page-table lock, UFFDIO_MOVE may have moved the page to a VMA of another
	 * root, whose lock the walk would not hold. That VMA keeps its anon_vma: its mm is locked.
	 */
	if (anon)
		return vma->anon_vma &&
		       ((struct anon_vma *)p->tree)->root == vma->anon_vma->root;
	return vma->vm_file && vma->vm_file->f_mapping == p->file;
}

/*
 * A page that an entry maps, and that differs from the one before.
 *
 * Context: the lock of the table, or the page referenced.
 */
static noinline void rms_collect_page(struct rms_table_scan *t, struct page *page,
				      unsigned long addr, int self)
{
	struct rms_scan *s = t->s;
	struct rms_run *run = &s->run;
	struct rms_scan_pages *p = rms_scan_add(run, (addr - run->start) >> PAGE_SHIFT);
	int ret;

	/* A mapped page without a mapping is a driver's own memory. */
	if (READ_ONCE(page_folio(page)->mapping))
		ret = rms_scan_read_page(s, page, self, p);
	else
		ret = -EOPNOTSUPP;
	if (ret || !rms_scan_wants(&s->range, p, p->maps)) {
		rms_scan_remove_last(run);
		run->unmapped[RMS_UNMAPPED_RAW] += ret == -EOPNOTSUPP;
		run->moving += ret == -EAGAIN;
		return;
	}
	p->level = t->table.entry.level;
	p->fields |= RMS_PAGE_LEVEL;
	if (!rms_range_walks(&s->range)) {
		p->tree = NULL;
	} else if (p->tree && !rms_is_linear(t, p, addr)) {
		p->alone = true;
		run->last = false;
	}
}

static void rms_collect_swap(struct rms_table_scan *t, swp_entry_t swap, unsigned long addr)
{
	struct rms_scan *s = t->s;
	struct rms_run *run = &s->run;
	struct rms_scan_pages *p = rms_scan_add(run, (addr - run->start) >> PAGE_SHIFT);

	p->kind = RMS_KIND_SWAP;
	p->level = RMS_PTE;
	p->fields = RMS_PAGE_LEVEL;
	run->frames[p->place] = PFN_PHYS(swp_offset(swap));
	p->swap_type = swp_type(swap);
	p->maps = rms_swap_count(swap);
	if (!rms_scan_wants(&s->range, p, p->maps)) {
		rms_scan_remove_last(run);
		return;
	}
	/* All VMAs of the tree are chained to its root. */
	if (rms_range_walks(&s->range) && t->vma->anon_vma) {
		p->tree = t->vma->anon_vma->root;
		p->pgoff = rms_vma_pgoff(t->vma, true) + ((addr - t->vma->vm_start) >> PAGE_SHIFT);
	}
}

/* An entry that isn't present, or isn't that of a page with a reverse map. */
static noinline void rms_collect_other(struct rms_table_scan *t, const struct rms_entry *entry,
				       unsigned long addr, u32 nr)
{
	struct rms_run *run = &t->s->run;
	u32 index = (addr - run->start) >> PAGE_SHIFT;

	switch (rms_entry_content(entry)) {
	case RMS_PRESENT:
		if (rms_is_raw(t->vma) || !pte_special(__pte(entry->val)))
			run->unmapped[RMS_UNMAPPED_RAW] += nr;
		else
			run->unmapped[RMS_UNMAPPED_ZERO] += nr;
		break;
	case RMS_SWAP:
		rms_collect_swap(t, rms_entry_swap(entry), addr);
		break;
	case RMS_MIGRATION:
		run->moving += nr;
		break;
	case RMS_DEVICE_PRIVATE:
	case RMS_DEVICE_EXCLUSIVE:
		rms_leave_alone(t, index, nr);
		break;
	case RMS_HWPOISON:
		run->unmapped[RMS_UNMAPPED_HWPOISON] += nr;
		break;
	default:
		break;
	}
}

/* NULL if the frame isn't online. Memory goes online by subsections at least. */
static struct page *rms_online_page(struct rms_scan *s, unsigned long pfn)
{
	unsigned long nr = pfn >> PFN_SUBSECTION_SHIFT;
	unsigned long *known = &s->online[nr % RMS_ONLINE_KNOWN];
	struct page *page;

	if (likely(*known == nr))
		return pfn_to_page(pfn);
	page = pfn_to_online_page(pfn);
	if (page)
		*known = nr;
	return page;
}

/* All entries of a table of PTEs. Context: its lock is held. */
static void rms_collect_ptes(struct rms_table_scan *t)
{
	u32 index, nr = (t->end - t->start) >> PAGE_SHIFT;
	struct rms_entry entry = { .level = RMS_PTE };
	unsigned long addr, pfn;
	struct page *page;
	pte_t pte;

	for (index = 0; index < nr; index++) {
		pte = ptep_get(t->table.pte + index);
		if (pte_none(pte))
			continue;
		addr = t->start + ((unsigned long)index << PAGE_SHIFT);
		if (unlikely(!pte_present(pte) || pte_special(pte))) {
			entry.val = pte_val(pte);
			rms_collect_other(t, &entry, addr, 1);
			continue;
		}
		pfn = pte_pfn(pte);
		page = rms_online_page(t->s, pfn);
		if (unlikely(!page))
			rms_leave_alone(t, index, 1);
		else if (!rms_scan_read_next(t->s, page, pfn, index))
			rms_collect_page(t, page, addr, 0);
	}
}

/* A huge entry, whose page is referenced in run->held. */
static void rms_collect_huge(struct rms_table_scan *t)
{
	struct rms_run *run = &t->s->run;
	const struct rms_entry *entry = &t->table.entry;
	u32 nr = (t->end - t->start) >> PAGE_SHIFT;
	struct page *page = run->held.page;
	u32 index;

	if (run->held.frozen) {
		run->moving += nr;
	} else if (run->held.pgmap || entry->level != RMS_PMD) {
		rms_leave_alone(t, 0, nr);
	} else if (page) {
		for (index = 0; index < nr; index++, page++) {
			if (!rms_scan_read_next(t->s, page, page_to_pfn(page), index))
				rms_collect_page(t, page, t->start + index * PAGE_SIZE, 1);
		}
	} else if (rms_entry_content(entry) == RMS_PRESENT && !rms_is_raw(t->vma) &&
		   pfn_to_online_page(rms_entry_pfn(entry, t->start))) {
		run->unmapped[RMS_UNMAPPED_ZERO] += nr;
	} else {
		rms_collect_other(t, entry, t->start, nr);
	}
}

/* The tables of hugetlb can be shared, and are kept by the i_mmap lock of the file. */
static void rms_collect_hugetlb(struct rms_table_scan *t)
{
	struct address_space *mapping = t->vma->vm_file->f_mapping;

	i_mmap_lock_read(mapping);
	rms_table_open(t->vma, t->start, &t->table, NULL);
	rms_table_close(&t->table);
	i_mmap_unlock_read(mapping);
}

/*
 * Collects from one table, or steps over what is no table. Returns the address behind it.
 *
 * Context: mmap_lock held for reading.
 */
static unsigned long rms_collect_table(struct rms_table_scan *t)
{
	struct rms_run *run = &t->s->run;
	bool hugetlb = is_vm_hugetlb_page(t->vma);
	const struct rms_entry *entry = &t->table.entry;

	if (hugetlb)
		rms_collect_hugetlb(t);
	else
		rms_table_open(t->vma, t->start, &t->table, &run->held);
	if (!t->table.pte && !entry->val)
		return min(t->table.end, t->end);

	run->start = t->start;
	t->end = min(t->end, (t->start & PMD_MASK) + PMD_SIZE);
	t->end = min(t->end, t->start + ((unsigned long)t->s->limit << PAGE_SHIFT));
	run->count = (t->end - t->start) >> PAGE_SHIFT;
	if (hugetlb && rms_entry_content(entry) == RMS_HWPOISON)
		run->unmapped[RMS_UNMAPPED_HWPOISON] += run->count;
	else if (hugetlb && rms_entry_content(entry) != RMS_NONE)
		rms_leave_alone(t, 0, run->count);
	else if (t->table.pte)
		rms_collect_ptes(t);
	else
		rms_collect_huge(t);
	rms_table_close(&t->table);
	return t->end;
}

/*
 * Goes on to the next table with pages. Returns the VMA, or NULL if there is none up to run->end.
 *
 * Context: mmap_lock held for reading.
 */
static struct vm_area_struct *rms_find_pages_of_mm(struct rms_scan *s)
{
	VMA_ITERATOR(vmi, s->mm, s->at);
	struct rms_table_scan t = { .s = s };
	struct rms_run *run = &s->run;
	struct vm_area_struct *vma;
	int left = RMS_SLICE;

	run->end = s->at;
	for_each_vma(vmi, vma) {
		if (vma->vm_start >= s->range.end)
			break;
		t.vma = vma;
		t.start = max(run->end, vma->vm_start);
		while (t.start < min(vma->vm_end, s->range.end)) {
			t.end = min(vma->vm_end, s->range.end);
			run->count = 0;
			t.start = rms_collect_table(&t);
			run->end = t.start;
			if (run->nr_pages)
				return vma;
			left -= max(run->count, 1U);
			if (left <= 0 || run->moving || run->held.page || run->held.pgmap ||
			    mmap_lock_is_contended(s->mm))
				return NULL;
		}
	}
	run->end = s->range.end;
	return NULL;
}

/* Whether a page is still to be walked from, by its tree or by its file. */
static bool rms_is_next(const struct rms_scan_pages *p, bool file)
{
	return p->tree && !p->alone && !p->grouped && !p->file == !file;
}

static void rms_walk_files(struct rms_scan *s, struct vm_area_struct *vma)
{
	struct rms_run *run = &s->run;
	struct address_space *mapping;
	u32 i;

	for (i = 0; i < run->nr_pages && !run->killed && !run->split; i++) {
		if (!rms_is_next(&run->pages[i], true))
			continue;
		/* The only one: see rms_is_linear(). */
		mapping = vma->vm_file->f_mapping;
		i_mmap_lock_read(mapping);
		rms_scan_walk_file(s, mapping, rms_scan_group(run, i));
		i_mmap_unlock_read(mapping);
	}
}

/* A page hangs in an anon_vma of the VMA that maps it, and that keeps all its anon_vmas. */
static void rms_walk_anons(struct rms_scan *s, struct vm_area_struct *vma)
{
	struct rms_run *run = &s->run;
	struct anon_vma *root;
	u32 i;

	for (i = 0; i < run->nr_pages && !run->killed && !run->split; i++) {
		if (!rms_is_next(&run->pages[i], false))
			continue;
		root = vma->anon_vma->root;
		down_read(&root->rwsem);
		rms_scan_walk_anon(s, (struct anon_vma *)run->pages[i].tree,
				   rms_scan_group(run, i));
		up_read(&root->rwsem);
	}
}

/* Names the file of the VMA, if pages of it are in the run. Context: mmap_lock held. */
static int rms_name_file(struct rms_scan *s, struct vm_area_struct *vma)
{
	struct rms_run *run = &s->run;
	u32 i, nr = 0;
	int ret;

	for (i = 0; i < run->nr_pages; i++) {
		struct rms_scan_pages *p = &run->pages[i];

		if (!p->file || p->alone || !vma->vm_file || p->file != vma->vm_file->f_mapping)
			continue;
		if (!nr) {
			ret = rms_scan_name_inode(s, vma->vm_file->f_mapping->host, &nr);
			if (ret)
				return ret;
		}
		p->file_nr = nr;
	}
	return 0;
}

/**
 * rms_scan_addresses - collect the next run of a process, and walk from it
 * @s: the stream; s->run gets it
 *
 * Context: may sleep; no lock of mm held.
 * Return: 0, also if there is no page up to run->end; -ESRCH if the process has exited; -EINTR on a
 * fatal signal; -ENOMEM.
 */
int rms_scan_addresses(struct rms_scan *s)
{
	struct vm_area_struct *vma;
	int ret = 0;

	if (!mmget_not_zero(s->mm))
		return -ESRCH;
	if (mmap_read_lock_killable(s->mm)) {
		mmput_async(s->mm);
		return -EINTR;
	}
	vma = rms_find_pages_of_mm(s);
	/* The walk needs no page. A write fault meanwhile would take the reference for a user. */
	rms_hold_put(&s->run.held);
	if (vma && rms_range_walks(&s->range)) {
		rms_scan_clear_found(&s->run);
		rms_walk_files(s, vma);
		rms_walk_anons(s, vma);
	}
	if (vma)
		ret = rms_name_file(s, vma);
	mmap_read_unlock(s->mm);
	mmput_async(s->mm);
	return ret;
}

/**
 * rms_scan_check_addresses - find the mm of a stream, and whether it has memory in the range
 * @s: the stream; gets the mm, and the bounds if none were given
 *
 * Context: may sleep; no lock of mm held.
 * Return: 0; -ESRCH if the process has no memory; -EFAULT if it has none in the range; -EINTR on a
 * fatal signal.
 */
int rms_scan_check_addresses(struct rms_scan *s)
{
	struct rms_target t = { .pid = s->range.pid };
	struct mm_struct *mm = rms_target_mm(&t);
	int ret = 0;

	if (!mm)
		return -ESRCH;
	mmgrab(mm);
	s->mm = mm;
	if (!s->range.bounded)
		s->range.end = TASK_SIZE_MAX;
	if (mmap_read_lock_killable(mm)) {
		ret = -EINTR;
	} else {
		if (!find_vma_intersection(mm, s->range.start, s->range.end))
			ret = -EFAULT;
		mmap_read_unlock(mm);
	}
	mmput_async(mm);
	return ret;
}
