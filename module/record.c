// SPDX-License-Identifier: GPL-2.0
/*
 * Records what a VMA has in the place of the requested pages. This runs under the rmap lock: see
 * the rules in walk.c.
 */
#include <linux/mm.h>
#include <linux/sched/mm.h>

#include "rmapscope.h"
#include "symbols.h"
#include "walk.h"

/* What a page-table entry has to do with a page. */
enum rms_relation {
	RMS_UNRELATED,
	RMS_MAPS,
	RMS_BORROWED,		/* leads to the page, and does not count as a mapping */
};

/*
 * Whether an entry maps page @index, as page_vma_mapped_walk() decides it: it is present, or a
 * device entry. The caller has read it under the lock of the page table, so a zap that has cleared
 * the entry has also dropped the map count.
 */
static __always_inline enum rms_relation
rms_relate(const struct rms_walk *w, const struct rms_entry *entry, unsigned long addr,
	   unsigned long index)
{
	enum rms_content content;

	/* The common case. */
	if (likely(entry->level == RMS_PTE && pte_present(__pte(entry->val))))
		return pte_pfn(__pte(entry->val)) == w->query.pfn + index ? RMS_MAPS :
									     RMS_UNRELATED;

	content = rms_entry_content(entry);
	switch (content) {
	case RMS_PRESENT:
	case RMS_DEVICE_PRIVATE:
	case RMS_DEVICE_EXCLUSIVE:
		if (rms_entry_pfn(entry, addr) != w->query.pfn + index)
			return RMS_UNRELATED;
		if (content == RMS_DEVICE_EXCLUSIVE && !RMS_DEVICE_EXCLUSIVE_MAPS)
			return RMS_BORROWED;
		return RMS_MAPS;
	default:
		return RMS_UNRELATED;
	}
}

/*
 * PageAnonExclusive() of what an entry maps. A huge entry has the flag in the first page it maps.
 */
static bool rms_exclusive(const struct rms_walk *w, const struct rms_entry *entry,
			  unsigned long addr)
{
	enum rms_kind kind = w->query.kind;

	if (!w->query.large || (kind != RMS_KIND_ANON && kind != RMS_KIND_HUGETLB_ANON))
		return w->query.exclusive;
	if (entry->level == RMS_PMD)
		addr &= PMD_MASK;
	else if (entry->level == RMS_PUD)
		addr &= PUD_MASK;
	return PageAnonExclusive(pfn_to_page(rms_entry_pfn(entry, addr)));
}

/**
 * rms_new_map - the next record of a walk, about a VMA
 * @w: the walk
 * @vma: the VMA, whose mm and file are referenced
 *
 * Context: under the lock of a tree or file that @vma is in, or its mmap_lock. Doesn't sleep.
 * Return: the record; if the buffer is full, a spare one that isn't filled in.
 */
struct rms_map *rms_new_map(struct rms_walk *w, struct vm_area_struct *vma)
{
	struct rms_map *m = &w->rec.spare;

	if (likely(w->rec.seen_maps < w->rec.max_maps)) {
		m = &w->rec.maps[w->rec.seen_maps];
		m->mm = vma->vm_mm;
		mmgrab(m->mm);
		m->file = vma->vm_file;
		if (m->file)
			get_file(m->file);
		m->anon_vma = READ_ONCE(vma->anon_vma);
		m->vm_start = vma->vm_start;
		m->vm_end = vma->vm_end;
		m->vm_pgoff = vma->vm_pgoff;
		m->vm_flags = READ_ONCE(vma->vm_flags);
	}
	w->rec.seen_maps++;
	return m;
}

/**
 * rms_note_page - record what a VMA has in the place of the one requested page
 * @w: the walk, which looks for one page only
 * @vma: the VMA
 * @addr: where the page would be in it
 *
 * Context: under the lock of a tree or file that @vma is in, or its mmap_lock. Doesn't sleep.
 */
void rms_note_page(struct rms_walk *w, struct vm_area_struct *vma, unsigned long addr)
{
	struct rms_map *m = rms_new_map(w, vma);
	enum rms_relation relation;

	if (m == &w->rec.spare && !w->query.count_all)
		return;
	m->va = addr;
	m->first = 0;
	m->count = 1;
	/*
	 * If the tables change at each try the entry is empty, and won't agree with the map count.
	 */
	rms_entry_read(vma, addr, &m->entry, NULL);
	relation = rms_relate(w, &m->entry, addr, 0);
	m->mapped = relation == RMS_MAPS;
	m->borrowed = relation == RMS_BORROWED;
	m->exclusive = m->mapped && rms_exclusive(w, &m->entry, addr);
	if (relation == RMS_UNRELATED)
		return;
	w->out.mapped += m->mapped;
	w->out.entries += m->mapped;
	if (vma->vm_mm == w->query.mm && addr == w->query.va)
		w->out.hit = true;
}

/* Whether an entry continues the last one, so that one record can describe both. */
static bool rms_follows(const struct rms_stretch *s, const struct rms_entry *entry,
			enum rms_relation relation, bool exclusive)
{
	const struct rms_entry *last = &s->last;
	enum rms_content content = rms_entry_content(entry);
	bool mapped = relation == RMS_MAPS, borrowed = relation == RMS_BORROWED;

	if (!s->map || entry->level != last->level || mapped != s->map->mapped ||
	    borrowed != s->map->borrowed || exclusive != s->map->exclusive ||
	    content != rms_entry_content(last))
		return false;
	switch (content) {
	case RMS_NONE:
		return entry->val == last->val;
	case RMS_PRESENT:
		return entry->level == RMS_PTE &&
		       pte_flags(__pte(entry->val)) == pte_flags(__pte(last->val)) &&
		       pte_pfn(__pte(entry->val)) == pte_pfn(__pte(last->val)) + 1;
	case RMS_SWAP:
	case RMS_MIGRATION:
	case RMS_DEVICE_PRIVATE:
	case RMS_DEVICE_EXCLUSIVE:
	case RMS_HWPOISON:
		return rms_entry_swap(entry).val == rms_entry_swap(last).val + 1;
	default:
		return false;
	}
}

/* Records one entry, which covers @nr pages from index @i on. */
static void rms_note_entry(struct rms_walk *w, struct rms_stretch *s,
			   const struct rms_entry *entry, unsigned long i, unsigned int nr)
{
	unsigned long addr = s->va + ((i - s->first) << PAGE_SHIFT);
	enum rms_relation relation = rms_relate(w, entry, addr, i);
	bool mapped = relation == RMS_MAPS;
	bool exclusive = mapped && rms_exclusive(w, entry, addr);

	if (!rms_follows(s, entry, relation, exclusive)) {
		s->map = rms_new_map(w, s->vma);
		s->map->va = addr;
		s->map->first = i;
		s->map->count = 0;
		s->map->entry = *entry;
		s->map->mapped = mapped;
		s->map->borrowed = relation == RMS_BORROWED;
		s->map->exclusive = exclusive;
	}
	s->map->count += nr;
	s->last = *entry;
	if (relation == RMS_UNRELATED)
		return;
	if (s->vma->vm_mm == w->query.mm && w->query.va >= addr &&
	    (w->query.va - addr) >> PAGE_SHIFT < nr)
		w->out.hit = true;
	if (!mapped)
		return;
	s->mapped = true;
	w->out.entries++;
	w->rec.found[i]++;
	w->rec.found[i + nr]--;
}

/*
 * Records all pages of a folio that belong in a VMA, with one record for each stretch of equal
 * pages.
 */
static void rms_note_pages(struct rms_walk *w, struct rms_stretch *s)
{
	unsigned long end = s->va + ((s->end - s->first) << PAGE_SHIFT);
	unsigned long i, addr;
	struct rms_entry entry;
	unsigned int k, nr;

	for (i = s->first; i < s->end; i += nr) {
		addr = s->va + ((i - s->first) << PAGE_SHIFT);
		nr = rms_entries_read(s->vma, addr, end, w->rec.vals, &entry);
		if (entry.level != RMS_PTE) {
			rms_note_entry(w, s, &entry, i, nr);
			continue;
		}
		for (k = 0; k < nr; k++) {
			entry.val = w->rec.vals[k];
			rms_note_entry(w, s, &entry, i + k, 1);
		}
	}
	if (s->mapped)
		w->out.mapped++;
}

/**
 * rms_find_pages - find the addresses of the requested pages in a VMA
 * @w: the walk
 * @s: in: @vma; out: which pages, and at which address the first of them is
 *
 * The kernel passes the address of the first page of the folio, which need not be a requested one.
 *
 * Context: under a lock that keeps the VMA. Doesn't sleep.
 * Return: false if none is there.
 */
bool rms_find_pages(const struct rms_walk *w, struct rms_stretch *s)
{
	unsigned long base = rms_vma_pgoff(s->vma, rms_kind_is_anon(w->query.kind));
	unsigned long start = max(base, w->query.pgoff);
	unsigned long end = min(base + vma_pages(s->vma), w->query.pgoff + w->query.nr);

	if (start >= end)
		return false;
	s->first = start - w->query.pgoff;
	s->end = end - w->query.pgoff;
	s->va = s->vma->vm_start + ((start - base) << PAGE_SHIFT);
	return true;
}

/**
 * rms_note_pages_of - find the requested pages in a VMA, and record them
 * @w: the walk
 * @vma: the VMA, which may hold any of them, or none
 *
 * Context: under the lock of a tree or file that @vma is in. Doesn't sleep.
 */
noinline void rms_note_pages_of(struct rms_walk *w, struct vm_area_struct *vma)
{
	struct rms_stretch s = { .vma = vma };

	if (!rms_find_pages(w, &s)) {
		w->out.skipped++;
		return;
	}
	w->out.visited++;
	if (w->query.nr == 1)
		rms_note_page(w, vma, s.va);
	else
		rms_note_pages(w, &s);
}
