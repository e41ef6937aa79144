// SPDX-License-Identifier: GPL-2.0
/*
 * Finds the mms of all processes, each once. Only their addresses are kept from being used
 * again: a process may exit meanwhile, and its mm is then empty.
 */
#include <linux/idr.h>
#include <linux/mm.h>
#include <linux/pid.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "compat.h"
#include "memory.h"
#include "rmapscope.h"
#include "top.h"

/* The mm of a process, whose leader may be gone while other threads live on. Context: RCU. */
static struct mm_struct *rms_grab_mm(struct task_struct *p)
{
	struct mm_struct *mm = NULL;
	struct task_struct *t;

	rms_for_each_thread(p, t) {
		/* Keeps the mm from being dropped by the task. */
		task_lock(t);
		if (t->mm && !rms_is_kthread(t)) {
			mm = t->mm;
			mmgrab(mm);
		}
		task_unlock(t);
		if (mm)
			break;
	}
	return mm;
}

/* Context: RCU read lock; there is room for one more. */
static void rms_note_user(struct rms_forest *f, struct task_struct *p,
			  struct pid_namespace *ns)
{
	struct rms_user *user = &f->users[f->nr_users];
	struct task_struct *owner;

	user->mm = rms_grab_mm(p);
	if (!user->mm)
		return;
	owner = rms_mm_owner(user->mm);
	user->follows = !owner || !same_thread_group(owner, p);
	user->tgid = task_tgid_nr_ns(p, ns);
	user->order = f->nr_users++;
	get_task_comm(user->comm, p);
}

static int rms_make_room(struct rms_forest *f)
{
	u32 max = max(2 * f->max_users, 256U);
	struct rms_user *users;

	if (f->nr_users < f->max_users)
		return 0;
	users = rms_alloc_array(max, sizeof(*users));
	if (!users)
		return -ENOMEM;
	if (f->nr_users)
		memcpy(users, f->users, f->nr_users * sizeof(*users));
	kvfree(f->users);
	f->users = users;
	f->max_users = max;
	return 0;
}

/* All processes, in the order of their numbers: each under RCU for itself. */
static int rms_note_users(struct rms_forest *f, struct pid_namespace *ns)
{
	struct task_struct *p;
	struct pid *pid;
	int nr, ret;

	for (nr = 1;; nr++) {
		ret = rms_make_room(f);
		if (ret)
			return ret;
		rcu_read_lock();
		pid = idr_get_next(&init_pid_ns.idr, &nr);
		p = pid ? pid_task(pid, PIDTYPE_TGID) : NULL;
		if (p)
			rms_note_user(f, p, ns);
		rcu_read_unlock();
		if (!pid)
			return 0;
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
}

/* Those of one mm together, and first who stands for it: visible, and its owner. */
static int rms_user_cmp(const void *a, const void *b, const void *priv)
{
	const struct rms_user *x = a, *y = b;

	if (x->mm != y->mm)
		return x->mm < y->mm ? -1 : 1;
	if (!x->tgid != !y->tgid)
		return x->tgid ? -1 : 1;
	if (x->follows != y->follows)
		return x->follows ? 1 : -1;
	return x->order < y->order ? -1 : 1;
}

static int rms_order_cmp(const void *a, const void *b, const void *priv)
{
	const struct rms_user *x = a, *y = b;

	return x->order < y->order ? -1 : 1;
}

/* Leave one process for each mm: vfork() and CLONE_VM share them. */
static void rms_unique_users(struct rms_forest *f)
{
	u32 i, kept = 0;

	sort_r_nonatomic(f->users, f->nr_users, sizeof(*f->users), rms_user_cmp, NULL, NULL);
	for (i = 0; i < f->nr_users; i++) {
		if (kept && f->users[kept - 1].mm == f->users[i].mm)
			mmdrop(f->users[i].mm);
		else
			f->users[kept++] = f->users[i];
	}
	f->nr_users = kept;
	sort_r_nonatomic(f->users, f->nr_users, sizeof(*f->users), rms_order_cmp, NULL, NULL);
}

/**
 * rms_find_users - find the mms of all processes
 * @f: gets each once, in the order of the processes' numbers; they are to be mmdrop()ped, also
 *	after an error
 * @ns: the reader's pid namespace: who isn't in it isn't named
 *
 * Context: may sleep; no lock of mm held.
 * Return: 0, -ENOMEM, or -EINTR on a fatal signal.
 */
int rms_find_users(struct rms_forest *f, struct pid_namespace *ns)
{
	int ret = rms_note_users(f, ns);

	if (!ret)
		rms_unique_users(f);
	return ret;
}
