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
 * Files on the memory of a device that are accessed directly (fsdax). Since v6.15 (38607c62b34b)
 * their pages are counted and mapped like others, and have a reverse map. Before, page-table
 * entries mapped them without being counted.
 *
 * The struct pages exist as long as the pagemap of the device does. @pgmap gets a reference to
 * that, also if NULL is returned. This may only be asked of a frame that an entry maps: others need
 * not have a struct page. get_dev_pagemap() lost an argument later. Remove with 6.12.
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

/* These pages are marked as reserved, as all memory of devices is. */
static inline bool rms_folio_is_fsdax(const struct folio *folio)
{
#ifdef HAVE_FOLIO_IS_FSDAX
	return folio_is_fsdax(folio);
#else
	return false;
#endif
}

/* folio->flags became a struct after v6.12. Remove with 6.12. */
static inline unsigned long rms_folio_flags(const struct folio *folio)
{
#ifdef HAVE_MEMDESC_FLAGS
	return READ_ONCE(folio->flags.f);
#else
	return READ_ONCE(folio->flags);
#endif
}

/*
 * PageAnonExclusive() of the page of a frame, which need not be anonymous any more. Page flags
 * became a struct as those of folios did. Remove with 6.12.
 */
static inline bool rms_frame_is_exclusive(unsigned long pfn)
{
#ifdef HAVE_MEMDESC_FLAGS
	return READ_ONCE(pfn_to_page(pfn)->flags.f) & BIT(PG_anon_exclusive);
#else
	return READ_ONCE(pfn_to_page(pfn)->flags) & BIT(PG_anon_exclusive);
#endif
}

/* Before v6.7 hugetlb counted folio->index in huge pages. Remove with 6.1. */
static inline pgoff_t rms_folio_pgoff(struct folio *folio)
{
#ifdef HAVE_HUGETLB_HUGE_INDEX
	if (folio_test_hugetlb(folio))
		return folio->index << folio_order(folio);
#endif
	return folio->index;
}

/*
 * The kernel's map counts of one page of a folio, and of the whole folio. Up to v6.8
 * page_mapcount() gave the former; before v6.2 it had to take PageDoubleMap() into account, and
 * folio_mapcount() was not exported. From then on folio_mapcount() was inline, but called a
 * function that was not exported: total_compound_mapcount() in v6.2, folio_total_mapcount() from
 * v6.3 on. Since v6.10 a folio has one count for all of it. Remove with 6.1.
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
	/* A huge mapping of a file counts in each page, one of anonymous memory once. */
	if (!folio_test_anon(folio))
		return sum - entire * (nr - 1);
	return sum + entire - (folio_test_double_map(folio) ? nr : 0);
}
#else
/*
 * A kernel without a map count for each page (CONFIG_NO_PAGE_MAPCOUNT) has an average: a mapping of
 * the entire folio counts for each page, the other mappings are spread evenly. The average is
 * rounded as in folio_average_page_mapcount() of fs/proc/internal.h, and is at least 1 if any page
 * is mapped.
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
	/* Only the first page of a hugetlb folio has a count. */
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
 * References of the page cache to a folio: one for each page. Before v6.7 there was only one for a
 * hugetlb folio. Remove with 6.1.
 */
static inline int rms_pagecache_refs(const struct folio *folio, int nr)
{
#ifdef HAVE_HUGETLB_HUGE_INDEX
	if (folio_test_hugetlb((struct folio *)folio))
		return 1;
#endif
	return nr;
}

/* How often a large folio is pinned. v6.1 has the counter in one of its pages. Remove with 6.1. */
static inline int rms_folio_pincount(struct folio *folio)
{
#ifdef HAVE_FOLIO_PINCOUNT_PTR
	return atomic_read(folio_pincount_ptr(folio));
#else
	return atomic_read(&folio->_pincount);
#endif
}

/*
 * The bits of folio->mapping that are not part of the pointer. They were renamed after v6.12.
 * Remove with 6.12.
 */
#ifdef FOLIO_MAPPING_FLAGS
#define RMS_MAPPING_FLAGS	((unsigned long)FOLIO_MAPPING_FLAGS)
#else
#define RMS_MAPPING_FLAGS	((unsigned long)PAGE_MAPPING_FLAGS)
#endif

/*
 * Pages of drivers that have methods of their own to be migrated: marked by a bit of page->mapping
 * in v6.12 and before, later by a flag and a page type. Remove with 6.12.
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
 * Whether the kernel counts the mappings of each page of a large folio, or only an average. Not a
 * matter of version, but of the configuration; the option came after v6.12.
 */
#define RMS_EXACT_PAGE_MAPCOUNT	(!IS_ENABLED(CONFIG_NO_PAGE_MAPCOUNT))

/*
 * Whether a frame belongs to the kernel, by its raw flags: the page isn't referenced, and may be
 * anything. Slab is a flag in v6.1, and a page type in v6.12. Remove with 6.1.
 */
static inline bool rms_page_is_kernels(const struct page *page, unsigned long flags)
{
#ifdef HAVE_PG_SLAB
	if (flags & BIT(PG_slab))
		return true;
#endif
	return flags & BIT(PG_reserved);
}

/* The same for slab alone. folio_test_slab() of v6.1 wants a page that isn't a tail. */
static inline bool rms_page_is_slab(struct page *page)
{
#ifdef HAVE_PG_SLAB
	return READ_ONCE(page->flags) & BIT(PG_slab);
#else
	return folio_test_slab((struct folio *)page);
#endif
}

/*
 * What the kernel takes for shared in move_pages(2), in MADV_PAGEOUT of an entry that maps all of a
 * large folio, and in MADV_PAGEOUT of a part of one. Up to v6.8 that was the map count of the page
 * at the address. Since v6.9 folio_likely_mapped_shared() guesses. After v6.12 (003fde4492c8)
 * folio_maybe_mapped_shared() keeps account of the address spaces. Remove with 6.1 and 6.12.
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
