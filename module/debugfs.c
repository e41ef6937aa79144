// SPDX-License-Identifier: GPL-2.0
/*
 * The directory in debugfs, and which files are in it.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/sched.h>

#include "compat.h"
#include "debugfs.h"
#include "feature.h"
#include "report_file.h"
#include "uapi/rmapscope.h"

static struct dentry *rms_dir;

static struct dentry *rms_create(const char *name, umode_t mode,
				 const struct rms_report_ops *ops)
{
	/* i_private isn't const; rms_open_report() takes it as const again. */
	return debugfs_create_file(name, mode, rms_dir, (void *)ops, &rms_report_fops);
}

/**
 * rms_debugfs_init - create our directory and its files
 *
 * This is the last step of a load: after it, files can be opened.
 *
 * Context: module load, may sleep.
 * Return: 0, or an errno with the reason in the kernel log and nothing left behind.
 */
int rms_debugfs_init(void)
{
	struct dentry *files[7] = {};
	unsigned int i;

	rms_dir = debugfs_create_dir(RMAPSCOPE_DIR, NULL);
	if (IS_ERR(rms_dir)) {
		pr_err("cannot create " RMAPSCOPE_DIR "/ in debugfs (%ld)\n", PTR_ERR(rms_dir));
		return PTR_ERR(rms_dir);
	}
	files[0] = debugfs_create_file("info", 0444, rms_dir, NULL, &rms_info_fops);
	files[1] = rms_create("page", 0600, &rms_page_ops);
	files[2] = rms_create("stats", 0400, &rms_stats_ops);
	files[3] = rms_create("top", 0400, &rms_top_ops);
	files[4] = rms_create("tree", 0600, &rms_tree_ops);
	if (rms_has_feature(RMS_FEATURE_SCAN)) {
		files[5] = debugfs_create_file("scan", 0600, rms_dir, NULL, &rms_scan_fops);
		files[6] = debugfs_create_file("scan_raw", 0600, rms_dir, NULL, &rms_scan_raw_fops);
	}
	for (i = 0; i < ARRAY_SIZE(files); i++) {
		if (!IS_ERR(files[i]))
			continue;
		debugfs_remove(rms_dir);
		pr_err("cannot create the files in debugfs (%ld)\n", PTR_ERR(files[i]));
		return PTR_ERR(files[i]);
	}
	rms_set_ready();
	return 0;
}

/*
 * An open file holds a reference to the module. But with CONFIG_MODULE_FORCE_UNLOAD rmmod -f
 * unloads the module nevertheless, and the code that closes the file would be gone. No file can be
 * opened by now. Nothing signals the last close, so poll.
 */
static void rms_await_close(void)
{
	if (rms_module_users() <= 0)
		return;
	pr_warn("unloaded by force while files are open: waiting until they are closed\n");
	while (rms_module_users() > 0)
		schedule_timeout_idle(HZ / 10);
}

/**
 * rms_debugfs_exit - remove our files and forget the last target
 *
 * Returns when no file is open.
 *
 * Context: module unload, may sleep.
 */
void rms_debugfs_exit(void)
{
	rms_await_close();
	debugfs_remove(rms_dir);
	rms_forget_target();
	rms_forget_range();
}
