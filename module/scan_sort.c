// SPDX-License-Identifier: GPL-2.0
/*
 * Puts the frames of a run into the order in which VMAs map them. The pages that a process touches
 * one after the other mostly have frames that are not in a row. In the order of their offsets, a
 * VMA's entries for them are neighbours in its page table: they are compared one after the other,
 * and make one element of run->maps.
 */
#include <linux/mm.h>
#include <linux/sort.h>

#include "compat.h"
#include "scan.h"

static int rms_cmp_pages(const struct rms_scan_pages *a, const struct rms_scan_pages *b)
{
	if (a->tree != b->tree)
		return a->tree < b->tree ? -1 : 1;
	return a->pgoff < b->pgoff ? -1 : a->pgoff > b->pgoff;
}

static int rms_cmp_order(const void *a, const void *b, const void *priv)
{
	const struct rms_run *run = priv;
	u16 x = *(const u16 *)a, y = *(const u16 *)b;

	return rms_cmp_pages(&run->pages[x], &run->pages[y]) ?: (x < y ? -1 : x > y);
}

/* Whether @next are pages behind @p that have everything in common with them but their frames. */
static bool rms_can_join(const struct rms_scan_pages *p, const struct rms_scan_pages *next)
{
	return p->tree && p->tree == next->tree && p->pgoff + p->count == next->pgoff &&
	       !p->order && !next->order && !p->alone && !next->alone &&
	       p->referenced == next->referenced && p->exclusive == next->exclusive &&
	       p->maps == next->maps && p->extra_refs == next->extra_refs &&
	       p->kind == next->kind && p->fields == next->fields;
}

/* Whether the pages can stay where they are. @joins: pages may be joined. */
static bool rms_is_in_order(const struct rms_run *run, bool joins)
{
	u32 i;

	for (i = 1; i < run->nr_pages; i++) {
		const struct rms_scan_pages *p = &run->pages[i - 1], *next = &run->pages[i];

		if (rms_cmp_pages(p, next) > 0)
			return false;
		/* There are frames without a reverse map between them. */
		if (joins && p->place + p->count != next->place && rms_can_join(p, next))
			return false;
	}
	return true;
}

/**
 * rms_scan_sort - sort the frames of a run by tree and offset
 * @s: the stream; its run has been collected, and not been walked from
 *
 * Verdicts also depend on what isn't known of pages here. Then no pages are joined.
 *
 * Context: any. Doesn't sleep.
 */
void rms_scan_sort(struct rms_scan *s)
{
	bool joins = !rms_range_judges(&s->range) && !s->run.single;
	struct rms_run *run = &s->run;
	struct rms_scan_pages *to = run->spare_pages;
	u32 i, place = 0, nr = 0;

	run->by_tree = true;
	if (rms_is_in_order(run, joins))
		return;
	for (i = 0; i < run->nr_pages; i++)
		run->order[i] = i;
	sort_r(run->order, run->nr_pages, sizeof(*run->order), rms_cmp_order, NULL, run);
	for (i = 0; i < run->nr_pages; i++) {
		const struct rms_scan_pages *p = &run->pages[run->order[i]];

		memcpy(run->spare_frames + place, run->frames + p->place,
		       p->count * sizeof(*run->frames));
		if (joins && nr && rms_can_join(&to[nr - 1], p)) {
			to[nr - 1].count += p->count;
		} else {
			to[nr] = *p;
			to[nr++].place = place;
		}
		place += p->count;
	}
	swap(run->pages, run->spare_pages);
	swap(run->frames, run->spare_frames);
	run->nr_pages = nr;
	run->sorted = true;
}

/**
 * rms_scan_count_records - how many records the entries of a run make
 * @s: the stream, whose run has been walked from
 *
 * Unless RMS_OPTION_ORDERED was given, the pages of a record are in the order of their frames.
 *
 * Context: any. Doesn't sleep.
 * Return: records of type RMS_REC_MAP.
 */
u32 rms_scan_count_records(const struct rms_scan *s)
{
	const struct rms_run *run = &s->run;
	u32 i, nr = run->nr_maps, ends = 0;
	u16 *before = run->order;

	if (!(s->range.options & RMS_OPTION_MAPS))
		return 0;
	if (!run->sorted || s->range.options & RMS_OPTION_ORDERED)
		return nr;
	/* By place: how many pages before it are not followed by the next frame. */
	for (i = 0; i < rms_sorted_places(run); i++) {
		ends += i && run->frames[i] != run->frames[i - 1] + PAGE_SIZE;
		before[i] = ends;
	}
	for (i = 0; i < run->nr_maps; i++) {
		const struct rms_scan_map *map = &run->maps[i];

		nr += before[map->first + map->count - 1] - before[map->first];
	}
	return nr;
}
