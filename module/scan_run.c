// SPDX-License-Identifier: GPL-2.0
/*
 * The runs of a stream, one after the other. A run is looked at again if it changed meanwhile, did
 * not fit into the buffers, or kept others waiting.
 */
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "back_off.h"
#include "compat.h"
#include "counters.h"
#include "memory.h"
#include "scan.h"

/* How often a run is looked at again since pages were moving, or their counts differed. */
#define RMS_MOVING_TRIES	20
#define RMS_RACED_TRIES		3

/* Entries that a run has room for at first, and that a run of several pages may have and report. */
#define RMS_FIRST_MAPS		256
#define RMS_MANY_MAPS		65536

/* A run that has no room is looked at again with so many times the room that it needs. */
#define RMS_GROWTH		4

/* Entries that a walk reads before it lets others have the lock, if they wait. */
#define RMS_WALK_SLICE		(512L * 512)

/* Drops the references to mms. Context: may sleep; no lock of mm held. */
static void rms_run_drop(struct rms_run *run)
{
	u32 i;

	for (i = 0; i < run->nr_vmas; i++) {
		mmdrop(run->vmas[i].mm);
		cond_resched();
	}
	run->nr_vmas = 0;
	run->nr_maps = 0;
}

static void rms_run_begin(struct rms_scan *s)
{
	struct rms_run *run = &s->run;

	rms_run_drop(run);
	s->words = (struct rms_page_words){};
	/* Memory may go offline between two runs. */
	memset(s->online, 0xff, sizeof(s->online));
	run->expect_from = 0;
	run->expect_to = 0;
	run->last = false;
	run->by_tree = false;
	run->sorted = false;
	run->all_kept = true;
	run->has_further = false;
	run->count = 0;
	run->nr_pages = 0;
	run->seen_maps = 0;
	run->left = RMS_WALK_SLICE;
	run->visited = 0;
	run->moving = 0;
	run->raced = 0;
	memset(run->unmapped, 0, sizeof(run->unmapped));
	run->killed = false;
	run->split = false;
	run->locked = false;
	run->cut = false;
}

static void *rms_grow_array(void *old, u32 nr, u32 want, size_t size)
{
	void *array = rms_alloc_array(want, size);

	if (array && nr)
		memcpy(array, old, nr * size);
	return array;
}

/**
 * rms_run_grow - make room for more entries
 * @run: keeps those that it has
 * @maps: how many
 *
 * Context: may sleep; no lock of mm held.
 * Return: 0 or -ENOMEM.
 */
int rms_run_grow(struct rms_run *run, u32 maps)
{
	struct rms_scan_map *new_maps = rms_grow_array(run->maps, run->nr_maps, maps,
						       sizeof(*run->maps));
	struct rms_scan_vma *new_vmas = rms_grow_array(run->vmas, run->nr_vmas, maps,
						       sizeof(*run->vmas));
	u32 *next = rms_alloc_array(maps, sizeof(*next));
	u32 *hash = rms_alloc_array(BIT(rms_hash_bits(maps)), sizeof(*hash));

	if (!new_maps || !new_vmas || !next || !hash) {
		kvfree(new_maps);
		kvfree(new_vmas);
		kvfree(next);
		kvfree(hash);
		return -ENOMEM;
	}
	kvfree(run->maps);
	kvfree(run->vmas);
	kvfree(run->next);
	kvfree(run->hash);
	run->maps = new_maps;
	run->vmas = new_vmas;
	run->next = next;
	run->hash = hash;
	run->max_maps = maps;
	return 0;
}

/**
 * rms_scan_begin - begin a stream
 * @s: zeroed
 * @range: what to look at; copied
 * @ns: the reader's pid namespace, kept by the caller
 *
 * Context: may sleep; no lock of mm held.
 * Return: 0; -ESRCH if the process has no memory; -EFAULT if it has none there; -ENXIO if there are
 * no such frames; -EINTR on a fatal signal; -ENOMEM. rms_scan_finish() follows in any case.
 */
int rms_scan_begin(struct rms_scan *s, const struct rms_range *range, struct pid_namespace *ns)
{
	struct rms_run *run = &s->run;
	int ret;

	rms_range_get(&s->range, range);
	s->ns = ns;
	s->limit = RMS_RUN_PAGES;
	s->end.complete = 1;
	ret = range->pid ? rms_scan_check_addresses(s) : rms_scan_check_frames(&s->range);
	if (ret)
		return ret;
	s->at = s->range.start;
	run->pages = rms_alloc_array(RMS_RUN_PAGES, sizeof(*run->pages));
	run->frames = rms_alloc_array(RMS_RUN_PAGES, sizeof(*run->frames));
	run->expected = rms_alloc_array(RMS_RUN_PAGES, sizeof(*run->expected));
	run->found = rms_alloc_array(RMS_RUN_PAGES, sizeof(*run->found));
	run->further = rms_alloc_array(RMS_RUN_PAGES, sizeof(*run->further));
	run->verdicts = rms_zalloc_array(RMS_RUN_PAGES, sizeof(*run->verdicts));
	run->order = rms_alloc_array(RMS_RUN_PAGES, sizeof(*run->order));
	if (!s->mm) {
		run->spare_pages = rms_alloc_array(RMS_RUN_PAGES, sizeof(*run->spare_pages));
		run->spare_frames = rms_alloc_array(RMS_RUN_PAGES, sizeof(*run->spare_frames));
		run->owner = rms_alloc_array(RMS_RUN_PAGES, sizeof(*run->owner));
		if (!run->spare_pages || !run->spare_frames || !run->owner)
			return -ENOMEM;
	}
	if (!run->pages || !run->frames || !run->expected || !run->found || !run->further ||
	    !run->verdicts || !run->order || rms_run_grow(run, min(RMS_FIRST_MAPS, rms_max_vmas())))
		return -ENOMEM;
	return rms_scan_mms_init(s) ?: rms_scan_files_init(s);
}

/**
 * rms_scan_finish - end a stream, complete or not
 * @s: the stream; all zeroes afterwards
 *
 * Context: may sleep; no lock of mm held.
 */
void rms_scan_finish(struct rms_scan *s)
{
	struct rms_run *run = &s->run;

	rms_run_drop(run);
	kvfree(run->pages);
	kvfree(run->frames);
	kvfree(run->expected);
	kvfree(run->found);
	kvfree(run->further);
	kvfree(run->verdicts);
	kvfree(run->order);
	kvfree(run->spare_pages);
	kvfree(run->spare_frames);
	kvfree(run->owner);
	kvfree(run->maps);
	kvfree(run->vmas);
	kvfree(run->next);
	kvfree(run->hash);
	rms_scan_mms_free(s);
	rms_scan_files_free(s);
	if (s->report)
		rms_page_report_release(s->report);
	kfree(s->report);
	if (s->mm)
		mmdrop(s->mm);
	rms_range_put(&s->range);
	kvfree(s->out);
	*s = (struct rms_scan){};
}

/*
 * Makes room, if possible also for the runs that follow, or looks at fewer pages, before the run is
 * looked at again. Returns 0 or -ENOMEM.
 */
static int rms_make_it_fit(struct rms_scan *s)
{
	struct rms_run *run = &s->run;
	u32 want = min(RMS_GROWTH * run->seen_maps, rms_max_vmas());

	if (run->count > 1 && (run->seen_maps > RMS_MANY_MAPS || want <= run->max_maps)) {
		s->limit = run->count / 2;
		return 0;
	}
	rms_run_drop(run);
	if (!rms_run_grow(run, want) || !rms_run_grow(run, min(run->seen_maps, rms_max_vmas())))
		return 0;
	if (run->count == 1)
		return -ENOMEM;
	s->limit = run->count / 2;
	return 0;
}

static bool rms_must_fit(const struct rms_run *run)
{
	return run->seen_maps > run->max_maps &&
	       (run->count > 1 || run->max_maps < rms_max_vmas());
}

/* How many pages were found to be mapped more or less often than the kernel's count says. */
static u32 rms_count_raced(const struct rms_run *run)
{
	u32 i, k, raced = 0;
	s32 entries;

	for (i = 0; i < run->nr_pages; i++) {
		const struct rms_scan_pages *p = &run->pages[i];

		if (!p->tree || p->alone || p->kind == RMS_KIND_SWAP ||
		    (!RMS_EXACT_PAGE_MAPCOUNT && p->order))
			continue;
		for (entries = 0, k = 0; k < p->count; k++) {
			entries += run->found[p->place + k].entries;
			raced += entries != p->maps;
		}
	}
	return raced;
}

/* Collects the next run and walks from it, until that has worked out. */
static int rms_look_at_run(struct rms_scan *s, u32 *raced)
{
	struct rms_run *run = &s->run;
	int ret, try = 0;

	run->single = false;
	for (;;) {
		rms_run_begin(s);
		ret = s->mm ? rms_scan_addresses(s) : rms_scan_frames(s);
		if (ret)
			return ret;
		if (run->killed)
			return -EINTR;
		if (run->split) {
			s->limit = max(run->count / 2, 1U);
			continue;
		}
		if (run->locked) {
			run->single = true;
			continue;
		}
		if (rms_must_fit(run)) {
			ret = rms_make_it_fit(s);
			if (ret)
				return ret;
			continue;
		}
		if (run->count > 1 && rms_scan_count_records(s) > RMS_MANY_MAPS) {
			s->limit = run->count / 2;
			continue;
		}
		*raced = run->cut || run->seen_maps > run->max_maps ? 0 : rms_count_raced(run);
		if (!run->moving && !*raced)
			return 0;
		if (try >= (run->moving ? RMS_MOVING_TRIES : RMS_RACED_TRIES))
			return 0;
		rms_stat_add(RMS_STAT_RETRIES, 1);
		ret = rms_back_off(try++);
		if (ret)
			return ret;
	}
}

/* The run was reported. */
static void rms_add_totals(struct rms_scan *s, u32 raced)
{
	struct rms_run *run = &s->run;
	u32 i;

	raced += run->raced;
	s->end.visited += run->visited;
	s->end.raced += raced;
	s->end.skipped += run->moving;
	if (run->moving || run->cut || run->seen_maps > run->nr_maps)
		s->end.complete = 0;
	rms_stat_add(RMS_STAT_TRUNCATIONS, run->cut || run->seen_maps > run->nr_maps);
	for (i = 0; i < RMS_NR_UNMAPPED; i++)
		s->end.unmapped[i] += run->unmapped[i];
	rms_stat_add(RMS_STAT_RACED, raced);
	s->at = run->end;
	s->limit = min(2 * s->limit, (u32)RMS_RUN_PAGES);
}

static int rms_scan_run(struct rms_scan *s)
{
	u32 raced = 0;
	int ret;

	ret = rms_look_at_run(s, &raced);
	if (!ret)
		ret = rms_scan_alone(s);
	if (!ret)
		ret = rms_scan_put_run(s);
	if (!ret)
		rms_add_totals(s, raced);
	rms_run_drop(&s->run);
	return ret;
}

/**
 * rms_scan_next - make the next records
 * @s: the stream; the reader has got all records that were made, and not the last one
 *
 * Context: may sleep; no lock of mm held.
 * Return: 0, also if there are no records up to where the stream is now; -EINTR on a fatal signal;
 * -ENOMEM; -EAGAIN. After an error the same run is next again.
 */
int rms_scan_next(struct rms_scan *s)
{
	int ret;

	s->out_len = 0;
	s->out_at = 0;
	if (!s->began) {
		ret = rms_scan_put_head(s);
		if (!ret)
			s->began = ktime_get_ns();
		return ret;
	}
	if (s->at < s->range.end) {
		ret = rms_scan_run(s);
		if (ret != -ESRCH)
			return ret;
		/* The process has exited, so that there is nothing left to look at. */
		s->at = s->range.end;
		s->end.complete = 0;
	}
	ret = rms_scan_put_end(s);
	s->done = !ret;
	return ret;
}
