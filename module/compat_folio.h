/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A part of compat.h: folios, their flags and counts.
 */
#ifndef _RMAPSCOPE_COMPAT_FOLIO_H
#define _RMAPSCOPE_COMPAT_FOLIO_H

#include <linux/memremap.h>
#include <linux/mm.h>
#include <linux/rmap.h>

/*
 * Files on a device's memory that are accessed directly (fsdax). Since v6.15 their pages are
 * counted and mapped like others, and have an rmap (38607c62b34b); before, entries led there
 * past all counts. The pages exist as long as the device's pagemap does, which is referenced in
 * @pgmap also where NULL is returned. Only for a frame that an entry maps: of others the struct
 * page may be none. get_dev_pagemap() lost an argument at some time after that. Goes with 6.12.
 */
static inline struct page *rms_fsdax_page(unsigned long pfn, struct dev_pagemap **pgmap)
{
#ifdef HAVE_FOLIO_IS_FSDAX
#ifdef HAVE_GET_DEV_PAGEMAP_HINT
	*pgmap = get_dev_pagemap(pfn, NULL);
#else
	*pgmap = get_dev_pagemap(pfn);
#endif
	if (*pgmap && (*pgmap)->type == MEMORY_DEVICE_FS_DAX)
		return pfn_to_page(pfn);
#endif
	return NULL;
}

/* Such pages are marked as reserved like all memory of devices. */
static inline bool rms_folio_is_fsdax(const struct folio *folio)
{
#ifdef HAVE_FOLIO_IS_FSDAX
	return folio_is_fsdax(folio);
#else
	return false;
#endif
}

/* folio->flags became a struct after v6.12. Goes with 6.12. */
static inline unsigned long rms_folio_flags(const struct folio *folio)
{
#ifdef HAVE_MEMDESC_FLAGS
	return READ_ONCE(folio->flags.f);
#else
	return READ_ONCE(folio->flags);
#endif
}

/* Before v6.7 hugetlb counted folio->index in huge pages. Goes with 6.1. */
static inline pgoff_t rms_folio_pgoff(struct folio *folio)
{
#ifdef HAVE_HUGETLB_HUGE_INDEX
	if (folio_test_hugetlb(folio))
		return folio->index << folio_order(folio);
#endif
	return folio->index;
}

/*
 * The kernel's own counts of mappings: of one page of a folio, and of all of it. Until v6.9
 * page_mapcount() knew the former, with PageDoubleMap() to see through (until
 * v6.2), and folio_mapcount() was a function, not exported. From then until v6.10, which
 * keeps a count for the folio, it was inline, but called a function that wasn't (v6.2
 * total_compound_mapcount(), v6.3 folio_total_mapcount()). Goes with 6.1.
 */
#ifdef HAVE___PAGE_MAPCOUNT
#define rms_page_mapcount(page)	page_mapcount(page)

static inline int rms_folio_mapcount(struct folio *folio)
{
	int entire, sum, i, nr = folio_nr_pages(folio);

	if (!folio_test_large(folio))
		return atomic_read(&folio->_mapcount) + 1;
	entire = folio_entire_mapcount(folio);
	if (folio_test_hugetlb(folio))
		return entire;
	for (sum = 0, i = 0; i < nr; i++)
		sum += atomic_read(&folio_page(folio, i)->_mapcount) + 1;
	/* A huge mapping of a file counts in each page, too; of anonymous memory, once. */
	if (!folio_test_anon(folio))
		return sum - entire * (nr - 1);
	return sum + entire - (folio_test_double_map(folio) ? nr : 0);
}
#else
/*
 * Without a count of each page (CONFIG_NO_PAGE_MAPCOUNT) there is an average: a mapping of the
 * entire folio is one of each page, the others are spread evenly. Rounded as in
 * folio_average_page_mapcount() of fs/proc/internal.h, and not below 1 if any page is mapped.
 */
static inline int rms_average_mapcount(const struct folio *folio)
{
	int entire = folio_entire_mapcount(folio);
	int single = folio_mapcount(folio) - entire;

	if (single <= 0)
		return entire;
	return max(entire + (int)DIV_ROUND_CLOSEST(single, (int)folio_nr_pages(folio)), 1);
}

static inline int rms_page_mapcount(struct page *page)
{
	struct folio *folio = page_folio(page);
	int count = 0;

#ifdef CONFIG_NO_PAGE_MAPCOUNT
	if (folio_test_large(folio))
		return rms_average_mapcount(folio);
#endif
	/* What counts pages of hugetlb is in its first one. */
	if (!folio_test_hugetlb(folio))
		count = atomic_read(&page->_mapcount) + 1;
	if (folio_test_large(folio))
		count += folio_entire_mapcount(folio);
	return count;
}

#ifdef HAVE_FOLIO_TOTAL_MAPCOUNT
static inline int rms_folio_mapcount(struct folio *folio)
{
	int sum, i, nr = folio_nr_pages(folio);

	if (!folio_test_large(folio))
		return atomic_read(&folio->_mapcount) + 1;
	sum = folio_entire_mapcount(folio);
	for (i = 0; i < nr && !folio_test_hugetlb(folio); i++)
		sum += atomic_read(&folio_page(folio, i)->_mapcount) + 1;
	return sum;
}
#else
#define rms_folio_mapcount(folio)	folio_mapcount(folio)
#endif
#endif

/*
 * References that the page cache has to a folio: one for each page; before v6.7 hugetlb had
 * one for all of them. Goes with 6.1.
 */
static inline int rms_pagecache_refs(const struct folio *folio, int nr)
{
#ifdef HAVE_HUGETLB_HUGE_INDEX
	if (folio_test_hugetlb((struct folio *)folio))
		return 1;
#endif
	return nr;
}

/* Pins of a large folio; until v6.1 the counter was in a page of it. Goes with 6.1. */
static inline int rms_folio_pincount(struct folio *folio)
{
#ifdef HAVE_FOLIO_PINCOUNT_PTR
	return atomic_read(folio_pincount_ptr(folio));
#else
	return atomic_read(&folio->_pincount);
#endif
}

/*
 * The bits of page->mapping that are no part of the pointer; named for folios after v6.12. Goes
 * with 6.12.
 */
#ifdef FOLIO_MAPPING_FLAGS
#define RMS_MAPPING_FLAGS	((unsigned long)FOLIO_MAPPING_FLAGS)
#else
#define RMS_MAPPING_FLAGS	((unsigned long)PAGE_MAPPING_FLAGS)
#endif

/*
 * Pages of drivers that migrate by methods of their own: a bit of page->mapping until
 * v6.12, since then a flag and a type. Goes with 6.12.
 */
static inline bool rms_folio_has_movable_ops(struct folio *folio)
{
#ifdef PAGE_MAPPING_MOVABLE
	return ((unsigned long)READ_ONCE(folio->mapping) & PAGE_MAPPING_FLAGS) ==
	       PAGE_MAPPING_MOVABLE;
#else
	return page_has_movable_ops(&folio->page);
#endif
}

/*
 * Whether the kernel counts the mappings of each page of a large folio, or only an average.
 * Not a matter of version, but of the configuration, which came after v6.12.
 */
#define RMS_EXACT_PAGE_MAPCOUNT	(!IS_ENABLED(CONFIG_NO_PAGE_MAPCOUNT))

/*
 * Frames of the kernel's own by their raw flags, for a page that isn't referenced and may be
 * anybody's. Slab is a flag until v6.8, then a type. Goes with 6.1.
 */
static inline bool rms_page_is_kernels(const struct page *page, unsigned long flags)
{
#ifdef HAVE_PG_SLAB
	if (flags & BIT(PG_slab))
		return true;
#endif
	return flags & BIT(PG_reserved);
}

/*
 * What counts as shared: for move_pages(2), for MADV_PAGEOUT of an entry that maps all of a
 * large folio, and for MADV_PAGEOUT of a part of one. Until v6.8 that was the map count of the
 * page at the address, since v6.9 folio_likely_mapped_shared() guesses, and after v6.12
 * folio_maybe_mapped_shared() keeps account of address spaces. Goes with 6.1 and 6.12.
 */
#if defined(HAVE_FOLIO_MAYBE_MAPPED_SHARED)
#define rms_move_shared(page)	folio_maybe_mapped_shared(page_folio(page))
#define rms_huge_shared(folio)	folio_maybe_mapped_shared(folio)
#define rms_part_shared(folio)	folio_maybe_mapped_shared(folio)
#elif defined(HAVE_FOLIO_LIKELY_MAPPED_SHARED)
#define rms_move_shared(page)	folio_likely_mapped_shared(page_folio(page))
#define rms_huge_shared(folio)	folio_likely_mapped_shared(folio)
#define rms_part_shared(folio)	folio_likely_mapped_shared(folio)
#else
#define rms_move_shared(page)	(rms_page_mapcount(page) > 1)
#define rms_huge_shared(folio)	(rms_page_mapcount(&(folio)->page) > 1)
#define rms_part_shared(folio)	((void)(folio), false)
#endif

#endif /* _RMAPSCOPE_COMPAT_FOLIO_H */
