// SPDX-License-Identifier: GPL-2.0
/*
 * `rmapscope share --fork`: what the children of a process still share with it.
 *
 * The parent's pages are read first. An anonymous page of a child is then still shared, if the
 * parent maps it, too; or it was copied since the fork, if the parent has another page at the same
 * address, whichever of the two has written to it; or it is new.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "exit_status.h"
#include "interrupt.h"
#include "process_list.h"
#include "share_fork.h"

/**
 * fork_is_anonymous() - test if fork() shares pages with the child, or copies them later
 * @page: some pages
 *
 * Return: true if so.
 */
bool fork_is_anonymous(const struct rms_rec_page *page)
{
	return page->kind == RMS_KIND_ANON || page->kind == RMS_KIND_KSM ||
	       page->kind == RMS_KIND_SWAP || page->kind == RMS_KIND_HUGETLB_ANON;
}

/**
 * fork_add_stretch() - note addresses at which the parent has pages
 * @f: the look
 * @start: the first
 * @end: behind the last
 */
void fork_add_stretch(struct fork_look *f, unsigned long long start, unsigned long long end)
{
	if (f->nr_stretches && f->stretch[f->nr_stretches - 1].end == start) {
		f->stretch[f->nr_stretches - 1].end = end;
		return;
	}
	if (f->nr_stretches == f->room) {
		f->room = f->room ? 2 * f->room : 1024;
		f->stretch = sharing_must(reallocarray(f->stretch, f->room, sizeof(*f->stretch)));
	}
	f->stretch[f->nr_stretches++] = (struct stretch){ start, end };
}

static void take_parent_run(struct scan *scan, const struct scan_run *run)
{
	unsigned long long size = scan->collect.head.page_size;
	size_t i;

	for (i = 0; i < run->nr_pages; i++) {
		unsigned long long start = run->start + run->page[i].first * size;

		fork_add_stretch(scan->data, start, start + run->page[i].count * size);
	}
}

static const struct scan_view parent_view = { .run = take_parent_run };

/* Read the pages of a process. @maps: the text of its VMAs, if they are wanted. */
static int read_pages(struct fork_look *f, const struct scan_view *view, int pid,
		      unsigned int options, const char *maps)
{
	struct scan scan = { .method = f->s->o->method, .view = view, .data = f };
	struct options o = *f->s->o;
	struct stream stream;
	int status;

	o.range = (struct range){ .has_pid = true, .pid = pid, .options = options };
	scan.o = &o;
	interrupt_catch();
	status = scan_open(&scan, &stream, &o.range);
	if (!status) {
		scan.result = scan_read(&scan, &stream, maps ?: "");
		status = scan_warn(&scan, &stream);
		stream_finish(&stream);
	}
	vma_list_free(&scan.vmas);
	collect_free(&scan.collect);
	return status;
}

static int read_parent(struct fork_look *f)
{
	f->nr_stretches = 0;
	return read_pages(f, &parent_view, f->parent, 0, NULL);
}

/* The first stretch that ends behind an address. */
static size_t find_stretch(const struct fork_look *f, unsigned long long va)
{
	size_t low = 0, high = f->nr_stretches;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (f->stretch[middle].end > va)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

/* Pages that are in one VMA of the child, or in none that is known. */
static void add(struct fork_look *f, enum fate fate, const struct vma_line *vma,
		unsigned long long pages)
{
	struct child *c = f->now;

	c->sums.pages[fate] += pages;
	if (vma)
		c->vma[vma - c->vmas.vma].pages[fate] += pages;
}

/**
 * fork_fate() - find what became of pages of a child that the parent doesn't map
 * @f: the look, with the stretches in the order of their addresses
 * @va: of the first page
 * @end: behind the last page; set to where something else became of them
 *
 * Return: FATE_COPIED or FATE_NEW.
 */
enum fate fork_fate(const struct fork_look *f, unsigned long long va, unsigned long long *end)
{
	size_t i = find_stretch(f, va);
	const struct stretch *next = i < f->nr_stretches ? &f->stretch[i] : NULL;
	bool copied = next && next->start <= va;

	if (copied && next->end < *end)
		*end = next->end;
	else if (!copied && next && next->start < *end)
		*end = next->start;
	return copied ? FATE_COPIED : FATE_NEW;
}

static bool parent_maps(const struct fork_look *f, const struct sharing_set *set)
{
	size_t mm, i;

	if (!sharing_find(&f->s->sharing, f->parent, &mm))
		return false;
	for (i = 0; i < set->nr; i++)
		if (set->member[i].mm == mm)
			return true;
	return false;
}

static void take_part(void *arg, const struct scan_run *run, const struct sharing_part *part)
{
	struct fork_look *f = arg;
	unsigned long long va = part->at, size = f->s->page_size;
	unsigned long long end = va + part->count * size;
	bool still;

	(void)run;
	if (!fork_is_anonymous(part->page))
		return;
	still = parent_maps(f, part->set);
	while (va < end) {
		unsigned long long to = end;
		const struct vma_line *vma = vma_list_part(&f->now->vmas, va, &to);
		enum fate fate = still ? FATE_STILL : fork_fate(f, va, &to);

		add(f, fate, vma, (to - va) / size);
		va = to;
	}
}

static void take_child_run(struct scan *scan, const struct scan_run *run)
{
	struct fork_look *f = scan->data;

	sharing_run(&f->s->sharing, run);
}

static void begin_child(struct scan *scan)
{
	struct fork_look *f = scan->data;

	f->s->page_size = scan->collect.head.page_size;
	memcpy(f->s->release, scan->collect.head.release, sizeof(f->s->release) - 1);
	sharing_stream(&f->s->sharing, &scan->collect, f->now->pid);
	f->s->sharing.on_part = take_part;
	f->s->sharing.arg = f;
}

static const struct scan_view child_view = { .begin = begin_child, .run = take_child_run };

static void begin_vmas(struct child *c, const char *maps)
{
	if (!maps || vma_list_parse(&c->vmas, maps))
		vma_list_free(&c->vmas);
	else
		c->vma = scan_alloc(c->vmas.nr + 1, sizeof(*c->vma));
}

static int read_child(struct fork_look *f, struct child *c)
{
	char *maps = f->s->o->vmas ? vma_list_read(c->pid) : NULL;
	int status;

	f->now = c;
	begin_vmas(c, maps);
	status = read_pages(f, &child_view, c->pid, RMS_OPTION_MAPS, maps);
	free(maps);
	return status;
}

static void forget_vmas(struct child *c)
{
	vma_list_free(&c->vmas);
	free(c->vma);
}

static void forget_children(struct child *child, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++)
		forget_vmas(&child[i]);
	free(child);
}

/**
 * fork_list_children() - list the children of the parent
 * @f: the look; children of before keep what they had in the first look
 * @recorded: the list of processes of a recording; NULL: that of the machine
 */
void fork_list_children(struct fork_look *f, const char *recorded)
{
	struct child *before = f->child;
	size_t i, k, nr_before = f->nr_children;

	processes_free(&f->s->processes);
	share_list_processes(f->s, recorded);
	f->child = scan_alloc(f->s->processes.nr + 1, sizeof(*f->child));
	f->nr_children = 0;
	for (i = 0; i < f->s->processes.nr; i++) {
		const struct process *p = &f->s->processes.process[i];
		struct child *c = &f->child[f->nr_children];

		if (p->parent != f->parent || (!recorded && !process_thread(p->pid)))
			continue;
		c->pid = p->pid;
		snprintf(c->comm, sizeof(c->comm), "%s", p->comm);
		for (k = 0; k < nr_before; k++) {
			if (before[k].pid == p->pid && before[k].has_first) {
				c->has_first = true;
				c->first = before[k].first;
			}
		}
		f->nr_children++;
	}
	forget_children(before, nr_before);
}

/* Return: an exit status. Children that end meanwhile are left out. */
static int look(struct fork_look *f)
{
	size_t i, kept = 0;
	int status;

	fork_list_children(f, NULL);
	status = read_parent(f);
	for (i = 0; i < f->nr_children && !status; i++) {
		struct child *c = &f->child[i];

		status = read_child(f, c);
		if (status == RS_NO_PAGE) {
			status = RS_OK;
			forget_vmas(c);
			continue;
		}
		if (!c->has_first)
			c->first = c->sums.pages[FATE_STILL];
		f->child[kept++] = *c;
	}
	f->nr_children = kept;
	return status;
}

/* Print how the looks after the first differ, until ^C. */
static int watch(struct fork_look *f, const struct column_list *columns)
{
	int status = RS_OK;
	size_t i;

	while (!status && !interrupt_seen()) {
		if (fflush(stdout))
			err(RS_FAILED, "cannot write the output");
		for (i = 0; i < f->nr_children; i++)
			f->child[i].has_first = true;
		interrupt_catch();
		sleep(f->s->o->watch);
		if (interrupt_seen())
			break;
		status = look(f);
		if (!status && !f->s->o->json)
			putchar('\n');
		if (!status)
			fork_print(f, columns);
	}
	return status;
}

static bool choose_columns(const struct options *o, struct column_list *columns)
{
	const char *normal = "PID,COMM,ANON,STILL,COPIED,NEW,STILL%";

	if (o->vmas)
		normal = "PID,ANON,STILL,COPIED,NEW,STILL%,START,NAME";
	else if (o->watch)
		normal = NULL;
	return options_columns(o, &share_fork_columns, normal, columns);
}

static int check(const struct options *o)
{
	if (o->input && (o->watch || o->vmas))
		warnx("share: --fork of a recording has no %s", o->vmas ? "--vma" : "--watch");
	else if (o->selection.nr != 1 || o->selection.selector[0].by != SELECT_PID)
		warnx("share: --fork needs the parent: one -p PID");
	else
		return RS_OK;
	return RS_USAGE;
}

/**
 * share_fork() - show what the children of a process still share with it
 * @s: the report, with its options
 *
 * Return: an exit status.
 */
int share_fork(struct share *s)
{
	struct fork_look f = { .s = s };
	struct column_list columns;
	int status = check(s->o);

	if (status || !choose_columns(s->o, &columns))
		return RS_USAGE;
	f.parent = s->o->selection.selector[0].pid;
	if (!s->o->input)
		f.parent = process_of_thread(f.parent);
	status = s->o->input ? fork_read_recording(&f) : look(&f);
	if (!status || f.s->broken_off)
		fork_print(&f, &columns);
	if (!status && s->o->watch)
		status = watch(&f, &columns);
	forget_children(f.child, f.nr_children);
	free(f.stretch);
	return status;
}
