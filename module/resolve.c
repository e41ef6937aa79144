// SPDX-License-Identifier: GPL-2.0
/*
 * Finds processes for the mms in the records of a walk, and numbers for the anon_vmas; names.c has
 * the paths of files. No rmap lock is held any more. The mms and files are still referenced, so an
 * address stands for one object only.
 */
#include <linux/bsearch.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "compat.h"
#include "key.h"
#include "memory.h"
#include "procs.h"
#include "snapshot.h"

/* How often to search all processes again because more of them matched than the buffer holds. */
#define RMS_TASK_TRIES	4

/*
 * Numbers the objects of @keys in the order of their first appearance: @ids[i] for the i-th key,
 * RMS_NO_ID for NULL. @keys must have their index, and are sorted afterwards. Returns the number of
 * distinct objects.
 */
static u32 rms_number(struct rms_key *keys, u32 n, u32 *ids)
{
	const struct rms_key *first = keys;
	u32 i, next = 0;

	/* Often all keys are NULL, or are in order already. */
	for (i = 1; i < n; i++) {
		if (rms_key_cmp(&keys[i - 1], &keys[i], NULL) > 0) {
			sort_r_nonatomic(keys, n, sizeof(*keys), rms_key_cmp, NULL, NULL);
			break;
		}
	}
	/* Equal objects are neighbours now. All take the index of the first. */
	for (i = 0; i < n; i++) {
		if (keys[i].ptr != first->ptr)
			first = &keys[i];
		ids[keys[i].index] = keys[i].ptr ? first->index : RMS_NO_ID;
	}
	/* The first one takes a number, and the others the number of the first. */
	for (i = 0; i < n; i++) {
		if (ids[i] == i)
			ids[i] = next++;
		else if (ids[i] != RMS_NO_ID)
			ids[i] = ids[ids[i]];
	}
	return next;
}

/*
 * Keeps one record of each anon_vma. A chain of ancestors is contiguous, so the depth of an
 * anon_vma is its distance to the root in the chain. Returns how many are kept.
 */
static u32 rms_pack_anon_vmas(struct rms_av *avs, u32 n, const u32 *ids)
{
	u32 i, end, left = 0;

	for (i = 0, end = 0; i < n; i++) {
		while (end < n && (end <= i || avs[end - 1].self != avs[i].root))
			end++;
		if (ids[i] != left)
			continue;
		avs[left] = avs[i];
		avs[left++].depth = end - 1 - i;
	}
	return left;
}

/* The anon_vmas of the page come first, so its own is av0. */
static void rms_number_anon_vmas(struct rms_snapshot *snap, struct rms_key *keys, u32 *ids)
{
	struct rms_records *rec = &snap->walk.rec;
	u32 i, n = 0;

	for (i = 0; i < rec->nr_avs; i++, n++)
		keys[n] = (struct rms_key){ rec->avs[i].self, n };
	for (i = 0; i < rec->nr_maps; i++, n++)
		keys[n] = (struct rms_key){ rec->maps[i].anon_vma, n };
	rms_number(keys, n, ids);
	for (i = 0; i < rec->nr_maps; i++)
		rec->maps[i].av_id = ids[rec->nr_avs + i];
	if (!snap->tree)
		rec->nr_avs = rms_pack_anon_vmas(rec->avs, rec->nr_avs, ids);
}

static int rms_number_owners(struct rms_snapshot *snap, struct rms_key *keys, u32 *ids)
{
	u32 i;

	for (i = 0; i < snap->walk.rec.nr_maps; i++)
		keys[i] = (struct rms_key){ snap->walk.rec.maps[i].mm, i };
	snap->nr_owners = rms_number(keys, snap->walk.rec.nr_maps, ids);

	snap->owners = rms_zalloc_array(snap->nr_owners, sizeof(*snap->owners));
	if (!snap->owners)
		return -ENOMEM;
	for (i = 0; i < snap->walk.rec.nr_maps; i++) {
		snap->walk.rec.maps[i].owner = ids[i];
		snap->owners[ids[i]].mm = snap->walk.rec.maps[i].mm;
	}
	return 0;
}

/**
 * struct rms_task_scan - one pass over all processes
 * @snap: gets the tasks
 * @ns: the reader's pid namespace
 * @keys: the mms to search for, sorted by address; the index is the owner's
 * @max_tasks: room in @snap->tasks; @snap->nr_tasks may end up larger
 */
struct rms_task_scan {
	struct rms_snapshot *snap;
	struct pid_namespace *ns;
	const struct rms_key *keys;
	u32 max_tasks;
};

/* Records process @p if it uses one of the mms. Context: RCU read lock held. */
static void rms_match_process(struct task_struct *p, void *arg)
{
	struct rms_task_scan *scan = arg;
	struct rms_snapshot *snap = scan->snap;
	struct mm_struct *mm = rms_process_mm(p, NULL);
	const struct rms_key *key;
	struct task_struct *owner;
	struct rms_task *task;
	pid_t tgid;

	if (!mm)
		return;
	key = bsearch(mm, scan->keys, snap->nr_owners, sizeof(*key), rms_key_find);
	tgid = task_tgid_nr_ns(p, scan->ns);
	if (!key || !tgid)
		return;
	if (snap->nr_tasks++ >= scan->max_tasks)
		return;

	task = &snap->tasks[snap->nr_tasks - 1];
	task->owner = key->index;
	task->tgid = tgid;
	owner = rms_mm_owner(mm);
	task->follows = !owner || !same_thread_group(owner, p);
	get_task_comm(task->comm, p);
}

static int rms_scan_tasks(struct rms_task_scan *scan)
{
	static const struct rms_process_visitor visitor = { .visit = rms_match_process };

	scan->snap->nr_tasks = 0;
	return rms_visit_processes(&visitor, scan);
}

static int rms_task_cmp(const void *a, const void *b, const void *priv)
{
	const struct rms_task *x = a, *y = b;

	if (x->owner != y->owner)
		return x->owner < y->owner ? -1 : 1;
	if (x->follows != y->follows)
		return x->follows ? 1 : -1;
	return x->tgid - y->tgid;
}

static void rms_assign_tasks(struct rms_snapshot *snap)
{
	struct rms_owner *owner;
	u32 i;

	sort_r_nonatomic(snap->tasks, snap->nr_tasks, sizeof(*snap->tasks), rms_task_cmp, NULL,
			 NULL);
	for (i = 0; i < snap->nr_tasks; i++) {
		owner = &snap->owners[snap->tasks[i].owner];
		if (!owner->nr_tasks++)
			owner->first_task = i;
	}
}

static int rms_find_tasks(struct rms_snapshot *snap, struct pid_namespace *ns,
			  struct rms_key *keys)
{
	struct rms_task_scan scan = { .snap = snap, .ns = ns, .keys = keys };
	u32 i, room = snap->nr_owners + 16;
	int ret, try;

	for (i = 0; i < snap->nr_owners; i++)
		keys[i] = (struct rms_key){ snap->owners[i].mm, i };
	sort_r_nonatomic(keys, snap->nr_owners, sizeof(*keys), rms_key_cmp, NULL, NULL);

	for (try = 0; try < RMS_TASK_TRIES; try++) {
		kvfree(snap->tasks);
		snap->tasks = rms_alloc_array(room, sizeof(*snap->tasks));
		if (!snap->tasks)
			return -ENOMEM;
		scan.max_tasks = room;
		ret = rms_scan_tasks(&scan);
		if (ret)
			return ret;
		if (snap->nr_tasks <= room) {
			rms_assign_tasks(snap);
			return 0;
		}
		room = snap->nr_tasks + snap->nr_tasks / 8;
	}
	snap->nr_tasks = 0;
	return -EAGAIN;
}

/**
 * rms_resolve - find processes, names and numbers for the records of a walk
 * @snap: its records still hold their mms and files
 * @ns: the reader's pid namespace; processes outside of it are not named
 *
 * Context: may sleep; no lock of mm held.
 * Return: 0, -ENOMEM, -EINTR on a fatal signal, or -EAGAIN if more processes came at each try.
 */
int rms_resolve(struct rms_snapshot *snap, struct pid_namespace *ns)
{
	u32 n = snap->walk.rec.nr_maps + snap->walk.rec.nr_avs;
	struct rms_key *keys;
	u32 *ids;
	int ret;

	if (!n)
		return 0;
	keys = rms_alloc_array(n, sizeof(*keys));
	ids = rms_alloc_array(n, sizeof(*ids));
	if (!keys || !ids) {
		ret = -ENOMEM;
		goto out_free;
	}
	rms_number_anon_vmas(snap, keys, ids);
	ret = 0;
	if (!snap->walk.rec.nr_maps)
		goto out_free;
	ret = rms_number_owners(snap, keys, ids);
	if (!ret)
		ret = rms_name_vmas(snap);
	if (!ret)
		ret = rms_find_tasks(snap, ns, keys);
out_free:
	kvfree(ids);
	kvfree(keys);
	return ret;
}

/**
 * rms_resolve_free - free what rms_resolve() added to a snapshot
 * @snap: the snapshot, also after an error
 *
 * Context: may sleep.
 */
void rms_resolve_free(struct rms_snapshot *snap)
{
	rms_free_names(snap);
	kvfree(snap->tasks);
	kvfree(snap->owners);
}
