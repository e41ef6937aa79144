/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _RMAPSCOPE_FORMAT_H
#define _RMAPSCOPE_FORMAT_H

struct seq_file;

void rms_show_header(struct seq_file *m, const char *file);

#endif /* _RMAPSCOPE_FORMAT_H */
