/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _RMAPSCOPE_PROCS_H
#define _RMAPSCOPE_PROCS_H

#include <linux/mmap_lock.h>
#include <linux/pid_namespace.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/types.h>

static inline bool rms_is_kthread(const struct task_struct *t)
{
	/* This flag never changes. The task writes the others beside it without a lock. */
	return data_race(t->flags) & PF_KTHREAD;
}

/* Copies the name of a task, without the lock that get_task_comm() took until after v6.12. */
static inline void rms_copy_comm(char *comm, const struct task_struct *t)
{
	/* While the task is renamed this may be a mixture of two names, as in the kernel's log. */
	data_race(memcpy(comm, t->comm, TASK_COMM_LEN));
	comm[TASK_COMM_LEN - 1] = '\0';
}

/**
 * struct rms_process_visitor - what to do with each process
 * @prepare: called before each, may sleep; or NULL
 * @visit: called for each, with its leading thread, under RCU
 */
struct rms_process_visitor {
	int (*prepare)(void *arg);
	void (*visit)(struct task_struct *p, void *arg);
};

int rms_visit_processes(const struct rms_process_visitor *visitor, void *arg);
struct mm_struct *rms_process_mm(struct task_struct *p, void (*get)(struct mm_struct *mm));
bool rms_sole_process(struct mm_struct *mm, struct task_struct **leader);

/**
 * struct rms_user - an mm, and the process that stands for it
 * @mm: mmgrab()ed, so that no other mm gets its address meanwhile
 * @tgid: number of the process in the reader's pid namespace; 0 if not visible there
 * @follows: the process shares the mm, but doesn't own it
 * @comm: name of the process
 */
struct rms_user {
	struct mm_struct *mm;
	pid_t tgid;
	bool follows;
	char comm[TASK_COMM_LEN];
};

/**
 * struct rms_users - the mms of all processes, each once
 * @user: @nr mms, in the order found
 * @nr: number of them
 * @max: room
 * @ns: the pid namespace that the numbers are from
 */
struct rms_users {
	struct rms_user *user;
	u32 nr;
	u32 max;
	struct pid_namespace *ns;
};

int rms_find_users(struct rms_users *users, struct pid_namespace *ns);
void rms_put_users(struct rms_users *users);

/* Steps of a pass under one hold of the mmap_lock: some hundred microseconds. */
#define RMS_SLICE	8192

/* What comes after a step of a pass. */
enum rms_progress {
	RMS_GO_ON,
	RMS_PAUSE,		/* drop the mmap_lock for a moment */
	RMS_DONE,		/* visit no more of this mm */
};

/**
 * struct rms_pass - a pass over the VMAs of an mm
 * @mm: the mm
 * @addr: everything below has been visited
 * @left: steps until the mmap_lock is to be dropped
 * @prepare: called before each slice, may sleep; or NULL
 * @lock: takes the mmap_lock for reading, and waits for it as long as the caller can; 0 or an errno
 * @visit: called with the next VMA that ends behind @addr, under the mmap_lock for reading; moves
 *	@addr on, and takes from @left what it reads
 */
struct rms_pass {
	struct mm_struct *mm;
	unsigned long addr;
	long left;
	int (*prepare)(struct rms_pass *pass);
	int (*lock)(struct mm_struct *mm);
	enum rms_progress (*visit)(struct rms_pass *pass, struct vm_area_struct *vma);
};

/* Whether the mmap_lock has been held for long enough. */
static inline bool rms_pass_must_pause(const struct rms_pass *pass)
{
	return pass->left <= 0 || mmap_lock_is_contended(pass->mm);
}

int rms_pass_over_mm(struct rms_pass *pass);

#endif /* _RMAPSCOPE_PROCS_H */
