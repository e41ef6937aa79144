// SPDX-License-Identifier: GPL-2.0
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "exit_status.h"
#include "mapping_set.h"

/**
 * mapping_set_add() - add a mapping
 * @m: the set, zeroed before the first one
 * @pfn: the frame
 * @pid: the process that has it
 * @va: address in the process
 */
void mapping_set_add(struct mapping_set *m, unsigned long long pfn, unsigned long long pid,
		     unsigned long long va)
{
	if (m->nr == m->room) {
		m->room = m->room ? 2 * m->room : 1024;
		m->mapping = reallocarray(m->mapping, m->room, sizeof(*m->mapping));
		if (!m->mapping)
			errx(RS_FAILED, "not enough memory for the mappings");
	}
	m->mapping[m->nr++] = (struct mapping){ pfn, pid, va };
}

static int compare_numbers(unsigned long long a, unsigned long long b)
{
	return (a > b) - (a < b);
}

static int compare(const void *a, const void *b)
{
	const struct mapping *x = a, *y = b;

	return compare_numbers(x->pfn, y->pfn) ?: compare_numbers(x->pid, y->pid) ?:
	       compare_numbers(x->va, y->va);
}

/**
 * mapping_set_sort() - sort a set, and leave each mapping only once
 * @m: the set
 */
void mapping_set_sort(struct mapping_set *m)
{
	size_t i, kept = 0;

	if (!m->nr)
		return;
	qsort(m->mapping, m->nr, sizeof(*m->mapping), compare);
	for (i = 0; i < m->nr; i++)
		if (!kept || compare(&m->mapping[kept - 1], &m->mapping[i]))
			m->mapping[kept++] = m->mapping[i];
	m->nr = kept;
}

/* The first mapping of a sorted set that is not before @mapping. */
static size_t find(const struct mapping_set *m, const struct mapping *mapping)
{
	size_t low = 0, high = m->nr;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare(&m->mapping[middle], mapping) >= 0)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

/**
 * mapping_set_first() - find the mappings of a frame
 * @m: the set, sorted
 * @pfn: the frame
 *
 * Return: index of the first mapping of this frame, or of a later one.
 */
size_t mapping_set_first(const struct mapping_set *m, unsigned long long pfn)
{
	return find(m, &(struct mapping){ .pfn = pfn });
}

/**
 * mapping_set_have_frame() - test if a set has any mapping of a frame
 * @m: the set, sorted
 * @pfn: the frame
 *
 * Return: true if it has.
 */
bool mapping_set_have_frame(const struct mapping_set *m, unsigned long long pfn)
{
	size_t i = mapping_set_first(m, pfn);

	return i < m->nr && m->mapping[i].pfn == pfn;
}

/**
 * mapping_set_keep() - leave only some mappings in a set
 * @m: the set, sorted
 * @other: another set, sorted
 * @common: keep those that the other set has as well, else those that it lacks
 */
void mapping_set_keep(struct mapping_set *m, const struct mapping_set *other, bool common)
{
	size_t i, kept = 0;

	for (i = 0; i < m->nr; i++) {
		size_t at = find(other, &m->mapping[i]);
		bool has = at < other->nr && !compare(&other->mapping[at], &m->mapping[i]);

		if (has == common)
			m->mapping[kept++] = m->mapping[i];
	}
	m->nr = kept;
}

/**
 * mapping_set_free() - free a set
 * @m: the set, or zeroed memory
 */
void mapping_set_free(struct mapping_set *m)
{
	free(m->mapping);
	*m = (struct mapping_set){ };
}
