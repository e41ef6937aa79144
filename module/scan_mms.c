// SPDX-License-Identifier: GPL-2.0
/*
 * The mms of a stream. An mm is described once, before the first record that names it by number.
 * Between two runs nothing keeps it, so another mm can have its address. It is the same if the
 * process that stood for it is the same, and still uses an mm at that address.
 */
#include <linux/bitmap.h>
#include <linux/hash.h>
#include <linux/mm.h>
#include <linux/pid.h>
#include <linux/rhashtable.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/xarray.h>

#include "compat.h"
#include "memory.h"
#include "numbers.h"
#include "procs.h"
#include "scan.h"

/**
 * struct rms_mm_name - an mm that was described
 * @node: in struct rms_scan_mms.by_address, as long as no other mm has the address
 * @mm: its address, as an identity
 * @nr: its number
 * @run: the run in which it was last known to be the same
 * @tgid: the process that stands for it, in the initial pid namespace; 0 if there is none
 * @start_time: of that process
 * @exec_id: of that process: each exec() has another
 * @rec: the record
 */
struct rms_mm_name {
	struct rhash_head node;
	const struct mm_struct *mm;
	u32 nr;
	u64 run;
	pid_t tgid;
	u64 start_time;
	u64 exec_id;
	struct rms_rec_mm *rec;
};

/**
 * struct rms_scan_mms - all mms of a stream
 * @by_address: -
 * @by_nr: by number, also those whose address another mm has
 * @nr: the highest number
 * @run: counts the runs
 */
struct rms_scan_mms {
	struct rhashtable by_address;
	struct xarray by_nr;
	u32 nr;
	u64 run;
};

static const struct rhashtable_params rms_mm_params = {
	.key_len = sizeof(void *),
	.key_offset = offsetof(struct rms_mm_name, mm),
	.head_offset = offsetof(struct rms_mm_name, node),
	.automatic_shrinking = false,
};

/**
 * rms_scan_mms_init - begin with no mms
 * @s: the stream
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int rms_scan_mms_init(struct rms_scan *s)
{
	struct rms_scan_mms *mms = kzalloc_obj(*mms, RMS_GFP);

	if (!mms)
		return -ENOMEM;
	xa_init(&mms->by_nr);
	if (rhashtable_init(&mms->by_address, &rms_mm_params)) {
		kfree(mms);
		return -ENOMEM;
	}
	s->mms = mms;
	return 0;
}

/**
 * rms_scan_mms_free - free all mms
 * @s: the stream
 *
 * Context: may sleep.
 */
void rms_scan_mms_free(struct rms_scan *s)
{
	struct rms_scan_mms *mms = s->mms;
	struct rms_mm_name *name;
	unsigned long nr;

	if (!mms)
		return;
	/* First, as a worker that makes the table larger may still read the names in it. */
	rhashtable_destroy(&mms->by_address);
	xa_for_each(&mms->by_nr, nr, name) {
		kfree(name->rec);
		kfree(name);
	}
	xa_destroy(&mms->by_nr);
	kfree(mms);
	s->mms = NULL;
}

static bool rms_is_same_process(const struct rms_mm_name *name, const struct task_struct *p)
{
	return p->start_time == name->start_time && p->self_exec_id == name->exec_id;
}

/*
 * Whether the process that stands for an mm still uses it. Mostly its leading thread is the owner
 * of the mm, so that it needn't be looked up. The run holds @mm.
 */
static bool rms_is_same_mm(const struct rms_mm_name *name, struct mm_struct *mm)
{
	struct task_struct *p;
	bool same;

	if (!name->tgid)
		return false;
	rcu_read_lock();
	p = rms_mm_owner(mm);
	same = p && p->pid == name->tgid && rms_is_same_process(name, p);
	if (!same) {
		p = pid_task(find_pid_ns(name->tgid, &init_pid_ns), PIDTYPE_TGID);
		same = p && rms_is_same_process(name, p) && rms_process_mm(p, NULL) == mm;
	}
	rcu_read_unlock();
	return same;
}

/* Notes which process stands for an mm. */
static void rms_note_process(struct rms_mm_name *name, struct mm_struct *mm,
			     const struct rms_owner *owner, struct pid_namespace *ns)
{
	struct task_struct *p = NULL;

	rcu_read_lock();
	if (owner->nr_tasks)
		p = pid_task(find_pid_ns(owner->tgid, ns), PIDTYPE_TGID);
	else if (!rms_sole_process(mm, &p))
		p = NULL;
	if (p && rms_process_mm(p, NULL) == mm) {
		name->tgid = task_tgid_nr(p);
		name->start_time = p->start_time;
		name->exec_id = p->self_exec_id;
	}
	rcu_read_unlock();
}

/* The record of an mm, whose number follows later. */
static struct rms_rec_mm *rms_make_rec_mm(const struct rms_snapshot *snap,
					  const struct rms_owner *owner)
{
	size_t size = ALIGN(struct_size((struct rms_rec_mm *)0, tgids, owner->nr_tasks), 8);
	struct rms_rec_mm *rec = kzalloc(size, RMS_GFP);
	u32 i;

	if (!rec)
		return NULL;
	rec->rec.type = RMS_REC_MM;
	rec->rec.size = size;
	rec->nr_tgids = owner->nr_tasks;
	if (!owner->nr_tasks)
		return rec;
	rec->pid = owner->tgid;
	memcpy(rec->comm, owner->comm, sizeof(rec->comm));
	rec->tgids[0] = owner->tgid;
	for (i = 1; i < owner->nr_tasks; i++)
		rec->tgids[i] = snap->tasks[owner->first_task + i].tgid;
	return rec;
}

/* Gives an mm the next number, and describes it to the reader. */
static int rms_add_mm(struct rms_scan *s, struct mm_struct *mm, const struct rms_snapshot *snap,
		      const struct rms_owner *owner)
{
	struct rms_scan_mms *mms = s->mms;
	struct rms_mm_name *old, *name = kzalloc_obj(*name, RMS_GFP);

	if (!name)
		return -ENOMEM;
	name->rec = rms_make_rec_mm(snap, owner);
	if (!name->rec || rms_scan_reserve(s, name->rec->rec.size))
		goto out_free;
	name->mm = mm;
	name->nr = mms->nr + 1;
	name->run = mms->run;
	name->rec->mm = name->nr;
	rms_note_process(name, mm, owner, s->ns);
	if (xa_err(xa_store(&mms->by_nr, name->nr, name, RMS_GFP)))
		goto out_free;
	old = rhashtable_lookup_fast(&mms->by_address, &mm, rms_mm_params);
	if (old)
		rhashtable_remove_fast(&mms->by_address, &old->node, rms_mm_params);
	/* A table that can't grow is out of memory, whatever the error. */
	if (rhashtable_insert_fast(&mms->by_address, &name->node, rms_mm_params)) {
		xa_erase(&mms->by_nr, name->nr);
		goto out_free;
	}
	mms->nr++;
	memcpy(rms_scan_put(s, RMS_REC_MM, name->rec->rec.size), name->rec, name->rec->rec.size);
	return 0;
out_free:
	kfree(name->rec);
	kfree(name);
	return -ENOMEM;
}

/* The number of an mm that is known to be the same, or 0. */
static u32 rms_known_mm(struct rms_scan_mms *mms, struct mm_struct *mm)
{
	struct rms_mm_name *name = rhashtable_lookup_fast(&mms->by_address, &mm, rms_mm_params);

	if (!name || (name->run != mms->run && !rms_is_same_mm(name, mm)))
		return 0;
	name->run = mms->run;
	return name->nr;
}

/* Finds the processes of new mms, with one pass over all processes at most. */
static int rms_describe_mms(struct rms_scan *s, const struct rms_numbers *mms)
{
	struct rms_snapshot snap = { .nr_owners = mms->nr };
	int ret = -ENOMEM;
	u32 i;

	snap.owners = rms_zalloc_array(mms->nr, sizeof(*snap.owners));
	if (!snap.owners)
		return -ENOMEM;
	for (i = 0; i < mms->nr; i++)
		snap.owners[i].mm = (struct mm_struct *)mms->objects[i];
	ret = rms_name_owners(&snap, mms, s->ns);
	for (i = 0; i < mms->nr && !ret; i++)
		ret = rms_add_mm(s, snap.owners[i].mm, &snap, &snap.owners[i]);
	kvfree(snap.tasks);
	kvfree(snap.owners);
	return ret;
}

/**
 * rms_scan_name_mms - number the mms of a run, and describe those that are new
 * @s: the stream
 *
 * Context: may sleep; no lock of mm held. The run still holds the mms.
 * Return: 0, -ENOMEM, -EINTR on a fatal signal, or -EAGAIN if more processes came at each try.
 */
int rms_scan_name_mms(struct rms_scan *s)
{
	struct rms_run *run = &s->run;
	struct rms_numbers mms;
	int ret = 0;
	u32 i, unknown = 0;

	s->mms->run++;
	for (i = 0; i < run->nr_vmas; i++) {
		run->vmas[i].mm_nr = rms_known_mm(s->mms, run->vmas[i].mm);
		unknown += !run->vmas[i].mm_nr;
	}
	if (!unknown)
		return 0;
	ret = rms_numbers_init(&mms, unknown);
	if (ret)
		return ret;
	for (i = 0; i < run->nr_vmas; i++) {
		if (!run->vmas[i].mm_nr)
			rms_number(&mms, run->vmas[i].mm);
	}
	ret = rms_describe_mms(s, &mms);
	for (i = 0; i < run->nr_vmas && !ret; i++) {
		if (!run->vmas[i].mm_nr)
			run->vmas[i].mm_nr = rms_known_mm(s->mms, run->vmas[i].mm);
	}
	rms_numbers_free(&mms);
	return ret;
}

/**
 * rms_scan_mm - the description of an mm
 * @s: the stream
 * @nr: the number of the mm
 *
 * Context: any.
 * Return: the record.
 */
const struct rms_rec_mm *rms_scan_mm(const struct rms_scan *s, u32 nr)
{
	const struct rms_mm_name *name = xa_load(&s->mms->by_nr, nr);

	return name->rec;
}

/*
 * Adds the entries of one of several VMAs of an mm to run->further, if they map pages that VMAs
 * before have mapped. @mapped: by those.
 */
static void rms_count_entries(struct rms_run *run, u32 vma, unsigned long *mapped)
{
	u32 end = vma + 1 < run->nr_vmas ? run->vmas[vma + 1].first : run->nr_maps;
	u32 i, place;

	for (i = run->vmas[vma].first; i < end; i++) {
		const struct rms_scan_map *map = &run->maps[i];
		u32 behind = map->first + map->count;

		place = find_next_bit(mapped, behind, map->first);
		if (place < behind && !run->has_further)
			memset(run->further, 0, RMS_RUN_PAGES * sizeof(*run->further));
		for (; place < behind; place = find_next_bit(mapped, behind, place + 1)) {
			run->further[place]++;
			run->has_further = true;
		}
		bitmap_set(mapped, map->first, map->count);
	}
}

/*
 * Makes a list of the VMAs of each mm. The heads are in a hash table, whose size is returned; the
 * next one of each VMA is in run->next. Both are indices of VMAs plus 1, or 0.
 */
static u32 rms_list_vmas(struct rms_run *run)
{
	u32 bits = rms_hash_bits(run->nr_vmas), mask = BIT(bits) - 1, i, at;

	memset(run->hash, 0, BIT(bits) * sizeof(*run->hash));
	for (i = 0; i < run->nr_vmas; i++) {
		const struct mm_struct *mm = run->vmas[i].mm;

		for (at = hash_ptr(mm, bits); run->hash[at]; at = (at + 1) & mask) {
			if (run->vmas[run->hash[at] - 1].mm == mm)
				break;
		}
		run->next[i] = run->hash[at];
		run->hash[at] = i + 1;
		if (!(i % 1024))
			cond_resched();
	}
	return BIT(bits);
}

/**
 * rms_scan_count_mms - count the address spaces that map each page of a run
 * @run: all entries have been found
 *
 * A page mostly has as many as entries. Only those of an mm with several VMAs are counted.
 *
 * Context: may sleep; no lock of mm held.
 */
void rms_scan_count_mms(struct rms_run *run)
{
	DECLARE_BITMAP(mapped, RMS_RUN_PAGES);
	u32 at, vma, size;

	run->has_further = false;
	if (run->nr_vmas < 2)
		return;
	size = rms_list_vmas(run);
	for (at = 0; at < size; at++) {
		vma = run->hash[at];
		if (!vma || !run->next[vma - 1])
			continue;
		bitmap_zero(mapped, RMS_RUN_PAGES);
		for (; vma; vma = run->next[vma - 1]) {
			rms_count_entries(run, vma - 1, mapped);
			cond_resched();
		}
	}
}
