// SPDX-License-Identifier: GPL-2.0
/*
 * Finds the processes that use the mms of a report. Mostly mm->owner leads to the only one. For the
 * other mms, one pass over all processes of the machine finds those that share them.
 */
#include <linux/mm.h>
#include <linux/sched/signal.h>

#include "compat.h"
#include "memory.h"
#include "numbers.h"
#include "procs.h"
#include "snapshot.h"

/* How often to search all processes again because more of them matched than the buffer holds. */
#define RMS_TASK_TRIES	4

/* Stands for the number of processes as long as they are to be searched. */
#define RMS_SEARCH_TASKS	U32_MAX

/* Names the process that uses an mm, if there is only one, or leaves it to the search. */
static void rms_name_owner(struct rms_owner *owner, struct pid_namespace *ns)
{
	struct task_struct *leader;

	owner->nr_tasks = RMS_SEARCH_TASKS;
	rcu_read_lock();
	if (rms_sole_process(owner->mm, &leader)) {
		owner->tgid = leader ? task_tgid_nr_ns(leader, ns) : 0;
		owner->nr_tasks = owner->tgid != 0;
		if (owner->tgid)
			rms_copy_comm(owner->comm, leader);
	}
	rcu_read_unlock();
}

/**
 * struct rms_task_scan - one pass over all processes
 * @snap: gets the tasks
 * @mms: the numbers of its owners, by mm
 * @ns: the reader's pid namespace
 * @max_tasks: room in @snap->tasks; @snap->nr_tasks may end up larger
 */
struct rms_task_scan {
	struct rms_snapshot *snap;
	const struct rms_numbers *mms;
	struct pid_namespace *ns;
	u32 max_tasks;
};

/* Records process @p if its mm is searched for. Context: RCU read lock held. */
static void rms_match_process(struct task_struct *p, void *arg)
{
	struct rms_task_scan *scan = arg;
	struct rms_snapshot *snap = scan->snap;
	struct mm_struct *mm = rms_process_mm(p, NULL);
	struct task_struct *owner;
	struct rms_task *task;
	pid_t tgid;
	u32 id;

	if (!mm)
		return;
	id = rms_find_number(scan->mms, mm);
	if (id == RMS_NO_ID || snap->owners[id].nr_tasks != RMS_SEARCH_TASKS)
		return;
	tgid = task_tgid_nr_ns(p, scan->ns);
	if (!tgid || snap->nr_tasks++ >= scan->max_tasks)
		return;

	task = &snap->tasks[snap->nr_tasks - 1];
	task->owner = id;
	task->tgid = tgid;
	owner = rms_mm_owner(mm);
	task->follows = !owner || !same_thread_group(owner, p);
	rms_copy_comm(task->comm, p);
}

static int rms_scan_tasks(struct rms_task_scan *scan)
{
	static const struct rms_process_visitor visitor = { .visit = rms_match_process };

	scan->snap->nr_tasks = 0;
	return rms_visit_processes(&visitor, scan);
}

static int rms_task_cmp(const void *a, const void *b, const void *priv)
{
	const struct rms_task *x = a, *y = b;

	if (x->owner != y->owner)
		return x->owner < y->owner ? -1 : 1;
	if (x->follows != y->follows)
		return x->follows ? 1 : -1;
	return x->tgid - y->tgid;
}

static void rms_assign_tasks(struct rms_snapshot *snap)
{
	const struct rms_task *task;
	struct rms_owner *owner;
	u32 i;

	for (i = 0; i < snap->nr_owners; i++) {
		if (snap->owners[i].nr_tasks == RMS_SEARCH_TASKS)
			snap->owners[i].nr_tasks = 0;
	}
	sort_r_nonatomic(snap->tasks, snap->nr_tasks, sizeof(*snap->tasks), rms_task_cmp, NULL,
			 NULL);
	for (i = 0; i < snap->nr_tasks; i++) {
		task = &snap->tasks[i];
		owner = &snap->owners[task->owner];
		if (owner->nr_tasks++)
			continue;
		owner->first_task = i;
		owner->tgid = task->tgid;
		memcpy(owner->comm, task->comm, sizeof(owner->comm));
	}
}

/* Searches all processes for the users of @searched mms. */
static int rms_find_tasks(struct rms_task_scan *scan, u32 searched)
{
	struct rms_snapshot *snap = scan->snap;
	u32 room = searched + 16;
	int ret, try;

	for (try = 0; try < RMS_TASK_TRIES; try++) {
		kvfree(snap->tasks);
		snap->tasks = rms_alloc_array(room, sizeof(*snap->tasks));
		if (!snap->tasks)
			return -ENOMEM;
		scan->max_tasks = room;
		ret = rms_scan_tasks(scan);
		if (ret)
			return ret;
		if (snap->nr_tasks <= room) {
			rms_assign_tasks(snap);
			return 0;
		}
		room = snap->nr_tasks + snap->nr_tasks / 8;
	}
	return -EAGAIN;
}

/**
 * rms_name_owners - find the processes that use the mms of a snapshot
 * @snap: its owners have their mms, which the records still hold
 * @mms: the numbers of the owners, by mm
 * @ns: the reader's pid namespace; processes outside of it are not named
 *
 * Context: may sleep; no lock of mm held.
 * Return: 0, -ENOMEM, -EINTR on a fatal signal, or -EAGAIN if more processes came at each try.
 */
int rms_name_owners(struct rms_snapshot *snap, const struct rms_numbers *mms,
		    struct pid_namespace *ns)
{
	struct rms_task_scan scan = { .snap = snap, .mms = mms, .ns = ns };
	u32 i, searched = 0;

	for (i = 0; i < snap->nr_owners; i++) {
		rms_name_owner(&snap->owners[i], ns);
		searched += snap->owners[i].nr_tasks == RMS_SEARCH_TASKS;
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return searched ? rms_find_tasks(&scan, searched) : 0;
}
