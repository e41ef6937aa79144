// SPDX-License-Identifier: GPL-2.0
/*
 * `rmapscope scan --pages`: a row for each run of pages that are alike.
 */
#include <stdlib.h>

#include "scan.h"
#include "users.h"

/* With --raw there is nothing to align, so that rows are printed as they come. */
#define ROWS_AT_ONCE	4096

static const char * const kind_words[] = RMS_KIND_WORDS;
static const char * const level_words[] = RMS_LEVEL_WORDS;
static const char * const why_words[] = RMS_WHY_WORDS;

/* Pages of a record that make a row. */
struct piece {
	unsigned int first, count;
	char *pids;
};

/* A newer module may have more words. */
static const char *word(const char * const *words, size_t nr, size_t i)
{
	return i < nr ? words[i] : "?";
}

static void begin(struct scan *s)
{
	s->data = scan_alloc(1, sizeof(struct users));
}

static void write_verdicts(struct rows *r, const struct rms_rec_page *page)
{
	static const char * const keys[] = RMS_OP_WORDS;
	size_t op;

	if (!(page->fields & RMS_PAGE_JUDGED))
		return;
	for (op = 0; op < RMS_NR_OPS; op++) {
		enum rms_why why = page->verdicts[op];

		rows_text(r, keys[op],
			  why == RMS_WHY_NOTHING ? "ok" : word(why_words, RMS_NR_WHYS, why));
	}
}

static void write_slot(struct rows *r, const struct rms_rec_page *page, unsigned int index)
{
	char slot[48];

	snprintf(slot, sizeof(slot), "%u:0x%llx", page->swap_type,
		 page->pfn + index);
	rows_text(r, "slot", slot);
}

/* Where the pages are: in the address space or the memory, and in which VMA or file. */
static void write_place(struct scan *s, const struct scan_run *run,
			const struct rms_rec_page *page, const struct piece *piece)
{
	const struct collect *c = &s->collect;
	const char *file = page->file ? c->file[page->file] : NULL;
	unsigned int index = piece->first - page->first;
	unsigned long long at = run->start + piece->first * collect_unit(c);
	size_t vma;

	if (page->kind == RMS_KIND_SWAP)
		write_slot(&s->rows, page, index);
	else
		rows_hex(&s->rows, "pfn", page->pfn + index);
	rows_text(&s->rows, "file", file);
	if (c->head.form == RMS_FORM_PFN) {
		rows_text(&s->rows, "name", file);
		return;
	}
	rows_hex(&s->rows, "va", at);
	vma = vma_list_find(&s->vmas, at);
	if (vma < s->vmas.nr && s->vmas.vma[vma].start <= at)
		rows_text(&s->rows, "name", s->vmas.vma[vma].name);
	else
		rows_text(&s->rows, "name", file);
}

static void write_row(struct scan *s, const struct scan_run *run,
		      const struct rms_rec_page *page, const struct piece *piece)
{
	struct rows *r = &s->rows;

	rows_record(r, "page", &s->columns);
	write_place(s, run, page, piece);
	rows_number(r, "pages", piece->count);
	rows_size(r, "size", (unsigned long long)piece->count * s->collect.head.page_size);
	/* Flags of frames don't always tell the kind; and a newer module may know more kinds. */
	if (page->kind < RMS_NR_KINDS || !s->collect.method)
		rows_text(r, "kind", word(kind_words, RMS_NR_KINDS, page->kind));
	rows_number(r, "order", page->order);
	if (page->fields & RMS_PAGE_LEVEL)
		rows_text(r, "level", word(level_words, RMS_NR_LEVELS, page->level));
	rows_number(r, "maps", page->maps);
	if (page->fields & (RMS_PAGE_WALKED | RECORDING_PAGE_MMS))
		rows_number(r, "mms", page->mms);
	if (page->fields & RMS_PAGE_WALKED)
		rows_number(r, "visited", page->visited);
	if (page->fields & RMS_PAGE_REFS)
		rows_number(r, "extra_refs", page->extra_refs);
	write_verdicts(r, page);
	rows_text(r, "pids", piece->pids);
	if (s->o->style.raw && !s->o->json && r->nr >= ROWS_AT_ONCE)
		scan_flush(s);
}

/* Write the pages of a piece in a row for each VMA. */
static void write_by_vma(struct scan *s, const struct scan_run *run,
			 const struct rms_rec_page *page, struct piece piece)
{
	unsigned long long size = s->collect.head.page_size;
	unsigned int end = piece.first + piece.count;

	while (piece.first < end) {
		unsigned long long va = run->start + piece.first * size;
		size_t i = vma_list_find(&s->vmas, va);

		piece.count = end - piece.first;
		if (i < s->vmas.nr && s->vmas.vma[i].start <= va &&
		    s->vmas.vma[i].end - va < piece.count * size)
			piece.count = (s->vmas.vma[i].end - va) / size ?: 1;
		write_row(s, run, page, &piece);
		piece.first += piece.count;
	}
}

/* Write the pages of a record in a row for each set of users. */
static void write_by_users(struct scan *s, const struct scan_run *run,
			   const struct rms_rec_page *page, const struct users *u)
{
	unsigned int end = page->first + page->count;
	struct piece piece;
	size_t i, next;

	for (i = users_piece(u, page->first); u->bound[i] < end; i = next) {
		for (next = i + 1; u->bound[next] < end && users_same(u, i, next);)
			next++;
		piece.first = u->bound[i];
		piece.count = u->bound[next] - u->bound[i];
		piece.pids = users_pids(u, i, &s->collect);
		write_by_vma(s, run, page, piece);
		free(piece.pids);
	}
}

static void run(struct scan *s, const struct scan_run *run)
{
	bool by_users = s->collect.head.options & RMS_OPTION_MAPS &&
			scan_needs(&s->columns) & RMS_OPTION_MAPS;
	struct users *u = s->data;
	size_t i;

	if (by_users)
		users_find(u, run);
	for (i = 0; i < run->nr_pages; i++) {
		const struct rms_rec_page *page = &run->page[i];

		if (by_users)
			write_by_users(s, run, page, u);
		else
			write_by_vma(s, run, page,
				     (struct piece){ page->first, page->count, NULL });
	}
}

static void finish(struct scan *s)
{
	users_free(s->data);
	free(s->data);
}

const struct scan_view scan_pages = {
	.columns = &scan_page_columns,
	.begin = begin,
	.run = run,
	.finish = finish,
};
