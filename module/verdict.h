/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whether reclaim, migration and splitting would succeed: verdict.c decides, verdict_notes.c adds
 * facts that don't change the verdict, format_verdict.c prints it.
 */
#ifndef _RMAPSCOPE_VERDICT_H
#define _RMAPSCOPE_VERDICT_H

#include "page_report.h"

/**
 * struct rms_verdict - whether an operation on a folio would succeed
 * @why: what stops the operation
 * @func: the kernel function that would stop the operation, or carry it out
 * @who: the mapping that stops it, or NULL
 * @notes: bits of enum rms_note: facts that don't change the verdict
 * @referenced: for that note: entries with the accessed bit
 * @expected: for that note: references that the file's own method to move it expects
 */
struct rms_verdict {
	enum rms_why why;
	const char *func;
	const struct rms_map *who;
	unsigned long notes;
	u32 referenced;
	u32 expected;
};

/**
 * struct rms_evidence - the facts that decide a verdict
 * @report: all that is known of the page
 * @refs: its references and flags
 * @kind: of the folio
 * @large: it is a large folio
 * @partial: other pages of the folio, which were not requested, may be mapped differently
 * @locked: the first VMA with VM_LOCKED that maps it, or NULL
 * @young: entries with the accessed bit
 * @dirty: the folio is dirty, or will be once its entries are gone
 * @kept: it is mapped by some VMA that isn't MAP_DROPPABLE
 * @huge: one entry maps all of it, and it isn't a page of hugetlb
 * @in_one: one VMA maps all of its pages, by the entries of one page table
 */
struct rms_evidence {
	const struct rms_page_report *report;
	const struct rms_refs *refs;
	enum rms_kind kind;
	bool large;
	bool partial;
	const struct rms_map *locked;
	u32 young;
	bool dirty;
	bool kept;
	bool huge;
	bool in_one;
};

void rms_judge(enum rms_op op, const struct rms_page_report *report, struct rms_verdict *v);
void rms_add_notes(enum rms_op op, const struct rms_evidence *e, struct rms_verdict *v);

#endif /* _RMAPSCOPE_VERDICT_H */
