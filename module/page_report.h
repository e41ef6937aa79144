/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _RMAPSCOPE_PAGE_REPORT_H
#define _RMAPSCOPE_PAGE_REPORT_H

#include "refs.h"
#include "snapshot.h"

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

/* What the walk has found, against the kernel's map count. */
enum rms_agreement {
	RMS_AGREES,
	/* part of a walk, an average, a swap slot, or records that didn't fit into the buffer */
	RMS_NOT_COMPARABLE,
	/* the count changed during the walk, or differed only for a moment */
	RMS_MOVED,
	/* the count didn't change, and differed by the same number in each try */
	RMS_MISMATCH,
	/* as RMS_MISMATCH, for a KSM page whose missing mappings there was no time to search for */
	RMS_UNSEARCHED,
};

/**
 * struct rms_page_report - what maps a page, and what keeps it where it is
 * @snap: the page, the VMAs and anon_vmas
 * @refs: the references to the folio; not for RMS_KIND_SWAP
 * @agreement: of the entries found with the map count
 * @difference: entries found, less the map count, after the last walk and before any search
 * @unreached: mappings that the kernel's walk didn't find, and the search did
 * @unsearched: mappings that are missing by the map count and were not searched for
 * @reached: index of the first record of an unreached mapping, if there are any
 * @counts: @nr_counts stretches, if the whole of a large folio was asked for; at first one for
 *	each page
 * @nr_counts: number of them
 */
struct rms_page_report {
	struct rms_snapshot snap;
	struct rms_refs refs;
	enum rms_agreement agreement;
	int difference;
	u32 unreached;
	u32 unsearched;
	u32 reached;
	struct rms_count *counts;
	u32 nr_counts;
};

/* "raced=" of the record "walk". */
static inline bool rms_walk_raced(const struct rms_page_report *report)
{
	return report->agreement >= RMS_MOVED;
}

/*
 * "raced=" of the record "refs". A map count that differs by the same number in every try isn't a
 * race.
 */
static inline bool rms_refs_raced(const struct rms_page_report *report)
{
	return report->refs.raced || report->agreement == RMS_MOVED;
}

int rms_page_report_prepare(struct rms_page_report *report);
int rms_page_report_take(struct rms_page_report *report, const struct rms_target *t,
			 struct pid_namespace *ns);
int rms_page_report_walk(struct rms_page_report *report, const struct rms_target *t);
void rms_page_report_release(struct rms_page_report *report);

/* page_walk.c */
int rms_make_query(const struct rms_page *p, struct rms_page_report *report);
int rms_walk_target(const struct rms_page *p, struct rms_page_report *report);

/* dedup.c */
int rms_drop_repeats(struct rms_page_report *report);
u32 *rms_order_by_place(const struct rms_page_report *report);
bool rms_seen_twice(const struct rms_page_report *report);
void rms_sum_counts(struct rms_page_report *report);

/* ksm_search.c */
bool rms_may_search(void);
int rms_search_ksm(struct rms_page_report *report, int missing);

#endif /* _RMAPSCOPE_PAGE_REPORT_H */
