// SPDX-License-Identifier: GPL-2.0
/*
 * Reads the report of an anon_vma tree, and checks what must hold for every such report, also
 * while the tree changes.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "complain.h"
#include "tree_report.h"

/*
 * Parses the number in a value such as "av3". Returns TREE_NONE if there is none, or if it is not
 * below @limit.
 */
static size_t number(const struct record *record, const char *key, const char *prefix,
		     size_t limit)
{
	const char *value = record_get(record, key);
	size_t n;
	char *end;

	if (!value || strncmp(value, prefix, strlen(prefix)))
		return TREE_NONE;
	n = strtoul(value + strlen(prefix), &end, 10);
	return *end || end == value + strlen(prefix) || n >= limit ? TREE_NONE : n;
}

static int check_lines(const struct report *report)
{
	static const char * const order[] = {
		"rmapscope", "page", "anon_vma", "vma", "avc", "tree"
	};
	const struct record *record = NULL;
	size_t now = 0;

	while ((record = report_next(report, NULL, record))) {
		while (now < 6 && strcmp(record->name, order[now]))
			now++;
		if (now == 6)
			return complain("record %s is unknown or comes too late", record->name);
	}
	if (report_count(report, "rmapscope") != 1 || report_count(report, "page") != 1 ||
	    report_count(report, "tree") != 1)
		return complain("a report must have one rmapscope, page and tree line each");
	if (strcmp(record_get(report_next(report, "rmapscope", NULL), "file"), "tree"))
		return complain("the first line does not say file=tree");
	return 0;
}

static int read_avs(struct tree_report *tree)
{
	const struct record *record = NULL;
	const char *root = NULL;
	size_t i;

	for (i = 0; (record = report_next(&tree->report, "anon_vma", record)); i++) {
		struct tree_av *av = &tree->avs[i];

		av->record = record;
		av->parent = number(record, "parent", "av", tree->nr_avs);
		av->depth = record_num(record, "depth");
		if (number(record, "id", "av", tree->nr_avs) != i || av->parent == TREE_NONE)
			return complain("anon_vma line %zu: id=%s parent=%s", i,
					record_get(record, "id"), record_get(record, "parent"));
		if (!root)
			root = record_get(record, "root");
		if (!root || strcmp(record_get(record, "root"), root))
			return complain("%s has another root", record_get(record, "id"));
	}
	for (i = 0; i < tree->nr_avs; i++) {
		struct tree_av *av = &tree->avs[i], *parent = &tree->avs[av->parent];
		bool is_root = !strcmp(record_get(av->record, "id"), root);

		if (is_root ? av->parent != i || av->depth :
			      av->parent == i || av->depth != parent->depth + 1)
			return complain("av%zu: root=%s parent=av%zu depth=%zu", i, root,
					av->parent, av->depth);
	}
	return 0;
}

static int read_vmas(struct tree_report *tree)
{
	const struct record *record = NULL;
	size_t i;

	for (i = 0; (record = report_next(&tree->report, "vma", record)); i++) {
		struct tree_vma *vma = &tree->vmas[i];
		const char *own = record_get(record, "own");

		vma->record = record;
		vma->own = number(record, "own", "av", tree->nr_avs);
		vma->pid = record_num(record, "pid");
		if (number(record, "id", "vma", tree->nr_vmas) != i || !own ||
		    (vma->own == TREE_NONE && strcmp(own, "-")))
			return complain("vma line %zu: id=%s own=%s", i,
					record_get(record, "id"), own);
		if (!record_get(record, "vma") || !record_get(record, "comm") ||
		    !record_get(record, "name") || !record_get(record, "perms") ||
		    sscanf(record_get(record, "vma"), "%" SCNx64 "-%" SCNx64, &vma->start,
			   &vma->end) != 2 || vma->start >= vma->end)
			return complain("a key of vma%zu is missing", i);
	}
	return 0;
}

static int read_links(struct tree_report *tree)
{
	const struct record *record = NULL;
	bool *known = calloc(tree->nr_vmas + 1, sizeof(*known));
	int ret = known ? 0 : complain("no memory");

	while (!ret && (record = report_next(&tree->report, "avc", record))) {
		size_t av = number(record, "anon_vma", "av", tree->nr_avs);
		size_t vma = number(record, "vma", "vma", tree->nr_vmas);
		unsigned long long covers = record_num(record, "covers_page");

		tree->nr_links++;
		if (av == TREE_NONE || vma == TREE_NONE || covers > 1)
			ret = complain("avc anon_vma=%s vma=%s", record_get(record, "anon_vma"),
				       record_get(record, "vma"));
		else if (tree->links[vma * tree->nr_avs + av])
			ret = complain("vma%zu is linked to av%zu twice", vma, av);
		else if (known[vma] && tree->vmas[vma].covers != covers)
			ret = complain("vma%zu has both covers_page=0 and covers_page=1", vma);
		if (ret)
			break;
		tree->links[vma * tree->nr_avs + av] = true;
		tree->vmas[vma].covers = covers;
		known[vma] = true;
	}
	free(known);
	return ret;
}

/* A VMA must be linked to its own anon_vma and to all of its ancestors, so always to the root. */
static int check_chains(const struct tree_report *tree)
{
	size_t i, av, root = 0;

	while (tree->avs[root].parent != root)
		root = tree->avs[root].parent;
	for (i = 0; i < tree->nr_vmas; i++) {
		const struct tree_vma *vma = &tree->vmas[i];

		for (av = vma->own; av != TREE_NONE && av != root; av = tree->avs[av].parent)
			if (!tree_report_linked(tree, vma, av))
				return complain("vma%zu is not linked to av%zu", i, av);
		if (!tree_report_linked(tree, vma, root))
			return complain("vma%zu is not linked to the root", i);
	}
	return 0;
}

/* The kernel's counts must match the lines of the report. */
static int check_av_counts(const struct tree_report *tree)
{
	size_t i, *own = calloc(tree->nr_avs, sizeof(*own));
	size_t *children = calloc(tree->nr_avs, sizeof(*children));
	int ret = own && children ? 0 : complain("no memory");

	for (i = 0; !ret && i < tree->nr_avs; i++)
		children[tree->avs[i].parent]++;
	for (i = 0; !ret && i < tree->nr_vmas; i++)
		if (tree->vmas[i].own != TREE_NONE)
			own[tree->vmas[i].own]++;
	for (i = 0; !ret && i < tree->nr_avs; i++) {
		bool root = tree->avs[i].parent == i;

		if (tree_report_num(tree, i, "num_children") != children[i] ||
		    tree_report_num(tree, i, "num_active_vmas") != own[i])
			ret = complain("av%zu: num_children=%s num_active_vmas=%s, not %zu %zu", i,
				       record_get(tree->avs[i].record, "num_children"),
				       record_get(tree->avs[i].record, "num_active_vmas"),
				       children[i], own[i]);
		/*
		 * The root holds a reference to itself, and each other anon_vma of the tree holds
		 * one.
		 */
		else if (tree_report_num(tree, i, "refcount") < (root ? tree->nr_avs : 1) ||
			 tree_report_num(tree, i, "refcount") == RECORD_NONE)
			ret = complain("av%zu: refcount=%s", i,
				       record_get(tree->avs[i].record, "refcount"));
	}
	free(own);
	free(children);
	return ret;
}

static int check_total(struct tree_report *tree)
{
	const struct record *total = tree->total;
	size_t i, av, depth = 0;

	tree->truncated = record_num(total, "truncated") == 1;
	for (i = 0; i < tree->nr_avs; i++)
		if (tree->avs[i].depth > depth)
			depth = tree->avs[i].depth;
	if (record_num(total, "anon_vmas") != tree->nr_avs ||
	    record_num(total, "avcs") != tree->nr_links || record_num(total, "depth") != depth ||
	    (!tree->truncated && record_num(total, "vmas") != tree->nr_vmas) ||
	    (tree->truncated && record_num(total, "vmas") < tree->nr_vmas) ||
	    record_num(total, "processes") > tree->nr_vmas)
		return complain("vmas=%s anon_vmas=%s avcs=%s depth=%s, lines: %zu %zu %zu %zu",
				record_get(total, "vmas"), record_get(total, "anon_vmas"),
				record_get(total, "avcs"), record_get(total, "depth"),
				tree->nr_vmas, tree->nr_avs, tree->nr_links, depth);
	if (record_num(total, "ns") == RECORD_NONE ||
	    record_num(total, "lock_ns") > record_num(total, "ns"))
		return complain("ns=%s lock_ns=%s", record_get(total, "ns"),
				record_get(total, "lock_ns"));
	for (av = 0; !tree->truncated && av < tree->nr_avs; av++) {
		for (i = 0; i < tree->nr_vmas; i++)
			if (tree->links[i * tree->nr_avs + av])
				break;
		if (i == tree->nr_vmas)
			return complain("av%zu has no VMA", av);
	}
	return 0;
}

/**
 * tree_report_check() - is a report of the file "tree" complete and consistent?
 * @tree: filled; takes over @report. tree_report_free() must follow, also after an error
 * @report: the report
 *
 * Return: 0 or -1.
 */
int tree_report_check(struct tree_report *tree, const struct report *report)
{
	*tree = (struct tree_report){ .report = *report };
	if (check_lines(&tree->report))
		return -1;
	tree->page = report_next(&tree->report, "page", NULL);
	tree->total = report_next(&tree->report, "tree", NULL);
	tree->nr_avs = report_count(&tree->report, "anon_vma");
	tree->nr_vmas = report_count(&tree->report, "vma");
	tree->avs = calloc(tree->nr_avs + 1, sizeof(*tree->avs));
	tree->vmas = calloc(tree->nr_vmas + 1, sizeof(*tree->vmas));
	tree->links = calloc(tree->nr_avs * tree->nr_vmas + 1, sizeof(*tree->links));
	if (!tree->avs || !tree->vmas || !tree->links)
		return complain("no memory for the tree");
	if (read_avs(tree) || read_vmas(tree) || read_links(tree) || check_total(tree))
		return -1;
	if (tree->truncated || !tree->nr_avs)
		return 0;
	return check_chains(tree) || check_av_counts(tree) ? -1 : 0;
}

/**
 * tree_report_take() - take a report on the tree of a target
 * @tree: filled; tree_report_free() must follow, also after an error
 * @format: the target, as for printf(3)
 *
 * Return: 0, the negative errno of the write, or -EPROTO for a report that is incomplete or
 * contradicts itself. why[] says which.
 */
int tree_report_take(struct tree_report *tree, const char *format, ...)
{
	struct report report;
	char target[256];
	va_list args;
	int err;

	va_start(args, format);
	vsnprintf(target, sizeof(target), format, args);
	va_end(args);
	err = report_take(&report, "tree", target);
	if (err) {
		*tree = (struct tree_report){ .report = report };
		complain("tree of %s: %s", target, strerror(-err));
		return err;
	}
	return tree_report_check(tree, &report) ? -EPROTO : 0;
}

/**
 * tree_report_at() - take a report on the tree of an address of a process
 * @tree: as for tree_report_take()
 * @pid: the process
 * @va: the address
 *
 * Return: as tree_report_take().
 */
int tree_report_at(struct tree_report *tree, pid_t pid, const void *va)
{
	return tree_report_take(tree, "pid=%d va=%p", pid, va);
}

/**
 * tree_report_free() - free a report
 * @tree: the report
 */
void tree_report_free(struct tree_report *tree)
{
	report_free(&tree->report);
	free(tree->avs);
	free(tree->vmas);
	free(tree->links);
}

/**
 * tree_report_vma() - find the VMA at an address
 * @tree: the report
 * @pid: process
 * @va: address
 *
 * Return: the VMA or NULL.
 */
const struct tree_vma *tree_report_vma(const struct tree_report *tree, pid_t pid, const void *va)
{
	size_t i;

	for (i = 0; i < tree->nr_vmas; i++) {
		const struct tree_vma *vma = &tree->vmas[i];

		if (vma->pid == pid && vma->start <= (uintptr_t)va && vma->end > (uintptr_t)va)
			return vma;
	}
	complain("no vma line for pid %d va %p", pid, va);
	return NULL;
}

/**
 * tree_report_linked() - does an anon_vma_chain link a VMA and an anon_vma?
 * @tree: the report
 * @vma: a VMA of the report
 * @av: number of the anon_vma
 *
 * Return: true if so.
 */
bool tree_report_linked(const struct tree_report *tree, const struct tree_vma *vma, size_t av)
{
	return tree->links[(vma - tree->vmas) * tree->nr_avs + av];
}

/**
 * tree_report_chain() - count the anon_vmas that a VMA is linked to
 * @tree: the report
 * @vma: a VMA of the report
 *
 * Return: the number.
 */
size_t tree_report_chain(const struct tree_report *tree, const struct tree_vma *vma)
{
	size_t av, n = 0;

	for (av = 0; av < tree->nr_avs; av++)
		n += tree_report_linked(tree, vma, av);
	return n;
}

/**
 * tree_report_covering() - count the VMAs that cover the page
 * @tree: the report
 *
 * Return: the number.
 */
size_t tree_report_covering(const struct tree_report *tree)
{
	size_t i, n = 0;

	for (i = 0; i < tree->nr_vmas; i++)
		n += tree->vmas[i].covers;
	return n;
}

/**
 * tree_report_num() - read a number from the line of an anon_vma
 * @tree: the report
 * @av: number of the anon_vma
 * @key: what to look up
 *
 * Return: as record_num().
 */
unsigned long long tree_report_num(const struct tree_report *tree, size_t av, const char *key)
{
	return record_num(tree->avs[av].record, key);
}
