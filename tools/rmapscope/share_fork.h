/* SPDX-License-Identifier: GPL-2.0 */
/*
 * `rmapscope share --fork`: what the children of a process still share with it.
 */
#ifndef RMAPSCOPE_SHARE_FORK_H
#define RMAPSCOPE_SHARE_FORK_H

#include "share.h"

/* Addresses in a row at which the parent has pages. */
struct stretch {
	unsigned long long start, end;
};

/* What became of an anonymous page of a child. */
enum fate {
	FATE_STILL,			/* its parent maps it, too */
	FATE_COPIED,			/* its parent has another page at the address */
	FATE_NEW,			/* its parent has none there */
	NR_FATES,
};

struct fork_sums {
	unsigned long long pages[NR_FATES];
};

struct child {
	int pid;
	char comm[16];
	struct fork_sums sums;
	struct vma_list vmas;
	struct fork_sums *vma;		/* for each of @vmas */
	bool has_first;
	unsigned long long first;	/* of FATE_STILL, in the first look */
};

struct fork_look {
	struct share *s;
	int parent;
	struct stretch *stretch;
	size_t nr_stretches, room;
	struct child *child;
	size_t nr_children;
	struct child *now;		/* whose stream is read */
};

/* share_fork.c */
bool fork_is_anonymous(const struct rms_rec_page *page);
void fork_add_stretch(struct fork_look *f, unsigned long long start, unsigned long long end);
enum fate fork_fate(const struct fork_look *f, unsigned long long va, unsigned long long *end);
void fork_list_children(struct fork_look *f, const char *recorded);

/* share_fork_input.c */
int fork_read_recording(struct fork_look *f);

/* share_fork_rows.c */
void fork_print(const struct fork_look *f, const struct column_list *columns);

#endif
