// SPDX-License-Identifier: GPL-2.0
/*
 * The state of each open file: write(2) takes a snapshot of what a target leads to, read(2) returns
 * it as text.
 */
#include <linux/capability.h>
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/pid_namespace.h>
#include <linux/sched.h>
#include <linux/security.h>
#include <linux/seq_file.h>
#include <linux/uaccess.h>

#include "compat.h"
#include "counters.h"
#include "memory.h"
#include "report_file.h"
#include "rmapscope.h"

/* Set when all files are there, and the load can't fail any more. */
static bool rms_ready;

/*
 * The target last written with success by anyone, for "echo ... > page; cat page".
 * It is kept as the process that was meant, not as a number.
 */
static DEFINE_MUTEX(rms_last_lock);
static struct rms_target rms_last;
static bool rms_last_valid;

/**
 * struct rms_open_file - one open file
 * @ops: what kind of file it is
 * @report: the snapshot that read(2) returns, or NULL; changed under @lock and the
 *	seq_file's own lock, so either protects it for reading
 * @lock: one look at a time
 * @ns: the opener's pid namespace
 * @written: a target was written to this file, if only in vain
 */
struct rms_open_file {
	const struct rms_report_ops *ops;
	void *report;
	struct mutex lock; /* serialises looks through this file */
	struct pid_namespace *ns;
	bool written;
};

static struct rms_open_file *rms_open_of(struct file *file)
{
	struct seq_file *m = file->private_data;

	return m->private;
}

/* The elements: 1-based line numbers, as seq_file wants anything but NULL. */
static void *rms_seq_start(struct seq_file *m, loff_t *pos)
{
	const struct rms_open_file *open = m->private;

	/* Taken away by a write that failed, after this read had begun. */
	if (!open->report)
		return ERR_PTR(-ENODATA);
	if (*pos >= open->ops->nr_lines(open->report))
		return NULL;
	return (void *)(unsigned long)(*pos + 1);
}

static void *rms_seq_next(struct seq_file *m, void *v, loff_t *pos)
{
	++*pos;
	return rms_seq_start(m, pos);
}

static void rms_seq_stop(struct seq_file *m, void *v)
{
}

static int rms_seq_show(struct seq_file *m, void *v)
{
	const struct rms_open_file *open = m->private;

	open->ops->show(m, open->report, (unsigned long)v - 1);
	return 0;
}

/* The report changes only under m->lock, which seq_file holds from start to stop. */
static const struct seq_operations rms_seq_ops = {
	.start = rms_seq_start,
	.next = rms_seq_next,
	.stop = rms_seq_stop,
	.show = rms_seq_show,
};

/**
 * rms_check_ready - may a file of ours be opened yet?
 *
 * debugfs shows a file as soon as it is created. Should a later one fail, the load fails, and
 * the kernel frees the module although an open file holds it (do_init_module()). Nothing is
 * opened before that is ruled out; and debugfs_remove() waits for calls of open(2) that are
 * refused here.
 *
 * Context: any.
 * Return: 0, or -ENOENT, as a moment before.
 */
int rms_check_ready(void)
{
	/* Pairs with rms_set_ready(). */
	return smp_load_acquire(&rms_ready) ? 0 : -ENOENT;
}

/**
 * rms_set_ready - let files be opened from now on
 *
 * Context: any; the load has succeeded.
 */
void rms_set_ready(void)
{
	/* What was set up before is seen by all that see this. */
	smp_store_release(&rms_ready, true);
}

/*
 * Whoever opens a file may use it, and so may those it is handed to: as with pagemap. What
 * counts is not who writes to it, who may not know what he is writing to.
 *
 * Under lockdown debugfs refuses what can be written to; our other files tell as much.
 */
static int rms_may_open(void)
{
	int ret = rms_check_ready();

	if (ret)
		return ret;
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	return security_locked_down(LOCKDOWN_DEBUGFS);
}

/* What a call returns, counted if it is an error. */
static ssize_t rms_answer(ssize_t ret)
{
	if (ret < 0)
		rms_stat_refusal(ret);
	return ret;
}

static int rms_open_report(struct inode *inode, struct file *file)
{
	struct rms_open_file *open;
	struct seq_file *m;
	int ret;

	ret = rms_may_open();
	if (ret)
		return ret;
	open = kzalloc_obj(*open, RMS_GFP);
	if (!open)
		return -ENOMEM;
	ret = seq_open(file, &rms_seq_ops);
	if (ret) {
		kfree(open);
		return ret;
	}
	mutex_init(&open->lock);
	open->ops = inode->i_private;
	open->ns = get_pid_ns(task_active_pid_ns(current));
	m = file->private_data;
	m->private = open;
	return 0;
}

static int rms_open(struct inode *inode, struct file *file)
{
	return rms_answer(rms_open_report(inode, file));
}

static int rms_release(struct inode *inode, struct file *file)
{
	struct rms_open_file *open = rms_open_of(file);

	open->ops->free(open->report);
	put_pid_ns(open->ns);
	kfree(open);
	return seq_release(inode, file);
}

/*
 * Put a new snapshot, or none, in the place of the old one, and have the next read start
 * anew: seq_file may hold text of the old one. It keeps its lock while it copies to
 * user space, which may take as long as the reader likes; so a signal must get us out.
 * Context: open->lock held.
 */
static int rms_set_report(struct file *file, void *report)
{
	struct seq_file *m = file->private_data;
	struct rms_open_file *open = m->private;

	if (mutex_lock_killable(&m->lock)) {
		open->ops->free(report);
		return -EINTR;
	}
	swap(open->report, report);
	m->index = 0;
	m->count = 0;
	m->from = 0;
	m->read_pos = 0;
	file->f_pos = 0;
	mutex_unlock(&m->lock);
	open->ops->free(report);
	return 0;
}

/* Context: open->lock held. */
static int rms_take_look(struct file *file, const struct rms_target *t)
{
	struct rms_open_file *open = rms_open_of(file);
	void *report = open->ops->take(t, open->ns);

	if (IS_ERR(report))
		return PTR_ERR(report);
	rms_stat_add(RMS_STAT_LOOKS, !open->ops->uncounted);
	return rms_set_report(file, report);
}

static void rms_remember(const struct rms_target *t)
{
	struct rms_target old;

	mutex_lock(&rms_last_lock);
	old = rms_last;
	rms_target_get(&rms_last, t);
	rms_last_valid = true;
	mutex_unlock(&rms_last_lock);
	rms_target_put(&old);
}

static int rms_recall(struct rms_target *t)
{
	int ret = -ENODATA;

	mutex_lock(&rms_last_lock);
	if (rms_last_valid) {
		rms_target_get(t, &rms_last);
		ret = 0;
	}
	mutex_unlock(&rms_last_lock);
	return ret;
}

static int rms_look_for_text(struct file *file, char *text)
{
	struct rms_open_file *open = rms_open_of(file);
	struct rms_target target;
	int ret;

	ret = rms_target_parse(text, open->ns, &target);
	if (ret)
		return ret;
	ret = rms_take_look(file, &target);
	if (!ret)
		rms_remember(&target);
	rms_target_put(&target);
	return ret;
}

/*
 * write(2) takes the look. One that fails leaves no snapshot: what read(2) returns is
 * always the answer to the last question.
 */
static int rms_write_target(struct file *file, const char __user *buf, size_t count)
{
	struct rms_open_file *open = rms_open_of(file);
	char text[RMAPSCOPE_TARGET_MAX + 1];
	int ret = 0;

	if (!open->ops->targeted)
		return -EINVAL;
	if (count > RMAPSCOPE_TARGET_MAX)
		ret = -E2BIG;
	else if (copy_from_user(text, buf, count))
		ret = -EFAULT;
	else if (memchr(text, '\0', count))
		ret = -EINVAL;
	if (mutex_lock_killable(&open->lock))
		return -EINTR;
	open->written = true;
	if (!ret) {
		text[count] = '\0';
		if (count && text[count - 1] == '\n')
			text[count - 1] = '\0';
		ret = rms_look_for_text(file, text);
	}
	if (ret && rms_set_report(file, NULL))
		ret = -EINTR;
	mutex_unlock(&open->lock);
	return ret;
}

static ssize_t rms_write(struct file *file, const char __user *buf, size_t count,
			 loff_t *ppos)
{
	int ret = rms_write_target(file, buf, count);

	if (ret)
		return rms_answer(ret);
	*ppos = 0;
	return count;
}

/* A file that nothing was written to looks at what was last asked for, at its first read. */
static int rms_look_for_last(struct file *file)
{
	struct rms_open_file *open = rms_open_of(file);
	struct rms_target target;
	int ret;

	if (open->written)
		return -ENODATA;
	if (!open->ops->targeted)
		return rms_take_look(file, NULL);
	ret = rms_recall(&target);
	if (ret)
		return ret;
	ret = rms_take_look(file, &target);
	rms_target_put(&target);
	return ret;
}

static ssize_t rms_read_report(struct file *file, char __user *buf, size_t count, loff_t *ppos)
{
	struct rms_open_file *open = rms_open_of(file);
	int ret = 0;

	if (mutex_lock_killable(&open->lock))
		return -EINTR;
	if (!open->report)
		ret = rms_look_for_last(file);
	mutex_unlock(&open->lock);
	return ret ?: seq_read(file, buf, count, ppos);
}

static ssize_t rms_read(struct file *file, char __user *buf, size_t count, loff_t *ppos)
{
	return rms_answer(rms_read_report(file, buf, count, ppos));
}

const struct file_operations rms_report_fops = {
	.owner = THIS_MODULE,
	.open = rms_open,
	.read = rms_read,
	.write = rms_write,
	.llseek = seq_lseek,
	.release = rms_release,
};

/**
 * rms_forget_target - let go of the target last written
 *
 * Context: module unload; no file is open any more.
 */
void rms_forget_target(void)
{
	rms_target_put(&rms_last);
}
