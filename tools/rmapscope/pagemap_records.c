// SPDX-License-Identifier: GPL-2.0
/*
 * Makes records as the module's file "scan_raw" has them. What page tables don't tell is missing in
 * them: the level of an entry and most of its bits, references, verdicts, and what a walk visits.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "exit_status.h"
#include "mapping_run.h"
#include "pagemap_source.h"
#include "pagemaps.h"
#include "process_list.h"
#include "recording.h"

/* What is found out about a run before its records are written. */
struct run {
	struct rms_rec_page *page;	/* for each page that has a record, one */
	size_t nr_pages;
	struct mapping_runs maps;
};

static void *must(void *p)
{
	if (!p)
		errx(RS_FAILED, "not enough memory for the records");
	return p;
}

/* Make room for a record of @size bytes, which is zero then but for its head. */
static void *add_record(struct pagemap_source *s, unsigned int type, size_t size)
{
	struct rms_rec *rec;

	size = (size + 7) & ~7UL;
	if (s->out_len + size > s->out_room) {
		s->out_room = 2 * (s->out_len + size);
		s->out = must(realloc(s->out, s->out_room));
	}
	rec = (struct rms_rec *)(s->out + s->out_len);
	memset(rec, 0, size);
	rec->type = type;
	rec->size = size;
	s->out_len += size;
	return rec;
}

static void add(struct pagemap_source *s, const struct rms_rec *rec)
{
	memcpy(add_record(s, rec->type, rec->size), rec, rec->size);
}

/**
 * pagemap_records_head() - make the first records: which method this is, and the range
 * @s: the source
 */
void pagemap_records_head(struct pagemap_source *s)
{
	const char *word = method_word(s->reverse.method);
	struct rms_rec_head head = {
		.rec = { .type = RMS_REC_HEAD, .size = sizeof(head) },
		.abi = RMAPSCOPE_ABI,
		.page_size = s->page_size,
		.form = s->range.frames ? RMS_FORM_PFN : RMS_FORM_VA,
		.options = s->range.options & ~(RMS_OPTION_VISITED | RMS_OPTION_VERDICTS),
		.start = s->range.start,
		.end = s->range.end,
	};
	struct utsname uts;
	struct rms_rec *rec;

	rec = add_record(s, RECORDING_METHOD, sizeof(*rec) + strlen(word) + 1);
	memcpy(rec + 1, word, strlen(word) + 1);
	if (!uname(&uts))
		snprintf(head.release, sizeof(head.release), "%.63s", uts.release);
	add(s, &head.rec);
}

static void describe_space(struct pagemap_source *s, size_t i)
{
	const struct space *space = &s->reverse.spaces.space[i];
	size_t size = space->nr_pids * sizeof(*space->pid);
	struct rms_rec_mm *mm;

	if (s->described[i])
		return;
	s->described[i] = true;
	mm = add_record(s, RMS_REC_MM, sizeof(*mm) + size);
	mm->mm = i + 1;
	mm->pid = space->pid[0];
	mm->nr_tgids = space->nr_pids;
	memcpy(mm->comm, space->comm, sizeof(mm->comm));
	memcpy(mm->tgids, space->pid, size);
}

/* Fill in what the frame is, or the slot. Return: false if it has no reverse map. */
static bool fill_page(struct pagemap_source *s, const struct source_page *from,
		      struct rms_rec_page *page)
{
	struct frame_kind kind;

	if (from->key & PAGEMAP_SLOT) {
		page->kind = RMS_KIND_SWAP;
		page->swap_type = SWAP_TYPE(from->key);
		page->pfn = SWAP_OFFSET(from->key);
		return true;
	}
	frame_classify(&s->frames, from->key, &kind);
	if (!kind.has_rmap) {
		if (!s->range.frames && kind.unmapped != RMS_UNMAPPED_ZERO)
			kind.unmapped = RMS_UNMAPPED_RAW;
		s->end.unmapped[kind.unmapped]++;
		return false;
	}
	page->kind = kind.kind;
	page->order = kind.order;
	page->pfn = from->key;
	return true;
}

static unsigned int count_spaces(const struct mapping *mapping, size_t nr)
{
	unsigned int spaces = 0;
	size_t i;

	for (i = 0; i < nr; i++)
		spaces += !i || mapping[i].pid != mapping[i - 1].pid;
	return spaces;
}

/* One page of the run, which begins at @start. */
static void take_page(struct pagemap_source *s, struct run *run, const struct source_page *from,
		      unsigned long long start)
{
	struct rms_rec_page page = {
		.rec = { .type = RMS_REC_PAGE, .size = sizeof(page) },
		.first = (from->at - start) / s->unit,
		.count = 1,
	};
	bool walked = s->range.options & (RMS_OPTION_MAPS | RMS_OPTION_VISITED);
	const struct mapping *mapping;
	unsigned long long count;
	size_t i, nr;

	if (!fill_page(s, from, &page))
		return;
	mapping = reverse_find(&s->reverse, from->key, &nr);
	page.maps = nr;
	if (page.kind != RMS_KIND_SWAP && frame_mapcount(&s->frames, from->key, &count)) {
		if (walked)
			s->end.raced += count != nr;
		else
			page.maps = count;
	}
	if (walked) {
		page.fields = RECORDING_PAGE_MMS;
		page.mms = count_spaces(mapping, nr);
	}
	if (!range_keeps(&s->range, &page))
		return;
	run->page[run->nr_pages++] = page;
	s->end.pages++;
	for (i = 0; i < nr && s->range.options & RMS_OPTION_MAPS; i++)
		mapping_runs_add(&run->maps, &(struct mapping_run){
			.space = mapping[i].pid, .va = mapping[i].va, .first = page.first,
			.count = 1, .swapped = page.kind == RMS_KIND_SWAP });
}

/* Test if @next goes on where @page ends, and is like it. */
static bool continues(const struct rms_rec_page *page, const struct rms_rec_page *next)
{
	return next->first == page->first + page->count && next->pfn == page->pfn + page->count &&
	       next->kind == page->kind && next->order == page->order &&
	       next->maps == page->maps && next->mms == page->mms &&
	       next->swap_type == page->swap_type;
}

static void write_pages(struct pagemap_source *s, struct run *run)
{
	size_t i, k;

	for (i = 0; i < run->nr_pages; i = k) {
		for (k = i + 1; k < run->nr_pages; k++) {
			if (!continues(&run->page[i], &run->page[k]))
				break;
			run->page[i].count++;
		}
		add(s, &run->page[i].rec);
	}
}

static void write_maps(struct pagemap_source *s, const struct mapping_runs *maps)
{
	size_t i;

	for (i = 0; i < maps->nr; i++) {
		const struct mapping_run *run = &maps->run[i];
		struct rms_rec_map *map = add_record(s, RMS_REC_MAP, sizeof(*map));

		map->va = run->va;
		map->first = run->first;
		map->count = run->count;
		map->mm = run->space + 1;
		map->bits = 1U << (run->swapped ? RMS_BIT_SWAP : RMS_BIT_PRESENT);
		s->end.mappings += run->count;
	}
}

/**
 * pagemap_records_run() - make the records of the next pages, which are a run
 * @s: the source
 * @nr: how many there are
 */
void pagemap_records_run(struct pagemap_source *s, size_t nr)
{
	const struct source_page *page = s->page + s->next;
	struct run run = { .page = must(calloc(nr, sizeof(*run.page))) };
	struct rms_rec_run *rec;
	size_t i;

	for (i = 0; i < nr; i++)
		take_page(s, &run, &page[i], page->at);
	if (run.nr_pages) {
		mapping_runs_join(&run.maps);
		for (i = 0; i < run.maps.nr; i++)
			describe_space(s, run.maps.run[i].space);
		rec = add_record(s, RMS_REC_RUN, sizeof(*rec));
		rec->start = page->at;
		rec->count = (page[nr - 1].at - page->at) / s->unit + 1;
		rec->form = s->range.frames ? RMS_FORM_PFN : RMS_FORM_VA;
		write_pages(s, &run);
		write_maps(s, &run.maps);
	}
	free(run.page);
	mapping_runs_free(&run.maps);
}

/**
 * pagemap_records_end() - make the last record
 * @s: the source
 */
void pagemap_records_end(struct pagemap_source *s)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	s->end.rec = (struct rms_rec){ .type = RMS_REC_END, .size = sizeof(s->end) };
	s->end.ns = (now.tv_sec - s->begin.tv_sec) * 1000000000LL + now.tv_nsec -
		    s->begin.tv_nsec;
	/* The pages of a process that has exited meanwhile are missing. */
	s->end.complete = s->range.frames || process_thread(s->range.pid);
	s->end.nr_unmapped = RMS_NR_UNMAPPED;
	add(s, &s->end.rec);
}
