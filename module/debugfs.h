/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The files in debugfs, each by the .c file of its name.
 */
#ifndef _RMAPSCOPE_DEBUGFS_H
#define _RMAPSCOPE_DEBUGFS_H

#include "report_file.h"

extern const struct file_operations rms_info_fops;
extern const struct file_operations rms_scan_fops;
extern const struct file_operations rms_scan_raw_fops;
extern const struct rms_report_ops rms_page_ops;
extern const struct rms_report_ops rms_stats_ops;
extern const struct rms_report_ops rms_top_ops;
extern const struct rms_report_ops rms_tree_ops;

int rms_debugfs_init(void);
void rms_debugfs_exit(void);

void rms_forget_range(void);

#endif /* _RMAPSCOPE_DEBUGFS_H */
