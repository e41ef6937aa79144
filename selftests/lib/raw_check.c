// SPDX-License-Identifier: GPL-2.0
/*
 * What must hold of each stream of "scan_raw", also while everything changes: sizes and order of
 * the records, and that they agree with each other and with the range.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "complain.h"
#include "raw_stream.h"

#define WALKS	(RMS_OPTION_MAPS | RMS_OPTION_VISITED)
#define JUDGES	(RMS_OPTION_VERDICTS | RMS_OPTION_STUCK)

static bool is_zero(const void *bytes, size_t size)
{
	const char *byte = bytes;

	while (size && !*byte)
		byte++, size--;
	return !size;
}

static uint64_t unit(const struct raw_stream *s)
{
	return s->head.form == RMS_FORM_VA ? 4096 : 1;
}

static int add_head(struct raw_stream *s, const struct rms_rec_head *head)
{
	if (s->begun)
		return complain("a second head");
	s->begun = true;
	s->head = *head;
	s->behind = head->start;
	if (head->abi != RMAPSCOPE_ABI || head->page_size != 4096 || head->form > RMS_FORM_PFN ||
	    head->options >= 2 * RMS_OPTION_ORDERED ||
	    !memchr(head->release, 0, sizeof(head->release)) || head->start >= head->end)
		return complain("head: abi %u form %u options %#x range %#" PRIx64 " to %#" PRIx64,
				head->abi, head->form, head->options, (uint64_t)head->start,
				(uint64_t)head->end);
	if (s->wanted && (head->form != s->form || head->options != s->options))
		return complain("form %u options %#x, but %u and %#x were asked for", head->form,
				head->options, s->form, s->options);
	return 0;
}

/* By address space, by what the address would be of the first page of the run, by page. */
static int by_place(const void *a, const void *b)
{
	const struct rms_rec_map *x = a, *y = b;
	uint64_t x_base = x->va - x->first * 4096ULL, y_base = y->va - y->first * 4096ULL;

	if (x->mm != y->mm)
		return x->mm < y->mm ? -1 : 1;
	if (x_base != y_base)
		return x_base < y_base ? -1 : 1;
	return x->first < y->first ? -1 : x->first > y->first;
}

/*
 * Looks for a page that is mapped twice at one address of one address space. While the kernel
 * splits a VMA, a walk finds entries in both halves. Then the page doesn't agree with its map
 * count, see rms_seen_twice().
 */
static void find_twice(struct raw_stream *s)
{
	size_t i;

	if (s->nr_maps)
		qsort(s->maps, s->nr_maps, sizeof(*s->maps), by_place);
	for (i = 1; i < s->nr_maps; i++) {
		const struct rms_rec_map *last = &s->maps[i - 1], *map = &s->maps[i];

		if (map->mm == last->mm &&
		    map->va - map->first * 4096ULL == last->va - last->first * 4096ULL &&
		    map->first < last->first + last->count)
			s->twice = *map;
	}
}

/* Whether the walk of a page counts one entry for each mapping: not for a shared page table. */
static bool counts_maps(const struct rms_rec_page *page)
{
	return page->count && (page->kind == RMS_KIND_ANON || page->kind == RMS_KIND_FILE ||
			       page->kind == RMS_KIND_SHMEM);
}

/* The mappings of the run are those that its pages count. */
static int finish_run(struct raw_stream *s)
{
	uint32_t entries[RAW_RUN_PAGES] = { 0 }, i, j;
	bool own[RAW_RUN_PAGES] = { false };

	for (i = 0; i < s->nr_maps; i++) {
		const struct rms_rec_map *map = &s->maps[i];

		for (j = 0; j < map->count; j++) {
			uint64_t va = s->run.start + (map->first + j) * 4096ULL;

			entries[map->first + j]++;
			if (s->is_stable[map->mm] && map->va + j * 4096ULL == va)
				own[map->first + j] = true;
		}
	}
	for (i = 0; s->head.options & RMS_OPTION_MAPS && i < s->run.count; i++) {
		if (counts_maps(&s->page[i]) && entries[i] != s->page[i].maps)
			return complain("page %u of the run at %#" PRIx64 " has %u maps, not %u", i,
					(uint64_t)s->run.start, entries[i], s->page[i].maps);
		if (s->stable && s->page[i].count && !own[i])
			return complain("pid %d does not map its page %u of the run at %#" PRIx64,
					s->stable, i, (uint64_t)s->run.start);
	}
	find_twice(s);
	return 0;
}

static int add_run(struct raw_stream *s, const struct rms_rec_run *run)
{
	uint64_t size = run->count * unit(s), table = RAW_RUN_PAGES * unit(s);

	if (finish_run(s))
		return -1;
	if (run->form != s->head.form || !run->count || run->count > RAW_RUN_PAGES ||
	    run->start % unit(s) || run->start < s->behind || run->start >= s->head.end ||
	    s->head.end - run->start < size ||
	    run->start / table != (run->start + size - 1) / table)
		return complain("run of %u from %#" PRIx64 " form %u, behind %#" PRIx64, run->count,
				(uint64_t)run->start, run->form, s->behind);
	s->run = *run;
	s->behind = run->start + size;
	s->next = 0;
	s->nr_order = 0;
	s->nr_maps = 0;
	memset(s->page, 0, sizeof(s->page));
	return 0;
}

/* The filters that the range asks for. */
static bool passes(const struct raw_stream *s, const struct rms_rec_page *page)
{
	uint32_t options = s->head.options;

	if (options & RMS_OPTION_EXTRA_REFS && page->extra_refs <= 0)
		return false;
	if (options & RMS_OPTION_STUCK &&
	    !(page->fields & RMS_PAGE_JUDGED && page->verdicts[RMS_OP_MIGRATE]))
		return false;
	return !s->wanted || ((!(options & RMS_OPTION_KINDS) || s->kinds >> page->kind & 1) &&
			      (!(options & RMS_OPTION_MIN_MAPS) || page->maps >= s->min_maps));
}

static bool has_right_fields(const struct raw_stream *s, const struct rms_rec_page *page)
{
	bool swap = page->kind == RMS_KIND_SWAP;

	return !(page->fields & RMS_PAGE_LEVEL) == (s->head.form != RMS_FORM_VA) &&
	       !(page->fields & RMS_PAGE_WALKED) == !(s->head.options & WALKS) &&
	       !(page->fields & RMS_PAGE_REFS) == swap &&
	       (!(page->fields & RMS_PAGE_JUDGED) || (s->head.options & JUDGES && !swap)) &&
	       (s->head.form == RMS_FORM_VA || (!swap && page->pfn == s->run.start + page->first));
}

static int add_page(struct raw_stream *s, const struct rms_rec_page *page)
{
	uint32_t i;

	if (page->first < s->next || !page->count || page->first >= s->run.count ||
	    page->count > s->run.count - page->first || s->nr_maps)
		return complain("%u pages from %u of a run of %u, not before %u, and %zu maps",
				page->count, page->first, s->run.count, s->next, s->nr_maps);
	if (page->kind >= RMS_NR_KINDS || page->level >= RMS_NR_LEVELS || page->order > 18 ||
	    page->verdicts[0] >= RMS_NR_WHYS || page->verdicts[1] >= RMS_NR_WHYS ||
	    page->verdicts[2] >= RMS_NR_WHYS || page->padding || page->file > s->nr_files ||
	    page->mms > page->visited || (s->head.options & WALKS && page->mms > page->maps &&
					  page->kind != RMS_KIND_SWAP))
		return complain("page: kind %u maps %u mms %u visited %u file %u", page->kind,
				page->maps, page->mms, page->visited, page->file);
	if (!has_right_fields(s, page))
		return complain("page of kind %u has the fields %#x, pfn %#" PRIx64, page->kind,
				page->fields, (uint64_t)page->pfn);
	if (!passes(s, page))
		return complain("page of kind %u with %u maps and %d more references", page->kind,
				page->maps, page->extra_refs);
	for (i = 0; i < page->count; i++)
		s->page[page->first + i] = *page;
	s->next = page->first + page->count;
	s->pages += page->count;
	return 0;
}

static int add_order(struct raw_stream *s, const struct rms_rec_order *order)
{
	bool seen[RAW_RUN_PAGES] = { false };
	uint32_t i;

	if (!(s->head.options & RMS_OPTION_ORDERED) || s->head.form != RMS_FORM_PFN ||
	    s->nr_order || s->nr_maps || !order->nr || order->nr > s->run.count || order->padding ||
	    order->rec.size != (sizeof(*order) + order->nr * sizeof(*order->index) + 7) / 8 * 8)
		return complain("an order of %u pages for a run of %u, and %zu maps", order->nr,
				s->run.count, s->nr_maps);
	for (i = 0; i < order->nr; i++) {
		if (order->index[i] >= s->run.count || seen[order->index[i]])
			return complain("page %u, %u in the order", order->index[i], i);
		seen[order->index[i]] = true;
		s->order[i] = order->index[i];
	}
	s->nr_order = order->nr;
	return 0;
}

static int add_part_of_map(struct raw_stream *s, const struct rms_rec_map *map)
{
	bool swapped = map->bits & 1U << RMS_BIT_SWAP, is_slot;
	uint32_t i;

	if (!(s->head.options & RMS_OPTION_MAPS) || !map->mm || map->mm > s->nr_mms ||
	    !map->count || map->first >= s->run.count || map->count > s->run.count - map->first)
		return complain("map of %u pages from %u by the mm %u", map->count, map->first,
				map->mm);
	if (map->va % 4096 || map->va >> 56 || map->bits >> RMS_NR_BITS || map->padding ||
	    map->level >= RMS_NR_LEVELS ||
	    !(map->bits & (1U << RMS_BIT_PRESENT | 1U << RMS_BIT_SWAP | 1U << RMS_BIT_DEVICE)))
		return complain("map at %#" PRIx64 " with bits %#x", (uint64_t)map->va, map->bits);
	for (i = 0; i < map->count; i++) {
		const struct rms_rec_page *page = &s->page[map->first + i];

		is_slot = page->kind == RMS_KIND_SWAP;
		if (!page->count || swapped != is_slot)
			return complain("a map with bits %#x of page %u, which is of kind %d",
					map->bits, map->first + i, page->count ? page->kind : -1);
	}
	if (s->nr_maps == s->room) {
		s->room = s->room ? 2 * s->room : 1024;
		s->maps = realloc(s->maps, s->room * sizeof(*s->maps));
		if (!s->maps)
			return complain("no memory for %zu maps", s->room);
	}
	s->maps[s->nr_maps++] = *map;
	s->mappings += map->count;
	return 0;
}

/* If the pages are in another order, what is said of each counts as a map of its own. */
static int add_map(struct raw_stream *s, const struct rms_rec_map *map)
{
	uint32_t i;

	if (!s->nr_order)
		return add_part_of_map(s, map);
	if (!map->count || map->first >= s->nr_order || map->count > s->nr_order - map->first)
		return complain("map of %u pages from %u of %u in an order", map->count, map->first,
				s->nr_order);
	for (i = 0; i < map->count; i++) {
		struct rms_rec_map part = *map;

		part.va += i * 4096ULL;
		part.first = s->order[map->first + i];
		part.count = 1;
		if (add_part_of_map(s, &part))
			return -1;
	}
	return 0;
}

static int add_mm(struct raw_stream *s, const struct rms_rec_mm *mm)
{
	size_t needed = sizeof(*mm) + mm->nr_tgids * sizeof(*mm->tgids);
	bool stable = false;
	uint32_t i;

	if (mm->mm != s->nr_mms + 1 || mm->padding || mm->rec.size != (needed + 7) / 8 * 8 ||
	    !memchr(mm->comm, 0, sizeof(mm->comm)) ||
	    (mm->nr_tgids ? mm->tgids[0] != mm->pid : mm->pid != 0) ||
	    !is_zero((const char *)mm + needed, mm->rec.size - needed))
		return complain("mm %u behind %u: pid %d, %u processes, %u bytes", mm->mm,
				s->nr_mms, mm->pid, mm->nr_tgids, mm->rec.size);
	for (i = 0; i < mm->nr_tgids; i++)
		stable |= mm->tgids[i] == s->stable;
	s->is_stable = realloc(s->is_stable, mm->mm + 1);
	if (!s->is_stable)
		return complain("no memory for %u mms", mm->mm);
	s->is_stable[mm->mm] = s->stable && stable;
	s->nr_mms++;
	return 0;
}

static int add_file(struct raw_stream *s, const struct rms_rec_file *file)
{
	size_t room = file->rec.size - sizeof(*file), len = strnlen(file->path, room);

	if (file->file != s->nr_files + 1 || file->padding || len == room ||
	    !is_zero(file->path + len, room - len) || room - len > 8)
		return complain("file %u behind %u: %zu bytes of path in %zu", file->file,
				s->nr_files, len, room);
	s->nr_files++;
	return 0;
}

static int add_end(struct raw_stream *s, const struct rms_rec_end *end)
{
	if (finish_run(s))
		return -1;
	s->ended = true;
	s->end = *end;
	if (end->pages != s->pages || end->mappings != s->mappings || end->complete > 1 ||
	    (end->complete && end->skipped) || end->nr_unmapped != RMS_NR_UNMAPPED)
		return complain("end: %" PRIu64 " pages, there were %" PRIu64 "; %" PRIu64
				" mappings, there were %" PRIu64 "; complete %u",
				(uint64_t)end->pages, s->pages, (uint64_t)end->mappings,
				s->mappings, end->complete);
	if (s->twice.count && !end->raced)
		return complain("the mm %u maps a page twice at %#" PRIx64 ", and raced=0",
				s->twice.mm, (uint64_t)s->twice.va);
	return 0;
}

static int add_record(struct raw_stream *s, const struct rms_rec *rec)
{
	const void *all = rec;

	switch (rec->type) {
	case RMS_REC_HEAD:
		return add_head(s, all);
	case RMS_REC_RUN:
		return add_run(s, all);
	case RMS_REC_PAGE:
		return add_page(s, all);
	case RMS_REC_ORDER:
		return add_order(s, all);
	case RMS_REC_MAP:
		return add_map(s, all);
	case RMS_REC_MM:
		return add_mm(s, all);
	case RMS_REC_FILE:
		return add_file(s, all);
	default:
		return add_end(s, all);
	}
}

/* The sizes of records. Those of a process and of a file have more bytes, by what they say. */
static bool has_right_size(const struct rms_rec *rec, size_t left)
{
	static const size_t sizes[] = {
		[RMS_REC_HEAD] = sizeof(struct rms_rec_head),
		[RMS_REC_RUN] = sizeof(struct rms_rec_run),
		[RMS_REC_PAGE] = sizeof(struct rms_rec_page),
		[RMS_REC_MAP] = sizeof(struct rms_rec_map),
		[RMS_REC_MM] = sizeof(struct rms_rec_mm),
		[RMS_REC_FILE] = sizeof(struct rms_rec_file),
		[RMS_REC_END] = sizeof(struct rms_rec_end),
		[RMS_REC_ORDER] = sizeof(struct rms_rec_order),
	};
	bool longer = rec->type == RMS_REC_MM || rec->type == RMS_REC_FILE ||
		      rec->type == RMS_REC_ORDER;

	return rec->type && rec->type <= RMS_REC_ORDER && !rec->reserved && rec->size <= left &&
	       (longer ? rec->size >= sizes[rec->type] && !(rec->size % 8) :
			 rec->size == sizes[rec->type]);
}

/**
 * raw_stream_add() - check what one read(2) has returned
 * @s: what was read before
 * @records: whole records
 * @size: their bytes
 *
 * Return: 0, or -1 with the reason in why[].
 */
int raw_stream_add(struct raw_stream *s, const void *records, size_t size)
{
	const char *at = records, *end = at + size;
	bool is_head;

	while (at < end) {
		const struct rms_rec *rec = (const void *)at;

		if ((size_t)(end - at) < sizeof(*rec) || !has_right_size(rec, end - at))
			return complain("%zu bytes of %zu are no whole record", (size_t)(end - at),
					size);
		is_head = rec->type == RMS_REC_HEAD;
		if (s->ended || s->begun == is_head)
			return complain("a record of type %u %s", rec->type,
					s->ended ? "behind the end" : "where the head must be");
		if (add_record(s, rec))
			return -1;
		at += rec->size;
	}
	return 0;
}

/**
 * raw_stream_free() - forget a stream
 * @s: the stream; all zeroes afterwards
 */
void raw_stream_free(struct raw_stream *s)
{
	free(s->maps);
	free(s->is_stable);
	memset(s, 0, sizeof(*s));
}
