// SPDX-License-Identifier: GPL-2.0
#include <err.h>
#include <stdlib.h>
#include <unistd.h>

#include "exit_status.h"
#include "mapping_run.h"

/**
 * mapping_runs_add() - add entries to a list
 * @list: the list, zeroed before the first
 * @run: the entries, usually one
 */
void mapping_runs_add(struct mapping_runs *list, const struct mapping_run *run)
{
	if (list->nr == list->room) {
		list->room = list->room ? 2 * list->room : 1024;
		list->run = reallocarray(list->run, list->room, sizeof(*list->run));
		if (!list->run)
			errx(RS_FAILED, "not enough memory for the mappings");
	}
	list->run[list->nr++] = *run;
}

static int compare_numbers(unsigned long long a, unsigned long long b)
{
	return (a > b) - (a < b);
}

/* For pages in a row at addresses in a row, this is the same. */
static unsigned long long base(const struct mapping_run *run)
{
	return run->va - (unsigned long long)run->first * sysconf(_SC_PAGESIZE);
}

static int compare(const void *a, const void *b)
{
	const struct mapping_run *x = a, *y = b;

	return compare_numbers(x->space, y->space) ?: compare_numbers(base(x), base(y)) ?:
	       compare_numbers(x->first, y->first);
}

/**
 * mapping_runs_join() - sort a list by address space, and join what is in a row
 * @list: the list
 */
void mapping_runs_join(struct mapping_runs *list)
{
	size_t i, kept = 0;

	if (!list->nr)
		return;
	qsort(list->run, list->nr, sizeof(*list->run), compare);
	for (i = 0; i < list->nr; i++) {
		struct mapping_run *last = list->run + kept - 1, *run = list->run + i;

		if (kept && run->space == last->space && base(run) == base(last) &&
		    run->first == last->first + last->count && run->swapped == last->swapped)
			last->count += run->count;
		else
			list->run[kept++] = *run;
	}
	list->nr = kept;
}

/**
 * mapping_runs_free() - free a list
 * @list: the list, or zeroed memory
 */
void mapping_runs_free(struct mapping_runs *list)
{
	free(list->run);
	*list = (struct mapping_runs){ };
}
