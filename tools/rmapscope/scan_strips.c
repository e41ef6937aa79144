// SPDX-License-Identifier: GPL-2.0
/*
 * `rmapscope scan --map`: a strip of characters for each VMA, or for each stretch of frames.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "safe.h"
#include "scan.h"
#include "size.h"

#define DEFAULT_WIDTH	80
/* As many strips as are wanted for a range of frames. */
#define FRAME_STRIPS	32

/* What one character stands for. */
struct cell {
	unsigned int kind[RMS_NR_KINDS + 1];	/* pages of each kind; the last: unknown */
	unsigned int huge;			/* pages mapped by huge entries */
	unsigned int maps;			/* the most of a page */
};

struct strip {
	unsigned long long start, end;
	unsigned long long step;		/* of a character */
	struct cell *cell;			/* NULL: there are no pages */
	const struct vma_line *vma;
};

struct strips {
	struct strip *strip;			/* in the order of their addresses */
	size_t nr;
	size_t width;
};

static const char kind_letters[RMS_NR_KINDS + 1] = {
	[RMS_KIND_ANON] = 'a',
	[RMS_KIND_KSM] = 'k',
	[RMS_KIND_FILE] = 'f',
	[RMS_KIND_SHMEM] = 's',
	[RMS_KIND_HUGETLB_ANON] = 'h',
	[RMS_KIND_HUGETLB_FILE] = 'h',
	[RMS_KIND_SWAP] = 'w',
	[RMS_KIND_ORPHANED] = 'o',
	[RMS_NR_KINDS] = 'x',
};

static size_t terminal_width(void)
{
	struct winsize size;

	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_col)
		return size.ws_col;
	return DEFAULT_WIDTH;
}

/* Rounded up. */
static unsigned long long divide(unsigned long long a, unsigned long long b)
{
	return a / b + !!(a % b);
}

static void begin_vmas(struct scan *s, struct strips *strips)
{
	const struct rms_rec_head *head = &s->collect.head;
	size_t i;

	strips->strip = scan_alloc(s->vmas.nr + 1, sizeof(*strips->strip));
	for (i = 0; i < s->vmas.nr; i++) {
		const struct vma_line *vma = &s->vmas.vma[i];
		struct strip *strip = &strips->strip[strips->nr];
		unsigned long long pages;

		strip->start = vma->start > head->start ? vma->start : head->start;
		strip->end = vma->end < head->end ? vma->end : head->end;
		if (strip->start >= strip->end)
			continue;
		strip->vma = vma;
		pages = divide(strip->end - strip->start, head->page_size);
		strip->step = head->page_size * divide(pages, strips->width);
		strips->nr++;
	}
}

static void begin_frames(struct scan *s, struct strips *strips)
{
	const struct rms_rec_head *head = &s->collect.head;
	unsigned long long wanted = divide(head->end - head->start, strips->width * FRAME_STRIPS);
	unsigned long long step = 1, at = head->start;
	size_t nr;

	while (step < wanted)
		step *= 2;
	nr = divide(head->end - head->start, step * strips->width) + 1;
	strips->strip = scan_alloc(nr, sizeof(*strips->strip));
	while (at < head->end) {
		struct strip *strip = &strips->strip[strips->nr++];
		unsigned long long left = head->end - at, all = step * strips->width;

		strip->start = at;
		strip->end = at + (left < all ? left : all);
		strip->step = step;
		at = strip->end;
	}
}

static void begin(struct scan *s)
{
	struct strips *strips = scan_alloc(1, sizeof(*strips));

	strips->width = s->o->width ?: terminal_width();
	if (s->collect.head.form == RMS_FORM_VA)
		begin_vmas(s, strips);
	else
		begin_frames(s, strips);
	s->data = strips;
}

/* The first strip that ends behind @at. */
static size_t find(const struct strips *strips, unsigned long long at)
{
	size_t low = 0, high = strips->nr;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strips->strip[middle].end > at)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

static void add_to_cell(struct cell *cell, const struct rms_rec_page *page,
			unsigned long long pages)
{
	cell->kind[page->kind < RMS_NR_KINDS ? page->kind : RMS_NR_KINDS] += pages;
	if (page->fields & RMS_PAGE_LEVEL && page->level != RMS_PTE)
		cell->huge += pages;
	if (page->kind != RMS_KIND_SWAP && cell->maps < page->maps)
		cell->maps = page->maps;
}

/* Count the part of @page from @at to @end, which is within a strip. */
static void add_to_strip(struct strip *strip, size_t width, const struct rms_rec_page *page,
			 unsigned long long at, unsigned long long end, unsigned long long unit)
{
	if (!strip->cell)
		strip->cell = scan_alloc(width, sizeof(*strip->cell));
	while (at < end) {
		unsigned long long index = (at - strip->start) / strip->step;
		unsigned long long to = strip->start + (index + 1) * strip->step;

		if (to > end)
			to = end;
		add_to_cell(&strip->cell[index], page, (to - at) / unit);
		at = to;
	}
}

static void run(struct scan *s, const struct scan_run *run)
{
	struct strips *strips = s->data;
	unsigned long long unit = collect_unit(&s->collect);
	size_t i, k;

	for (i = 0; i < run->nr_pages; i++) {
		const struct rms_rec_page *page = &run->page[i];
		unsigned long long start = run->start + page->first * unit;
		unsigned long long end = start + page->count * unit;

		for (k = find(strips, start); k < strips->nr; k++) {
			struct strip *strip = &strips->strip[k];

			if (strip->start >= end)
				break;
			add_to_strip(strip, strips->width, page,
				     start > strip->start ? start : strip->start,
				     end < strip->end ? end : strip->end, unit);
		}
	}
}

/* The kind of most of the pages; a capital letter if most of them are mapped by huge entries. */
static char kind_of(const struct cell *cell)
{
	unsigned int kind, most = 0, pages = 0;

	for (kind = 0; kind <= RMS_NR_KINDS; kind++) {
		pages += cell->kind[kind];
		if (cell->kind[kind] > cell->kind[most])
			most = kind;
	}
	if (!pages)
		return '.';
	return 2 * cell->huge > pages ? toupper(kind_letters[most]) : kind_letters[most];
}

static char sharers_of(const struct cell *cell)
{
	unsigned int kind;

	if (cell->maps)
		return cell->maps < 10 ? '0' + cell->maps : '+';
	for (kind = 0; kind <= RMS_NR_KINDS; kind++)
		if (cell->kind[kind] && kind != RMS_KIND_SWAP)
			return '0';
	return cell->kind[RMS_KIND_SWAP] ? 'w' : '.';
}

static void print_cells(const struct scan *s, const struct strip *strip)
{
	unsigned long long at;
	size_t i = 0;

	for (at = strip->start; at < strip->end; at += strip->step, i++) {
		static const struct cell nothing;
		const struct cell *cell = strip->cell ? &strip->cell[i] : &nothing;

		if (!scan_reached(s, at))
			putchar('?');
		else
			putchar(s->o->map == MAP_SHARERS ? sharers_of(cell) : kind_of(cell));
		if (strip->end - at <= strip->step)
			break;
	}
	putchar('\n');
}

static void print_strip(const struct scan *s, const struct strip *strip)
{
	unsigned long long unit = s->collect.head.page_size / collect_unit(&s->collect);
	char size[SIZE_TEXT], step[SIZE_TEXT];

	size_format((strip->end - strip->start) * unit, size);
	size_format(strip->step * unit, step);
	printf("0x%llx-0x%llx %s%s%s, %s a character", strip->start, strip->end,
	       strip->vma ? strip->vma->perms : "", strip->vma ? " " : "", size, step);
	if (strip->vma && *strip->vma->name) {
		putchar(' ');
		safe_print(strip->vma->name);
	}
	putchar('\n');
	print_cells(s, strip);
}

static void finish(struct scan *s)
{
	struct strips *strips = s->data;
	size_t i;

	for (i = 0; i < strips->nr; i++) {
		const struct strip *strip = &strips->strip[i];

		/* Most strips of frames are holes. A VMA is shown even if it is empty. */
		if (strip->cell || strip->vma)
			print_strip(s, strip);
		free(strip->cell);
	}
	if (s->o->map == MAP_SHARERS)
		puts("\n1-9 mapped so often, + more often (the most of its pages), 0 by no entry,\n"
		     "w swapped out, . nothing");
	else
		puts("\na anonymous, k KSM, f file, s shared memory, h hugetlb, w swapped out,\n"
		     "o cut off from its file, x unknown, . nothing (what most of its pages are);\n"
		     "capital: mapped by a huge entry");
	if (!s->collect.has_end)
		puts("? not read");
	free(strips->strip);
	free(strips);
}

const struct scan_view scan_strips = {
	.begin = begin,
	.run = run,
	.finish = finish,
};
