/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What stops an operation in a range: from the records of a scan to a table of reasons and owners.
 */
#ifndef RMAPSCOPE_WHY_RANGE_H
#define RMAPSCOPE_WHY_RANGE_H

#include "scan.h"
#include "users.h"

/* Pages that one reason stops, with one owner. */
struct owner {
	enum rms_why why;
	int pid;			/* 0: it is not visible; -1: none or unknown */
	const char *comm;		/* NULL: not known */
	const char *name;		/* of the VMA or file, or the kind in brackets */
	/* All above tell owners apart. */
	unsigned long long pages;
	unsigned long processes;	/* most that map one of the pages */
	unsigned long long pfn, va;	/* of the first page; @va is 0 if it is not known */
};

struct owners {
	void *tree;			/* of tsearch(3) */
	struct owner **owner;
	size_t nr, room;
};

/* VMAs of the processes that own frames. */
struct vma_names {
	struct {
		int pid;
		struct vma_list vmas;
	} *process;
	size_t nr;
};

struct why_range {
	const struct options *o;
	enum rms_op op;
	struct places places;		/* as they were named; empty for other ranges */
	struct column_list columns;
	struct owners owners;
	struct users users;
	struct vma_names names;
	char *title;			/* of a range that is no place */
	bool whole;			/* it is all of a process */

	/* Of the streams that were read until now. */
	struct rms_rec_head head;	/* of the last one */
	bool has_head, has_maps, recorded;
	bool filtered;			/* only some pages are in the streams */
	unsigned long long frames;	/* in the ranges; 0 if they are of addresses */
	unsigned long long stopped;	/* pages */
	unsigned long long small;	/* pages that a split doesn't concern */
	unsigned long long unjudged;	/* pages without a verdict */
	struct rms_rec_end end;		/* sums */
	bool broken_off, vmas_changed;
};

/* why_owners.c */
void owners_take_run(struct why_range *w, const struct scan *s, const struct scan_run *run);
void owners_sort(struct owners *o);
void owners_free(struct owners *o);

/* why_names.c */
const char *vma_names_find(struct vma_names *n, int pid, unsigned long long va);
void vma_names_free(struct vma_names *n);

/* why_table.c */
extern const struct column_set why_columns;
void why_print_table(struct why_range *w);
void why_print_range_json(struct why_range *w);

/* why_frames.c */
const char *frames_stop(const struct why_range *w, enum rms_unmapped kind);
unsigned long long frames_that_stop(const struct why_range *w);
void frames_print(const struct why_range *w);

/* why_range_text.c */
void why_print_range_head(const struct why_range *w);
void why_print_range_tail(const struct why_range *w);

#endif
