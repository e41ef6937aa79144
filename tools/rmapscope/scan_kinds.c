// SPDX-License-Identifier: GPL-2.0
/*
 * `rmapscope scan` of frames: a row for each kind of page, and for each reason why frames have no
 * reverse map.
 */
#include <stdlib.h>

#include "scan.h"

static void begin(struct scan *s)
{
	/* The last one is for kinds that a newer module knows. */
	s->data = scan_alloc(RMS_NR_KINDS + 1, sizeof(struct tally));
}

static void run(struct scan *s, const struct scan_run *run)
{
	struct tally *kinds = s->data;
	size_t i;

	for (i = 0; i < run->nr_pages; i++) {
		const struct rms_rec_page *page = &run->page[i];
		size_t kind = page->kind < RMS_NR_KINDS ? page->kind : RMS_NR_KINDS;

		tally_add(&kinds[kind], page, page->count);
	}
}

static void write_count(struct scan *s, const char *kind, unsigned long long pages)
{
	rows_record(&s->rows, "kind", &s->columns);
	rows_text(&s->rows, "kind", kind);
	rows_number(&s->rows, "pages", pages);
	rows_size(&s->rows, "size", pages * s->collect.head.page_size);
}

static void finish(struct scan *s)
{
	static const char * const words[RMS_NR_KINDS + 1] = RMS_KIND_WORDS;
	static const char * const reasons[] = RMS_UNMAPPED_WORDS;
	const struct rms_rec_end *end = &s->collect.end;
	struct tally *kinds = s->data;
	size_t i;

	for (i = 0; i <= RMS_NR_KINDS; i++) {
		unsigned long long pages = kinds[i].item[TALLY_RSS] + kinds[i].item[TALLY_SWAP];

		if (!pages)
			continue;
		write_count(s, words[i] ?: "?", pages);
		scan_tally_row(&s->rows, &kinds[i], s->collect.head.page_size);
	}
	for (i = 0; i < end->nr_unmapped; i++)
		if (end->unmapped[i])
			write_count(s, reasons[i], end->unmapped[i]);
	free(kinds);
}

const struct scan_view scan_kinds = {
	.columns = &scan_kind_columns,
	.begin = begin,
	.run = run,
	.finish = finish,
};
