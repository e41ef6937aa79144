// SPDX-License-Identifier: GPL-2.0
/*
 * The files "scan" and "scan_raw": write(2) begins a stream, read(2) returns the next whole records
 * of it, as text or binary.
 */
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/pid_namespace.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/uaccess.h>

#include "compat.h"
#include "counters.h"
#include "debugfs.h"
#include "memory.h"
#include "scan.h"

/* The range of the last successful write by any process, for "echo ... > scan; cat scan". */
static DEFINE_MUTEX(rms_last_lock);
static struct rms_range rms_last;
static bool rms_last_valid;

/**
 * struct rms_stream - one open file
 * @lock: serialises the requests through this file
 * @ns: the opener's pid namespace
 * @text: the file is "scan"
 * @written: a range was written to this file, even if that failed
 * @valid: @scan is a stream
 * @scan: the stream
 * @line: the next record as text; the buffer is allocated when it is needed
 */
struct rms_stream {
	struct mutex lock; /* one request at a time */
	struct pid_namespace *ns;
	bool text;
	bool written;
	bool valid;
	struct rms_scan scan;
	struct seq_file line;
};

static ssize_t rms_answer(ssize_t ret)
{
	if (ret < 0)
		rms_stat_refusal(ret);
	return ret;
}

static int rms_open_stream(struct inode *inode, struct file *file, bool text)
{
	struct rms_stream *stream;
	int ret = rms_may_open();

	if (ret)
		return ret;
	stream = kzalloc_obj(*stream, RMS_GFP);
	if (!stream)
		return -ENOMEM;
	mutex_init(&stream->lock);
	stream->ns = get_pid_ns(task_active_pid_ns(current));
	stream->text = text;
	file->private_data = stream;
	/* There is no position: lseek(2) and pread(2) fail with ESPIPE. */
	return stream_open(inode, file);
}

static int rms_scan_open(struct inode *inode, struct file *file)
{
	return rms_answer(rms_open_stream(inode, file, true));
}

static int rms_scan_raw_open(struct inode *inode, struct file *file)
{
	return rms_answer(rms_open_stream(inode, file, false));
}

static int rms_scan_release(struct inode *inode, struct file *file)
{
	struct rms_stream *stream = file->private_data;

	rms_scan_finish(&stream->scan);
	put_pid_ns(stream->ns);
	kvfree(stream->line.buf);
	kfree(stream);
	return 0;
}

/* Context: stream->lock held. */
static int rms_begin_stream(struct rms_stream *stream, const struct rms_range *range)
{
	int ret;

	stream->valid = false;
	rms_scan_finish(&stream->scan);
	ret = rms_scan_begin(&stream->scan, range, stream->ns);
	if (ret) {
		rms_scan_finish(&stream->scan);
		return ret;
	}
	stream->valid = true;
	rms_stat_add(RMS_STAT_LOOKS, 1);
	return 0;
}

static void rms_remember(const struct rms_range *range)
{
	struct rms_range old;

	mutex_lock(&rms_last_lock);
	old = rms_last;
	rms_range_get(&rms_last, range);
	rms_last_valid = true;
	mutex_unlock(&rms_last_lock);
	rms_range_put(&old);
}

/* Without a write to this file, the first read begins a stream of the range last written. */
static int rms_begin_last(struct rms_stream *stream)
{
	struct rms_range range;
	bool valid;
	int ret;

	if (stream->written)
		return -ENODATA;
	mutex_lock(&rms_last_lock);
	valid = rms_last_valid;
	if (valid)
		rms_range_get(&range, &rms_last);
	mutex_unlock(&rms_last_lock);
	if (!valid)
		return -ENODATA;
	ret = rms_begin_stream(stream, &range);
	rms_range_put(&range);
	return ret;
}

static int rms_write_range(struct rms_stream *stream, const char __user *buf, size_t count)
{
	char text[RMAPSCOPE_TARGET_MAX + 1];
	struct rms_range range = {};
	int length, ret;

	length = rms_copy_text(text, buf, count);
	if (mutex_lock_killable(&stream->lock))
		return -EINTR;
	stream->written = true;
	ret = length < 0 ? length : rms_range_parse(text, length, stream->ns, &range);
	if (!ret)
		ret = rms_begin_stream(stream, &range);
	if (ret)
		stream->valid = false;
	else
		rms_remember(&range);
	rms_range_put(&range);
	mutex_unlock(&stream->lock);
	return ret;
}

static ssize_t rms_scan_write(struct file *file, const char __user *buf, size_t count,
			      loff_t *ppos)
{
	int ret = rms_write_range(file->private_data, buf, count);

	return ret ? rms_answer(ret) : count;
}

/* As many whole records as fit into @room bytes. Returns how many bytes they are. */
static size_t rms_whole_records(const struct rms_scan *s, size_t room)
{
	size_t left = s->out_len - s->out_at, size = 0;
	const struct rms_rec *rec;

	if (left <= room)
		return left;
	for (;;) {
		rec = (const struct rms_rec *)(s->out + s->out_at + size);
		if (size + rec->size > room)
			return size;
		size += rec->size;
	}
}

/* Returns bytes; 0 if the next record doesn't fit; -EFAULT. */
static ssize_t rms_copy_records(struct rms_stream *stream, char __user *buf, size_t room)
{
	struct rms_scan *s = &stream->scan;
	size_t size = rms_whole_records(s, room);

	if (copy_to_user(buf, s->out + s->out_at, size))
		return -EFAULT;
	s->out_at += size;
	return size;
}

/* Prints the next record. Makes the buffer larger until the line fits. */
static int rms_print_line(struct rms_stream *stream)
{
	struct rms_scan *s = &stream->scan;
	struct seq_file *m = &stream->line;

	for (;;) {
		m->count = 0;
		if (m->buf)
			rms_scan_show(m, s, (const struct rms_rec *)(s->out + s->out_at));
		if (m->count < m->size)
			return 0;
		kvfree(m->buf);
		m->size = m->size ? 2 * m->size : PAGE_SIZE;
		m->buf = rms_alloc_array(m->size, 1);
		if (!m->buf) {
			m->size = 0;
			return -ENOMEM;
		}
	}
}

/* The same for a line of text; sets @none if the record has no line. */
static ssize_t rms_copy_line(struct rms_stream *stream, char __user *buf, size_t room, bool *none)
{
	struct rms_scan *s = &stream->scan;
	int ret = rms_print_line(stream);

	if (ret)
		return ret;
	*none = !stream->line.count;
	if (stream->line.count > room)
		return 0;
	if (copy_to_user(buf, stream->line.buf, stream->line.count))
		return -EFAULT;
	s->out_at += ((const struct rms_rec *)(s->out + s->out_at))->size;
	return stream->line.count;
}

static ssize_t rms_read_stream(struct rms_stream *stream, char __user *buf, size_t count)
{
	struct rms_scan *s = &stream->scan;
	size_t done = 0;
	ssize_t ret = 0;

	while (done < count) {
		bool none = false;

		if (s->out_at == s->out_len) {
			if (s->done)
				break;
			ret = signal_pending(current) ? -EINTR : rms_scan_next(s);
			if (ret)
				break;
			/* Many runs in a row may have no record. */
			cond_resched();
			continue;
		}
		ret = stream->text ? rms_copy_line(stream, buf + done, count - done, &none) :
				     rms_copy_records(stream, buf + done, count - done);
		if (!ret && !none)
			ret = -EINVAL;
		if (ret < 0)
			break;
		done += ret;
		cond_resched();
	}
	return done ?: min_t(ssize_t, ret, 0);
}

static ssize_t rms_scan_read(struct file *file, char __user *buf, size_t count, loff_t *ppos)
{
	struct rms_stream *stream = file->private_data;
	ssize_t ret;

	if (mutex_lock_killable(&stream->lock))
		return rms_answer(-EINTR);
	ret = stream->valid ? 0 : rms_begin_last(stream);
	if (!ret)
		ret = rms_read_stream(stream, buf, count);
	mutex_unlock(&stream->lock);
	return rms_answer(ret);
}

const struct file_operations rms_scan_fops = {
	.owner = THIS_MODULE,
	.open = rms_scan_open,
	.read = rms_scan_read,
	.write = rms_scan_write,
	.release = rms_scan_release,
};

const struct file_operations rms_scan_raw_fops = {
	.owner = THIS_MODULE,
	.open = rms_scan_raw_open,
	.read = rms_scan_read,
	.write = rms_scan_write,
	.release = rms_scan_release,
};

/**
 * rms_forget_range - drop the reference to the range last written
 *
 * Context: module unload; no file is open any more.
 */
void rms_forget_range(void)
{
	rms_range_put(&rms_last);
}
