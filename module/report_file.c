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

/* Set when all files are created, and the load of the module can't fail any more. */
static bool rms_ready;

/*
 * The target of the last successful write by any process, for "echo ... > page; cat page". It
 * refers to the process, not to its pid, which may be reused.
 */
static DEFINE_MUTEX(rms_last_lock);
static struct rms_target rms_last;
static bool rms_last_valid;

/**
 * struct rms_open_file - one open file
 * @ops: what kind of file it is
 * @ns: the opener's pid namespace
 * @lock: serialises the requests through this file: each write(2), read(2) and lseek(2)
 * @written: a target was written to this file, even if that failed
 * @valid: @report holds a snapshot, which read(2) returns
 * @report: the snapshot, @ops->size bytes. Its buffers are used again by the next one
 */
struct rms_open_file {
	const struct rms_report_ops *ops;
	struct pid_namespace *ns;
	struct mutex lock; /* one request at a time */
	bool written;
	bool valid;
	u64 report[];
};

static struct rms_open_file *rms_open_of(struct file *file)
{
	struct seq_file *m = file->private_data;

	return m->private;
}

/* The elements are line numbers from 1 on, as NULL would be the end. */
static void *rms_seq_start(struct seq_file *m, loff_t *pos)
{
	const struct rms_open_file *open = m->private;

	/* Only lseek(2) comes here without a report. */
	if (!open->valid)
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

static const struct seq_operations rms_seq_ops = {
	.start = rms_seq_start,
	.next = rms_seq_next,
	.stop = rms_seq_stop,
	.show = rms_seq_show,
};

/**
 * rms_check_ready - whether the files may be opened yet
 *
 * debugfs shows a file as soon as it is created. If a later file can't be created, the load fails,
 * and the kernel frees the module even if a file is open (do_init_module()). So no file is opened
 * before all are created. debugfs_remove() waits for calls of open(2) that are refused here.
 *
 * Context: any.
 * Return: 0; -ENOENT, as if the file were not there yet.
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
	/* Pairs with rms_check_ready(): the files are set up before they are opened. */
	smp_store_release(&rms_ready, true);
}

/**
 * rms_may_open - whether the caller may open a file that shows other processes
 *
 * Checked at open, not at write: a privileged program may be handed a descriptor and write to it
 * unknowingly. A program that opens a file may pass the descriptor on, as with /proc/PID/pagemap.
 *
 * Under lockdown debugfs refuses files that can be written to. The other files reveal as much, so
 * refuse them as well.
 *
 * Context: any.
 * Return: 0; -ENOENT as rms_check_ready(); -EPERM.
 */
int rms_may_open(void)
{
	int ret = rms_check_ready();

	if (ret)
		return ret;
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	return security_locked_down(LOCKDOWN_DEBUGFS);
}

/* Counts the errno of a call that failed, and passes on what it returns. */
static ssize_t rms_answer(ssize_t ret)
{
	if (ret < 0)
		rms_stat_refusal(ret);
	return ret;
}

/*
 * Memory that a small report needs is allocated here, and not by each request. So is the buffer of
 * the seq_file, as in single_open_size(): otherwise the first read(2) would allocate it.
 */
static int rms_open_report(struct inode *inode, struct file *file)
{
	const struct rms_report_ops *ops = inode->i_private;
	struct rms_open_file *open;
	struct seq_file *m;
	int ret;

	ret = rms_may_open();
	if (ret)
		return ret;
	open = kzalloc(struct_size(open, report, DIV_ROUND_UP(ops->size, sizeof(u64))), RMS_GFP);
	if (!open)
		return -ENOMEM;
	ret = ops->prepare ? ops->prepare(open->report) : 0;
	if (!ret)
		ret = seq_open(file, &rms_seq_ops);
	if (ret) {
		ops->release(open->report);
		kfree(open);
		return ret;
	}
	mutex_init(&open->lock);
	open->ops = ops;
	open->ns = get_pid_ns(task_active_pid_ns(current));
	m = file->private_data;
	m->private = open;
	/* If this fails, read(2) allocates it. */
	m->buf = kmalloc(PAGE_SIZE, RMS_GFP);
	m->size = m->buf ? PAGE_SIZE : 0;
	return 0;
}

static int rms_open(struct inode *inode, struct file *file)
{
	return rms_answer(rms_open_report(inode, file));
}

static int rms_release(struct inode *inode, struct file *file)
{
	struct rms_open_file *open = rms_open_of(file);

	open->ops->release(open->report);
	put_pid_ns(open->ns);
	kfree(open);
	return seq_release(inode, file);
}

/*
 * Makes the next read start from the beginning. The seq_file may still hold text of the last
 * report.
 *
 * Context: open->lock held, without which nothing uses the seq_file.
 */
static void rms_rewind(struct file *file)
{
	struct seq_file *m = file->private_data;

	m->index = 0;
	m->count = 0;
	m->from = 0;
	m->read_pos = 0;
	file->f_pos = 0;
}

/* Context: open->lock held. */
static void rms_drop_snapshot(struct file *file)
{
	rms_open_of(file)->valid = false;
	rms_rewind(file);
}

/* Replaces the snapshot by a new one, or by none. Context: open->lock held. */
static int rms_take_snapshot(struct file *file, const struct rms_target *t)
{
	struct rms_open_file *open = rms_open_of(file);
	int ret;

	rms_drop_snapshot(file);
	ret = open->ops->take(open->report, t, open->ns);
	if (ret)
		return ret;
	open->valid = true;
	rms_stat_add(RMS_STAT_LOOKS, !open->ops->uncounted);
	return 0;
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

/**
 * rms_copy_text - copy what was written to a file
 * @text: out, RMAPSCOPE_TARGET_MAX bytes
 * @buf: what was written
 * @count: bytes
 *
 * Context: may sleep.
 * Return: the length without a final newline; -E2BIG or -EFAULT.
 */
int rms_copy_text(char *text, const char __user *buf, size_t count)
{
	if (count > RMAPSCOPE_TARGET_MAX)
		return -E2BIG;
	if (copy_from_user(text, buf, count))
		return -EFAULT;
	if (count && text[count - 1] == '\n')
		count--;
	return count;
}

/*
 * write(2) takes the snapshot. If that fails the file has none: read(2) never returns the answer to
 * an earlier request.
 */
static int rms_write_target(struct file *file, const char __user *buf, size_t count)
{
	struct rms_open_file *open = rms_open_of(file);
	char text[RMAPSCOPE_TARGET_MAX + 1];
	struct rms_target target;
	int length, ret;

	if (!open->ops->targeted)
		return -EINVAL;
	length = rms_copy_text(text, buf, count);
	if (mutex_lock_killable(&open->lock))
		return -EINTR;
	open->written = true;
	ret = length < 0 ? length : rms_target_parse(text, length, open->ns, &target);
	if (ret) {
		rms_drop_snapshot(file);
	} else {
		ret = rms_take_snapshot(file, &target);
		if (!ret)
			rms_remember(&target);
		rms_target_put(&target);
	}
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

/* Without a write to this file, the first read takes the snapshot, of the target last written. */
static int rms_request_last(struct file *file)
{
	struct rms_open_file *open = rms_open_of(file);
	struct rms_target target;
	int ret;

	if (open->written)
		return -ENODATA;
	if (!open->ops->targeted)
		return rms_take_snapshot(file, NULL);
	ret = rms_recall(&target);
	if (ret)
		return ret;
	ret = rms_take_snapshot(file, &target);
	rms_target_put(&target);
	return ret;
}

/*
 * A reader keeps the lock while seq_file copies to user space, which takes as long as the reader
 * likes. So all wait for the lock in a killable way.
 */
static ssize_t rms_read_report(struct file *file, char __user *buf, size_t count, loff_t *ppos)
{
	struct rms_open_file *open = rms_open_of(file);
	ssize_t ret;

	if (mutex_lock_killable(&open->lock))
		return -EINTR;
	ret = open->valid ? 0 : rms_request_last(file);
	if (!ret)
		ret = seq_read(file, buf, count, ppos);
	mutex_unlock(&open->lock);
	return ret;
}

static ssize_t rms_read(struct file *file, char __user *buf, size_t count, loff_t *ppos)
{
	return rms_answer(rms_read_report(file, buf, count, ppos));
}

/* seq_file prints all text up to the new position, so this needs the report, too. */
static loff_t rms_lseek(struct file *file, loff_t offset, int whence)
{
	struct rms_open_file *open = rms_open_of(file);
	loff_t ret;

	if (mutex_lock_killable(&open->lock))
		return -EINTR;
	ret = seq_lseek(file, offset, whence);
	mutex_unlock(&open->lock);
	return ret;
}

const struct file_operations rms_report_fops = {
	.owner = THIS_MODULE,
	.open = rms_open,
	.read = rms_read,
	.write = rms_write,
	.llseek = rms_lseek,
	.release = rms_release,
};

/**
 * rms_forget_target - drop the reference to the target last written
 *
 * Context: module unload; no file is open any more.
 */
void rms_forget_target(void)
{
	rms_target_put(&rms_last);
}
