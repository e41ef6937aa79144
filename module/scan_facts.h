/* SPDX-License-Identifier: GPL-2.0 */
/* What is done for each page of a range, inlined: most of the time of a scan is spent here. */
#ifndef _RMAPSCOPE_SCAN_FACTS_H
#define _RMAPSCOPE_SCAN_FACTS_H

#include <linux/mm.h>

#include "compat.h"
#include "scan.h"

/* The memory cgroup of a folio, as an identity: whether it may swap is part of a verdict. */
static inline unsigned long rms_cgroup_of(const struct folio *folio)
{
#ifdef CONFIG_MEMCG
	return READ_ONCE(folio->memcg_data);
#else
	return 0;
#endif
}

/* The flags of a page, without what else is in their word. */
static inline unsigned long rms_flags_of(const struct folio *folio)
{
	return rms_folio_flags(folio) & (BIT(NR_PAGEFLAGS) - 1);
}

/**
 * rms_scan_read_next - read a page that has everything in common with the last one
 * @s: the stream
 * @page: the page
 * @pfn: its frame
 * @index: in the run
 *
 * Most pages do. This reads the words that rms_scan_read_page() read, and computes nothing.
 *
 * Context: as rms_scan_read_page().
 * Return: true if the page was added to those that were added last.
 */
static __always_inline bool rms_scan_read_next(struct rms_scan *s, struct page *page,
					       unsigned long pfn, u32 index)
{
	const struct rms_page_words *w = &s->words;
	struct rms_run *run = &s->run;
	struct rms_scan_pages *p = &run->pages[run->nr_pages - 1];
	struct folio *folio = page_folio(page);

	if (!run->last || index != p->place + p->count)
		return false;
	if (!w->folio) {
		/* These are also the flags of a small folio. */
		if (rms_flags_of(folio) != w->flags || READ_ONCE(folio->mapping) != w->mapping ||
		    folio->index != p->pgoff + p->count || rms_cgroup_of(folio) != w->cgroup ||
		    atomic_read(&folio->_mapcount) != w->mapcount ||
		    folio_ref_count(folio) != w->refs)
			return false;
	} else if (folio != w->folio || PFN_PHYS(pfn - 1) != run->frames[index - 1] ||
		   rms_page_mapcount(page) != p->maps ||
		   (p->kind == RMS_KIND_ANON && rms_frame_is_exclusive(pfn)) != p->exclusive) {
		return false;
	}
	run->frames[index] = PFN_PHYS(pfn);
	p->count++;
	return true;
}

#endif /* _RMAPSCOPE_SCAN_FACTS_H */
