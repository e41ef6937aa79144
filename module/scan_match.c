// SPDX-License-Identifier: GPL-2.0
/*
 * Compares the entries of a VMA with the pages of a run. This runs under the rmap lock: see the
 * rules in walk.c. Most entries have the page's frame and the flags of the entry before, so that
 * one comparison tells.
 */
#include <linux/mm.h>
#include <linux/pgtable.h>
#include <linux/sched/mm.h>

#include "compat.h"
#include "scan_walk.h"

/**
 * struct rms_vma_scan - one VMA that is being looked into
 * @w: the walk
 * @vma: the VMA
 * @base: its offset in the tree
 * @table: that translates the addresses from @opened on; locked
 * @opened: the first address of @table that may be looked at
 * @map: the entries found last, which the next one may continue; NULL if there are none
 * @spare: stands for an element of run->maps if there is no room, so that it is known how many
 *	there would be
 * @flags: of these entries
 * @exclusive: PageAnonExclusive() of their pages
 * @known: the VMA has an element in run->vmas
 */
struct rms_vma_scan {
	struct rms_pages_walk *w;
	struct vm_area_struct *vma;
	unsigned long base;
	struct rms_table table;
	unsigned long opened;
	struct rms_scan_map *map;
	struct rms_scan_map spare;
	unsigned long flags;
	bool exclusive;
	bool known;
};

/* The first element of the walk that may have an offset of at least @pgoff. */
static u32 rms_lower_bound(const struct rms_pages_walk *w, unsigned long pgoff)
{
	u32 low = w->from, high = w->to, middle;
	const struct rms_scan_pages *p;

	if (pgoff <= w->first || w->overlaps)
		return low;
	while (low < high) {
		middle = (low + high) / 2;
		p = rms_nth(w->run, middle);
		if (p->pgoff + p->count <= pgoff)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Notes that the VMA maps something. Returns false if there is no room. */
static bool rms_know_vma(struct rms_vma_scan *v)
{
	struct rms_run *run = v->w->run;
	struct rms_scan_vma *vma;

	if (v->known)
		return true;
	if (run->nr_vmas == run->max_maps)
		return false;
	vma = &run->vmas[run->nr_vmas++];
	vma->mm = v->vma->vm_mm;
	mmgrab(vma->mm);
	vma->first = run->nr_maps;
	v->known = true;
	return true;
}

/* Whether the page at an index and address would be the next one of the entries found last. */
static bool rms_map_continues(const struct rms_vma_scan *v, u32 index, unsigned long addr)
{
	const struct rms_scan_map *map = v->map;

	return map && index == map->first + map->count &&
	       addr == map->va + ((unsigned long)map->count << PAGE_SHIFT);
}

/* Entries that don't continue the last ones. */
static void rms_new_scan_map(struct rms_vma_scan *v, u32 index, u32 nr, unsigned long addr,
			     u8 level, u32 bits)
{
	struct rms_run *run = v->w->run;

	if (run->seen_maps++ < run->max_maps && rms_know_vma(v))
		v->map = &run->maps[run->nr_maps++];
	else
		v->map = &v->spare;
	*v->map = (struct rms_scan_map){
		.va = addr,
		.vma = run->nr_vmas - 1,
		.bits = bits,
		.first = index,
		.count = nr,
		.level = level,
	};
}

/*
 * Notes that an entry maps @nr pages of @p from the @i-th on. @exclusive: PageAnonExclusive() of
 * what the entry maps.
 */
static void rms_note_found(struct rms_vma_scan *v, const struct rms_scan_pages *p, u32 i, u32 nr,
			   unsigned long addr, const struct rms_entry *entry, bool exclusive)
{
	unsigned long flags = pte_flags(__pte(entry->val));

	rms_found_add(v->w->run, p, i, i + nr, 1, 0);
	if (rms_map_continues(v, p->place + i, addr) && exclusive == v->exclusive &&
	    entry->level == v->map->level && flags == v->flags) {
		v->map->count += nr;
		return;
	}
	rms_new_scan_map(v, p->place + i, nr, addr, entry->level, rms_scan_bits(entry, exclusive));
	v->flags = flags;
	v->exclusive = exclusive;
}

/* The same for a present PTE and one page. */
static void rms_note_pte(struct rms_vma_scan *v, const struct rms_scan_pages *p, u32 i,
			 unsigned long addr, unsigned long val, unsigned long flags)
{
	unsigned long pfn = PHYS_PFN(v->w->run->frames[p->place + i]);
	struct rms_entry entry = { .val = val, .level = RMS_PTE };
	bool exclusive = v->w->anon && rms_frame_is_exclusive(pfn);
	struct rms_pages_walk *w = v->w;

	if (unlikely(flags != w->flags || exclusive != w->exclusive)) {
		w->flags = flags;
		w->exclusive = exclusive;
		w->bits = rms_scan_bits(&entry, exclusive);
	}
	rms_found_add(w->run, p, i, i + 1, 1, 0);
	rms_new_scan_map(v, p->place + i, 1, addr, RMS_PTE, w->bits);
	v->flags = flags;
	v->exclusive = exclusive;
}

/* An entry that leads to frames. It has those of @nr pages of @p from the @i-th on, or others. */
static void rms_match_frames(struct rms_vma_scan *v, const struct rms_scan_pages *p, u32 i, u32 nr,
			     unsigned long addr, const struct rms_entry *entry)
{
	const u64 *frames = v->w->run->frames + p->place;
	unsigned long pfn = rms_entry_pfn(entry, addr);
	u32 from, to, end = i + nr;
	unsigned long first;

	for (from = i; from < end; from = to + 1) {
		for (to = from; to < end && frames[to] == PFN_PHYS(pfn + to - i); to++)
			;
		if (to == from)
			continue;
		/* A huge entry has the flag in the first page that it maps. */
		first = entry->level == RMS_PMD ? rms_entry_pfn(entry, addr & PMD_MASK) :
						  pfn + from - i;
		rms_note_found(v, p, from, to - from,
			       addr + ((unsigned long)(from - i) << PAGE_SHIFT), entry,
			       v->w->anon && rms_frame_is_exclusive(first));
	}
}

/* The same for an entry of any kind and level. */
static noinline void rms_match_entry(struct rms_vma_scan *v, const struct rms_scan_pages *p, u32 i,
				     u32 nr, unsigned long addr, const struct rms_entry *entry)
{
	swp_entry_t swap;

	switch (rms_entry_content(entry)) {
	case RMS_SWAP:
		swap = rms_entry_swap(entry);
		if (p->kind != RMS_KIND_SWAP || swp_type(swap) != p->swap_type ||
		    PFN_PHYS(swp_offset(swap)) != v->w->run->frames[p->place + i])
			return;
		/* Slots in a row differ in the entry's value. */
		v->map = NULL;
		rms_note_found(v, p, i, 1, addr, entry, false);
		return;
	case RMS_DEVICE_EXCLUSIVE:
		if (!RMS_DEVICE_EXCLUSIVE_MAPS)
			return;
		fallthrough;
	case RMS_PRESENT:
	case RMS_DEVICE_PRIVATE:
		if (p->kind != RMS_KIND_SWAP)
			rms_match_frames(v, p, i, nr, addr, entry);
		return;
	default:
		return;
	}
}

/* So many entries are compared at a time. */
#define RMS_AT_ONCE	8

/*
 * The entries that map @nr frames from @place on with these flags. Most VMAs have the flags of the
 * VMA before, so that these were made for that one.
 */
static const u64 *rms_expect(struct rms_run *run, u32 place, u32 nr, unsigned long flags)
{
	const u64 *frames = run->frames;
	u64 *expected = run->expected;
	u32 i = run->expect_to;

	/* The last entries of a table are compared one by one, which leaves a gap. */
	if (flags != run->expect_flags || place < run->expect_from || place >= i + RMS_AT_ONCE) {
		i = place;
		run->expect_from = place;
		run->expect_flags = flags;
	}
	for (; i < place + nr; i++)
		expected[i] = frames[i] ^ flags;
	run->expect_to = i;
	return expected + place;
}

/* Zero if an entry is as expected. */
static __always_inline unsigned long rms_differs(pte_t *pte, const u64 *expected, u32 i)
{
	return rms_native_pte_val(ptep_get(pte + i)) ^ expected[i];
}

/* How many of @nr entries are as expected. Both are multiples of RMS_AT_ONCE. */
static u32 rms_count_expected(pte_t *pte, const u64 *expected, u32 nr)
{
	pte_t *begin = pte, *end = pte + nr;

	BUILD_BUG_ON(RMS_AT_ONCE != 8);
	for (; pte < end; pte += RMS_AT_ONCE, expected += RMS_AT_ONCE) {
		if (rms_differs(pte, expected, 0) | rms_differs(pte, expected, 1) |
		    rms_differs(pte, expected, 2) | rms_differs(pte, expected, 3) |
		    rms_differs(pte, expected, 4) | rms_differs(pte, expected, 5) |
		    rms_differs(pte, expected, 6) | rms_differs(pte, expected, 7))
			break;
	}
	return pte - begin;
}

/*
 * How many of @nr entries from @pte on map the frames from @place on with these flags. Most of the
 * time of a scan is spent here. What is expected is made for few entries at first, as often they
 * are all that there is.
 */
static u32 rms_count_same(struct rms_run *run, u32 place, pte_t *pte, u32 nr, unsigned long flags)
{
	const u64 *frames = run->frames + place;
	u32 i = 0, step = RMS_AT_ONCE, want, same;

	if ((pte_val(ptep_get(pte)) ^ *frames) != flags)
		return 0;
	for (; RMS_PTES_ARE_NATIVE && i + RMS_AT_ONCE <= nr; step *= 4) {
		want = min(step, round_down(nr - i, RMS_AT_ONCE));
		same = rms_count_expected(pte + i, rms_expect(run, place + i, want, flags), want);
		i += same;
		if (same < want)
			break;
	}
	for (; i < nr && (pte_val(ptep_get(pte + i)) ^ frames[i]) == flags; i++)
		;
	return i;
}

/* How many of @nr entries from @pte on continue the last ones. */
static u32 rms_match_same(const struct rms_vma_scan *v, const struct rms_scan_pages *p, u32 from,
			  pte_t *pte, u32 nr)
{
	const u64 *frames = v->w->run->frames + p->place + from;
	u32 i, same = rms_count_same(v->w->run, p->place + from, pte, nr, v->flags);

	if (!p->exclusive)
		return same;
	/* fork() may have cleared it since. */
	for (i = 0; i < same && rms_frame_is_exclusive(PHYS_PFN(frames[i])); i++)
		;
	return i;
}

/* Whether the entries found last are such that rms_match_same() can tell what continues them. */
static bool rms_has_same(const struct rms_vma_scan *v, const struct rms_scan_pages *p)
{
	return v->map->level == RMS_PTE && v->flags & _PAGE_PRESENT &&
	       v->exclusive == p->exclusive && p->kind != RMS_KIND_SWAP;
}

/* A locked table of PTEs: those of @nr pages of @p from the @i-th on. */
static void rms_match_ptes(struct rms_vma_scan *v, const struct rms_scan_pages *p, u32 i, u32 nr,
			   unsigned long addr, pte_t *pte)
{
	const u64 *frames = v->w->run->frames + p->place;
	struct rms_entry entry = { .level = RMS_PTE };
	u32 end = i + nr, same;
	unsigned long flags;

	for (; i < end; i += same, pte += same, addr += (unsigned long)same << PAGE_SHIFT) {
		if (rms_map_continues(v, p->place + i, addr) && rms_has_same(v, p)) {
			same = rms_match_same(v, p, i, pte, end - i);
			if (same) {
				rms_found_add(v->w->run, p, i, i + same, 1, 0);
				v->map->count += same;
				continue;
			}
		}
		same = 1;
		entry.val = pte_val(ptep_get(pte));
		flags = entry.val ^ frames[i];
		if (likely(entry.val & _PAGE_PRESENT)) {
			if (!(flags & PTE_PFN_MASK) && p->kind != RMS_KIND_SWAP)
				rms_note_pte(v, p, i, addr, entry.val, flags);
		} else if (entry.val) {
			rms_match_entry(v, p, i, 1, addr, &entry);
		}
	}
}

/* The pages of @p that the VMA covers. @end: the offset behind the VMA. */
static void rms_match_pages(struct rms_vma_scan *v, const struct rms_scan_pages *p,
			    unsigned long end)
{
	u32 i = max(v->base, p->pgoff) - p->pgoff;
	u32 stop = min(end, p->pgoff + p->count) - p->pgoff, nr;
	struct rms_table *table = &v->table;
	unsigned long addr;

	rms_found_add(v->w->run, p, i, stop, 0, 1);
	v->w->run->left -= stop - i;
	for (; i < stop; i += nr) {
		addr = v->vma->vm_start + ((p->pgoff + i - v->base) << PAGE_SHIFT);
		if (addr < v->opened || addr >= table->end) {
			rms_table_close(table);
			rms_table_open(v->vma, addr, table, NULL);
			v->opened = addr;
		}
		nr = min_t(unsigned long, stop - i, (table->end - addr) >> PAGE_SHIFT);
		if (table->pte)
			rms_match_ptes(v, p, i, nr, addr,
				       table->pte + ((addr - v->opened) >> PAGE_SHIFT));
		else if (table->entry.val)
			rms_match_entry(v, p, i, nr, addr, &table->entry);
	}
}

/**
 * rms_scan_match - look for the pages of a walk in the page tables of a VMA
 * @w: the walk
 * @vma: the VMA
 * @base: its offset in the tree
 *
 * Context: the lock of the tree held for reading. Takes and drops page-table locks. Doesn't sleep.
 */
void rms_scan_match(struct rms_pages_walk *w, struct vm_area_struct *vma, unsigned long base)
{
	struct rms_vma_scan v = { .w = w, .vma = vma, .base = base };
	unsigned long end = base + vma_pages(vma);
	const struct rms_scan_pages *p;
	u32 i;

	for (i = rms_lower_bound(w, base); i < w->to; i++) {
		p = rms_nth(w->run, i);
		if (p->pgoff >= end)
			break;
		if (p->pgoff + p->count > base)
			rms_match_pages(&v, p, end);
	}
	rms_table_close(&v.table);
}
