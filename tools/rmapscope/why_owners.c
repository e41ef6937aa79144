// SPDX-License-Identifier: GPL-2.0
/*
 * From runs to owners: the processes with pages that can't be migrated, reclaimed or split. A page
 * that several processes map is counted once, for one of them, so that all rows together are all
 * pages.
 */
#include <err.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "exit_status.h"
#include "why_range.h"

/* Pages of a record that have everything in common. */
struct piece {
	const struct rms_rec_page *page;
	unsigned int first, count;
	size_t users;			/* piece of struct users */
};

static void *must(void *p)
{
	if (!p)
		errx(RS_FAILED, "not enough memory for the owners of pages");
	return p;
}

static int compare_text(const char *a, const char *b)
{
	return strcmp(a ?: "", b ?: "");
}

static int compare(const void *a, const void *b)
{
	const struct owner *x = a, *y = b;

	if (x->why != y->why)
		return x->why < y->why ? -1 : 1;
	if (x->pid != y->pid)
		return x->pid < y->pid ? -1 : 1;
	return compare_text(x->comm, y->comm) ?: compare_text(x->name, y->name);
}

static const char *copy(const char *text)
{
	return text ? must(strdup(text)) : NULL;
}

/* Find the entry of an owner, or make one. */
static struct owner *get(struct owners *o, const struct owner *key)
{
	struct owner **found = tfind(key, &o->tree, compare);
	struct owner *owner;

	if (found)
		return *found;
	owner = must(calloc(1, sizeof(*owner)));
	*owner = *key;
	owner->comm = copy(key->comm);
	owner->name = copy(key->name);
	must(tsearch(owner, &o->tree, compare));
	if (o->nr == o->room) {
		o->room = 2 * o->room + 64;
		o->owner = must(reallocarray(o->owner, o->room, sizeof(*o->owner)));
	}
	o->owner[o->nr++] = owner;
	return owner;
}

static void add(struct owners *o, const struct owner *key, unsigned int pages)
{
	struct owner *owner = get(o, key);

	owner->pages += pages;
	if (key->processes > owner->processes)
		owner->processes = key->processes;
}

static bool has_process(const struct scan_mm *mm, unsigned long long pid)
{
	size_t i;

	for (i = 0; i < mm->nr_tgids; i++)
		if (pid && (unsigned long long)mm->tgids[i] == pid)
			return true;
	return false;
}

/* The process of the range comes first, then lower numbers, then what is not visible. */
static bool is_before(const struct scan_mm *a, const struct scan_mm *b, unsigned long long pid)
{
	bool has = has_process(a, pid);

	if (has != has_process(b, pid))
		return has;
	return a->tgids[0] > 0 && (b->tgids[0] <= 0 || a->tgids[0] < b->tgids[0]);
}

/* The address at which an mm has the page; 0 if that is not in the records. */
static unsigned long long address(const struct why_range *w, const struct scan_run *run,
				  unsigned int mm, unsigned int page)
{
	size_t i;

	for (i = 0; i < run->nr_maps; i++) {
		const struct rms_rec_map *map = &run->map[i];

		if (map->mm == mm && page - map->first < map->count && page >= map->first)
			return map->va + (unsigned long long)(page - map->first) *
			       w->head.page_size;
	}
	return 0;
}

static unsigned long long range_pid(const struct scan *s)
{
	return s->collect.recorded ? s->collect.recording.pid : s->o->range.pid;
}

/* The first of the processes that map the pages, and how many there are. */
static void find_process(const struct why_range *w, const struct scan *s,
			 const struct scan_run *run, const struct piece *piece,
			 struct owner *owner)
{
	const struct users *u = &w->users;
	const struct collect *c = &s->collect;
	unsigned long long pid = range_pid(s);
	unsigned int first = 0;
	size_t i;

	owner->pid = -1;
	if (!w->has_maps)
		return;
	for (i = u->list[piece->users]; i < u->list[piece->users + 1]; i++) {
		const struct scan_mm *mm = &c->mm[u->mm[i]];

		if (i > u->list[piece->users] && u->mm[i] == u->mm[i - 1])
			continue;
		owner->processes += mm->nr_tgids;
		if (!first || is_before(mm, &c->mm[first], pid))
			first = u->mm[i];
	}
	if (!first)
		return;
	owner->pid = has_process(&c->mm[first], pid) ? (int)pid : c->mm[first].tgids[0];
	owner->comm = *c->mm[first].comm ? c->mm[first].comm : NULL;
	owner->va = address(w, run, first, piece->first);
}

static const char *kind_name(const struct rms_rec_page *page)
{
	static const char * const names[] = {
		[RMS_KIND_ANON] = "[anon]",
		[RMS_KIND_KSM] = "[ksm]",
		[RMS_KIND_FILE] = "[file]",
		[RMS_KIND_SHMEM] = "[shmem]",
		[RMS_KIND_HUGETLB_ANON] = "[hugetlb-anon]",
		[RMS_KIND_HUGETLB_FILE] = "[hugetlb-file]",
		[RMS_KIND_ORPHANED] = "[orphaned]",
	};

	return page->kind < sizeof(names) / sizeof(names[0]) ? names[page->kind] : NULL;
}

/* The VMA of the range; it may have only some of the pages. */
static const char *range_vma(const struct scan *s, unsigned long long va, struct piece *piece)
{
	unsigned long long size = s->collect.head.page_size;
	const struct vma_line *vma = vma_list_at(&s->vmas, va);

	if (!vma)
		return NULL;
	if (vma->end - va < piece->count * size)
		piece->count = (vma->end - va) / size ?: 1;
	return vma->name;
}

static const char *find_name(struct why_range *w, const struct scan *s,
			     const struct scan_run *run, struct piece *piece,
			     struct owner *owner)
{
	const struct rms_rec_page *page = piece->page;
	const char *file = page->file ? s->collect.file[page->file] : NULL;
	const char *vma = NULL;

	if (s->collect.head.form == RMS_FORM_VA) {
		owner->va = run->start + piece->first * collect_unit(&s->collect);
		vma = range_vma(s, owner->va, piece);
	} else if (!file && !w->recorded && owner->pid > 0 && owner->va) {
		vma = vma_names_find(&w->names, owner->pid, owner->va);
	}
	if (vma && *vma)
		return vma;
	return file && *file ? file : kind_name(page);
}

static void take_record(struct why_range *w, const struct scan *s, const struct scan_run *run,
			const struct rms_rec_page *page)
{
	unsigned int end = page->first + page->count, next = end;
	struct piece piece = { .page = page, .first = page->first };

	for (; piece.first < end; piece.first += piece.count) {
		struct owner owner = { .why = page->verdicts[w->op] };

		if (w->has_maps) {
			piece.users = users_piece(&w->users, piece.first);
			next = w->users.bound[piece.users + 1];
		}
		piece.count = (next < end ? next : end) - piece.first;
		owner.pfn = page->pfn + piece.first - page->first;
		find_process(w, s, run, &piece, &owner);
		owner.name = find_name(w, s, run, &piece, &owner);
		add(&w->owners, &owner, piece.count);
	}
}

/* Whether the operation is stopped for the pages of a record. */
static bool is_stopped(struct why_range *w, const struct rms_rec_page *page)
{
	if (page->kind == RMS_KIND_SWAP)
		return false;
	if (!(page->fields & RMS_PAGE_JUDGED)) {
		w->unjudged += page->count;
		return false;
	}
	if (w->op == RMS_OP_SPLIT && page->verdicts[w->op] == RMS_WHY_ORDER0) {
		w->small += page->count;
		return false;
	}
	return page->verdicts[w->op] != RMS_WHY_NOTHING;
}

/**
 * owners_take_run() - add the pages of a run
 * @w: the range; its owners and counts are updated
 * @s: the scan that has read the run
 * @run: the run
 */
void owners_take_run(struct why_range *w, const struct scan *s, const struct scan_run *run)
{
	bool found = false;
	size_t i;

	for (i = 0; i < run->nr_pages; i++) {
		if (!is_stopped(w, &run->page[i]))
			continue;
		if (w->has_maps && !found)
			users_find(&w->users, run);
		found = true;
		w->stopped += run->page[i].count;
		take_record(w, s, run, &run->page[i]);
	}
}

static int by_pages(const void *a, const void *b)
{
	const struct owner *x = *(struct owner * const *)a, *y = *(struct owner * const *)b;

	if (x->pages != y->pages)
		return x->pages > y->pages ? -1 : 1;
	return compare(x, y);
}

/**
 * owners_sort() - put those with the most pages first
 * @o: the owners
 */
void owners_sort(struct owners *o)
{
	if (o->nr)
		qsort(o->owner, o->nr, sizeof(*o->owner), by_pages);
}

static void nothing(void *node)
{
	(void)node;
}

/**
 * owners_free() - free the owners
 * @o: the owners, or zeroed memory
 */
void owners_free(struct owners *o)
{
	size_t i;

	tdestroy(o->tree, nothing);
	for (i = 0; i < o->nr; i++) {
		free((char *)o->owner[i]->comm);
		free((char *)o->owner[i]->name);
		free(o->owner[i]);
	}
	free(o->owner);
	*o = (struct owners){ };
}
