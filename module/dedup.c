// SPDX-License-Identifier: GPL-2.0
/*
 * What a walk has counted, put right: the kernel visits some places more than once, and
 * hugetlb shares page tables between processes.
 */
#include <linux/mm.h>
#include <linux/slab.h>

#include "compat.h"
#include "memory.h"
#include "snapshot.h"

/* By place; where a place was seen several times, first as mapped, then as it came. */
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

/* One of several records of a place stays; the others are no VMAs of their own. */
static void rms_mark_repeats(struct rms_walk *w, const u32 *order, u32 n)
{
	struct rms_map *m, *first = &w->maps[order[0]];
	u32 i;

	for (i = 1; i < n; i++) {
		m = &w->maps[order[i]];
		if (m->mm != first->mm || m->va != first->va) {
			first = m;
			continue;
		}
		m->count = 0;
		w->visited--;
		w->skipped++;
		w->mapped -= m->mapped;
		w->entries -= m->mapped;
	}
}

/**
 * rms_order_by_place - sort the records of a look by mm, and then by address
 * @look: its records hold their mms
 *
 * Context: may sleep; no lock of mm held.
 * Return: their indices, to be kvfree()d; NULL if there is no memory.
 */
u32 *rms_order_by_place(const struct rms_look *look)
{
	u32 i, *order = rms_alloc_array(look->nr_maps, sizeof(*order));

	if (!order)
		return NULL;
	for (i = 0; i < look->nr_maps; i++)
		order[i] = i;
	sort_r_nonatomic(order, look->nr_maps, sizeof(*order), rms_place_cmp, NULL,
			 look->walk.maps);
	return order;
}

/*
 * rmap_walk_ksm() goes over the processes that ksmd has merged, and again over those
 * forked from them, and comes to some by several ways. The references of what is
 * dropped are dropped with the others: these records go behind the others.
 */
static int rms_drop_ksm_repeats(struct rms_look *look)
{
	struct rms_walk *w = &look->walk;
	u32 i, n = 0, *order = rms_order_by_place(look);

	if (!order)
		return -ENOMEM;
	rms_mark_repeats(w, order, look->nr_maps);
	kvfree(order);

	for (i = 0; i < look->nr_maps; i++) {
		if (!w->maps[i].count)
			continue;
		if (i != n)
			swap(w->maps[i], w->maps[n]);
		n++;
	}
	/* Those that found no room can't be told apart. */
	w->nr_maps -= look->nr_maps - n;
	look->nr_maps = n;
	return 0;
}

static int rms_slot_cmp(const void *a, const void *b, const void *priv)
{
	const void *x = *(const void **)a, *y = *(const void **)b;

	if (x == y)
		return 0;
	return x < y ? -1 : 1;
}

/* An entry in a table that several processes share maps a page once. */
static int rms_drop_shared_entries(struct rms_look *look)
{
	struct rms_walk *w = &look->walk;
	const void **slots;
	u32 i, n = 0;

	slots = rms_alloc_array(look->nr_maps, sizeof(*slots));
	if (!slots)
		return -ENOMEM;
	for (i = 0; i < look->nr_maps; i++) {
		if (w->maps[i].mapped)
			slots[n++] = w->maps[i].entry.slot;
	}
	sort_r_nonatomic(slots, n, sizeof(*slots), rms_slot_cmp, NULL, NULL);
	for (i = 1; i < n; i++)
		w->entries -= slots[i] == slots[i - 1];
	kvfree(slots);
	return 0;
}

/**
 * rms_drop_repeats - count each place of a page once, each entry once
 * @look: its records, as the walk left them, hold their mms
 *
 * Context: may sleep; no lock of mm held.
 * Return: 0 or -ENOMEM.
 */
int rms_drop_repeats(struct rms_look *look)
{
	if (look->nr_maps > 1 && look->walk.kind == RMS_KIND_KSM)
		return rms_drop_ksm_repeats(look);
	if (look->nr_maps > 1 && look->walk.kind == RMS_KIND_HUGETLB_FILE)
		return rms_drop_shared_entries(look);
	return 0;
}

/**
 * rms_seen_twice - whether the walk came to a place of some mm by two VMAs
 * @look: its records, as the walk left them
 *
 * When __split_vma() splits a VMA, anon_vma_clone() puts the new half into the tree while the
 * old one still covers both; whoever splits may sleep or be preempted before that ends. Until then
 * the entries of that half are found twice, as often as we look.
 *
 * Context: may sleep; no lock of mm held.
 * Return: true also if there is no memory to find out.
 */
bool rms_seen_twice(const struct rms_look *look)
{
	const struct rms_map *maps = look->walk.maps, *m, *last = NULL;
	unsigned long end = 0;
	bool twice = false;
	u32 i, *order = rms_order_by_place(look);

	if (!order)
		return true;
	for (i = 0; i < look->nr_maps && !twice; i++) {
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
 * @look: its @counts have the kernel's counts, page by page
 *
 * Context: any; the walk is done.
 */
void rms_sum_counts(struct rms_look *look)
{
	struct rms_count *c = look->counts, *last = NULL;
	unsigned long i;
	int found = 0;

	look->nr_counts = 0;
	if (!c)
		return;
	if (look->refs.hugetlb) {
		/* Always mapped as a whole. */
		*c = (struct rms_count){ 0, look->walk.nr, look->walk.entries, c->mapcount };
		look->nr_counts = 1;
		return;
	}
	for (i = 0; i < look->walk.nr; i++) {
		found += look->walk.found[i];
		if (last && last->found == found && last->mapcount == c[i].mapcount) {
			last->count++;
			continue;
		}
		last = &c[look->nr_counts++];
		*last = (struct rms_count){ i, 1, found, c[i].mapcount };
	}
}
