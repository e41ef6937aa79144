/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _RMAPSCOPE_FORMAT_H
#define _RMAPSCOPE_FORMAT_H

struct rms_facts;
struct seq_file;

void rms_escape(struct seq_file *m, const char *text);
void rms_show_header(struct seq_file *m, const char *file);
void rms_show_page(struct seq_file *m, const struct rms_facts *facts);

#endif /* _RMAPSCOPE_FORMAT_H */
