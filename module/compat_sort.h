/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A part of compat.h: sort_r_nonatomic(), a sort of many elements that lets other tasks run, came
 * after v6.12. Here the comparison function lets them run now and then. Remove with 6.12.
 */
#ifndef _RMAPSCOPE_COMPAT_SORT_H
#define _RMAPSCOPE_COMPAT_SORT_H

#include <linux/sched.h>
#include <linux/sort.h>

#ifndef HAVE_SORT_R_NONATOMIC
struct rms_sort {
	cmp_r_func_t cmp;
	const void *priv;
	unsigned int calls;
};

static inline int rms_sort_cmp(const void *a, const void *b, const void *priv)
{
	struct rms_sort *sort = (struct rms_sort *)priv;

	if (!(++sort->calls % 1024))
		cond_resched();
	return sort->cmp(a, b, sort->priv);
}

static inline void sort_r_nonatomic(void *base, size_t num, size_t size, cmp_r_func_t cmp,
				    swap_r_func_t swap, const void *priv)
{
	struct rms_sort sort = { cmp, priv, 0 };

	sort_r(base, num, size, rms_sort_cmp, swap, &sort);
}
#endif

#endif /* _RMAPSCOPE_COMPAT_SORT_H */
