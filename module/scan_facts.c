// SPDX-License-Identifier: GPL-2.0
/*
 * What is known of a page of a run without a walk. A report on one page locks the folio to read
 * this. Here that would cost more than all the rest, so a page may change while it is read. What
 * must not change is kept by the caller: either the lock of a page table that maps the page, or a
 * reference to its folio.
 */
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/swap.h>

#include "compat.h"
#include "scan.h"
#include "scan_facts.h"

/**
 * rms_scan_add - the next pages of a run
 * @run: has room
 * @index: of the first in the run; not less than that of the last page
 *
 * Context: any.
 * Return: the pages, all zeroes but their place; there is one.
 */
struct rms_scan_pages *rms_scan_add(struct rms_run *run, u32 index)
{
	struct rms_scan_pages *p = &run->pages[run->nr_pages++];

	*p = (struct rms_scan_pages){ .place = index, .count = 1 };
	run->last = false;
	return p;
}

/**
 * rms_scan_remove_last - leave out the pages that were added last
 * @run: has some
 *
 * Context: any.
 */
void rms_scan_remove_last(struct rms_run *run)
{
	run->nr_pages--;
	run->last = false;
}

/*
 * References of the page cache. A page on an LRU list was added to the page cache; a driver's page
 * wasn't. An inode is freed after its pages were cut off from it, and RCU has waited.
 */
static int rms_cache_refs(struct folio *folio, struct address_space *mapping, int nr)
{
	bool cached = folio_test_lru(folio);

	if (unlikely(!cached)) {
		rcu_read_lock();
		cached = READ_ONCE(folio->mapping) == mapping &&
			 xa_load(&mapping->i_pages, folio->index) == folio;
		rcu_read_unlock();
	}
	return cached ? rms_pagecache_refs(folio, nr) : 0;
}

/* Of @refs references. As rms_count_refs() counts them. */
static s32 rms_unexplained(struct folio *folio, struct address_space *mapping, bool anon, int refs,
			   int mapcount)
{
	int nr = folio_nr_pages(folio);
	s32 left = refs - mapcount;

	if (folio_test_swapcache(folio))
		left -= nr;
	if (!anon)
		left -= folio_test_private(folio);
	if (!anon && mapping)
		left -= rms_cache_refs(folio, mapping, nr);
	return left;
}

static enum rms_kind rms_kind_of(struct folio *folio, struct address_space *mapping)
{
	if (!mapping)
		return RMS_KIND_ORPHANED;
	if (folio_test_ksm(folio))
		return RMS_KIND_KSM;
	if (folio_test_anon(folio))
		return RMS_KIND_ANON;
	/* Without the lock of the folio, its mapping can't be asked: see shmem_mapping(). */
	return folio_test_swapbacked(folio) ? RMS_KIND_SHMEM : RMS_KIND_FILE;
}

/* The counts, and what they were read from. */
static void rms_read_small(struct rms_scan *s, struct folio *folio,
			   struct address_space *mapping, int self, struct rms_scan_pages *p)
{
	bool anon = (unsigned long)mapping & RMS_MAPPING_FLAGS;
	struct rms_page_words *w = &s->words;

	w->folio = NULL;
	w->flags = rms_flags_of(folio);
	w->cgroup = rms_cgroup_of(folio);
	w->mapcount = atomic_read(&folio->_mapcount);
	w->refs = folio_ref_count(folio);
	p->maps = w->mapcount + 1;
	p->extra_refs = rms_unexplained(folio, mapping, anon, w->refs - self, p->maps);
	p->pgoff = folio->index;
	p->exclusive = anon && w->flags & BIT(PG_anon_exclusive);
}

static void rms_read_large(struct rms_scan *s, struct folio *folio, struct page *page,
			   struct address_space *mapping, int self, struct rms_scan_pages *p)
{
	bool anon = (unsigned long)mapping & RMS_MAPPING_FLAGS;
	struct rms_page_words *w = &s->words;

	if (w->folio != folio) {
		w->folio = folio;
		w->extra_refs = rms_unexplained(folio, mapping, anon,
						folio_ref_count(folio) - self,
						rms_folio_mapcount(folio));
	}
	p->order = folio_order(folio);
	p->maps = rms_page_mapcount(page);
	p->extra_refs = w->extra_refs;
	p->pgoff = folio->index + folio_page_idx(folio, page);
	p->exclusive = anon && rms_frame_is_exclusive(page_to_pfn(page));
}

/**
 * rms_scan_read_page - read what is known of a page
 * @s: the stream
 * @page: the page
 * @self: how many references to its folio are ours
 * @p: out: all but its place in the run
 *
 * Context: the lock of a page table is held that maps the page, or its folio is referenced. Doesn't
 * sleep.
 * Return: 0; -EOPNOTSUPP if such a frame has no reverse map; -EAGAIN if it is being moved or freed.
 */
int rms_scan_read_page(struct rms_scan *s, struct page *page, int self, struct rms_scan_pages *p)
{
	struct folio *folio = page_folio(page);
	struct address_space *mapping = READ_ONCE(folio->mapping);
	bool anon = (unsigned long)mapping & RMS_MAPPING_FLAGS;
	bool listed = folio_test_lru(folio) && mapping;
	int ret;

	s->run.frames[p->place] = PFN_PHYS(page_to_pfn(page));
	p->fields = RMS_PAGE_REFS;
	if (unlikely(!listed)) {
		ret = rms_folio_check(folio);
		if (ret)
			return ret;
		if (folio_test_hugetlb(folio)) {
			p->alone = true;
			return 0;
		}
	}
	p->kind = rms_kind_of(folio, mapping);
	if (folio_test_large(folio))
		rms_read_large(s, folio, page, mapping, self, p);
	else
		rms_read_small(s, folio, mapping, self, p);
	if (p->kind == RMS_KIND_KSM)
		p->alone = rms_range_walks(&s->range);
	else if (anon)
		p->tree = (void *)((unsigned long)mapping & ~RMS_MAPPING_FLAGS);
	else
		p->file = mapping;
	if (!anon)
		p->tree = mapping;
	s->words.mapping = mapping;
	s->run.last = listed && p->kind != RMS_KIND_KSM && !s->run.single;
	p->plain = s->run.last && !p->extra_refs && !folio_test_private(folio);
	return 0;
}

/**
 * rms_scan_wants - whether pages pass the filters that need no verdict
 * @range: the range
 * @p: the pages
 * @maps: entries that map each
 *
 * Context: any.
 * Return: false if they are to be left out.
 */
bool rms_scan_wants(const struct rms_range *range, const struct rms_scan_pages *p, u32 maps)
{
	if (range->options & RMS_OPTION_KINDS && !(range->kinds & BIT(p->kind)))
		return false;
	if (range->options & RMS_OPTION_EXTRA_REFS && p->extra_refs <= 0)
		return false;
	return !(range->options & RMS_OPTION_MIN_MAPS) || maps >= range->min_maps;
}

/**
 * rms_scan_bits - the bits of an entry that maps a page, or holds its swap slot
 * @entry: the entry
 * @exclusive: PageAnonExclusive() of the page
 *
 * A PMD and a PUD have the bits of a PTE at the same places.
 *
 * Context: any.
 * Return: bits of enum rms_bit.
 */
u32 rms_scan_bits(const struct rms_entry *entry, bool exclusive)
{
	u32 bits = exclusive ? BIT(RMS_BIT_ANON_EXCLUSIVE) : 0;
	pte_t pte = __pte(entry->val);

	switch (rms_entry_content(entry)) {
	case RMS_PRESENT:
		break;
	case RMS_SWAP:
		return bits | BIT(RMS_BIT_SWAP);
	case RMS_DEVICE_PRIVATE:
		return bits | BIT(RMS_BIT_DEVICE) | BIT(RMS_BIT_PRIVATE);
	case RMS_DEVICE_EXCLUSIVE:
		return bits | BIT(RMS_BIT_DEVICE) | BIT(RMS_BIT_EXCLUSIVE);
	default:
		return bits;
	}
	bits |= BIT(RMS_BIT_PRESENT);
	bits |= pte_write(pte) ? BIT(RMS_BIT_WRITE) : 0;
	bits |= pte_flags(pte) & _PAGE_USER ? BIT(RMS_BIT_USER) : 0;
	bits |= pte_young(pte) ? BIT(RMS_BIT_ACCESSED) : 0;
	bits |= pte_dirty(pte) ? BIT(RMS_BIT_DIRTY) : 0;
	bits |= pte_soft_dirty(pte) ? BIT(RMS_BIT_SOFT_DIRTY) : 0;
	bits |= pte_uffd(pte) ? BIT(RMS_BIT_UFFD_WP) : 0;
	bits |= pte_special(pte) ? BIT(RMS_BIT_SPECIAL) : 0;
	/* As for a report on a page: see rms_show_pte_bits(). */
	if ((pte_flags(pte) & (_PAGE_PROTNONE | _PAGE_PRESENT)) == _PAGE_PROTNONE)
		bits |= BIT(RMS_BIT_PROTNONE);
	return bits;
}
