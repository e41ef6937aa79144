// SPDX-License-Identifier: GPL-2.0
/* Memory for the numbers of objects. */
#include <linux/build_bug.h>
#include <linux/log2.h>

#include "memory.h"
#include "numbers.h"

static_assert(RMS_NO_ID == (u32)-1);

/**
 * rms_numbers_init - prepare to number objects
 * @n: the numbers; to be given to rms_numbers_free(), unless this fails
 * @max: how many there can be
 *
 * Context: may sleep; no lock of mm held.
 * Return: 0 or -ENOMEM.
 */
int rms_numbers_init(struct rms_numbers *n, u32 max)
{
	n->nr = 0;
	if (max <= RMS_FEW) {
		n->objects = n->few;
		n->slots = NULL;
		return 0;
	}
	if (max > BIT(30))
		return -ENOMEM;
	n->bits = order_base_2(max) + 1;
	n->objects = rms_alloc_array(max, sizeof(*n->objects));
	n->slots = rms_zalloc_array(BIT(n->bits), sizeof(*n->slots));
	if (n->objects && n->slots)
		return 0;
	rms_numbers_free(n);
	return -ENOMEM;
}

/**
 * rms_numbers_free - free the numbers
 * @n: after rms_numbers_init()
 *
 * Context: may sleep.
 */
void rms_numbers_free(struct rms_numbers *n)
{
	if (n->objects == n->few)
		return;
	kvfree(n->objects);
	kvfree(n->slots);
}
