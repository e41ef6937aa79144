/* SPDX-License-Identifier: GPL-2.0 */
/* Objects sorted by their addresses, to find equal ones, and to look one up. */
#ifndef _RMAPSCOPE_KEY_H
#define _RMAPSCOPE_KEY_H

#include <linux/types.h>

/**
 * struct rms_key - an object, and where it is (first) seen
 * @ptr: the object, as an identity only
 * @index: its place among the records
 */
struct rms_key {
	const void *ptr;
	u32 index;
};

/* For sort_r(): by address, and then in the order of the records. */
static inline int rms_key_cmp(const void *a, const void *b, const void *priv)
{
	const struct rms_key *x = a, *y = b;

	if (x->ptr != y->ptr)
		return x->ptr < y->ptr ? -1 : 1;
	if (x->index != y->index)
		return x->index < y->index ? -1 : 1;
	return 0;
}

/* For bsearch(): compares the object @ptr with that of the key @elt. */
static inline int rms_key_find(const void *ptr, const void *elt)
{
	const struct rms_key *key = elt;

	if (ptr == key->ptr)
		return 0;
	return ptr < key->ptr ? -1 : 1;
}

#endif /* _RMAPSCOPE_KEY_H */
