// SPDX-License-Identifier: GPL-2.0
/*
 * The report on one page: walk it with buffers that are large enough, until what was found agrees
 * with the kernel's map count or the reason why not is known.
 */
#include <linux/delay.h>
#include <linux/mm.h>

#include "back_off.h"
#include "compat.h"
#include "counters.h"
#include "page_report.h"

/*
 * The most walks for one report; the most of them that may disagree with the map count; and how
 * many must disagree in the same way before the map count is said to be wrong.
 */
#define RMS_WALK_TRIES	12
#define RMS_RACED_TRIES	3
#define RMS_SURE_TRIES	7

/* The entries found, against the map count: of a walk during which the count didn't move. */
static void rms_compare(struct rms_page_report *report)
{
	const struct rms_snapshot *snap = &report->snap;
	const struct rms_walk *w = &snap->walk;
	bool average = !RMS_EXACT_PAGE_MAPCOUNT && snap->facts.order && !snap->whole;

	report->difference = (int)w->out.entries - snap->facts.mapcount;
	if (report->agreement == RMS_MOVED)
		return;
	/*
	 * Of a KSM page or a hugetlb file some records may be repeats. Records that didn't fit into
	 * the buffer can't be compared.
	 */
	if (w->out.cut || average ||
	    ((w->query.kind == RMS_KIND_KSM || w->query.kind == RMS_KIND_HUGETLB_FILE) &&
	     w->rec.seen_maps > w->rec.nr_maps))
		report->agreement = RMS_NOT_COMPARABLE;
	else if (report->difference)
		report->agreement = RMS_MISMATCH;
}

/* The buffer sizes for the next walk (0 if the present ones do), and the number of walks so far. */
struct rms_attempt {
	u32 maps;
	u32 avs;
	int tries;
};

/*
 * Walks once, with the buffers that there are. @a gets the sizes for another walk, if they were too
 * small.
 */
static int rms_walk_once(const struct rms_page *p, struct rms_page_report *report,
			 struct rms_attempt *a)
{
	struct rms_walk *w = &report->snap.walk;
	u32 limit = rms_max_vmas();
	int ret;

	w->rec.held = 0;
	w->query.count_all = w->rec.max_maps >= limit;
	ret = rms_walk_target(p, report);
	if (ret)
		return ret;
	a->maps = rms_wanted(w->rec.seen_maps, w->rec.max_maps, limit);
	a->avs = rms_wanted(w->rec.seen_avs, w->rec.max_avs, rms_max_avs());
	ret = rms_drop_repeats(report);
	if (p->page)
		rms_compare(report);
	return ret;
}

/* Drops the records, and waits if that may help, before another walk of the same page. */
static int rms_prepare_retry(struct rms_page_report *report, const struct rms_attempt *a)
{
	struct rms_walk *w = &report->snap.walk;

	if (a->tries == RMS_WALK_TRIES)
		return -EAGAIN;
	rms_drop_refs(w, 0);
	rms_stat_add(RMS_STAT_RETRIES, 1);
	/* ksmd maps a page before it adds the mapping to its own tree. */
	if (w->out.contended || (w->query.kind == RMS_KIND_KSM && rms_walk_raced(report)))
		usleep_range(100, 1000);
	return 0;
}

/* Walk with larger buffers until all records fit, or the limits are reached. */
static int rms_walk_until_fits(const struct rms_page *p, struct rms_page_report *report,
			       struct rms_attempt *a)
{
	struct rms_walk *w = &report->snap.walk;
	int ret;

	for (;;) {
		ret = rms_walk_grow(w, a->maps, a->avs);
		if (!ret)
			ret = rms_walk_once(p, report, a);
		if (ret)
			return ret;
		a->tries++;
		if (a->maps <= w->rec.max_maps && a->avs <= w->rec.max_avs && !w->out.contended)
			return 0;
		ret = rms_prepare_retry(report, a);
		if (ret)
			return ret;
	}
}

/*
 * Walk until the entries found agree with the map count. They differ while the page is being mapped
 * or unmapped. If they differ by the same number each time, and the count doesn't move, the count
 * is wrong, or the walk doesn't reach all entries: that is a mismatch. A process that moves its
 * mapping to and fro can be missed several times in a row, so that needs more walks, and time
 * between them.
 */
static int rms_walk_until_settled(const struct rms_page *p, struct rms_page_report *report)
{
	u32 mapcount = p->page ? max(rms_page_mapcount(p->page), 0) : 0;
	const struct rms_records *rec = &report->snap.walk.rec;
	struct rms_attempt a = {};
	int ret, raced, tries, first = 0;
	bool same = true, ksm;

	/* The first walk may show that more is needed. */
	if (mapcount >= rec->max_maps)
		a.maps = rms_want(mapcount, rms_max_vmas());
	if (!rec->max_avs)
		a.avs = rms_want(0, rms_max_avs());
	for (raced = 1;; raced++) {
		tries = a.tries + 1;
		ret = rms_walk_until_fits(p, report, &a);
		if (ret || !rms_walk_raced(report))
			return ret;
		ksm = report->snap.walk.query.kind == RMS_KIND_KSM;
		if (raced == 1)
			first = report->difference;
		else if (a.tries != tries)
			same = false;	/* not two walks in a row */
		same &= report->agreement == RMS_MISMATCH && report->difference == first;
		/* mremap() breaks up merged pages, and their mappings are searched for anyway. */
		if (raced >= (same && !ksm ? RMS_SURE_TRIES : RMS_RACED_TRIES))
			break;
		ret = rms_prepare_retry(report, &a);
		if (!ret && raced >= RMS_RACED_TRIES)
			ret = rms_back_off(raced);
		if (ret)
			return ret;
	}
	if (!same)
		report->agreement = RMS_MOVED;
	return 0;
}

/* Whether all VMAs that the walk visited have a record. */
static bool rms_has_all_maps(const struct rms_records *rec)
{
	return rec->seen_maps == rec->nr_maps;
}

/*
 * The kernel's walk misses mappings of a KSM page: ksmd maps a page before it adds the mapping to
 * its own tree, and removes the mapping from that tree before it unmaps the page. Search for them,
 * if there is time.
 */
static int rms_search_missing(const struct rms_page *p, struct rms_page_report *report)
{
	int ret, mapcount = report->snap.facts.mapcount;

	if (!rms_may_search()) {
		report->unsearched = -report->difference;
		report->agreement = RMS_UNSEARCHED;
		return 0;
	}
	ret = rms_search_ksm(report, -report->difference);
	report->agreement = report->snap.walk.out.entries != mapcount ||
			    rms_page_mapcount(p->page) != mapcount ? RMS_MOVED : RMS_AGREES;
	return ret;
}

/* Find the reason for a mismatch that lasts. */
static int rms_explain_mismatch(const struct rms_page *p, struct rms_page_report *report)
{
	const struct rms_walk *w = &report->snap.walk;

	/* Repeats among records that didn't fit into the buffer can't be told from entries. */
	if (!rms_has_all_maps(&w->rec))
		report->agreement = RMS_MOVED;
	else if (w->query.kind == RMS_KIND_KSM && report->difference < 0)
		return rms_search_missing(p, report);
	else if (report->difference > 0 && rms_seen_twice(report))
		report->agreement = RMS_MOVED;
	return 0;
}

/*
 * Whether the page has left the address of the target, so that the report would be about another
 * page. If the walk doesn't find the page there, and the map count says the same each time that
 * something is missing, the page is still there, and no reverse map leads to it.
 */
static bool rms_target_lost(const struct rms_page *p, const struct rms_page_report *report,
			    bool mismatch)
{
	const struct rms_walk *w = &report->snap.walk;

	if (!p->mm || w->out.hit || w->out.cut)
		return false;
	if (mismatch && report->agreement != RMS_AGREES)
		return false;
	return w->query.kind != RMS_KIND_KSM || rms_has_all_maps(&w->rec);
}

static int rms_walk_page(const struct rms_page *p, struct rms_snapshot *snap)
{
	struct rms_page_report *report = container_of(snap, struct rms_page_report, snap);
	bool mismatch;
	int ret;

	report->unreached = 0;
	report->unsearched = 0;
	ret = rms_make_query(p, report);
	if (!ret)
		ret = rms_walk_until_settled(p, report);
	if (ret)
		return ret;
	mismatch = report->agreement == RMS_MISMATCH;
	if (mismatch)
		ret = rms_explain_mismatch(p, report);
	if (ret)
		return ret;
	rms_sum_counts(report);
	return rms_target_lost(p, report, mismatch) ? -EAGAIN : 0;
}

static void rms_count_report(const struct rms_page_report *report)
{
	rms_stat_add(RMS_STAT_MAPPINGS, report->snap.walk.out.entries);
	rms_stat_add(RMS_STAT_RACED, rms_walk_raced(report));
	rms_stat_add(RMS_STAT_TRUNCATIONS, rms_snapshot_truncated(&report->snap));
	rms_stat_add(RMS_STAT_MAPCOUNT_DIFFERS, report->agreement == RMS_MISMATCH);
}

/**
 * rms_page_report_prepare - allocate what a small report needs
 * @report: zeroed
 *
 * Context: may sleep; no lock of mm held.
 * Return: 0 or -ENOMEM.
 */
int rms_page_report_prepare(struct rms_page_report *report)
{
	return rms_snapshot_prepare(&report->snap);
}

/**
 * rms_page_report_take - report on the page that a target leads to
 * @report: after rms_page_report_prepare(), or an earlier report; out. It holds no reference to
 *	anything
 * @t: the target
 * @ns: the reader's pid namespace
 *
 * Context: may sleep; no lock of mm held.
 * Return: 0, or an errno as in Documentation/interface.rst.
 */
int rms_page_report_take(struct rms_page_report *report, const struct rms_target *t,
			 struct pid_namespace *ns)
{
	int ret = rms_snapshot_take(&report->snap, t, ns, rms_walk_page);

	if (!ret)
		rms_count_report(report);
	return ret;
}

/**
 * rms_page_report_walk - the same without names
 * @report: as for rms_page_report_take()
 * @t: the target
 *
 * Context: may sleep; no lock of mm held.
 * Return: as rms_page_report_take(). The records hold their mms and files until rms_drop_refs().
 */
int rms_page_report_walk(struct rms_page_report *report, const struct rms_target *t)
{
	return rms_snapshot_walk(&report->snap, t, rms_walk_page);
}

/**
 * rms_page_report_release - free what a report holds
 * @report: the report, complete or not
 *
 * Context: may sleep.
 */
void rms_page_report_release(struct rms_page_report *report)
{
	rms_snapshot_release(&report->snap);
	kvfree(report->counts);
}
