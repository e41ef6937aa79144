// SPDX-License-Identifier: GPL-2.0
/*
 * `rmapscope scan -p PID`: a row for each VMA.
 */
#include <stdlib.h>

#include "scan.h"

struct vma_sums {
	struct tally *vma;		/* for each of scan.vmas */
	struct tally stray;		/* pages outside of all of them */
};

/* The part of a VMA that is in the range. Return: false if there is none. */
static bool clip(const struct scan *s, const struct vma_line *vma, unsigned long long *start,
		 unsigned long long *end)
{
	const struct rms_rec_head *head = &s->collect.head;

	*start = vma->start > head->start ? vma->start : head->start;
	*end = vma->end < head->end ? vma->end : head->end;
	return *start < *end;
}

static void begin(struct scan *s)
{
	struct vma_sums *sums = scan_alloc(1, sizeof(*sums));

	sums->vma = scan_alloc(s->vmas.nr + 1, sizeof(*sums->vma));
	s->data = sums;
}

/* Count the pages of a record, each in its VMA. */
static void add(struct scan *s, const struct scan_run *run, const struct rms_rec_page *page)
{
	struct vma_sums *sums = s->data;
	unsigned long long size = s->collect.head.page_size;
	unsigned long long va = run->start + page->first * size;
	unsigned long long end = va + page->count * size;

	while (va < end) {
		unsigned long long to = end;
		const struct vma_line *vma = vma_list_part(&s->vmas, va, &to);

		tally_add(vma ? &sums->vma[vma - s->vmas.vma] : &sums->stray, page,
			  (to - va) / size);
		va = to;
	}
}

static void run(struct scan *s, const struct scan_run *run)
{
	size_t i;

	for (i = 0; i < run->nr_pages; i++)
		add(s, run, &run->page[i]);
}

static void finish(struct scan *s)
{
	struct vma_sums *sums = s->data;
	unsigned long long start, end, page_size = s->collect.head.page_size;
	size_t i;

	for (i = 0; i < s->vmas.nr; i++) {
		const struct vma_line *vma = &s->vmas.vma[i];

		if (!clip(s, vma, &start, &end))
			continue;
		rows_record(&s->rows, "vma", &s->columns);
		rows_hex(&s->rows, "start", start);
		rows_hex(&s->rows, "end", end);
		rows_size(&s->rows, "size", end - start);
		rows_text(&s->rows, "perms", vma->perms);
		rows_text(&s->rows, "name", vma->name);
		if (scan_reached(s, start))
			scan_tally_row(&s->rows, &sums->vma[i], page_size);
	}
	if (sums->stray.item[TALLY_RSS] || sums->stray.item[TALLY_SWAP]) {
		rows_record(&s->rows, "vma", &s->columns);
		rows_text(&s->rows, "name", "[in no VMA of the list]");
		scan_tally_row(&s->rows, &sums->stray, page_size);
	}
	free(sums->vma);
	free(sums);
}

const struct scan_view scan_vmas = {
	.columns = &scan_vma_columns,
	.begin = begin,
	.run = run,
	.finish = finish,
};
