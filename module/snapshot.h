/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the reports on a page and on its tree have in common: the page, the records of a walk, and
 * the names for them.
 */
#ifndef _RMAPSCOPE_SNAPSHOT_H
#define _RMAPSCOPE_SNAPSHOT_H

#include "walk.h"

/**
 * struct rms_owner - one mm among the records
 * @mm: as in the records
 * @first_task: index into struct rms_snapshot.tasks
 * @nr_tasks: processes that share the mm and that the reader may see
 */
struct rms_owner {
	struct mm_struct *mm;
	u32 first_task;
	u32 nr_tasks;
};

/**
 * struct rms_task - one process that uses an mm
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
 * @owners: @nr_owners distinct mms
 * @nr_owners: number of them
 * @tasks: @nr_tasks processes, those of one owner together, the owning one first
 * @nr_tasks: number of them
 * @names: @nr_names texts for VMAs, as they are printed (names.c)
 * @nr_names: number of them
 */
struct rms_snapshot {
	struct rms_walk walk;
	struct rms_facts facts;
	bool whole;
	bool tree;
	struct rms_owner *owners;
	u32 nr_owners;
	struct rms_task *tasks;
	u32 nr_tasks;
	const char **names;
	u32 nr_names;
};

/* Whether the report has no record of some VMAs or anon_vmas. */
static inline bool rms_snapshot_truncated(const struct rms_snapshot *snap)
{
	const struct rms_records *rec = &snap->walk.rec;

	return snap->walk.out.cut || rec->seen_maps > rec->nr_maps || rec->seen_avs > rec->max_avs;
}

int rms_snapshot_take(struct rms_snapshot *snap, const struct rms_target *t,
		      struct pid_namespace *ns,
		      int (*walk)(const struct rms_page *p, struct rms_snapshot *snap));
void rms_snapshot_free(struct rms_snapshot *snap);
int rms_resolve(struct rms_snapshot *snap, struct pid_namespace *ns);
void rms_resolve_free(struct rms_snapshot *snap);
int rms_name_vmas(struct rms_snapshot *snap);
void rms_free_names(struct rms_snapshot *snap);

#endif /* _RMAPSCOPE_SNAPSHOT_H */
