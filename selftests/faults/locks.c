// SPDX-License-Identifier: GPL-2.0
/* Faults that lockdep, RCU, the scheduler or KCSAN should report. */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "faults.h"

static DEFINE_MUTEX(mutex_a);
static DEFINE_MUTEX(mutex_b);
static DEFINE_MUTEX(mutex_kept);
static DEFINE_SPINLOCK(spinlock);
static int __rcu *protected;
static unsigned long raced;

/**
 * fault_lock_order() - take two locks in one order and then in the other
 *
 * Context: process context.
 */
void fault_lock_order(void)
{
	mutex_lock(&mutex_a);
	mutex_lock(&mutex_b);
	mutex_unlock(&mutex_b);
	mutex_unlock(&mutex_a);

	mutex_lock(&mutex_b);
	mutex_lock(&mutex_a);
	mutex_unlock(&mutex_a);
	mutex_unlock(&mutex_b);
}

/**
 * fault_held_lock() - return to user space with a lock held
 *
 * Context: process context.
 */
void fault_held_lock(void)
{
	mutex_lock(&mutex_kept);
}

/**
 * fault_sleep() - make an allocation that may sleep, under a spinlock
 *
 * Context: process context.
 */
void fault_sleep(void)
{
	void *memory;

	spin_lock(&spinlock);
	memory = kmalloc(16, GFP_KERNEL);
	spin_unlock(&spinlock);
	kfree(memory);
}

/**
 * fault_rcu() - dereference a protected pointer outside of an RCU read-side section
 *
 * Context: process context.
 */
void fault_rcu(void)
{
	int *followed = rcu_dereference(protected);

	OPTIMIZER_HIDE_VAR(followed);
}

static int race_along(void *done)
{
	unsigned long i;

	for (i = 0; i < 20000000; i++) {
		raced++;
		barrier();
		if (!(i % 10000))
			cond_resched();
	}
	complete(done);
	return 0;
}

/**
 * fault_race() - increment one plain variable in two threads
 *
 * Context: process context.
 */
void fault_race(void)
{
	DECLARE_COMPLETION_ONSTACK(other);
	DECLARE_COMPLETION_ONSTACK(self);
	struct task_struct *task = kthread_run(race_along, &other, "fault_race");

	if (IS_ERR(task))
		return;
	race_along(&self);
	wait_for_completion(&other);
}
