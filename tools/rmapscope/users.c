// SPDX-License-Identifier: GPL-2.0
/*
 * Which address spaces map each page of a run.
 *
 * A record of a mapping is about pages in a row that one VMA maps, and a record of pages is about
 * pages that are mapped equally often, by whomever. So the run is cut wherever a record begins or
 * ends.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exit_status.h"
#include "users.h"

static void *must(void *p)
{
	if (!p)
		errx(RS_FAILED, "not enough memory for the users of pages");
	return p;
}

static void *reserve(void *array, size_t *room, size_t nr, size_t size)
{
	if (nr <= *room)
		return array;
	*room = nr + nr / 2;
	return must(reallocarray(array, *room, size));
}

static int compare(const void *a, const void *b)
{
	const unsigned int *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Sort numbers, and leave each only once. Return: how many are left. */
static size_t sort_unique(unsigned int *number, size_t nr)
{
	size_t i, kept = 0;

	qsort(number, nr, sizeof(*number), compare);
	for (i = 0; i < nr; i++)
		if (!kept || number[kept - 1] != number[i])
			number[kept++] = number[i];
	return kept;
}

static void find_bounds(struct users *u, const struct scan_run *run)
{
	size_t nr = 0, i;

	u->bound = reserve(u->bound, &u->room_bounds, 2 * (run->nr_pages + run->nr_maps) + 2,
			   sizeof(*u->bound));
	u->bound[nr++] = 0;
	u->bound[nr++] = run->count;
	for (i = 0; i < run->nr_pages; i++) {
		u->bound[nr++] = run->page[i].first;
		u->bound[nr++] = run->page[i].first + run->page[i].count;
	}
	for (i = 0; i < run->nr_maps; i++) {
		u->bound[nr++] = run->map[i].first;
		u->bound[nr++] = run->map[i].first + run->map[i].count;
	}
	u->nr_bounds = sort_unique(u->bound, nr);
}

/* Count the mappings of each piece, and let list[] lead to the end of the room for them. */
static void make_lists(struct users *u, const struct scan_run *run)
{
	size_t pieces = u->nr_bounds - 1, i, piece;

	u->list = reserve(u->list, &u->room_lists, pieces + 1, sizeof(*u->list));
	memset(u->list, 0, (pieces + 1) * sizeof(*u->list));
	for (i = 0; i < run->nr_maps; i++) {
		const struct rms_rec_map *map = &run->map[i];

		for (piece = users_piece(u, map->first);
		     u->bound[piece] < map->first + map->count; piece++)
			u->list[piece]++;
	}
	for (i = 1; i <= pieces; i++)
		u->list[i] += u->list[i - 1];
	/* At least one, as qsort() takes no NULL. */
	u->mm = reserve(u->mm, &u->room_mms, u->list[pieces] + 1, sizeof(*u->mm));
}

static void fill_lists(struct users *u, const struct scan_run *run)
{
	size_t i, piece;

	for (i = 0; i < run->nr_maps; i++) {
		const struct rms_rec_map *map = &run->map[i];

		for (piece = users_piece(u, map->first);
		     u->bound[piece] < map->first + map->count; piece++)
			u->mm[--u->list[piece]] = map->mm;
	}
	for (piece = 0; piece + 1 < u->nr_bounds; piece++)
		qsort(u->mm + u->list[piece], u->list[piece + 1] - u->list[piece], sizeof(*u->mm),
		      compare);
}

/**
 * users_find() - find the users of all pages of a run
 * @u: zeroed, or used for another run before
 * @run: the run
 */
void users_find(struct users *u, const struct scan_run *run)
{
	find_bounds(u, run);
	make_lists(u, run);
	fill_lists(u, run);
}

/**
 * users_piece() - find a piece of the run
 * @u: the users
 * @page: a page of the run, counted from its start
 *
 * Return: the piece that has the page.
 */
size_t users_piece(const struct users *u, unsigned int page)
{
	size_t low = 0, high = u->nr_bounds - 1;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (u->bound[middle] <= page)
			low = middle;
		else
			high = middle;
	}
	return low;
}

/**
 * users_same() - test if two pieces have the same users
 * @u: the users
 * @a: a piece
 * @b: another piece
 *
 * Return: true if they have.
 */
bool users_same(const struct users *u, size_t a, size_t b)
{
	size_t nr = u->list[a + 1] - u->list[a];

	return nr == u->list[b + 1] - u->list[b] &&
	       !memcmp(u->mm + u->list[a], u->mm + u->list[b], nr * sizeof(*u->mm));
}

/**
 * users_pids() - write the processes that map the pages of a piece
 * @u: the users
 * @piece: the piece
 * @c: has the address spaces
 *
 * Return: their process ids in ascending order, with commas; the caller frees the text.
 */
char *users_pids(const struct users *u, size_t piece, const struct collect *c)
{
	size_t i, nr = 0, k, len;
	unsigned int *pid;
	char *text;
	FILE *file = must(open_memstream(&text, &len));

	for (i = u->list[piece]; i < u->list[piece + 1]; i++)
		nr += c->mm[u->mm[i]].nr_tgids;
	pid = must(calloc(nr + 1, sizeof(*pid)));
	nr = 0;
	for (i = u->list[piece]; i < u->list[piece + 1]; i++) {
		const struct scan_mm *mm = &c->mm[u->mm[i]];

		if (i > u->list[piece] && u->mm[i] == u->mm[i - 1])
			continue;
		for (k = 0; k < mm->nr_tgids; k++)
			pid[nr++] = mm->tgids[k];
	}
	nr = sort_unique(pid, nr);
	for (i = 0; i < nr; i++)
		fprintf(file, "%s%u", i ? "," : "", pid[i]);
	free(pid);
	if (fclose(file))
		must(NULL);
	return text;
}

/**
 * users_free() - free the memory
 * @u: the users, or zeroed memory
 */
void users_free(struct users *u)
{
	free(u->bound);
	free(u->list);
	free(u->mm);
	*u = (struct users){ };
}
