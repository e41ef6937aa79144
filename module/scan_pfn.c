// SPDX-License-Identifier: GPL-2.0
/*
 * Collects the pages of a run from frames, and walks from them. Each folio is referenced until that
 * is done. A walk begins at one folio, which is locked: that keeps its anon_vma or file. The other
 * folios of the run that point to the same one are looked for in the same pass.
 */
#include <linux/hugetlb.h>
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/nodemask.h>
#include <linux/pagemap.h>
#include <linux/rmap.h>

#include "compat.h"
#include "scan.h"
#include "scan_facts.h"
#include "symbols.h"

/* So many frames are looked at before it is checked again that they are online. */
#define RMS_CHECKED_FRAMES	32

/* The first frame from @pfn on that may be memory; @end if there is none before. */
static unsigned long rms_end_of_hole(unsigned long pfn, unsigned long end)
{
	while (pfn < end && !pfn_valid(pfn)) {
		if (pfn_to_section_nr(pfn) >= NR_MEM_SECTIONS)
			return end;
		if (valid_section(__pfn_to_section(pfn)))
			pfn = (pfn | (PAGES_PER_SUBSECTION - 1)) + 1;
		else
			pfn = (pfn | (PAGES_PER_SECTION - 1)) + 1;
		cond_resched();
	}
	return min(pfn, end);
}

/* Why a frame has no reverse map. Only raw words may be read: the page isn't referenced. */
static enum rms_unmapped rms_why_unmapped(struct page *page)
{
	struct folio *folio = page_folio(page);

	if (PageReserved(page))
		return RMS_UNMAPPED_RESERVED;
	if (rms_page_is_slab(&folio->page))
		return RMS_UNMAPPED_SLAB;
	if (PageBuddy(page))
		return RMS_UNMAPPED_FREE;
	if (page_has_type(&folio->page) && !folio_test_hugetlb(folio))
		return RMS_UNMAPPED_TYPED;
	return folio_ref_count(folio) ? RMS_UNMAPPED_KERNEL : RMS_UNMAPPED_FREE;
}

/* Whether the folio of a frame is referenced already, by an earlier frame. */
static bool rms_is_held(const struct rms_run *run, struct folio *folio)
{
	u32 i = run->nr_pages;

	/* Only raw words may be read: the folio isn't referenced unless it is held. */
	while (i-- && rms_folio_flags(folio) & BIT(PG_head)) {
		if (run->pages[i].folio)
			return run->pages[i].folio == folio;
	}
	return false;
}

/* As in folio_lock_anon_vma_read(): anonymous memory that isn't mapped may have lost its tree. */
static bool rms_has_tree(struct page *page, const struct rms_scan_pages *p)
{
	return p->file || p->maps || rms_folio_mapcount(page_folio(page));
}

/* A frame whose folio is referenced. @folio: if that is a new reference. Returns as below. */
static unsigned long rms_collect_user_frame(struct rms_scan *s, struct page *page,
					    struct folio *folio, unsigned long pfn,
					    unsigned long end)
{
	struct rms_run *run = &s->run;
	struct rms_scan_pages *p;
	bool large;
	int ret;

	if (rms_scan_read_next(s, page, pfn, pfn - run->start))
		return 1;
	p = rms_scan_add(run, pfn - run->start);
	ret = rms_scan_read_page(s, page, 1, p);
	large = folio_test_large(page_folio(page));
	if (!ret && p->alone && folio_test_hugetlb(page_folio(page)))
		p->count = min(end, (pfn | (folio_nr_pages(page_folio(page)) - 1)) + 1) - pfn;
	/* Of a large folio, any other page may pass the filters. So keep the reference. */
	if (ret || (!p->alone && !rms_scan_wants(&s->range, p, p->maps) && !large)) {
		rms_scan_remove_last(run);
		run->unmapped[RMS_UNMAPPED_KERNEL] += ret == -EOPNOTSUPP;
		run->moving += ret == -EAGAIN;
		if (folio)
			folio_put(folio);
		return 1;
	}
	p->referenced = folio && !large;
	p->folio = large ? folio : NULL;
	if (!rms_range_walks(&s->range) || (p->tree && !rms_has_tree(page, p)))
		p->tree = NULL;
	return p->count;
}

/*
 * How many frames are free from this one on: those of its block, or 0 if it doesn't begin one. As
 * buddy_order_unsafe() in the kernel, this doesn't lock the zone: the block may be allocated
 * meanwhile, and then counts as free because it was free just now.
 */
static unsigned long rms_free_frames(struct page *page)
{
	unsigned long order;

	if (!PageBuddy(page))
		return 0;
	order = READ_ONCE(page->private);
	return order <= ilog2(MAX_ORDER_NR_PAGES) && PageBuddy(page) ? BIT(order) : 1;
}

/* One frame that isn't free. Returns how many frames are dealt with. */
static unsigned long rms_collect_frame(struct rms_scan *s, struct page *page, unsigned long pfn,
				       unsigned long end)
{
	struct rms_run *run = &s->run;
	struct folio *folio = NULL;
	int ret = 0;

	if (!rms_is_held(run, page_folio(page))) {
		ret = rms_frame_get(page);
		if (!ret)
			folio = page_folio(page);
	}
	if (!ret)
		return rms_collect_user_frame(s, page, folio, pfn, end);
	if (ret == -EOPNOTSUPP)
		run->unmapped[rms_why_unmapped(page)]++;
	run->moving += ret == -EAGAIN;
	return 1;
}

/*
 * Frames that aren't memory, are offline, or are free. Returns how many there are from @pfn on;
 * there can be many more than in a run.
 */
static unsigned long rms_skip_frames(struct rms_scan *s, struct page *page, unsigned long pfn)
{
	enum rms_unmapped why;
	unsigned long nr = 1;

	if (page) {
		why = RMS_UNMAPPED_FREE;
		nr = min(rms_free_frames(page), s->range.end - pfn);
	} else if (pfn_valid(pfn)) {
		why = RMS_UNMAPPED_OFFLINE;
	} else {
		why = RMS_UNMAPPED_HOLE;
		nr = rms_end_of_hole(pfn, s->range.end) - pfn;
	}
	s->run.unmapped[why] += nr;
	return nr;
}

static void rms_collect_frames(struct rms_scan *s)
{
	struct rms_run *run = &s->run;
	unsigned long pfn = s->at, end, skipped, checked = 0;
	struct page *page;

	run->start = pfn;
	end = min(s->range.end, (pfn | (RMS_RUN_PAGES - 1)) + 1);
	end = min(end, pfn + s->limit);
	run->count = end - pfn;
	while (pfn < end) {
		/* Memory that isn't referenced may be removed at any time. */
		if (pfn >= checked) {
			page = pfn_to_online_page(pfn);
			checked = page ? (pfn | (RMS_CHECKED_FRAMES - 1)) + 1 : 0;
		} else {
			page = pfn_to_page(pfn);
		}
		skipped = rms_skip_frames(s, page, pfn);
		pfn += skipped ?: rms_collect_frame(s, page, pfn, end);
	}
	run->end = pfn;
}

/*
 * Locks a folio of the group, so that it keeps its anon_vma or file, and looks for all of them.
 * Returns false if it isn't mapped any more, or is locked.
 */
static bool rms_walk_from_folio(struct rms_scan *s, const struct rms_scan_pages *p, u32 i, u32 nr)
{
	struct folio *folio = page_folio(rms_nth_page(&s->run, p, i));
	struct address_space *mapping;
	struct anon_vma *anon_vma;
	bool ok = false;

	if (!folio_trylock(folio))
		return false;
	mapping = folio->mapping;
	if (p->file) {
		ok = mapping == p->file;
		if (ok) {
			i_mmap_lock_read(mapping);
			rms_scan_walk_file(s, mapping, nr);
			i_mmap_unlock_read(mapping);
		}
	} else {
		anon_vma = static_call(rms_folio_lock_anon_vma_read)(folio, NULL);
		ok = anon_vma == p->tree;
		if (ok)
			rms_scan_walk_anon(s, anon_vma, nr);
		if (anon_vma)
			up_read(&anon_vma->root->rwsem);
	}
	folio_unlock(folio);
	return ok;
}

/* Walks from all pages of one tree. If none of them can be locked, each is looked at by itself. */
static void rms_walk_group(struct rms_scan *s, u32 first)
{
	struct rms_run *run = &s->run;
	u32 i, k, nr = rms_scan_group(run, first);
	struct rms_scan_pages *p;

	for (i = 0; i < nr; i++) {
		p = &run->pages[run->order[i]];
		for (k = 0; k < p->count; k++) {
			if (rms_walk_from_folio(s, p, k, nr))
				return;
		}
	}
	for (i = 0; i < nr; i++) {
		p = &run->pages[run->order[i]];
		p->alone = true;
		run->locked |= p->alone && p->count > 1;
	}
}

static void rms_put_frames(struct rms_run *run)
{
	u32 i, k;

	for (i = 0; i < run->nr_pages; i++) {
		struct rms_scan_pages *p = &run->pages[i];

		for (k = 0; p->referenced && k < p->count; k++)
			folio_put(page_folio(rms_nth_page(run, p, k)));
		if (p->folio)
			folio_put(p->folio);
		p->referenced = false;
		p->folio = NULL;
	}
}

/*
 * Names the files of pages. The lock of a folio keeps its inode, and nothing is allocated under it.
 * A file stays unnamed if each page is locked or truncated.
 */
static int rms_name_files(struct rms_scan *s)
{
	struct rms_run *run = &s->run;
	const struct rms_scan_pages *last = NULL;
	struct rms_scan_pages *p;
	int ret = 0;
	u32 i, k;

	for (i = 0; i < run->nr_pages && !ret; i++) {
		p = &run->pages[i];
		if (!p->file || p->alone)
			continue;
		if (last && last->file == p->file) {
			p->file_nr = last->file_nr;
			continue;
		}
		for (k = 0; k < p->count && !ret && !p->file_nr; k++)
			ret = rms_scan_name_folio(s, page_folio(rms_nth_page(run, p, k)), p);
		if (p->file_nr)
			last = p;
	}
	return ret;
}

/**
 * rms_scan_frames - collect the next run of frames, and walk from it
 * @s: the stream; s->run gets it
 *
 * Context: may sleep; no lock of mm held.
 * Return: 0 or -ENOMEM.
 */
int rms_scan_frames(struct rms_scan *s)
{
	struct rms_run *run = &s->run;
	int ret;
	u32 i;

	rms_collect_frames(s);
	if (rms_range_walks(&s->range)) {
		rms_scan_sort(s);
		rms_scan_clear_found(run);
	}
	for (i = 0; i < run->nr_pages && !run->killed && !run->split; i++) {
		if (run->pages[i].tree && !run->pages[i].alone && !run->pages[i].grouped)
			rms_walk_group(s, i);
	}
	ret = rms_name_files(s);
	rms_put_frames(run);
	return ret;
}

/**
 * rms_scan_end_of_frames - the frame behind all memory that is online
 *
 * Context: any.
 * Return: its number.
 */
unsigned long rms_scan_end_of_frames(void)
{
	unsigned long end = 0;
	int nid;

	for_each_online_node(nid)
		end = max(end, node_end_pfn(nid));
	return end;
}

/**
 * rms_scan_check_frames - whether a range has any frames
 * @range: of frames
 *
 * Context: may sleep.
 * Return: 0, or -ENXIO.
 */
int rms_scan_check_frames(const struct rms_range *range)
{
	return rms_end_of_hole(range->start, range->end) < range->end ? 0 : -ENXIO;
}
