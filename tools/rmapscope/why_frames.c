// SPDX-License-Identifier: GPL-2.0
/*
 * Frames and addresses of a range that have no user memory, and whether these stop its memory from
 * going offline or being allocated as a whole.
 *
 * has_unmovable_pages() (page_is_unmovable() from 6.16 on) refuses reserved pages in all zones, and
 * others in all zones but ZONE_MOVABLE. It lets free and broken pages pass, those of a balloon if
 * memory goes offline, and what a driver can move. offline_pages() refuses blocks with holes.
 */
#include <stdio.h>

#include "size.h"
#include "table.h"
#include "why_range.h"

static const char * const words[] = RMS_UNMAPPED_WORDS;

static const struct {
	const char *stops;		/* migration; NULL: it depends on the range */
	const char *meaning;
} kinds[RMS_NR_UNMAPPED] = {
	[RMS_UNMAPPED_HOLE] = { NULL, "no memory; a block with holes can't go offline" },
	[RMS_UNMAPPED_OFFLINE] = { "no", "offline already, or of a device" },
	[RMS_UNMAPPED_RESERVED] = { "yes", "of the kernel since boot, or of firmware" },
	[RMS_UNMAPPED_FREE] = { "no", "free" },
	[RMS_UNMAPPED_SLAB] = { "yes", "kernel objects; drop_caches=2 may free some" },
	[RMS_UNMAPPED_TYPED] = { "most", "page tables; of a balloon, which may give way" },
	[RMS_UNMAPPED_KERNEL] = { "most", "kernel and drivers; broken, which is skipped" },
	[RMS_UNMAPPED_ZERO] = { "no", "the zero page, which belongs to no process" },
	[RMS_UNMAPPED_RAW] = { "yes", "frames of the kernel or of a device" },
	[RMS_UNMAPPED_HWPOISON] = { "no", "the page was broken and is gone" },
};

/**
 * frames_stop() - say whether memory without a reverse map stops the operation
 * @w: the range
 * @kind: the kind of memory
 *
 * Return: "yes", "most" if most such frames do, or "no". NULL: the operation isn't about them.
 */
const char *frames_stop(const struct why_range *w, enum rms_unmapped kind)
{
	if (w->op != RMS_OP_MIGRATE)
		return NULL;
	return kinds[kind].stops ?: w->o->where.nr_blocks ? "yes" : "no";
}

/**
 * frames_that_stop() - count the frames without user memory that stop the operation
 * @w: the range
 *
 * Return: how many do, or may.
 */
unsigned long long frames_that_stop(const struct why_range *w)
{
	unsigned long long nr = 0;
	size_t i;

	for (i = 0; i < w->end.nr_unmapped; i++) {
		const char *stops = frames_stop(w, i);

		if (stops && *stops != 'n')
			nr += w->end.unmapped[i];
	}
	return nr;
}

static void print_row(const struct why_range *w, struct libscols_table *tb, size_t kind)
{
	unsigned long long pages = w->end.unmapped[kind], bytes = pages * w->head.page_size;
	char number[32], size[SIZE_TEXT];
	const char *cell[5] = { words[kind], number, size };
	size_t n = 3;

	snprintf(number, sizeof(number), "%llu", pages);
	size_text(bytes, w->o->bytes, size);
	if (w->op == RMS_OP_MIGRATE)
		cell[n++] = frames_stop(w, kind);
	cell[n++] = kinds[kind].meaning;
	table_row(tb, cell, n, NULL);
}

/**
 * frames_print() - print a table of the frames or addresses without user memory, if there are any
 * @w: the range
 */
void frames_print(const struct why_range *w)
{
	struct libscols_table *tb;
	size_t i;

	if (!scan_count_unmapped(&w->end))
		return;
	printf("\n%s that are no user memory:\n",
	       w->head.form == RMS_FORM_VA ? "Addresses" : "Frames");
	fflush(stdout);
	tb = table_new(&(struct table_style){ });
	table_column(tb, "KIND", false);
	table_column(tb, "PAGES", true);
	table_column(tb, "SIZE", true);
	if (w->op == RMS_OP_MIGRATE)
		table_column(tb, "STOPS", false);
	table_column(tb, "MEANING", false);
	for (i = 0; i < w->end.nr_unmapped; i++)
		if (w->end.unmapped[i])
			print_row(w, tb, i);
	table_finish(tb);
}
