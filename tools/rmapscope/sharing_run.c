// SPDX-License-Identifier: GPL-2.0
/*
 * From a run to the parts of it that the same address spaces map.
 *
 * The mappings of a run begin and end at some of its pages, or at some places of the order in which
 * they are given. Between two such places nothing changes, so that the work grows with the number
 * of places, not with pages times mappings.
 */
#include <stdlib.h>
#include <string.h>

#include "sharing.h"

/* A place where a mapping begins or ends: the index of the mapping, and which of the two. */
#define EVENT(map, begins)	((uint32_t)(map) << 1 | (begins))
#define EVENT_MAP(event)	((event) >> 1)
#define EVENT_BEGINS(event)	((event) & 1)

/* How many pages the mappings of a run are of. */
static size_t nr_places(const struct scan_run *run)
{
	return run->nr_order ?: run->count;
}

static void make_room(struct sharing *s, const struct scan_run *run)
{
	size_t room = nr_places(run) + 2;

	if (2 * run->nr_maps > s->room_events) {
		s->room_events = 4 * run->nr_maps;
		s->event = sharing_must(reallocarray(s->event, s->room_events, sizeof(*s->event)));
	}
	if (room > s->room_places) {
		s->room_places = room;
		s->place = sharing_must(reallocarray(s->place, room, sizeof(*s->place)));
	}
	memset(s->place, 0, room * sizeof(*s->place));
}

/*
 * Sort the events by their pages. @s->place then has the number of events before each page, so that
 * those at page P are from place[P] to before place[P + 1].
 */
static void make_events(struct sharing *s, const struct scan_run *run)
{
	size_t i, sum = 0;

	make_room(s, run);
	for (i = 0; i < run->nr_maps; i++) {
		s->place[run->map[i].first]++;
		s->place[run->map[i].first + run->map[i].count]++;
	}
	for (i = 0; i < nr_places(run) + 2; i++) {
		size_t nr = s->place[i];

		s->place[i] = sum;
		sum += nr;
	}
	for (i = 0; i < run->nr_maps; i++) {
		const struct rms_rec_map *map = &run->map[i];

		s->event[s->place[map->first]++] = EVENT(i, 1);
		s->event[s->place[map->first + map->count]++] = EVENT(i, 0);
	}
	/* Each place is now where the next one was. */
	memmove(s->place + 1, s->place, (nr_places(run) + 1) * sizeof(*s->place));
	s->place[0] = 0;
}

static void begin_own(struct sharing *s, const struct rms_rec_map *map)
{
	if (s->nr_own == s->room_own) {
		s->room_own = s->room_own ? 2 * s->room_own : 64;
		s->own = sharing_must(reallocarray(s->own, s->room_own, sizeof(*s->own)));
	}
	s->own[s->nr_own++] = map;
}

static void end_own(struct sharing *s, const struct rms_rec_map *map)
{
	size_t i;

	for (i = 0; i < s->nr_own && s->own[i] != map; i++)
		;
	if (i < s->nr_own)
		s->own[i] = s->own[--s->nr_own];
}

static bool is_own(const struct sharing *s, const struct sharing_mm *mm)
{
	return s->pid && sharing_uses(mm, s->pid);
}

static void begin_map(struct sharing *s, const struct rms_rec_map *map)
{
	size_t i = sharing_number(s, map->mm);
	struct sharing_mm *mm = &s->mm[i];

	if (mm->self) {
		s->self_maps++;
		return;
	}
	mm->high |= map->va >> 32 != 0;
	s->key.a += mm->key.a;
	s->key.b += mm->key.b;
	s->maps++;
	if (is_own(s, mm))
		begin_own(s, map);
	if (mm->active++)
		return;
	mm->place = s->nr_active;
	s->active[s->nr_active++] = i;
	s->earlier += mm->done;
}

static void end_map(struct sharing *s, const struct rms_rec_map *map)
{
	size_t i = sharing_number(s, map->mm);
	struct sharing_mm *mm = &s->mm[i];
	uint32_t last;

	if (mm->self) {
		s->self_maps--;
		return;
	}
	s->key.a -= mm->key.a;
	s->key.b -= mm->key.b;
	s->maps--;
	if (is_own(s, mm))
		end_own(s, map);
	if (--mm->active)
		return;
	last = s->active[--s->nr_active];
	s->active[mm->place] = last;
	s->mm[last].place = mm->place;
	s->earlier -= mm->done;
}

/* The process of the range may map a page at several addresses. It counts at the first one. */
static bool is_first(const struct sharing *s, const struct sharing_part *part)
{
	unsigned long long size = s->collect->head.page_size;
	size_t i;

	for (i = 0; i < s->nr_own; i++)
		if (s->own[i]->va + (part->first - s->own[i]->first) * size < part->at)
			return false;
	return true;
}

static void take(struct sharing *s, const struct scan_run *run, struct sharing_part *part)
{
	part->at = run->start + part->first * collect_unit(s->collect);
	if (!s->nr_active || (s->pid && !s->nr_own)) {
		*(part->page->maps > s->self_maps ? &s->strays : &s->unmapped) += part->count;
		return;
	}
	part->set = sharing_set(s, part->page->file);
	part->once = !s->earlier && is_first(s, part);
	if (part->once && part->page->kind < RMS_NR_KINDS)
		part->set->pages[part->page->kind] += part->count;
	if (s->on_part)
		s->on_part(s->arg, run, part);
}

/* Pages differ here if their kinds, files or numbers of mappings do. */
static bool is_alike(const struct rms_rec_page *a, const struct rms_rec_page *b)
{
	return a->kind == b->kind && a->file == b->file && a->maps == b->maps;
}

/* End of the pages from record @i on that are alike. */
static unsigned int alike_to(const struct scan_run *run, size_t *i)
{
	const struct rms_rec_page *page = &run->page[*i];

	for (; *i + 1 < run->nr_pages && is_alike(page, page + 1); page++, ++*i)
		if (page->first + page->count != page[1].first)
			break;
	return page->first + page->count;
}

/* Let mappings begin and end up to page @at. */
static void go_to(struct sharing *s, const struct scan_run *run, size_t *e, unsigned int at)
{
	for (; *e < s->place[at + 1]; ++*e) {
		const struct rms_rec_map *map = &run->map[EVENT_MAP(s->event[*e])];

		(EVENT_BEGINS(s->event[*e]) ? begin_map : end_map)(s, map);
	}
}

/* Pages that are alike, from the first of @part to before @end. */
static void take_parts(struct sharing *s, const struct scan_run *run, size_t *e,
		       struct sharing_part *part, unsigned int end)
{
	while (part->first < end) {
		unsigned int to = part->first + 1;

		go_to(s, run, e, part->first);
		while (to < end && s->place[to] == s->place[to + 1])
			to++;
		part->count = to - part->first;
		take(s, run, part);
		part->first = to;
	}
}

/* The record of each page of a run, or NULL. */
static const struct rms_rec_page **find_pages(struct sharing *s, const struct scan_run *run)
{
	size_t i, k;

	if (run->count > s->room_pages) {
		s->room_pages = run->count;
		s->page = sharing_must(reallocarray(s->page, run->count, sizeof(*s->page)));
	}
	memset(s->page, 0, run->count * sizeof(*s->page));
	for (i = 0; i < run->nr_pages; i++)
		for (k = 0; k < run->page[i].count; k++)
			s->page[run->page[i].first + k] = &run->page[i];
	return s->page;
}

/* A run whose mappings are in another order than its pages. */
static void ordered_run(struct sharing *s, const struct scan_run *run)
{
	const struct rms_rec_page **page = find_pages(s, run);
	size_t i, to, e = 0;

	for (i = 0; i < run->nr_order; i = to) {
		struct sharing_part part = { .page = page[run->order[i]], .first = i };

		for (to = i + 1; part.page && to < run->nr_order; to++)
			if (!page[run->order[to]] || !is_alike(part.page, page[run->order[to]]))
				break;
		if (part.page)
			take_parts(s, run, &e, &part, to);
	}
	go_to(s, run, &e, run->nr_order);
}

/**
 * sharing_run() - add the pages of a run
 * @s: the sharing, in a stream
 * @run: the run
 */
void sharing_run(struct sharing *s, const struct scan_run *run)
{
	size_t i, e = 0;

	make_events(s, run);
	if (run->nr_order) {
		ordered_run(s, run);
		return;
	}
	for (i = 0; i < run->nr_pages; i++) {
		struct sharing_part part = { .page = &run->page[i], .first = run->page[i].first };

		take_parts(s, run, &e, &part, alike_to(run, &i));
	}
	go_to(s, run, &e, run->count);
}
