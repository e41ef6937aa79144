// SPDX-License-Identifier: GPL-2.0
/*
 * Reading the report of an anon_vma tree, and what must hold for each of them,
 * whatever the machine is doing meanwhile.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "complain.h"
#include "tree_report.h"

/* The number in a value such as "av3"; GRAPH_NONE if there is none, or it is not below @limit. */
static size_t number(const struct record *record, const char *key, const char *prefix,
		     size_t limit)
{
	const char *value = record_get(record, key);
	size_t n;
	char *end;

	if (!value || strncmp(value, prefix, strlen(prefix)))
		return GRAPH_NONE;
	n = strtoul(value + strlen(prefix), &end, 10);
	return *end || end == value + strlen(prefix) || n >= limit ? GRAPH_NONE : n;
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
			return complain("record %s is unknown or stands too late", record->name);
	}
	if (report_count(report, "rmapscope") != 1 || report_count(report, "page") != 1 ||
	    report_count(report, "tree") != 1)
		return complain("a report must have one rmapscope, page and tree line each");
	if (strcmp(record_get(report_next(report, "rmapscope", NULL), "file"), "tree"))
		return complain("the first line does not say file=tree");
	return 0;
}

static int read_avs(struct graph *graph)
{
	const struct record *record = NULL;
	const char *root = NULL;
	size_t i;

	for (i = 0; (record = report_next(&graph->report, "anon_vma", record)); i++) {
		struct graph_av *av = &graph->avs[i];

		av->record = record;
		av->parent = number(record, "parent", "av", graph->nr_avs);
		av->depth = record_num(record, "depth");
		if (number(record, "id", "av", graph->nr_avs) != i || av->parent == GRAPH_NONE)
			return complain("anon_vma line %zu: id=%s parent=%s", i,
					record_get(record, "id"), record_get(record, "parent"));
		if (!root)
			root = record_get(record, "root");
		if (!root || strcmp(record_get(record, "root"), root))
			return complain("%s has another root", record_get(record, "id"));
	}
	for (i = 0; i < graph->nr_avs; i++) {
		struct graph_av *av = &graph->avs[i], *parent = &graph->avs[av->parent];
		bool is_root = !strcmp(record_get(av->record, "id"), root);

		if (is_root ? av->parent != i || av->depth :
			      av->parent == i || av->depth != parent->depth + 1)
			return complain("av%zu: root=%s parent=av%zu depth=%zu", i, root,
					av->parent, av->depth);
	}
	return 0;
}

static int read_vmas(struct graph *graph)
{
	const struct record *record = NULL;
	size_t i;

	for (i = 0; (record = report_next(&graph->report, "vma", record)); i++) {
		struct graph_vma *vma = &graph->vmas[i];
		const char *own = record_get(record, "own");

		vma->record = record;
		vma->own = number(record, "own", "av", graph->nr_avs);
		vma->pid = record_num(record, "pid");
		if (number(record, "id", "vma", graph->nr_vmas) != i || !own ||
		    (vma->own == GRAPH_NONE && strcmp(own, "-")))
			return complain("vma line %zu: id=%s own=%s", i,
					record_get(record, "id"), own);
		if (!record_get(record, "vma") || !record_get(record, "comm") ||
		    !record_get(record, "name") || !record_get(record, "perms") ||
		    sscanf(record_get(record, "vma"), "%" SCNx64 "-%" SCNx64, &vma->start,
			   &vma->end) != 2 || vma->start >= vma->end)
			return complain("vma%zu lacks something", i);
	}
	return 0;
}

static int read_links(struct graph *graph)
{
	const struct record *record = NULL;
	bool *known = calloc(graph->nr_vmas + 1, sizeof(*known));
	int ret = known ? 0 : complain("no memory");

	while (!ret && (record = report_next(&graph->report, "avc", record))) {
		size_t av = number(record, "anon_vma", "av", graph->nr_avs);
		size_t vma = number(record, "vma", "vma", graph->nr_vmas);
		unsigned long long covers = record_num(record, "covers_page");

		graph->nr_links++;
		if (av == GRAPH_NONE || vma == GRAPH_NONE || covers > 1)
			ret = complain("avc anon_vma=%s vma=%s", record_get(record, "anon_vma"),
				       record_get(record, "vma"));
		else if (graph->links[vma * graph->nr_avs + av])
			ret = complain("vma%zu is linked to av%zu twice", vma, av);
		else if (known[vma] && graph->vmas[vma].covers != covers)
			ret = complain("vma%zu covers the page, and doesn't", vma);
		if (ret)
			break;
		graph->links[vma * graph->nr_avs + av] = true;
		graph->vmas[vma].covers = covers;
		known[vma] = true;
	}
	free(known);
	return ret;
}

/* A VMA is linked to its own anon_vma, and to all above that; in any case to the root. */
static int check_chains(const struct graph *graph)
{
	size_t i, av, root = 0;

	while (graph->avs[root].parent != root)
		root = graph->avs[root].parent;
	for (i = 0; i < graph->nr_vmas; i++) {
		const struct graph_vma *vma = &graph->vmas[i];

		for (av = vma->own; av != GRAPH_NONE && av != root; av = graph->avs[av].parent)
			if (!graph_linked(graph, vma, av))
				return complain("vma%zu is not linked to av%zu", i, av);
		if (!graph_linked(graph, vma, root))
			return complain("vma%zu is not linked to the root", i);
	}
	return 0;
}

/* What the kernel counts is what the lines say. */
static int check_av_counts(const struct graph *graph)
{
	size_t i, *own = calloc(graph->nr_avs, sizeof(*own));
	size_t *children = calloc(graph->nr_avs, sizeof(*children));
	int ret = own && children ? 0 : complain("no memory");

	for (i = 0; !ret && i < graph->nr_avs; i++)
		children[graph->avs[i].parent]++;
	for (i = 0; !ret && i < graph->nr_vmas; i++)
		if (graph->vmas[i].own != GRAPH_NONE)
			own[graph->vmas[i].own]++;
	for (i = 0; !ret && i < graph->nr_avs; i++) {
		bool root = graph->avs[i].parent == i;

		if (graph_av_num(graph, i, "num_children") != children[i] ||
		    graph_av_num(graph, i, "num_active_vmas") != own[i])
			ret = complain("av%zu: num_children=%s num_active_vmas=%s, not %zu %zu", i,
				       record_get(graph->avs[i].record, "num_children"),
				       record_get(graph->avs[i].record, "num_active_vmas"),
				       children[i], own[i]);
		/* A root is kept by itself and by all others of the tree. */
		else if (graph_av_num(graph, i, "refcount") < (root ? graph->nr_avs : 1) ||
			 graph_av_num(graph, i, "refcount") == RECORD_NONE)
			ret = complain("av%zu: refcount=%s", i,
				       record_get(graph->avs[i].record, "refcount"));
	}
	free(own);
	free(children);
	return ret;
}

static int check_total(struct graph *graph)
{
	const struct record *total = graph->total;
	size_t i, av, depth = 0;

	graph->truncated = record_num(total, "truncated") == 1;
	for (i = 0; i < graph->nr_avs; i++)
		if (graph->avs[i].depth > depth)
			depth = graph->avs[i].depth;
	if (record_num(total, "anon_vmas") != graph->nr_avs ||
	    record_num(total, "avcs") != graph->nr_links || record_num(total, "depth") != depth ||
	    (!graph->truncated && record_num(total, "vmas") != graph->nr_vmas) ||
	    (graph->truncated && record_num(total, "vmas") < graph->nr_vmas) ||
	    record_num(total, "processes") > graph->nr_vmas)
		return complain("vmas=%s anon_vmas=%s avcs=%s depth=%s, lines: %zu %zu %zu %zu",
				record_get(total, "vmas"), record_get(total, "anon_vmas"),
				record_get(total, "avcs"), record_get(total, "depth"),
				graph->nr_vmas, graph->nr_avs, graph->nr_links, depth);
	if (record_num(total, "ns") == RECORD_NONE ||
	    record_num(total, "lock_ns") > record_num(total, "ns"))
		return complain("ns=%s lock_ns=%s", record_get(total, "ns"),
				record_get(total, "lock_ns"));
	for (av = 0; !graph->truncated && av < graph->nr_avs; av++) {
		for (i = 0; i < graph->nr_vmas; i++)
			if (graph->links[i * graph->nr_avs + av])
				break;
		if (i == graph->nr_vmas)
			return complain("av%zu has no VMA", av);
	}
	return 0;
}

/**
 * graph_check() - is a report of the file "tree" a complete graph, and consistent?
 * @graph: filled; has the report from now on. graph_free() must follow, also after an error
 * @report: the report
 *
 * Return: 0 or -1.
 */
int graph_check(struct graph *graph, const struct report *report)
{
	*graph = (struct graph){ .report = *report };
	if (check_lines(&graph->report))
		return -1;
	graph->page = report_next(&graph->report, "page", NULL);
	graph->total = report_next(&graph->report, "tree", NULL);
	graph->nr_avs = report_count(&graph->report, "anon_vma");
	graph->nr_vmas = report_count(&graph->report, "vma");
	graph->avs = calloc(graph->nr_avs + 1, sizeof(*graph->avs));
	graph->vmas = calloc(graph->nr_vmas + 1, sizeof(*graph->vmas));
	graph->links = calloc(graph->nr_avs * graph->nr_vmas + 1, sizeof(*graph->links));
	if (!graph->avs || !graph->vmas || !graph->links)
		return complain("no memory for the graph");
	if (read_avs(graph) || read_vmas(graph) || read_links(graph) || check_total(graph))
		return -1;
	if (graph->truncated || !graph->nr_avs)
		return 0;
	return check_chains(graph) || check_av_counts(graph) ? -1 : 0;
}

/**
 * graph_take() - read the tree that a target leads to
 * @graph: filled; graph_free() must follow, also after an error
 * @format: the target, as for printf(3)
 *
 * Return: 0, the negative errno of the write, or -EPROTO for a graph that is
 * incomplete or contradicts itself. why[] says which.
 */
int graph_take(struct graph *graph, const char *format, ...)
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
		*graph = (struct graph){ .report = report };
		complain("tree of %s: %s", target, strerror(-err));
		return err;
	}
	return graph_check(graph, &report) ? -EPROTO : 0;
}

/**
 * graph_at() - read the tree of an address of a process
 * @graph: as for graph_take()
 * @pid: the process
 * @va: the address
 *
 * Return: as graph_take().
 */
int graph_at(struct graph *graph, pid_t pid, const void *va)
{
	return graph_take(graph, "pid=%d va=%p", pid, va);
}

/**
 * graph_free() - forget a graph
 * @graph: the graph
 */
void graph_free(struct graph *graph)
{
	report_free(&graph->report);
	free(graph->avs);
	free(graph->vmas);
	free(graph->links);
}

/**
 * graph_vma_at() - the VMA at an address
 * @graph: the graph
 * @pid: process
 * @va: address
 *
 * Return: the VMA or NULL.
 */
const struct graph_vma *graph_vma_at(const struct graph *graph, pid_t pid, const void *va)
{
	size_t i;

	for (i = 0; i < graph->nr_vmas; i++) {
		const struct graph_vma *vma = &graph->vmas[i];

		if (vma->pid == pid && vma->start <= (uintptr_t)va && vma->end > (uintptr_t)va)
			return vma;
	}
	complain("no vma line for pid %d va %p", pid, va);
	return NULL;
}

/**
 * graph_linked() - whether a chain links a VMA and an anon_vma
 * @graph: the graph
 * @vma: of it
 * @av: number of the anon_vma
 *
 * Return: true or false.
 */
bool graph_linked(const struct graph *graph, const struct graph_vma *vma, size_t av)
{
	return graph->links[(vma - graph->vmas) * graph->nr_avs + av];
}

/**
 * graph_chain() - how many anon_vmas a VMA is linked to
 * @graph: the graph
 * @vma: of it
 *
 * Return: the number.
 */
size_t graph_chain(const struct graph *graph, const struct graph_vma *vma)
{
	size_t av, n = 0;

	for (av = 0; av < graph->nr_avs; av++)
		n += graph_linked(graph, vma, av);
	return n;
}

/**
 * graph_covering() - how many VMAs cover the page
 * @graph: the graph
 *
 * Return: the number.
 */
size_t graph_covering(const struct graph *graph)
{
	size_t i, n = 0;

	for (i = 0; i < graph->nr_vmas; i++)
		n += graph->vmas[i].covers;
	return n;
}

/**
 * graph_av_num() - a number of an anon_vma
 * @graph: the graph
 * @av: number of the anon_vma
 * @key: what to look up
 *
 * Return: as record_num().
 */
unsigned long long graph_av_num(const struct graph *graph, size_t av, const char *key)
{
	return record_num(graph->avs[av].record, key);
}
