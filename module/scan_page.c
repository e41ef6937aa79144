// SPDX-License-Identifier: GPL-2.0
/*
 * Asks the report on a page for what can't be answered for a run at once: the mappings of KSM
 * pages, of hugetlb and of memory of devices, and the verdicts, which pages that don't differ have
 * in common. So these are the same as in a report.
 */
#include <linux/bitmap.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "compat.h"
#include "memory.h"
#include "scan.h"
#include "verdict.h"

static int rms_get_report(struct rms_scan *s)
{
	int ret;

	if (s->report)
		return 0;
	s->report = kzalloc(sizeof(*s->report), RMS_GFP);
	if (!s->report)
		return -ENOMEM;
	ret = rms_page_report_prepare(s->report);
	if (!ret)
		return 0;
	rms_page_report_release(s->report);
	kfree(s->report);
	s->report = NULL;
	return ret;
}

/* An entry of the report that maps the page, or holds its swap slot. */
static int rms_take_map(struct rms_scan *s, struct rms_scan_pages *p, const struct rms_map *map)
{
	struct rms_run *run = &s->run;
	struct rms_scan_vma *vma;

	if (run->nr_maps == run->max_maps && rms_run_grow(run, max(2 * run->max_maps, 64U)))
		return -ENOMEM;
	vma = &run->vmas[run->nr_vmas++];
	vma->mm = map->mm;
	mmgrab(vma->mm);
	vma->first = run->nr_maps;
	run->maps[run->nr_maps++] = (struct rms_scan_map){
		.va = map->va,
		.vma = run->nr_vmas - 1,
		.bits = rms_scan_bits(&map->entry, map->exclusive),
		.first = p->place,
		.count = p->count,
		.level = map->entry.level,
	};
	run->seen_maps = run->nr_maps;
	rms_found_add(run, p, 0, p->count, 1, 0);
	return 0;
}

static int rms_take_maps(struct rms_scan *s, struct rms_scan_pages *p)
{
	const struct rms_records *rec = &s->report->snap.walk.rec;
	int ret = 0;
	u32 i;

	p->fields |= RMS_PAGE_WALKED;
	rms_found_add(&s->run, p, 0, p->count, 0, s->report->snap.walk.out.visited);
	/* Not the number of VMAs: processes can share a page table of hugetlb. */
	if (p->kind != RMS_KIND_SWAP)
		p->maps = s->report->snap.walk.out.entries;
	for (i = 0; i < rec->nr_maps && !ret; i++) {
		if (rec->maps[i].mapped || p->kind == RMS_KIND_SWAP)
			ret = rms_take_map(s, p, &rec->maps[i]);
	}
	s->run.cut |= rms_snapshot_truncated(&s->report->snap);
	if (rms_walk_raced(s->report))
		s->run.raced += p->count;
	return ret;
}

/* What the page is, and its counts. */
static int rms_take_facts(struct rms_scan *s, struct rms_scan_pages *p)
{
	const struct rms_page_report *report = s->report;
	const struct rms_facts *facts = &report->snap.facts;
	u64 *frames = s->run.frames + p->place;
	bool swap = facts->kind == RMS_KIND_SWAP;
	u32 i;

	for (i = 0; i < p->count; i++)
		frames[i] = PFN_PHYS((swap ? swp_offset(facts->swap) : facts->pfn) + i);
	p->kind = facts->kind;
	p->file = NULL;
	if (swap) {
		p->swap_type = swp_type(facts->swap);
		p->maps = facts->swap_count;
		p->fields &= ~RMS_PAGE_REFS;
		return 0;
	}
	p->order = facts->order;
	p->maps = facts->mapcount;
	p->extra_refs = report->refs.unexplained;
	p->fields |= RMS_PAGE_REFS;
	return rms_scan_name_facts(s, facts, &p->file_nr);
}

/* They hold for @nr pages of @p from the @i-th on. */
static void rms_take_verdicts(struct rms_scan *s, struct rms_scan_pages *p, u32 i, u32 nr)
{
	struct rms_verdicts *verdicts = s->run.verdicts + p->place + i;
	struct rms_verdict v;
	unsigned int op;
	u32 k;

	if (s->report->snap.facts.kind == RMS_KIND_SWAP)
		return;
	for (op = 0; op < RMS_NR_OPS; op++) {
		rms_judge(op, s->report, &v);
		verdicts->why[op] = v.why;
	}
	for (k = 1; k < nr; k++)
		verdicts[k] = *verdicts;
	p->fields |= RMS_PAGE_JUDGED;
}

/* Whether the report is about what was collected: a page, or all pages of a huge entry. */
static bool rms_is_still_there(const struct rms_page_report *report, const struct rms_scan_pages *p)
{
	const struct rms_facts *facts = &report->snap.facts;

	if (facts->kind == RMS_KIND_SWAP)
		return p->alone && p->count == 1;
	return !p->alone ||
	       facts->pfn + p->count <= facts->folio_pfn + BIT(facts->order);
}

/*
 * Asks for the @i-th page of @p; the verdicts hold for @nr pages. Returns 0, also if the page has
 * gone, or has no reverse map, and is left out: then @gone is set.
 */
static int rms_ask(struct rms_scan *s, struct rms_scan_pages *p, u32 i, u32 nr, bool *gone)
{
	struct rms_run *run = &s->run;
	struct rms_target t = { .mm = s->mm };
	int ret;

	if (s->mm)
		t.va = run->start + ((unsigned long)(p->place + i) << PAGE_SHIFT);
	else
		t.pfn = PHYS_PFN(run->frames[p->place + i]);
	ret = rms_page_report_walk(s->report, &t);
	/* It was swapped out since, or is another page. */
	if (!ret && !rms_is_still_there(s->report, p))
		ret = p->alone ? -EAGAIN : -ENODATA;
	if (!ret && p->alone)
		ret = rms_take_facts(s, p);
	if (!ret && p->alone && rms_range_shows(&s->range))
		ret = rms_take_maps(s, p);
	if (!ret && rms_range_judges(&s->range))
		rms_take_verdicts(s, p, i, nr);
	rms_drop_refs(&s->report->snap.walk, 0);

	*gone = ret;
	nr = p->alone ? p->count : 1;
	switch (ret) {
	case 0:
		return 0;
	case -EOPNOTSUPP:
	case -ENXIO:
		run->unmapped[s->mm ? RMS_UNMAPPED_RAW : RMS_UNMAPPED_KERNEL] += nr;
		return 0;
	case -EAGAIN:
		run->moving += nr;
		return 0;
	case -ENODATA:
	case -EFAULT:
	case -ESRCH:
		return 0;
	default:
		return ret;
	}
}

static int rms_ask_alone(struct rms_scan *s, struct rms_scan_pages *p)
{
	int ret = rms_get_report(s);

	return ret ?: rms_ask(s, p, 0, p->count, &p->dropped);
}

/* Marks the pages where entries begin and end that a VMA has in a row. */
static void rms_mark_edges(const struct rms_run *run, unsigned long *edges)
{
	u32 i;

	bitmap_zero(edges, RMS_RUN_PAGES + 1);
	for (i = 0; i < run->nr_maps; i++) {
		__set_bit(run->maps[i].first, edges);
		__set_bit(run->maps[i].first + run->maps[i].count, edges);
	}
}

/*
 * How many pages of @p from the @i-th on have the same verdicts. A verdict is about what the page
 * is, its counts and flags, and the VMAs and bits of its entries.
 */
static u32 rms_judged_alike(const struct rms_run *run, const struct rms_scan_pages *p, u32 i,
			    const unsigned long *edges)
{
	const struct rms_found *found = run->found + p->place;
	u32 end;

	if (!p->plain || run->cut || run->seen_maps > run->nr_maps)
		return 1;
	for (end = i + 1; end < p->count; end++) {
		if (test_bit(p->place + end, edges) || found[end].entries || found[end].visited)
			break;
	}
	return end - i;
}

static int rms_ask_verdicts(struct rms_scan *s, struct rms_scan_pages *p,
			    const unsigned long *edges)
{
	int ret = rms_get_report(s);
	u32 i, nr;

	for (i = 0; i < p->count && !ret; i += nr) {
		bool gone = false;

		nr = rms_judged_alike(&s->run, p, i, edges);
		ret = rms_ask(s, p, i, nr, &gone);
		if (gone) {
			/* The next one may still be there. */
			__set_bit(p->place + i, s->run.gone);
			s->run.all_kept = false;
			nr = 1;
		}
		cond_resched();
	}
	return ret;
}

/**
 * rms_scan_alone - ask the report on a page, for each page of a run for which that is needed
 * @s: the stream
 *
 * Context: may sleep; no lock of mm held, and no reference to a page, which would be counted.
 * Return: 0, -ENOMEM, or -EINTR on a fatal signal.
 */
int rms_scan_alone(struct rms_scan *s)
{
	DECLARE_BITMAP(edges, RMS_RUN_PAGES + 1);
	bool judges = rms_range_judges(&s->range);
	struct rms_run *run = &s->run;
	int ret = 0;
	u32 i;

	/* Before entries of pages that are asked for are added. */
	if (judges) {
		rms_mark_edges(run, edges);
		bitmap_zero(run->gone, RMS_RUN_PAGES);
	}
	for (i = 0; i < run->nr_pages && !ret; i++) {
		struct rms_scan_pages *p = &run->pages[i];

		if (p->alone)
			ret = rms_ask_alone(s, p);
		else if (judges && p->kind != RMS_KIND_SWAP)
			ret = rms_ask_verdicts(s, p, edges);
		cond_resched();
	}
	return ret;
}
