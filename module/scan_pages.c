// SPDX-License-Identifier: GPL-2.0
/* Makes the records of pages of a stream. */
#include <linux/bitmap.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "compat.h"
#include "scan.h"

/* rms_follows() compares what is behind them. */
static_assert(offsetof(struct rms_rec_page, maps) == 24);

/* What is the same for all pages that were collected together. */
static void rms_fill_page(const struct rms_scan_pages *p, struct rms_rec_page *rec)
{
	*rec = (struct rms_rec_page){
		.rec = { .type = RMS_REC_PAGE, .size = sizeof(*rec) },
		.maps = p->maps,
		.extra_refs = p->extra_refs,
		.file = p->file_nr,
		.fields = p->fields,
		.kind = p->kind,
		.order = p->order,
		.level = p->level,
		.swap_type = p->swap_type,
	};
}

/* What was found at a page, if @found is the sum up to it. */
static void rms_fill_found(const struct rms_run *run, const struct rms_scan_pages *p, u32 place,
			   const struct rms_found *found, struct rms_rec_page *rec)
{
	if (!p->alone)
		rec->maps = found->entries;
	rec->mms = found->entries - (run->has_further ? run->further[place] : 0);
	/* The walk from a swap slot visits the VMAs that hold the slot: see walk_swap.c. */
	rec->visited = p->kind == RMS_KIND_SWAP && !p->alone ? found->entries : found->visited;
}

static bool rms_same_verdicts(const struct rms_run *run, u32 a, u32 b)
{
	return !memcmp(&run->verdicts[a], &run->verdicts[b], sizeof(*run->verdicts));
}

/*
 * How many of @nr pages from @place on are alike, but for their frames, which are in a row.
 * @fields: RMS_PAGE_*
 */
static u32 rms_alike(const struct rms_run *run, u32 fields, u32 place, u32 nr)
{
	bool walked = fields & RMS_PAGE_WALKED, judged = fields & RMS_PAGE_JUDGED;
	const struct rms_found *found = run->found + place;
	const u64 *frames = run->frames + place;
	u64 frame = *frames;
	u32 i;

	for (i = 1; i < nr; i++) {
		frame += PAGE_SIZE;
		if (frames[i] != frame || (walked && (found[i].entries || found[i].visited)))
			break;
		if (run->has_further && run->further[place + i] != run->further[place])
			break;
		if (!run->all_kept && !test_bit(place + i, run->kept))
			break;
		if (judged && !rms_same_verdicts(run, place, place + i))
			break;
	}
	return i;
}

/* Whether the pages of @next can be added to those of @rec. */
static bool rms_follows(const struct rms_rec_page *rec, const struct rms_rec_page *next)
{
	return next->first == rec->first + rec->count && next->pfn == rec->pfn + rec->count &&
	       !memcmp(&next->maps, &rec->maps,
		       sizeof(*rec) - offsetof(struct rms_rec_page, maps));
}

/*
 * Completes the record of pages, and adds them to the last record if they follow it. @next: all but
 * what differs by page; @found: the sum up to @place. Returns 0 or -ENOMEM.
 */
static int rms_put_record(struct rms_scan *s, const struct rms_scan_pages *p, u32 place,
			  const struct rms_found *found, struct rms_rec_page *next,
			  bool *has_record)
{
	struct rms_rec_page *rec = (struct rms_rec_page *)(s->out + s->out_len) - 1;
	const struct rms_run *run = &s->run;

	next->pfn = PHYS_PFN(run->frames[place]);
	if (p->fields & RMS_PAGE_WALKED)
		rms_fill_found(run, p, place, found, next);
	if (p->fields & RMS_PAGE_JUDGED)
		memcpy(next->verdicts, run->verdicts[place].why, sizeof(next->verdicts));
	if (*has_record && rms_follows(rec, next)) {
		rec->count += next->count;
		return 0;
	}
	if (rms_scan_reserve(s, sizeof(*next)))
		return -ENOMEM;
	*(struct rms_rec_page *)(s->out + s->out_len) = *next;
	s->out_len += sizeof(*next);
	*has_record = true;
	return 0;
}

/*
 * Adds the pages to the last record, if that is of the same run, and makes records for those that
 * it can't have. Returns 0 or -ENOMEM.
 */
static int rms_put_stretch(struct rms_scan *s, const struct rms_scan_pages *p, bool *has_record)
{
	bool walked = p->fields & RMS_PAGE_WALKED;
	struct rms_run *run = &s->run;
	struct rms_found found = {};
	struct rms_rec_page next;
	u32 i, nr, end = p->place + p->count;
	int ret = 0;

	rms_fill_page(p, &next);
	for (i = p->place; i < end && !ret; i += nr) {
		nr = 1;
		if (walked) {
			found.entries += run->found[i].entries;
			found.visited += run->found[i].visited;
		}
		if (!run->all_kept && !test_bit(i, run->kept))
			continue;
		nr = rms_alike(run, p->fields, i, end - i);
		next.first = i;
		next.count = nr;
		ret = rms_put_record(s, p, i, &found, &next, has_record);
	}
	return ret;
}

/* Adds a page of a sorted run, in which what was found is added up. Returns 0 or -ENOMEM. */
static int rms_put_page(struct rms_scan *s, u32 place, bool *has_record)
{
	struct rms_run *run = &s->run;
	const struct rms_scan_pages *p = &run->pages[run->owner[place]];
	struct rms_rec_page next;

	rms_fill_page(p, &next);
	next.first = rms_frame_index(run, place);
	next.count = 1;
	return rms_put_record(s, p, place, &run->found[place], &next, has_record);
}

/* Finds the place of each index, and the pages that each place is of. Adds up what was found. */
static void rms_find_places(struct rms_run *run)
{
	u32 i, k;

	memset(run->order, 0xff, RMS_RUN_PAGES * sizeof(*run->order));
	for (i = 0; i < run->nr_pages; i++) {
		const struct rms_scan_pages *p = &run->pages[i];

		for (k = p->place; k < p->place + p->count; k++) {
			run->owner[k] = i;
			if (!p->dropped)
				run->order[rms_frame_index(run, k)] = k;
			if (k == p->place)
				continue;
			run->found[k].entries += run->found[k - 1].entries;
			run->found[k].visited += run->found[k - 1].visited;
		}
	}
}

/* The pages of a sorted run, in the order of their frames. */
static int rms_put_sorted_pages(struct rms_scan *s)
{
	struct rms_run *run = &s->run;
	bool has_record = false;
	u32 index, place;
	int ret = 0;

	rms_find_places(run);
	for (index = 0; index < run->count && !ret; index++) {
		place = run->order[index];
		if (place != RMS_NO_PLACE && (run->all_kept || test_bit(place, run->kept)))
			ret = rms_put_page(s, place, &has_record);
	}
	return ret;
}

/**
 * rms_scan_put_pages - make the records of the pages of a run
 * @s: the stream, after rms_scan_keep()
 *
 * Each has a stretch of pages that are alike.
 *
 * Context: may sleep; no rmap lock held.
 * Return: 0 or -ENOMEM.
 */
int rms_scan_put_pages(struct rms_scan *s)
{
	bool has_record = false;
	int ret = 0;
	u32 i;

	if (s->run.sorted)
		return rms_put_sorted_pages(s);
	for (i = 0; i < s->run.nr_pages && !ret; i++) {
		if (!s->run.pages[i].dropped)
			ret = rms_put_stretch(s, &s->run.pages[i], &has_record);
	}
	return ret;
}
