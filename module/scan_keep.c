// SPDX-License-Identifier: GPL-2.0
/* Which pages of a run are reported. */
#include <linux/bitmap.h>
#include <linux/mm.h>

#include "scan.h"

/* Whether the verdict on a page is that it can't be migrated. */
static bool rms_is_stuck(const struct rms_run *run, const struct rms_scan_pages *p, u32 index)
{
	return p->fields & RMS_PAGE_JUDGED && run->verdicts[index].why[RMS_OP_MIGRATE];
}

/* Which pages pass the filters, and haven't gone. */
static void rms_keep(struct rms_scan *s, struct rms_scan_pages *p)
{
	bool counted = rms_range_shows(&s->range) && !p->alone;
	bool judges = rms_range_judges(&s->range);
	struct rms_run *run = &s->run;
	u32 i, found = 0;

	for (i = p->place; i < p->place + p->count; i++) {
		if (counted)
			found += run->found[i].entries;
		if (!rms_scan_wants(&s->range, p, counted ? found : p->maps))
			continue;
		if (judges && test_bit(i, run->gone))
			continue;
		if (s->range.options & RMS_OPTION_STUCK && !rms_is_stuck(run, p, i))
			continue;
		__set_bit(i, run->kept);
	}
}

/**
 * rms_scan_keep - complete what is known of the pages of a run, and filter them
 * @s: the stream; sets s->run.kept
 *
 * Context: may sleep; no lock of mm held.
 * Return: how many pages aren't left out.
 */
u32 rms_scan_keep(struct rms_scan *s)
{
	bool shows = rms_range_shows(&s->range);
	struct rms_run *run = &s->run;
	u32 i, nr = 0;

	if (shows)
		rms_scan_count_mms(run);
	if (s->range.options & ~(RMS_OPTION_MAPS | RMS_OPTION_VISITED | RMS_OPTION_VERDICTS |
				 RMS_OPTION_ORDERED))
		run->all_kept = false;
	for (i = 0; i < run->nr_pages; i++) {
		struct rms_scan_pages *p = &run->pages[i];

		if (p->dropped)
			run->all_kept = false;
		if (shows)
			p->fields |= RMS_PAGE_WALKED;
		nr += p->count;
	}
	if (run->all_kept)
		return nr;
	bitmap_zero(run->kept, RMS_RUN_PAGES);
	for (i = 0; i < run->nr_pages; i++) {
		if (!run->pages[i].dropped)
			rms_keep(s, &run->pages[i]);
	}
	return bitmap_weight(run->kept, RMS_RUN_PAGES);
}
