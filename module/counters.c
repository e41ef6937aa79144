// SPDX-License-Identifier: GPL-2.0
/*
 * Counts what the module has done since it was loaded. Plain atomic counters: each is touched a few
 * times in a request, and never for each VMA.
 */
#include <linux/atomic.h>
#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/kernel.h>

#include "counters.h"
#include "walk.h"

/* The errnos that a system call on the files can fail with. Any other would be a bug. */
static const struct {
	int err;
	const char *name;
} rms_errnos[] = {
	{ -EINVAL, "EINVAL" },
	{ -E2BIG, "E2BIG" },
	{ -ESRCH, "ESRCH" },
	{ -EFAULT, "EFAULT" },
	{ -ENODATA, "ENODATA" },
	{ -ENXIO, "ENXIO" },
	{ -EOPNOTSUPP, "EOPNOTSUPP" },
	{ -EPERM, "EPERM" },
	{ -EAGAIN, "EAGAIN" },
	{ -EINTR, "EINTR" },
	{ -ENOMEM, "ENOMEM" },
	{ 0, "other" },
};

static atomic64_t rms_stats[RMS_NR_STATS];
static atomic64_t rms_refusals[ARRAY_SIZE(rms_errnos)];
static atomic64_t rms_max_lock_ns;

static_assert(ARRAY_SIZE(rms_errnos) == RMS_NR_REFUSALS);

/**
 * rms_stat_add - count something
 * @stat: what
 * @n: how many more
 *
 * Context: any.
 */
void rms_stat_add(enum rms_stat stat, u64 n)
{
	atomic64_add(n, &rms_stats[stat]);
}

/**
 * rms_stat_walk - count a walk
 * @visits: VMAs that it visited
 * @lock_ns: how long it held the lock of the tree or file
 *
 * Context: any.
 */
void rms_stat_walk(u64 visits, u64 lock_ns)
{
	s64 longest = atomic64_read(&rms_max_lock_ns);

	rms_stat_add(RMS_STAT_WALKS, 1);
	rms_stat_add(RMS_STAT_VISITED, visits);
	while (lock_ns > longest && !atomic64_try_cmpxchg(&rms_max_lock_ns, &longest, lock_ns))
		;
}

/**
 * rms_stat_refusal - count a call that failed
 * @err: its negative errno
 *
 * Context: any.
 */
void rms_stat_refusal(int err)
{
	unsigned int i = 0;

	while (rms_errnos[i].err && rms_errnos[i].err != err)
		i++;
	atomic64_inc(&rms_refusals[i]);
	rms_stat_add(RMS_STAT_REFUSALS, 1);
}

/**
 * rms_counters_read - copy all counters
 * @c: out
 *
 * Context: any. Other tasks may go on counting meanwhile.
 */
void rms_counters_read(struct rms_counters *c)
{
	unsigned int i;

	for (i = 0; i < RMS_NR_STATS; i++)
		c->stats[i] = atomic64_read(&rms_stats[i]);
	for (i = 0; i < RMS_NR_REFUSALS; i++)
		c->refusals[i] = atomic64_read(&rms_refusals[i]);
	c->max_lock_ns = atomic64_read(&rms_max_lock_ns);
}

/**
 * rms_refusal_name - the name of an errno that refusals are counted by
 * @i: index into struct rms_counters.refusals
 *
 * Context: any.
 * Return: the name.
 */
const char *rms_refusal_name(unsigned int i)
{
	return rms_errnos[i].name;
}
