/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _RMAPSCOPE_REPORT_FILE_H
#define _RMAPSCOPE_REPORT_FILE_H

#include <linux/fs.h>
#include <linux/types.h>

struct pid_namespace;
struct rms_target;
struct seq_file;

/**
 * struct rms_report_ops - what a file in debugfs reports
 * @targeted: a target is written to it first
 * @uncounted: "stats" doesn't count its snapshots as reports
 * @size: of the memory for a snapshot, which is zeroed at first
 * @prepare: allocate what a small report needs. Returns 0 or the errno of the open(2); or NULL. May
 *	sleep
 * @take: take a snapshot of what the target leads to (NULL if not @targeted), with process numbers
 *	of a pid namespace. It replaces the last one, complete or not, and may use its buffers
 *	again. Returns 0, or the errno of the write(2) or read(2). May sleep; no lock of mm held
 * @release: free what a snapshot holds, complete or not, before its memory is freed. May sleep
 * @nr_lines: of the snapshot as text
 * @show: print one of these lines, from 0, with its newline. The seq_file's lock is held, and no
 *	lock of mm
 */
struct rms_report_ops {
	bool targeted;
	bool uncounted;
	size_t size;
	int (*prepare)(void *report);
	int (*take)(void *report, const struct rms_target *t, struct pid_namespace *ns);
	void (*release)(void *report);
	unsigned long (*nr_lines)(const void *report);
	void (*show)(struct seq_file *m, const void *report, unsigned long line);
};

extern const struct file_operations rms_report_fops;

int rms_check_ready(void);
int rms_may_open(void);
int rms_copy_text(char *text, const char __user *buf, size_t count);
void rms_set_ready(void);
void rms_forget_target(void);

#endif /* _RMAPSCOPE_REPORT_FILE_H */
