/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the reports on a page and on its tree have in common: the page, the records of a walk, and
 * the names for them.
 */
#ifndef _RMAPSCOPE_SNAPSHOT_H
#define _RMAPSCOPE_SNAPSHOT_H

#include "walk.h"

struct rms_numbers;

/**
 * struct rms_owner - one mm among the records, and the processes that use it
 * @mm: as in the records
 * @nr_tasks: processes that the reader may see; mostly one
 * @first_task: index of the first into struct rms_snapshot.tasks, if @nr_tasks is more than 1
 * @tgid: number of the process that stands for the mm, in the reader's pid namespace
 * @comm: its name
 */
struct rms_owner {
	struct mm_struct *mm;
	u32 nr_tasks;
	u32 first_task;
	pid_t tgid;
	char comm[TASK_COMM_LEN];
};

/**
 * struct rms_task - one process that may share an mm
 * @owner: index into struct rms_snapshot.owners
 * @tgid: its number in the reader's pid namespace
 * @follows: the process shares the mm, but doesn't own it
 * @comm: its name
 */
struct rms_task {
	u32 owner;
	pid_t tgid;
	bool follows;
	char comm[TASK_COMM_LEN];
};

/**
 * struct rms_snapshot - a page and the records about it; after rms_snapshot_take() it holds no
 *	reference
 * @walk: visited VMAs and anon_vmas
 * @facts: what the page is
 * @whole: the whole folio was asked for
 * @tree: the anon_vmas are those of a whole tree: each once, and its depth known
 * @owners: @nr_owners distinct mms; room for @max_owners
 * @nr_owners: number of them
 * @max_owners: room
 * @tasks: @nr_tasks processes, those of one owner together, the owning one first; NULL if no
 *	search was needed
 * @nr_tasks: number of them
 * @names: @nr_names paths of VMAs, as they are printed; NULL if no VMA has a file
 * @nr_names: number of them
 * @path: a buffer of PATH_MAX bytes
 */
struct rms_snapshot {
	struct rms_walk walk;
	struct rms_facts facts;
	bool whole;
	bool tree;
	struct rms_owner *owners;
	u32 nr_owners;
	u32 max_owners;
	struct rms_task *tasks;
	u32 nr_tasks;
	char **names;
	u32 nr_names;
	char *path;
};

/* Whether the report has no record of some VMAs or anon_vmas. */
static inline bool rms_snapshot_truncated(const struct rms_snapshot *snap)
{
	const struct rms_records *rec = &snap->walk.rec;

	return snap->walk.out.cut || rec->seen_maps > rec->nr_maps || rec->seen_avs > rec->max_avs;
}

int rms_snapshot_prepare(struct rms_snapshot *snap);
int rms_snapshot_walk(struct rms_snapshot *snap, const struct rms_target *t,
		      int (*walk)(const struct rms_page *p, struct rms_snapshot *snap));
int rms_snapshot_take(struct rms_snapshot *snap, const struct rms_target *t,
		      struct pid_namespace *ns,
		      int (*walk)(const struct rms_page *p, struct rms_snapshot *snap));
void rms_snapshot_release(struct rms_snapshot *snap);

/* resolve.c */
int rms_resolve(struct rms_snapshot *snap, struct pid_namespace *ns);
int rms_resolve_prepare(struct rms_snapshot *snap);
void rms_resolve_reuse(struct rms_snapshot *snap);
void rms_resolve_release(struct rms_snapshot *snap);

/* owners.c */
int rms_name_owners(struct rms_snapshot *snap, const struct rms_numbers *mms,
		    struct pid_namespace *ns);

/* names.c */
int rms_name_vmas(struct rms_snapshot *snap);
const char *rms_vma_name(const struct rms_snapshot *snap, const struct rms_map *map);
void rms_free_names(struct rms_snapshot *snap);

#endif /* _RMAPSCOPE_SNAPSHOT_H */
