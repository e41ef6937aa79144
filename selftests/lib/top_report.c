// SPDX-License-Identifier: GPL-2.0
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "complain.h"
#include "frame_flags.h"
#include "oracle.h"
#include "top_report.h"

static int check_tree(const struct record *tree, size_t number)
{
	static const char * const keys[] = {
		"vmas", "anon_vmas", "avcs", "bytes", "depth", "processes", "pages", "pid",
		"pid_pages", "va",
	};
	char id[32];
	size_t i;

	snprintf(id, sizeof(id), "tree%zu", number);
	if (!record_get(tree, "id") || strcmp(record_get(tree, "id"), id))
		return complain("id=%s, but %s is next", record_get(tree, "id"), id);
	for (i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (record_num(tree, keys[i]) == RECORD_NONE)
			return complain("%s has no number %s=", id, keys[i]);
	if (!record_get(tree, "comm"))
		return complain("%s has no comm=", id);
	if (!record_num(tree, "vmas") || !record_num(tree, "processes"))
		return complain("%s has no VMAs or no processes", id);
	if (record_num(tree, "processes") > record_num(tree, "vmas"))
		return complain("%s has more processes than VMAs", id);
	if (record_num(tree, "avcs") < record_num(tree, "vmas") ||
	    record_num(tree, "avcs") < record_num(tree, "anon_vmas"))
		return complain("%s has too few avcs=%s", id, record_get(tree, "avcs"));
	if (record_num(tree, "pid_pages") > record_num(tree, "pages"))
		return complain("%s has more pages in one process than in all", id);
	return 0;
}

static int in_order(const struct record *one, const struct record *next)
{
	unsigned long long a = record_num(one, "vmas"), b = record_num(next, "vmas");

	if (a < b)
		return complain("%llu VMAs before %llu", a, b);
	if (a == b && record_num(one, "pages") < record_num(next, "pages"))
		return complain("trees of %llu VMAs in the wrong order", a);
	return 0;
}

/* Sums over the trees, in the order of their names. */
enum { SUM_VMAS, SUM_UNFORKED, SUM_AVCS, SUM_BYTES, NR_SUMS };

static const char * const sum_names[] = { "vmas", "unforked", "avcs", "bytes" };

static void add_tree(const struct record *tree, unsigned long long *sums)
{
	sums[SUM_VMAS] += record_num(tree, "vmas");
	if (record_num(tree, "anon_vmas") == 1)
		sums[SUM_UNFORKED] += record_num(tree, "vmas");
	sums[SUM_AVCS] += record_num(tree, "avcs");
	sums[SUM_BYTES] += record_num(tree, "bytes");
}

/* The total may be higher if trees were left out. */
static int check_sums(const struct record *total, const unsigned long long *sums, bool all)
{
	unsigned long long value;
	size_t i;

	for (i = 0; i < NR_SUMS; i++) {
		value = record_num(total, sum_names[i]);
		if (value == RECORD_NONE || value < sums[i] || (all && value != sums[i]))
			return complain("the trees have %llu %s, in total %s", sums[i],
					sum_names[i], record_get(total, sum_names[i]));
	}
	return 0;
}

/**
 * top_report_check() - is a report of the file "top" well-formed, and in order?
 * @report: the report
 *
 * Return: 0 or -1.
 */
int top_report_check(const struct report *report)
{
	const struct record *head = report_next(report, "rmapscope", NULL);
	const struct record *total = report_next(report, "total", NULL);
	const struct record *tree = NULL, *previous = NULL;
	unsigned long long sums[NR_SUMS] = { 0 };
	size_t number = 0;
	bool all;

	if (!head || !record_get(head, "file") || strcmp(record_get(head, "file"), "top"))
		return complain("the first line is not of the file top");
	if (!total || total != report->record + report->nr_records - 1)
		return complain("the last line is not the total");
	while ((tree = report_next(report, "tree", tree))) {
		if (check_tree(tree, number++) || (previous && in_order(previous, tree)))
			return -1;
		add_tree(tree, sums);
		previous = tree;
	}
	all = number == record_num(total, "trees");
	if (number != record_num(total, "shown") || number > record_num(total, "trees"))
		return complain("%zu trees of %s, but shown=%s", number,
				record_get(total, "trees"), record_get(total, "shown"));
	if (record_num(total, "truncated") != !all)
		return complain("truncated=%s", record_get(total, "truncated"));
	return check_sums(total, sums, all);
}

/**
 * top_report_take() - read the file "top", and check that it is well-formed
 * @report: filled; report_free() must follow, also after an error
 *
 * Return: 0 or -1.
 */
int top_report_take(struct report *report)
{
	int err = report_take(report, "top", NULL);

	if (err)
		return complain("top: %s", strerror(-err));
	return top_report_check(report);
}

/**
 * top_page_present() - is there an anonymous page at an address? A KSM page counts.
 * @pid: process
 * @va: address
 * @anonymous: result
 *
 * Return: 0 or -1.
 */
int top_page_present(pid_t pid, uint64_t va, bool *anonymous)
{
	uint64_t entry, flags;

	*anonymous = false;
	if (oracle_entry(pid, va, &entry))
		return -1;
	if (!(entry & PM_PRESENT) || entry & PM_FILE)
		return 0;
	if (oracle_kpageflags(PM_PFN(entry), &flags))
		return -1;
	/* KPF_KSM cannot be used here: Linux 6.12 sets it for all anonymous pages. */
	*anonymous = flags & (1ULL << KPF_ANON);
	return 0;
}

static struct top_family_vma *find_vma(const struct top_family *family, pid_t pid, uint64_t va)
{
	size_t i;

	for (i = 0; i < family->nr; i++)
		if (family->vmas[i].pid == pid && va >= family->vmas[i].start &&
		    va < family->vmas[i].end)
			return &family->vmas[i];
	return NULL;
}

static int add_vma(struct top_family *family, const struct mapping *place)
{
	struct oracle_vma vma;

	if (find_vma(family, place->pid, place->va))
		return 0;
	if (oracle_vma(place->pid, place->va, &vma))
		return -1;
	if (family->nr == family->room) {
		size_t room = family->room ? 2 * family->room : 64;
		struct top_family_vma *more = realloc(family->vmas, room * sizeof(*more));

		if (!more)
			return complain("no memory for %zu VMAs", room);
		family->vmas = more;
		family->room = room;
	}
	family->vmas[family->nr++] = (struct top_family_vma){ place->pid, vma.start, vma.end };
	return 0;
}

/*
 * Counts the pages that one process maps in all of its VMAs; done at the first VMA of the
 * process.
 */
static int count_process(struct top_family *family, size_t first)
{
	pid_t pid = family->vmas[first].pid;
	size_t i, pages = 0;
	uint64_t va;
	bool anonymous;

	for (i = 0; i < first; i++)
		if (family->vmas[i].pid == pid)
			return 0;
	for (i = first; i < family->nr; i++) {
		if (family->vmas[i].pid != pid)
			continue;
		for (va = family->vmas[i].start; va < family->vmas[i].end; va += getpagesize()) {
			if (top_page_present(pid, va, &anonymous))
				return -1;
			pages += anonymous;
		}
	}
	family->processes++;
	family->pages += pages;
	if (pages > family->most_pages)
		family->most_pages = pages;
	return 0;
}

/**
 * top_family() - collect the VMAs that hold the pages of a scenario
 * @family: filled; top_family_free() must follow, also after an error
 * @run: the scenario
 *
 * Return: 0 or -1.
 */
int top_family(struct top_family *family, const struct exercise *run)
{
	size_t i, j;

	*family = (struct top_family){ 0 };
	for (i = 0; i < run->nr_pages; i++) {
		const struct exercise_page *page = &run->pages[i];

		for (j = 0; j < page->mapped.nr; j++)
			if (add_vma(family, &page->mapped.v[j]))
				return -1;
		for (j = 0; j < page->nr_absent; j++)
			if (add_vma(family, &page->absent[j].place))
				return -1;
	}
	for (i = 0; i < family->nr; i++)
		if (count_process(family, i))
			return -1;
	return 0;
}

/**
 * top_family_free() - free a family
 * @family: the family
 */
void top_family_free(struct top_family *family)
{
	free(family->vmas);
	*family = (struct top_family){ 0 };
}

/**
 * top_report_find() - find the anon_vma tree of a family
 * @report: a report of the file "top"
 * @family: the family
 *
 * Return: the only record whose pid and va are in one of these VMAs, or NULL.
 */
const struct record *top_report_find(const struct report *report,
				     const struct top_family *family)
{
	const struct record *tree = NULL, *found = NULL;

	while ((tree = report_next(report, "tree", tree))) {
		if (!find_vma(family, record_num(tree, "pid"), record_num(tree, "va")))
			continue;
		if (found) {
			complain("%s and %s have pid= and va= of the same family",
				 record_get(found, "id"), record_get(tree, "id"));
			return NULL;
		}
		found = tree;
	}
	if (!found)
		complain("no tree has pid= and va= of the family");
	return found;
}
