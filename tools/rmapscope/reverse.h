/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From frames and swap slots to the entries that have them, by the page tables of all processes.
 */
#ifndef RMAPSCOPE_REVERSE_H
#define RMAPSCOPE_REVERSE_H

#include <stdbool.h>
#include <stddef.h>

#include "mapping_set.h"
#include "method.h"
#include "spaces.h"

/*
 * The keys are those of pagemaps_key(). In a mapping, pfn is the key, and pid is the index of the
 * address space.
 */
struct reverse {
	enum method method;		/* METHOD_SCAN or METHOD_INDEX */
	struct spaces spaces;
	struct mapping_set found;	/* sorted */
	bool complete;			/* all mappings of the machine are in @found */
};

void reverse_begin(struct reverse *r, enum method method);
void reverse_look(struct reverse *r, const unsigned long long *key, size_t nr);
const struct mapping *reverse_find(const struct reverse *r, unsigned long long key, size_t *nr);
void reverse_end(struct reverse *r);

#endif
