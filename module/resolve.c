// SPDX-License-Identifier: GPL-2.0
/*
 * Numbers the anon_vmas and the mms in the records of a walk; owners.c and names.c find the names.
 * No rmap lock is held any more. The mms and files are still referenced, so an address stands for
 * one object only.
 */
#include <linux/mm.h>

#include "memory.h"
#include "numbers.h"
#include "snapshot.h"

/*
 * Keeps one record of each anon_vma. A chain of ancestors is contiguous, so the depth of an
 * anon_vma is its distance to the root in the chain.
 */
static void rms_pack_anon_vmas(struct rms_records *rec, struct rms_numbers *numbers)
{
	u32 i, end, n = rec->nr_avs, left = 0;
	struct rms_av *avs = rec->avs;

	for (i = 0, end = 0; i < n; i++) {
		while (end < n && (end <= i || avs[end - 1].self != avs[i].root))
			end++;
		/* An older number is that of a record which is kept already. */
		if (rms_number(numbers, avs[i].self) != left)
			continue;
		avs[left] = avs[i];
		avs[left++].depth = end - 1 - i;
	}
	rec->nr_avs = left;
}

/* The anon_vmas of the page come first, so its own is av0. */
static int rms_number_anon_vmas(struct rms_snapshot *snap)
{
	struct rms_records *rec = &snap->walk.rec;
	struct rms_numbers numbers;
	u32 i;
	int ret;

	ret = rms_numbers_init(&numbers, rec->nr_avs + rec->nr_maps);
	if (ret)
		return ret;
	if (snap->tree) {
		for (i = 0; i < rec->nr_avs; i++)
			rms_number(&numbers, rec->avs[i].self);
	} else {
		rms_pack_anon_vmas(rec, &numbers);
	}
	for (i = 0; i < rec->nr_maps; i++)
		rec->maps[i].av_id = rec->maps[i].anon_vma ?
				     rms_number(&numbers, rec->maps[i].anon_vma) : RMS_NO_ID;
	rms_numbers_free(&numbers);
	return 0;
}

static int rms_grow_owners(struct rms_snapshot *snap, u32 owners)
{
	if (owners <= snap->max_owners)
		return 0;
	rms_free_array(snap->owners);
	snap->max_owners = 0;
	snap->owners = rms_alloc_array(owners, sizeof(*snap->owners));
	if (!snap->owners)
		return -ENOMEM;
	snap->max_owners = owners;
	return 0;
}

/**
 * rms_resolve_prepare - allocate what a small snapshot needs
 * @snap: its walk is prepared
 *
 * Context: may sleep; no lock of mm held.
 * Return: 0 or -ENOMEM.
 */
int rms_resolve_prepare(struct rms_snapshot *snap)
{
	return rms_grow_owners(snap, snap->walk.rec.max_maps);
}

/* Makes an owner of each mm. There are at most as many as records. */
static int rms_number_owners(struct rms_snapshot *snap, struct rms_numbers *mms)
{
	struct rms_records *rec = &snap->walk.rec;
	u32 i;

	if (rms_grow_owners(snap, rec->nr_maps))
		return -ENOMEM;
	for (i = 0; i < rec->nr_maps; i++) {
		rec->maps[i].owner = rms_number(mms, rec->maps[i].mm);
		snap->owners[rec->maps[i].owner].mm = rec->maps[i].mm;
	}
	snap->nr_owners = mms->nr;
	return 0;
}

static int rms_resolve_maps(struct rms_snapshot *snap, struct pid_namespace *ns)
{
	struct rms_numbers mms;
	int ret;

	ret = rms_numbers_init(&mms, snap->walk.rec.nr_maps);
	if (ret)
		return ret;
	ret = rms_number_owners(snap, &mms);
	if (!ret)
		ret = rms_name_vmas(snap);
	if (!ret)
		ret = rms_name_owners(snap, &mms, ns);
	rms_numbers_free(&mms);
	return ret;
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
	int ret;

	if (!snap->walk.rec.nr_maps && !snap->walk.rec.nr_avs)
		return 0;
	ret = rms_number_anon_vmas(snap);
	if (ret || !snap->walk.rec.nr_maps)
		return ret;
	return rms_resolve_maps(snap, ns);
}

/**
 * rms_resolve_reuse - prepare to resolve the records of another walk
 * @snap: the snapshot, resolved or not
 *
 * Context: may sleep.
 */
void rms_resolve_reuse(struct rms_snapshot *snap)
{
	snap->nr_owners = 0;
	if (snap->tasks) {
		rms_free_array(snap->tasks);
		snap->nr_tasks = 0;
	}
	if (snap->names)
		rms_free_names(snap);
}

/**
 * rms_resolve_release - free what rms_resolve() added to a snapshot
 * @snap: the snapshot, also after an error
 *
 * Context: may sleep.
 */
void rms_resolve_release(struct rms_snapshot *snap)
{
	rms_resolve_reuse(snap);
	kvfree(snap->owners);
}
