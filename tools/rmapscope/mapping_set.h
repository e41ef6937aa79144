/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sets of mappings: which process has which frame at which address.
 */
#ifndef RMAPSCOPE_MAPPING_SET_H
#define RMAPSCOPE_MAPPING_SET_H

#include <stdbool.h>
#include <stddef.h>

struct mapping {
	unsigned long long pfn;
	unsigned long long pid;
	unsigned long long va;
};

struct mapping_set {
	struct mapping *mapping;
	size_t nr, room;
};

void mapping_set_add(struct mapping_set *m, unsigned long long pfn, unsigned long long pid,
		     unsigned long long va);
void mapping_set_sort(struct mapping_set *m);
size_t mapping_set_first(const struct mapping_set *m, unsigned long long pfn);
bool mapping_set_have_frame(const struct mapping_set *m, unsigned long long pfn);
void mapping_set_keep(struct mapping_set *m, const struct mapping_set *other, bool common);
void mapping_set_free(struct mapping_set *m);

#endif
