/* SPDX-License-Identifier: GPL-2.0 */
/*
 * `rmapscope share`: what processes share with each other, and through what.
 */
#ifndef RMAPSCOPE_SHARE_H
#define RMAPSCOPE_SHARE_H

#include "processes.h"
#include "rows.h"
#include "scan.h"
#include "selection.h"
#include "sharing_sums.h"

/* What a row is about: a process, or all processes that an option names. */
struct share_unit {
	char name[128];
	int pid;			/* 0: not one process, or not a visible one */
	size_t nr_mms;
	struct sharing_sums sums;
	long long swap;			/* in bytes; -1: not known */
	size_t partner;			/* the unit that it shares most with, or SHARING_NONE */
	enum channel through;		/* what they share most through */
};

/* What a VMA has, in the order of the streams. */
struct share_vma {
	int pid;
	struct vma_line line;		/* its name is a copy */
	unsigned long long mapped, unique, pss, swap, hugetlb;
	unsigned int most;		/* address spaces that map one page */
};

/* What ksmd keeps for a process: -1 if that is not known. */
struct share_ksm {
	long long items, bytes;
};

/* Pages of shared memory that are swapped out. */
struct share_shmem {
	int pid;
	unsigned long long pages;
};

/* A frame of the vdso, and how often it is mapped without the tool itself. */
struct share_vdso_frame {
	unsigned long long pfn, maps;
};

/* A page of the vdso of an address space: an index in share.vdso_frame. */
struct share_vdso {
	size_t mm, frame;
};

struct share {
	const struct options *o;
	struct scan scan;
	struct sharing sharing;
	unsigned int page_size;
	char release[64];

	struct processes processes;	/* empty if they are not needed */
	struct pid_group *group;
	size_t nr_groups;
	size_t missing;			/* processes that have no memory any more */
	bool broken_off;		/* a stream was not read to its end */
	bool frames;			/* only frames were read, which have no swap slots */

	struct share_unit *unit;	/* what the report is about, then all others */
	size_t nr_units, nr_own;
	size_t *unit_of;		/* for each address space */
	struct sharing_index sets;	/* of each unit */
	size_t *member;			/* 0 for those that the report is about */
	struct share_unit all;		/* of all of them together */

	size_t *order;			/* of the rows: indices of @unit */

	struct share_vdso *vdso;
	size_t nr_vdso;
	struct share_vdso_frame *vdso_frame;
	size_t nr_vdso_frames;
	unsigned long long vdso_left;	/* mappings of them that were not found yet */
	bool vdso_began;
	struct share_shmem *shmem;
	size_t nr_shmem;
	struct share_vma *vma;
	size_t nr_vmas, room_vmas, first_vma;
};

/* share_read.c */
int share_read(struct share *s);
int share_list_processes(struct share *s, const char *recorded);

/* share_units.c */
void share_make_units(struct share *s);
unsigned long long share_sum(const struct share_unit *u, const unsigned long long *twice,
			     const unsigned long long *once);
void share_partners(const struct share *s, size_t unit, struct sharing_with *with);
void share_partner_of(struct share *s, size_t unit);

/* share_vdso.c */
void share_vdso_read(struct share *s, int pid);
void share_vdso_rest(struct share *s, const struct sharing_mm *mm, int pid);
void share_vdso_add(struct share *s);

/* share_shmem.c */
unsigned long long share_shmem_swap(int pid, const struct vma_list *list, unsigned int page_size);

/* share_ksm.c */
void share_ksm_read(int pid, struct share_ksm *ksm);

/* share_vmas.c */
void share_vmas_begin(struct share *s, const struct vma_list *list, int pid);
void share_vmas_part(struct share *s, const struct sharing_part *part);
void share_vma_rows(const struct share *s, struct rows *r, const struct column_list *columns);

/* share_columns.c */
extern const struct column_set share_unit_columns;
extern const struct column_set share_partner_columns;
extern const struct column_set share_vma_columns;
extern const struct column_set share_file_columns;
extern const struct column_set share_fork_columns;
extern const struct column_set share_pair_columns;

/* share_rows.c */
bool share_sort(struct share *s, const char *column);
void share_unit_row(const struct share *s, struct rows *r, const char *record,
		    const struct share_unit *u, const struct column_list *columns);
void share_unit_rows(struct share *s, struct rows *r, const struct column_list *columns,
		     size_t lines);
size_t share_partner_rows(struct share *s, struct rows *r, const struct column_list *columns,
			  size_t lines);
void share_file_rows(struct share *s, struct rows *r, const struct column_list *columns);
void share_pair_rows(struct share *s, struct rows *r);

/* share_text.c */
void share_print_summary(const struct share *s);
void share_print_end(const struct share *s);
size_t share_print_matrix(struct share *s, size_t lines);
void share_print_tree(const struct share *s, const struct report *r,
		      const struct column_list *columns);

/* share_fork.c */
int share_fork(struct share *s);

#endif
