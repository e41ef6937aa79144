// SPDX-License-Identifier: GPL-2.0
/* Sets of mappings, and how two of them differ. */
#include <stdio.h>
#include <stdlib.h>

#include "complain.h"
#include "mappings.h"

/**
 * mappings_add() - append a mapping
 * @set: the set
 * @pid: process
 * @va: address in that process
 *
 * Return: 0, or -1 if there is no memory.
 */
int mappings_add(struct mappings *set, pid_t pid, uint64_t va)
{
	if (set->nr == set->room) {
		size_t room = set->room ? 2 * set->room : 16;
		struct mapping *v = realloc(set->v, room * sizeof(*v));

		if (!v)
			return complain("no memory for %zu places", room);
		set->v = v;
		set->room = room;
	}
	set->v[set->nr++] = (struct mapping){ .pid = pid, .va = va };
	return 0;
}

static int compare_place(const void *left, const void *right)
{
	const struct mapping *a = left, *b = right;

	if (a->pid != b->pid)
		return a->pid < b->pid ? -1 : 1;
	if (a->va != b->va)
		return a->va < b->va ? -1 : 1;
	return 0;
}

/**
 * mappings_sort() - sort a set for mappings_compare()
 * @set: the set
 *
 * Duplicates are kept: a report that lists a mapping twice is wrong, and the comparison must find
 * that.
 */
void mappings_sort(struct mappings *set)
{
	if (set->nr)
		qsort(set->v, set->nr, sizeof(*set->v), compare_place);
}

/**
 * mappings_compare() - are two sorted sets the same?
 * @seen: the set to check
 * @seen_by: name of its source, for the message
 * @expected: the correct set
 * @expected_by: name of its source, for the message
 *
 * Return: 0, or -1 with the first difference in why[].
 */
int mappings_compare(const struct mappings *seen, const char *seen_by,
		     const struct mappings *expected, const char *expected_by)
{
	size_t i;

	for (i = 0; i < seen->nr || i < expected->nr; i++) {
		const struct mapping *s = i < seen->nr ? &seen->v[i] : NULL;
		const struct mapping *e = i < expected->nr ? &expected->v[i] : NULL;
		int order = !s ? 1 : !e ? -1 : compare_place(s, e);

		if (order < 0)
			return complain("%s has pid %d va %#lx, %s has not (%zu against %zu)",
					seen_by, s->pid, (long)s->va,
					expected_by, seen->nr, expected->nr);
		if (order > 0)
			return complain("%s has pid %d va %#lx, %s has not (%zu against %zu)",
					expected_by, e->pid, (long)e->va,
					seen_by, expected->nr, seen->nr);
	}
	return 0;
}

/**
 * mappings_free() - empty a set
 * @set: the set, usable again afterwards
 */
void mappings_free(struct mappings *set)
{
	free(set->v);
	*set = (struct mappings){ 0 };
}
