/* SPDX-License-Identifier: GPL-2.0 */
/* Numbers for the objects of a report, by their addresses. */
#ifndef _RMAPSCOPE_NUMBERS_H
#define _RMAPSCOPE_NUMBERS_H

#include <linux/hash.h>
#include <linux/types.h>

#include "rmapscope.h"

/* Up to so many objects need no hash table. */
#define RMS_FEW		8

/**
 * struct rms_numbers - objects, numbered in the order in which they are added
 * @objects: by number; identities only
 * @nr: how many there are
 * @slots: a hash table with linear probing: number + 1, or 0 for a free slot. At most half of the
 *	slots are taken. NULL if there can be few objects only
 * @bits: binary logarithm of the size of @slots
 * @few: used for @objects then
 */
struct rms_numbers {
	const void **objects;
	u32 nr;
	u32 *slots;
	unsigned int bits;
	const void *few[RMS_FEW];
};

int rms_numbers_init(struct rms_numbers *n, u32 max);
void rms_numbers_free(struct rms_numbers *n);

/* The slot of an object, or the free slot where it belongs. */
static inline u32 *rms_slot_of(const struct rms_numbers *n, const void *object)
{
	u32 slot = hash_ptr(object, n->bits);

	while (n->slots[slot] && n->objects[n->slots[slot] - 1] != object)
		slot = (slot + 1) & ((1U << n->bits) - 1);
	return &n->slots[slot];
}

/* The number of one of few objects; @n->nr if it has none. */
static inline u32 rms_search_few(const struct rms_numbers *n, const void *object)
{
	u32 i = 0;

	while (i < n->nr && n->objects[i] != object)
		i++;
	return i;
}

/**
 * rms_number - the number of an object, which is added if it has none yet
 * @n: the numbers; not more objects than rms_numbers_init() was told
 * @object: the object
 *
 * Context: any.
 * Return: the number, from 0.
 */
static inline u32 rms_number(struct rms_numbers *n, const void *object)
{
	u32 number, *slot = NULL;

	if (n->slots) {
		slot = rms_slot_of(n, object);
		number = *slot ? *slot - 1 : n->nr;
	} else {
		number = rms_search_few(n, object);
	}
	if (number == n->nr) {
		n->objects[n->nr++] = object;
		if (slot)
			*slot = n->nr;
	}
	return number;
}

/**
 * rms_find_number - the number of an object
 * @n: the numbers
 * @object: the object
 *
 * Context: any.
 * Return: the number, or RMS_NO_ID.
 */
static inline u32 rms_find_number(const struct rms_numbers *n, const void *object)
{
	u32 number;

	if (n->slots)
		return *rms_slot_of(n, object) - 1;	/* 0 becomes RMS_NO_ID */
	number = rms_search_few(n, object);
	return number < n->nr ? number : RMS_NO_ID;
}

#endif /* _RMAPSCOPE_NUMBERS_H */
