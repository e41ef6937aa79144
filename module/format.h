/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _RMAPSCOPE_FORMAT_H
#define _RMAPSCOPE_FORMAT_H

#include <linux/types.h>

#include "uapi/rmapscope.h"

struct rms_av;
struct rms_facts;
struct rms_page_report;
struct rms_map;
struct rms_owner;
struct rms_snapshot;
struct rms_verdict;
struct seq_file;

/* Lines before the anon_vma records: "rmapscope" and "page". */
#define RMS_HEAD_LINES	2

void rms_show_header(struct seq_file *m, const char *file);
void rms_show_page(struct seq_file *m, const struct rms_facts *facts);
void rms_show_av(struct seq_file *m, const struct rms_page_report *report, u32 i);
void rms_show_map(struct seq_file *m, const struct rms_page_report *report, u32 i);
void rms_show_count(struct seq_file *m, const struct rms_page_report *report, u32 i);
void rms_show_walk(struct seq_file *m, const struct rms_page_report *report);
void rms_show_anon_vma(struct seq_file *m, const struct rms_av *av, u32 id, u32 root,
		       u32 parent);
void rms_show_owner(struct seq_file *m, const struct rms_snapshot *snap,
		    const struct rms_owner *owner);
void rms_show_name(struct seq_file *m, const struct rms_snapshot *snap, const struct rms_map *map);
void rms_show_vma(struct seq_file *m, const struct rms_map *map);

/* format_verdict.c */
void rms_show_refs(struct seq_file *m, const struct rms_page_report *report);
void rms_show_verdict(struct seq_file *m, const struct rms_page_report *report, enum rms_op op,
		      const struct rms_verdict *v);

/* format_entry.c */
void rms_show_bits(struct seq_file *m, const struct rms_map *map);
enum rms_state rms_state_of(const struct rms_map *map);

#endif /* _RMAPSCOPE_FORMAT_H */
