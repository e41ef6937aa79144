/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One look at a page: what the walk has found, and all that is known of it besides.
 */
#ifndef _RMAPSCOPE_SNAPSHOT_H
#define _RMAPSCOPE_SNAPSHOT_H

#include "refs.h"
#include "walk.h"

/**
 * struct rms_owner - one mm among the records
 * @mm: as in the records
 * @first_task: index into struct rms_look.tasks
 * @nr_tasks: processes that share the mm and that the reader may see
 */
struct rms_owner {
	struct mm_struct *mm;
	u32 first_task;
	u32 nr_tasks;
};

/**
 * struct rms_task - one process that uses an mm
 * @owner: index into struct rms_look.owners
 * @tgid: its number in the reader's pid namespace
 * @follows: 0 for the process that owns the mm, 1 for others that share it
 * @comm: its name
 */
struct rms_task {
	u32 owner;
	pid_t tgid;
	bool follows;
	char comm[TASK_COMM_LEN];
};

/**
 * struct rms_count - a stretch of pages of a folio that are mapped equally often
 * @first: index into the folio
 * @count: pages
 * @found: mappings of each that the walk has found
 * @mapcount: by the kernel's own count
 */
struct rms_count {
	u32 first;
	u32 count;
	int found;
	int mapcount;
};

/**
 * struct rms_look - one look at one page: a snapshot that holds nothing of the world
 * @walk: visited VMAs and anon_vmas
 * @facts: what the page is
 * @whole: the whole folio was asked for
 * @tree: the anon_vmas are those of a whole tree: each once, and its depth known
 * @refs: who holds references to the folio; not for RMS_KIND_SWAP
 * @raced: the counts moved while we looked
 * @differs: how many times in a row the map count stood still, and the walk found another
 * @differs_by: so many more than that, each time
 * @mapcount_differs: it did each time that we tried
 * @unreached: mappings that the kernel's walk did not come to
 * @unsearched: such mappings, too, by the map count; there was no time to search for them
 * @reached: if there are unreached ones, theirs are among the records from this one on
 * @nr_maps: valid records in @walk.maps
 * @nr_avs: valid records in @walk.avs
 * @owners: @nr_owners distinct mms
 * @nr_owners: number of them
 * @tasks: @nr_tasks processes, those of one owner together, the owning one first
 * @nr_tasks: number of them
 * @names: @nr_names texts for VMAs, as they are printed (names.c)
 * @nr_names: number of them
 * @counts: @nr_counts stretches, if @whole and the folio is large; at first one for each
 *	page
 * @nr_counts: number of them
 */
struct rms_look {
	struct rms_walk walk;
	struct rms_facts facts;
	bool whole;
	bool tree;
	struct rms_refs refs;
	bool raced;
	u32 differs;
	int differs_by;
	bool mapcount_differs;
	u32 unreached;
	u32 unsearched;
	u32 reached;
	u32 nr_maps;
	u32 nr_avs;
	struct rms_owner *owners;
	u32 nr_owners;
	struct rms_task *tasks;
	u32 nr_tasks;
	const char **names;
	u32 nr_names;
	struct rms_count *counts;
	u32 nr_counts;
};

/* Whether there are VMAs or anon_vmas that the report has no record of. */
static inline bool rms_look_truncated(const struct rms_look *look)
{
	const struct rms_walk *w = &look->walk;

	return w->cut || w->nr_maps > look->nr_maps || w->nr_avs > w->max_avs;
}

/* A count that is wrong all the time hasn't moved, nor one that was not searched for. */
static inline bool rms_refs_raced(const struct rms_look *look)
{
	return look->refs.raced ||
	       (look->raced && !look->mapcount_differs && !look->unsearched);
}

struct rms_look *rms_look_at(const struct rms_target *t, struct pid_namespace *ns);
void rms_look_free(struct rms_look *look);
int rms_drop_repeats(struct rms_look *look);
u32 *rms_order_by_place(const struct rms_look *look);
bool rms_may_search(void);
int rms_search_ksm(struct rms_look *look, int missing);
bool rms_seen_twice(const struct rms_look *look);
void rms_sum_counts(struct rms_look *look);
int rms_resolve(struct rms_look *look, struct pid_namespace *ns);
void rms_resolve_free(struct rms_look *look);
int rms_name_vmas(struct rms_look *look);
void rms_free_names(struct rms_look *look);

#endif /* _RMAPSCOPE_SNAPSHOT_H */
