// SPDX-License-Identifier: GPL-2.0
/*
 * All processes of the machine, their mms, and the VMAs of an mm. No pass keeps other tasks
 * waiting for long: each process is visited under RCU by itself, and the mmap_lock of an mm is
 * dropped after a bounded amount of reading.
 */
#include <linux/idr.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/pid.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "compat.h"
#include "memory.h"
#include "numbers.h"
#include "procs.h"

/**
 * rms_visit_processes - visit all processes, in the order of their numbers, as /proc lists them
 * @visitor: what to do with each
 * @arg: for its functions
 *
 * Context: may sleep; no lock of mm held.
 * Return: 0, an errno of @visitor->prepare, or -EINTR on a fatal signal.
 */
int rms_visit_processes(const struct rms_process_visitor *visitor, void *arg)
{
	struct task_struct *p;
	struct pid *pid;
	int nr, ret;

	for (nr = 1;; nr++) {
		ret = visitor->prepare ? visitor->prepare(arg) : 0;
		if (ret)
			return ret;
		rcu_read_lock();
		pid = idr_get_next(&init_pid_ns.idr, &nr);
		p = pid ? pid_task(pid, PIDTYPE_TGID) : NULL;
		if (p)
			visitor->visit(p, arg);
		rcu_read_unlock();
		if (!pid)
			return 0;
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
}

/**
 * rms_process_mm - the mm of a process
 * @p: a thread of the process
 * @get: takes a reference to the mm; NULL if the caller needs its address only
 *
 * The leading thread may have exited while others live on, so this asks all threads. A kernel
 * thread that uses the mm of a process for a while has none of its own.
 *
 * Context: RCU read lock held. Doesn't sleep; calls @get under task_lock(), which keeps the task
 * from dropping the mm.
 * Return: the mm, or NULL.
 */
struct mm_struct *rms_process_mm(struct task_struct *p, void (*get)(struct mm_struct *mm))
{
	struct mm_struct *mm;
	struct task_struct *t;

	rms_for_each_thread(p, t) {
		mm = READ_ONCE(t->mm);
		if (!mm || rms_is_kthread(t))
			continue;
		if (!get)
			return mm;
		task_lock(t);
		mm = t->mm;
		if (mm)
			get(mm);
		task_unlock(t);
		if (mm)
			return mm;
	}
	return NULL;
}

/* The most threads that are counted, under RCU. With more, all processes are searched. */
#define RMS_MAX_THREADS	1024

/*
 * Whether the threads of @owner's process are all users that an mm has. Threads are counted only if
 * they began before mm_users was read, so that each was a user then. A thread that begins or exits
 * meanwhile only makes the count too small. The exception is a thread that calls exec(), as it
 * takes the start time of its leader; but before that, @owner has dropped its mm.
 */
static bool rms_has_all_users(struct mm_struct *mm, struct task_struct *owner)
{
	u64 begin = ktime_get_ns();
	struct task_struct *t;
	int users;

	smp_rmb();	/* The clock first. */
	users = atomic_read(&mm->mm_users);
	smp_rmb();	/* Then mm_users, before the threads. */
	if (users > RMS_MAX_THREADS)
		return false;
	rms_for_each_thread(owner, t) {
		if (t->start_time < begin && READ_ONCE(t->mm) == mm && --users <= 0) {
			smp_rmb();	/* The start times, before owner->mm. */
			return READ_ONCE(owner->mm) == mm;
		}
	}
	return false;
}

/*
 * Whether a task has its pid. Until it has, fork() may fail and free its signal_struct without
 * waiting for RCU, and group_leader and thread_pid are still those of the parent. Afterwards RCU
 * keeps the signal_struct.
 */
static bool rms_is_attached(struct task_struct *t)
{
	struct pid *pid = READ_ONCE(t->thread_pid);

	return pid && pid_task(pid, PIDTYPE_PID) == t;
}

/**
 * rms_sole_process - find the only process that uses an mm, without looking at all processes
 * @mm: the mm, kept by mmgrab()
 * @leader: out: the leading thread of the process; NULL if no process uses the mm
 *
 * mm->owner is a thread of a process that uses the mm. Each thread of that process is a user of the
 * mm, and counted in mm_users. If mm_users is higher, there may be other processes. It may also be
 * /proc that uses the mm for a moment.
 *
 * Context: RCU read lock held. Doesn't sleep.
 * Return: false if other processes may use the mm, or its owner isn't known.
 */
bool rms_sole_process(struct mm_struct *mm, struct task_struct **leader)
{
	int users = atomic_read(&mm->mm_users);
	struct task_struct *owner;

	*leader = NULL;
	if (!users)
		return true;
	owner = rms_mm_owner(mm);
	if (!owner)
		return false;
	/* While fork() makes the owner, no process uses the mm yet. */
	if (!rms_is_attached(owner))
		return users == 1 && READ_ONCE(owner->__state) == TASK_NEW;
	smp_rmb();	/* mm_users was read before owner->mm. */
	if (READ_ONCE(owner->mm) != mm || (users > 1 && !rms_has_all_users(mm, owner)))
		return false;
	*leader = READ_ONCE(owner->group_leader);
	return true;
}

/* Context: RCU read lock held. rms_make_room() has made room for one more. */
static void rms_note_user(struct task_struct *p, void *arg)
{
	struct rms_users *users = arg;
	struct rms_user *user = &users->user[users->nr];
	struct task_struct *owner;

	user->mm = rms_process_mm(p, mmgrab);
	if (!user->mm)
		return;
	owner = rms_mm_owner(user->mm);
	user->follows = !owner || !same_thread_group(owner, p);
	user->tgid = task_tgid_nr_ns(p, users->ns);
	rms_copy_comm(user->comm, p);
	users->nr++;
}

static int rms_make_room(void *arg)
{
	struct rms_users *users = arg;
	u32 max = max(2 * users->max, 256U);
	struct rms_user *user;

	if (users->nr < users->max)
		return 0;
	user = rms_alloc_array(max, sizeof(*user));
	if (!user)
		return -ENOMEM;
	if (users->nr)
		memcpy(user, users->user, users->nr * sizeof(*user));
	kvfree(users->user);
	users->user = user;
	users->max = max;
	return 0;
}

/* Whether a process stands for its mm, and not @other: a visible one, then the owner of the mm. */
static bool rms_is_better_user(const struct rms_user *user, const struct rms_user *other)
{
	if (!user->tgid != !other->tgid)
		return user->tgid;
	return !user->follows && other->follows;
}

/* Keeps one process for each mm: vfork() and CLONE_VM share them. */
static int rms_unique_users(struct rms_users *users)
{
	struct rms_user *user, *kept;
	struct rms_numbers mms;
	u32 i, nr = users->nr;
	int ret;

	ret = rms_numbers_init(&mms, nr);
	if (ret)
		return ret;
	users->nr = 0;
	for (i = 0; i < nr; i++) {
		user = &users->user[i];
		kept = &users->user[rms_number(&mms, user->mm)];
		if (mms.nr > users->nr) {
			users->nr++;
			*kept = *user;
			continue;
		}
		mmdrop(user->mm);
		if (rms_is_better_user(user, kept))
			*kept = *user;
	}
	rms_numbers_free(&mms);
	return 0;
}

/**
 * rms_find_users - find the mms of all processes
 * @users: gets each once, in the order of the numbers of the first process that uses it; to be
 *	given to rms_put_users(), also after an error
 * @ns: the reader's pid namespace; a process outside of it has no number
 *
 * Context: may sleep; no lock of mm held.
 * Return: 0, -ENOMEM, or -EINTR on a fatal signal.
 */
int rms_find_users(struct rms_users *users, struct pid_namespace *ns)
{
	static const struct rms_process_visitor visitor = {
		.prepare = rms_make_room,
		.visit = rms_note_user,
	};
	int ret;

	*users = (struct rms_users){ .ns = ns };
	ret = rms_visit_processes(&visitor, users);
	return ret ?: rms_unique_users(users);
}

/**
 * rms_put_users - give back what rms_find_users() found
 * @users: may be all zeroes
 *
 * Context: may sleep; no lock of mm held.
 */
void rms_put_users(struct rms_users *users)
{
	u32 i;

	for (i = 0; i < users->nr; i++) {
		mmdrop(users->user[i].mm);
		cond_resched();
	}
	kvfree(users->user);
}

/* Visits VMAs until the pass pauses or is done. Context: mmap_lock held for reading. */
static enum rms_progress rms_visit_slice(struct rms_pass *pass)
{
	VMA_ITERATOR(vmi, pass->mm, pass->addr);
	enum rms_progress progress;
	struct vm_area_struct *vma;

	pass->left = RMS_SLICE;
	for_each_vma(vmi, vma) {
		progress = pass->visit(pass, vma);
		if (progress != RMS_GO_ON)
			return progress;
		if (--pass->left <= 0)
			return RMS_PAUSE;
	}
	return RMS_DONE;
}

/**
 * rms_pass_over_mm - visit the VMAs of an mm
 * @pass: with the mm and the functions
 *
 * The mmap_lock is dropped after RMS_SLICE steps, or earlier if a task waits for it; then the pass
 * goes on at the next address. Between two slices mm_users isn't held either, so that a process
 * that exits frees its memory itself.
 *
 * Context: may sleep; the mm is kept by mmgrab(); no lock of mm held.
 * Return: 0; -ESRCH if the process has exited; an errno of @pass->prepare or @pass->lock; -EINTR on
 * a fatal signal.
 */
int rms_pass_over_mm(struct rms_pass *pass)
{
	enum rms_progress progress = RMS_DONE;
	int ret;

	do {
		cond_resched();
		ret = pass->prepare ? pass->prepare(pass) : 0;
		if (ret)
			return ret;
		if (!mmget_not_zero(pass->mm))
			return -ESRCH;
		ret = pass->lock(pass->mm);
		if (!ret) {
			progress = rms_visit_slice(pass);
			mmap_read_unlock(pass->mm);
		}
		/* If this is the last user, a worker frees the memory. */
		mmput_async(pass->mm);
		if (fatal_signal_pending(current))
			ret = -EINTR;
	} while (!ret && progress != RMS_DONE);
	return ret;
}
