// SPDX-License-Identifier: GPL-2.0
/*
 * Finds mappings of a KSM page that the kernel's own walk can't reach.
 *
 * rmap_walk_ksm() visits the addresses at which ksmd has merged the page, and the same addresses in
 * processes forked from there. When such a process exits and ksmd notices that, nothing leads to a
 * child that outlives it, until ksmd visits the child itself. Until then the kernel can't unmap
 * the page, and neither migrate nor reclaim it.
 *
 * The child can only be found by reading page tables: first of all memory that may be merged, then
 * of all other memory, since a page may have been swapped out, its VMA excluded from merging, and
 * the page read in again. This is done only if the map count says that mappings are missing, and
 * only for a limited share of the time: a reader of all frames would otherwise read all page tables
 * for each of them.
 *
 * No rmap lock is held here.
 */
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pid_namespace.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "back_off.h"
#include "memory.h"
#include "procs.h"
#include "page_report.h"

static unsigned int max_search = 10;
module_param(max_search, uint, 0600);
MODULE_PARM_DESC(max_search,
		 "Limit of time spent searching for mappings of KSM pages, in percent (default 10)");

/* How often to try for the mmap_lock of an mm: about half a second. */
#define RMS_MM_TRIES	64

/* Time for searches that is available at once, in nanoseconds. */
#define RMS_SEARCH_BURST	(5 * (s64)NSEC_PER_SEC)

/* The time that was left for searches at rms_search_time; negative after a long search. */
static DEFINE_SPINLOCK(rms_search_lock);
static s64 rms_search_left = RMS_SEARCH_BURST;
static u64 rms_search_time;

/**
 * struct rms_search - the search for the missing mappings of one page
 * @pass: where it is
 * @w: the walk that missed them, which gets their records
 * @order: @known records of @w by place, as indices
 * @known: how many records there were at first
 * @missing: how many are still to be found
 * @others: read VMAs that may not be merged, instead of those that may
 * @vals: room for the PTEs of one table
 */
struct rms_search {
	struct rms_pass pass;
	struct rms_walk *w;
	const u32 *order;
	u32 known;
	int missing;
	bool others;
	unsigned long *vals;
};

/* Whether the walk itself has found the page at this address. */
static bool rms_is_known(const struct rms_search *s, unsigned long va)
{
	u32 low = 0, high = s->known, middle;
	const struct rms_map *map;

	while (low < high) {
		middle = low + (high - low) / 2;
		map = &s->w->rec.maps[s->order[middle]];
		if (map->mm == s->pass.mm && map->va == va)
			return true;
		if (map->mm < s->pass.mm || (map->mm == s->pass.mm && map->va < va))
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

static void rms_note_found(struct rms_search *s, struct vm_area_struct *vma, unsigned long va)
{
	u32 entries = s->w->out.entries;

	if (rms_is_known(s, va))
		return;
	s->w->out.visited++;
	rms_note_page(s->w, vma, va);
	s->missing -= s->w->out.entries - entries;
}

/* Reads one page table at a time. */
static enum rms_progress rms_search_vma(struct rms_search *s, struct vm_area_struct *vma)
{
	struct rms_pass *pass = &s->pass;
	struct rms_entry entry;
	unsigned int i, nr;

	do {
		nr = rms_entries_read(vma, pass->addr, vma->vm_end, s->vals, &entry);
		/* A KSM page is never part of a huge entry. */
		for (i = 0; entry.level == RMS_PTE && i < nr && s->missing > 0; i++) {
			entry.val = s->vals[i];
			if (rms_entry_content(&entry) == RMS_PRESENT &&
			    rms_entry_pfn(&entry, pass->addr) == s->w->query.pfn)
				rms_note_found(s, vma,
					       pass->addr + ((unsigned long)i << PAGE_SHIFT));
		}
		pass->left -= entry.level == RMS_PTE ? nr : 1;
		pass->addr += (unsigned long)nr << PAGE_SHIFT;
		if (s->missing <= 0)
			return RMS_DONE;
		if (rms_pass_must_pause(pass))
			return RMS_PAUSE;
	} while (pass->addr < vma->vm_end);
	return RMS_GO_ON;
}

/* Whether the page may be mapped in a VMA, and such VMAs are read in this pass. */
static bool rms_is_candidate(const struct rms_search *s, struct vm_area_struct *vma)
{
	unsigned long flags = READ_ONCE(vma->vm_flags);

	return READ_ONCE(vma->anon_vma) && !(flags & VM_HUGETLB) &&
	       !(flags & VM_MERGEABLE) == s->others;
}

static enum rms_progress rms_search_next(struct rms_pass *pass, struct vm_area_struct *vma)
{
	struct rms_search *s = container_of(pass, struct rms_search, pass);

	pass->addr = max(pass->addr, vma->vm_start);
	if (rms_is_candidate(s, vma))
		return rms_search_vma(s, vma);
	pass->addr = vma->vm_end;
	return RMS_GO_ON;
}

/*
 * The search holds a reference to the page, so it doesn't wait for a lock without a limit: the task
 * that holds it may wait for a disk, or for a server that is gone. -EAGAIN if it stays locked.
 */
static int rms_lock_mm(struct mm_struct *mm)
{
	int try, ret = 0;

	for (try = 0; try < RMS_MM_TRIES && !ret; try++) {
		if (mmap_read_trylock(mm))
			return 0;
		ret = rms_back_off(try);
	}
	return ret ?: -EAGAIN;
}

static int rms_search_mms(struct rms_search *s, const struct rms_users *users)
{
	int ret = 0;
	u32 i;

	for (i = 0; i < users->nr && !ret && s->missing > 0; i++) {
		s->pass.mm = users->user[i].mm;
		s->pass.addr = 0;
		ret = rms_pass_over_mm(&s->pass);
		/* Skip an mm that is gone or can't be locked; missing then stays above 0. */
		if (ret == -ESRCH || ret == -EAGAIN)
			ret = 0;
	}
	return ret;
}

static int rms_search_all(struct rms_search *s)
{
	struct rms_users users;
	int ret;

	ret = rms_find_users(&users, &init_pid_ns);
	if (!ret)
		ret = rms_search_mms(s, &users);
	s->others = true;
	if (!ret)
		ret = rms_search_mms(s, &users);
	rms_put_users(&users);
	return ret;
}

/* Makes room for the missing mappings, within the limit of a report. Keeps the records. */
static int rms_extend(struct rms_walk *w, u32 missing)
{
	u32 room = min(w->rec.held + missing, rms_max_vmas());
	struct rms_map *maps;

	if (room <= w->rec.max_maps)
		return 0;
	maps = rms_alloc_array(room, sizeof(*maps));
	if (!maps)
		return -ENOMEM;
	memcpy(maps, w->rec.maps, w->rec.held * sizeof(*maps));
	kvfree(w->rec.maps);
	w->rec.maps = maps;
	w->rec.max_maps = room;
	return 0;
}

/**
 * rms_may_search - whether all readers together have time left for another search
 *
 * Context: any.
 * Return: true if so. rms_search_ksm() subtracts what it takes.
 */
bool rms_may_search(void)
{
	unsigned int percent = min(READ_ONCE(max_search), 100U);
	u64 now = ktime_get_ns();
	bool may;

	spin_lock(&rms_search_lock);
	if (now > rms_search_time) {
		rms_search_left += div_u64(now - rms_search_time, 100) * percent;
		rms_search_left = min(rms_search_left, RMS_SEARCH_BURST);
		rms_search_time = now;
	}
	may = percent == 100 || (percent && rms_search_left > 0);
	spin_unlock(&rms_search_lock);
	return may;
}

static void rms_searched(u64 ns)
{
	spin_lock(&rms_search_lock);
	rms_search_left -= ns;
	spin_unlock(&rms_search_lock);
}

/**
 * rms_search_ksm - find the mappings of a KSM page that the kernel's walk has missed
 * @report: after the walk and rms_drop_repeats(); gets records of the mappings that are found, as
 *	far as there is room
 * @missing: how many mappings are missing
 *
 * Context: may sleep; no lock of mm held, the page referenced. Takes the mmap_lock of each mm in
 * turn.
 * Return: 0, -ENOMEM, or -EINTR on a fatal signal.
 */
int rms_search_ksm(struct rms_page_report *report, int missing)
{
	struct rms_search s = {
		.pass.lock = rms_lock_mm,
		.pass.visit = rms_search_next,
		.w = &report->snap.walk,
		.known = report->snap.walk.rec.nr_maps,
		.missing = missing,
	};
	u32 *order = rms_order_by_place(report);
	u64 begin = ktime_get_ns();
	int ret = -ENOMEM;

	s.order = order;
	report->reached = report->snap.walk.rec.nr_maps;
	/* The buffer will not grow any more. */
	s.w->query.count_all = true;
	s.vals = rms_alloc_array(PTRS_PER_PTE, sizeof(*s.vals));
	/* The repeats that rms_drop_repeats() left are where the new records go. */
	rms_drop_refs(s.w, report->snap.walk.rec.nr_maps);
	if (order && s.vals)
		ret = rms_extend(s.w, missing);
	if (!ret)
		ret = rms_search_all(&s);
	s.w->rec.held = min(s.w->rec.seen_maps, s.w->rec.max_maps);
	report->snap.walk.rec.nr_maps = s.w->rec.held;
	report->unreached = missing - s.missing;
	rms_searched(ktime_get_ns() - begin);
	kvfree(s.vals);
	kvfree(order);
	return ret;
}
