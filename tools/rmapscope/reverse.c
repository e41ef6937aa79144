// SPDX-License-Identifier: GPL-2.0
/*
 * From frames and swap slots to the entries that have them, by the page tables of all processes.
 *
 * Linux 2.4 had no reverse map: to unmap a page, it looked through the page tables of every
 * process. Linux 2.5 kept a list of entries for each page (pte_chain). METHOD_SCAN and METHOD_INDEX
 * are what a program can do of both. The first needs memory for what is asked for only, the second
 * for all entries of the machine.
 */
#include <stdlib.h>

#include "interrupt.h"
#include "pagemaps.h"
#include "reverse.h"

/* One pass through the page tables. */
struct pass {
	struct reverse *r;
	const unsigned long long *key;	/* that are wanted, sorted; NULL: all */
	size_t nr_keys;
	size_t space;			/* index of the one that is read */
};

/**
 * reverse_begin() - get ready for questions
 * @r: filled; reverse_end() must follow
 * @method: METHOD_SCAN or METHOD_INDEX
 */
void reverse_begin(struct reverse *r, enum method method)
{
	*r = (struct reverse){ .method = method };
	spaces_read(&r->spaces);
}

static bool wanted(const struct pass *pass, unsigned long long key)
{
	size_t low = 0, high = pass->nr_keys;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (pass->key[middle] == key)
			return true;
		if (pass->key[middle] < key)
			low = middle + 1;
		else
			high = middle;
	}
	return !pass->key;
}

static void take(void *arg, unsigned long long key, unsigned long long pid, unsigned long long va)
{
	struct pass *pass = arg;

	(void)pid;
	if (wanted(pass, key))
		mapping_set_add(&pass->r->found, key, pass->space, va);
}

/**
 * reverse_look() - find the mappings of some pages
 * @r: the reverse map
 * @key: the pages, sorted
 * @nr: how many there are
 *
 * With METHOD_INDEX, only the first call reads page tables. With METHOD_SCAN, each call does, and
 * forgets what the one before has found.
 */
void reverse_look(struct reverse *r, const unsigned long long *key, size_t nr)
{
	struct pass pass = { .r = r };
	size_t i;

	if (r->complete)
		return;
	r->found.nr = 0;
	if (!nr)
		return;
	if (r->method == METHOD_SCAN) {
		pass.key = key;
		pass.nr_keys = nr;
	}
	for (i = 0; i < r->spaces.nr && !interrupt_seen(); i++) {
		pass.space = i;
		pagemaps_of_process(r->spaces.space[i].tid, take, &pass);
	}
	mapping_set_sort(&r->found);
	r->complete = r->method == METHOD_INDEX;
}

/**
 * reverse_find() - get the mappings of a page
 * @r: the reverse map, after reverse_look() for this page
 * @key: the page
 * @nr: gets how many there are
 *
 * Return: the first of them; they are in the order of their address spaces.
 */
const struct mapping *reverse_find(const struct reverse *r, unsigned long long key, size_t *nr)
{
	size_t first = mapping_set_first(&r->found, key), i = first;

	while (i < r->found.nr && r->found.mapping[i].pfn == key)
		i++;
	*nr = i - first;
	return r->found.mapping + first;
}

/**
 * reverse_end() - free the memory
 * @r: the reverse map, or zeroed memory
 */
void reverse_end(struct reverse *r)
{
	spaces_free(&r->spaces);
	mapping_set_free(&r->found);
	*r = (struct reverse){ };
}
