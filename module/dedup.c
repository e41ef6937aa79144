// SPDX-License-Identifier: GPL-2.0
/*
 * Corrects the counts of a walk: the kernel visits some places more than once, and processes can
 * share page tables of hugetlb.
 */
#include <linux/mm.h>
#include <linux/slab.h>

#include "compat.h"
#include "memory.h"
#include "page_report.h"

/*
 * Sorts by place. Of several records of a place the mapped ones come first, then the earlier ones.
 */
static int rms_place_cmp(const void *a, const void *b, const void *priv)
{
	const u32 *i = a, *j = b;
	const struct rms_map *maps = priv, *x = &maps[*i], *y = &maps[*j];

	if (x->mm != y->mm)
		return x->mm < y->mm ? -1 : 1;
	if (x->va != y->va)
		return x->va < y->va ? -1 : 1;
	if (x->mapped != y->mapped)
		return y->mapped - x->mapped;
	return *i < *j ? -1 : 1;
}

/* Keeps the first of several records of a place. The others are not counted as VMAs. */
static void rms_mark_repeats(struct rms_walk *w, const u32 *order, u32 n)
{
	struct rms_map *m, *first = &w->rec.maps[order[0]];
	u32 i;

	for (i = 1; i < n; i++) {
		m = &w->rec.maps[order[i]];
		if (m->mm != first->mm || m->va != first->va) {
			first = m;
			continue;
		}
		m->count = 0;
		w->out.visited--;
		w->out.skipped++;
		w->out.mapped -= m->mapped;
		w->out.entries -= m->mapped;
	}
}

/**
 * rms_order_by_place - sort the records of a report by mm, and then by address
 * @report: its records hold their mms
 *
 * Context: may sleep; no lock of mm held.
 * Return: their indices, to be kvfree()d; NULL if there is no memory.
 */
u32 *rms_order_by_place(const struct rms_page_report *report)
{
	u32 i, *order = rms_alloc_array(report->snap.walk.rec.nr_maps, sizeof(*order));

	if (!order)
		return NULL;
	for (i = 0; i < report->snap.walk.rec.nr_maps; i++)
		order[i] = i;
	sort_r_nonatomic(order, report->snap.walk.rec.nr_maps, sizeof(*order), rms_place_cmp, NULL,
			 report->snap.walk.rec.maps);
	return order;
}

/*
 * rmap_walk_ksm() visits the processes whose pages ksmd has merged, and again the processes forked
 * from them, so it visits some of them repeatedly. The repeats move behind the other records, and
 * their references are dropped together with those of the others.
 */
static int rms_drop_ksm_repeats(struct rms_page_report *report)
{
	struct rms_walk *w = &report->snap.walk;
	u32 i, n = 0, *order = rms_order_by_place(report);

	if (!order)
		return -ENOMEM;
	rms_mark_repeats(w, order, report->snap.walk.rec.nr_maps);
	kvfree(order);

	for (i = 0; i < report->snap.walk.rec.nr_maps; i++) {
		if (!w->rec.maps[i].count)
			continue;
		if (i != n)
			swap(w->rec.maps[i], w->rec.maps[n]);
		n++;
	}
	/* Repeats among the records that didn't fit into the buffer can't be recognised. */
	w->rec.seen_maps -= report->snap.walk.rec.nr_maps - n;
	report->snap.walk.rec.nr_maps = n;
	return 0;
}

static int rms_slot_cmp(const void *a, const void *b, const void *priv)
{
	const void *x = *(const void **)a, *y = *(const void **)b;

	if (x == y)
		return 0;
	return x < y ? -1 : 1;
}

/* An entry in a page table that several processes share maps a page only once. */
static int rms_drop_shared_entries(struct rms_page_report *report)
{
	struct rms_walk *w = &report->snap.walk;
	const void **slots;
	u32 i, n = 0;

	slots = rms_alloc_array(report->snap.walk.rec.nr_maps, sizeof(*slots));
	if (!slots)
		return -ENOMEM;
	for (i = 0; i < report->snap.walk.rec.nr_maps; i++) {
		if (w->rec.maps[i].mapped)
			slots[n++] = w->rec.maps[i].entry.slot;
	}
	sort_r_nonatomic(slots, n, sizeof(*slots), rms_slot_cmp, NULL, NULL);
	for (i = 1; i < n; i++)
		w->out.entries -= slots[i] == slots[i - 1];
	kvfree(slots);
	return 0;
}

/**
 * rms_drop_repeats - count each place once, and each entry once
 * @report: its records, as the walk left them, hold their mms
 *
 * Context: may sleep; no lock of mm held.
 * Return: 0 or -ENOMEM.
 */
int rms_drop_repeats(struct rms_page_report *report)
{
	const struct rms_walk *w = &report->snap.walk;

	if (w->rec.nr_maps > 1 && w->query.kind == RMS_KIND_KSM)
		return rms_drop_ksm_repeats(report);
	if (w->rec.nr_maps > 1 && w->query.kind == RMS_KIND_HUGETLB_FILE)
		return rms_drop_shared_entries(report);
	return 0;
}

/**
 * rms_seen_twice - whether the walk found an address of an mm in two VMAs
 * @report: its records, as the walk left them
 *
 * When __split_vma() splits a VMA, anon_vma_clone() puts the new half into the tree while the old
 * VMA still covers both halves. The task that splits it may sleep or be preempted in between. Until
 * it goes on, every walk finds the entries of that half twice.
 *
 * Context: may sleep; no lock of mm held.
 * Return: true also if there is no memory to find out.
 */
bool rms_seen_twice(const struct rms_page_report *report)
{
	const struct rms_map *maps = report->snap.walk.rec.maps, *m, *last = NULL;
	unsigned long end = 0;
	bool twice = false;
	u32 i, *order = rms_order_by_place(report);

	if (!order)
		return true;
	for (i = 0; i < report->snap.walk.rec.nr_maps && !twice; i++) {
		m = &maps[order[i]];
		if (!last || m->mm != last->mm)
			end = 0;
		twice = m->va < end;
		end = max(end, m->va + ((unsigned long)m->count << PAGE_SHIFT));
		last = m;
	}
	kvfree(order);
	return twice;
}

/**
 * rms_sum_counts - sum up how often each page of a folio is mapped, as stretches
 * @report: its @counts have the kernel's counts, page by page
 *
 * Context: any; the walk is done.
 */
void rms_sum_counts(struct rms_page_report *report)
{
	struct rms_count *c = report->counts, *last = NULL;
	const struct rms_walk *w = &report->snap.walk;
	unsigned long i;
	int found = 0;

	report->nr_counts = 0;
	if (!c)
		return;
	if (report->refs.hugetlb) {
		/* hugetlb folios are always mapped as a whole. */
		*c = (struct rms_count){ 0, w->query.nr, w->out.entries, c->mapcount };
		report->nr_counts = 1;
		return;
	}
	for (i = 0; i < w->query.nr; i++) {
		found += w->rec.found[i];
		if (last && last->found == found && last->mapcount == c[i].mapcount) {
			last->count++;
			continue;
		}
		last = &c[report->nr_counts++];
		*last = (struct rms_count){ i, 1, found, c[i].mapcount };
	}
}
