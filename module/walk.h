/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _RMAPSCOPE_WALK_H
#define _RMAPSCOPE_WALK_H

#include <linux/sched/signal.h>

#include "anon_vma.h"
#include "rmapscope.h"

/**
 * struct rms_map - a VMA that the kernel's walk visited, or a stretch of pages in it
 * @mm: mmgrab()ed until the snapshot is complete; then an identity only
 * @file: the mapped file, referenced as long as @mm; mostly NULL
 * @anon_vma: the VMA's own anon_vma, as an identity only
 * @va: where the first page is, or would be, in @mm
 * @vm_start: the VMA, as all of vm_*
 * @vm_end: exclusive
 * @vm_pgoff: in pages
 * @vm_flags: may have changed since: no lock that is held protects it
 * @first: the first page, as an index into the requested pages
 * @count: how many pages this record is about; 1 unless a whole folio was requested
 * @entry: the page-table entry at @va; those of the other pages follow from it
 * @mapped: the entries map the pages
 * @borrowed: they are device-exclusive and lead to the pages, which doesn't count as mapping them
 * @exclusive: PageAnonExclusive(): the process may write to them without making a copy
 * @owner: index into struct rms_snapshot.owners (by resolve.c)
 * @av_id: number of the own anon_vma in the report, or RMS_NO_ID (by resolve.c)
 * @name: its name: see rms_vma_name() (by names.c)
 */
struct rms_map {
	struct mm_struct *mm;
	struct file *file;
	struct anon_vma *anon_vma;
	unsigned long va;
	unsigned long vm_start;
	unsigned long vm_end;
	unsigned long vm_pgoff;
	unsigned long vm_flags;
	u32 first;
	u32 count;
	struct rms_entry entry;
	bool mapped;
	bool borrowed;
	bool exclusive;
	u32 owner;
	u32 av_id;
	u32 name;
};

/**
 * struct rms_query - what a walk looks for; constant while it runs
 * @kind: of the pages
 * @pfn: the first page to look for
 * @pgoff: its offset in the anon_vma tree or file
 * @nr: how many pages to look for: those of a folio, or one
 * @large: the folio has more than one page, or it is not known where the one is in a VMA
 * @exclusive: PageAnonExclusive() of the one page, if not @large
 * @count_all: read the entry even if the buffer is full, because it can't grow
 * @swap: what to look for instead of @pfn if the kind is RMS_KIND_SWAP
 * @mm: the mm of the target, or NULL
 * @va: the address of the target in @mm
 * @max_visits: visit no more VMAs than that
 */
struct rms_query {
	enum rms_kind kind;
	unsigned long pfn;
	unsigned long pgoff;
	unsigned long nr;
	bool large;
	bool exclusive;
	bool count_all;
	swp_entry_t swap;
	struct mm_struct *mm;
	unsigned long va;
	u32 max_visits;
};

/**
 * struct rms_records - the records of a walk, in buffers allocated before it
 * @maps: VMAs; room for @max_maps
 * @spare: used in place of a record when @maps is full; its contents are ignored
 * @max_maps: room
 * @nr_maps: valid records
 * @seen_maps: records that the walk had, also those that didn't fit into the buffer, less the
 *	repeats that rms_drop_repeats() took out
 * @held: records whose mm and file are still referenced
 * @avs: the page's anon_vma, then its ancestors up to the root; room for @max_avs. For KSM,
 *	one such chain for each tree, and some more than once
 * @max_avs: room
 * @nr_avs: valid records
 * @seen_avs: anon_vmas that the walk had, also those that didn't fit into the buffer
 * @last_root: the tree whose anon_vmas were read last
 * @vals: room for the PTEs of one table, if the query is for several pages
 * @found: @nr + 1 differences, if the query is for several pages: mappings of page i less those of
 *	page i - 1; else NULL
 */
struct rms_records {
	struct rms_map *maps;
	struct rms_map spare;
	u32 max_maps;
	u32 nr_maps;
	u32 seen_maps;
	u32 held;
	struct rms_av *avs;
	u32 max_avs;
	u32 nr_avs;
	u32 seen_avs;
	const struct anon_vma *last_root;
	unsigned long *vals;
	int *found;
};

/**
 * struct rms_outcome - how a walk went
 * @visits: VMAs that it visited
 * @visited: how many of @visits may hold one of the pages
 * @skipped: the others: of VMAs with other pages of the folio, or seen already
 * @mapped: how many of @visited map at least one page
 * @entries: page-table entries that map one
 * @hit: the page was found at the target's address
 * @killed: a fatal signal ended the walk early
 * @cut: the limit on visits did
 * @contended: the rmap lock was held by another task, and must not be waited for (hugetlb)
 * @ns: the whole walk, in nanoseconds
 * @locked_at: when the rmap lock was taken, in nanoseconds since boot
 * @lock_ns: from then to the end of the walk
 */
struct rms_outcome {
	u32 visits;
	u32 visited;
	u32 skipped;
	u32 mapped;
	u32 entries;
	bool hit;
	bool killed;
	bool cut;
	bool contended;
	u64 ns;
	u64 locked_at;
	u64 lock_ns;
};

/**
 * struct rms_walk - one walk
 * @query: what it looks for
 * @rec: what it has found
 * @out: how it went
 */
struct rms_walk {
	struct rms_query query;
	struct rms_records rec;
	struct rms_outcome out;
};

/* Called before each VMA. Notes why the walk ends, if it does. */
static inline bool rms_walk_stops(struct rms_walk *w)
{
	if (likely(w->out.visits < w->query.max_visits && !fatal_signal_pending(current))) {
		w->out.visits++;
		return false;
	}
	w->out.killed = fatal_signal_pending(current);
	w->out.cut = !w->out.killed;
	return true;
}

u32 rms_max_visits(void);
u32 rms_max_vmas(void);
u32 rms_max_avs(void);
void rms_drop_refs(struct rms_walk *w, u32 from);
int rms_walk_prepare(struct rms_walk *w);
void rms_walk_reuse(struct rms_walk *w);
void rms_walk_release(struct rms_walk *w);
int rms_walk_grow(struct rms_walk *w, u32 maps, u32 avs);
u32 rms_want(u32 seen, u32 limit);
u32 rms_wanted(u32 seen, u32 max, u32 limit);

void rms_walk_begin(struct rms_walk *w);
void rms_walk_end(struct rms_walk *w);
void rms_walk_folio(struct folio *folio, struct rms_walk *w);
void rms_walk_none(struct rms_walk *w);
struct rms_map *rms_new_map(struct rms_walk *w, struct vm_area_struct *vma);
void rms_note_page(struct rms_walk *w, struct vm_area_struct *vma, unsigned long addr);
void rms_walk_swap(struct vm_area_struct *vma, struct rms_walk *w);
void rms_walk_borrowed(const struct rms_page *p, struct rms_walk *w);

/* Used by the walk of a page and by the walk from an address. */

/**
 * struct rms_stretch - the requested pages in one VMA, and the record that is being made of them
 * @vma: the VMA
 * @va: where the first page is in it
 * @first: that page, as an index into the requested pages
 * @end: the page behind the last one
 * @map: the record of those seen last, or NULL
 * @last: the entry seen last
 * @mapped: an entry was found that maps one of the pages
 */
struct rms_stretch {
	struct vm_area_struct *vma;
	unsigned long va;
	unsigned long first;
	unsigned long end;
	struct rms_map *map;
	struct rms_entry last;
	bool mapped;
};

void rms_note_pages_of(struct rms_walk *w, struct vm_area_struct *vma);
bool rms_find_pages(const struct rms_walk *w, struct rms_stretch *s);

#endif /* _RMAPSCOPE_WALK_H */
