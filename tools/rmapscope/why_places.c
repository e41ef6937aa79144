// SPDX-License-Identifier: GPL-2.0
/*
 * Lists of ranges of frames.
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "exit_status.h"
#include "why_where.h"

static void *must(void *p)
{
	if (!p)
		errx(RS_FAILED, "not enough memory for the list of ranges");
	return p;
}

/**
 * places_add() - add a range to a list
 * @p: zeroed before the first one
 * @start: its first frame
 * @end: the frame behind the last
 * @name: what it was found by, which is copied; NULL: it has no name
 */
void places_add(struct places *p, unsigned long long start, unsigned long long end,
		const char *name)
{
	p->place = must(reallocarray(p->place, p->nr + 1, sizeof(*p->place)));
	p->place[p->nr++] = (struct place){ start, end, name ? must(strdup(name)) : NULL };
}

static int compare(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	return (x->start > y->start) - (x->start < y->start);
}

/**
 * places_merge() - make a list in which each frame is once
 * @to: zeroed; filled with the ranges in ascending order, without names
 * @from: the list
 */
void places_merge(struct places *to, const struct places *from)
{
	struct place *sorted = must(calloc(from->nr + 1, sizeof(*sorted)));
	size_t i;

	if (from->nr)
		memcpy(sorted, from->place, from->nr * sizeof(*sorted));
	qsort(sorted, from->nr, sizeof(*sorted), compare);
	for (i = 0; i < from->nr; i++) {
		struct place *last = to->nr ? &to->place[to->nr - 1] : NULL;

		if (!last || sorted[i].start > last->end)
			places_add(to, sorted[i].start, sorted[i].end, NULL);
		else if (sorted[i].end > last->end)
			last->end = sorted[i].end;
	}
	free(sorted);
}

/**
 * places_have() - test if one of the ranges has some frames
 * @p: the list
 * @start: the first of the frames
 * @end: the one behind the last
 *
 * Return: true if a range has all of them.
 */
bool places_have(const struct places *p, unsigned long long start, unsigned long long end)
{
	size_t i;

	for (i = 0; i < p->nr; i++)
		if (p->place[i].start <= start && end <= p->place[i].end)
			return true;
	return false;
}

/**
 * places_free() - free a list
 * @p: the list, or zeroed memory
 */
void places_free(struct places *p)
{
	size_t i;

	for (i = 0; i < p->nr; i++)
		free(p->place[i].name);
	free(p->place);
	*p = (struct places){ };
}
