// SPDX-License-Identifier: GPL-2.0
/*
 * `rmapscope share --fork` from a recording of all frames, which is read twice: first for the
 * addresses at which the parent has pages, then for the pages of its children.
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "exit_status.h"
#include "share_fork.h"

/* Whose address space it is. */
struct role {
	bool known, parent;
	size_t *child;			/* indices of the children that use it */
	size_t nr_children;
};

struct pass {
	struct fork_look *look;
	struct role *role;		/* by the number of the address space */
	size_t nr_roles;
};

static void find_role(const struct pass *p, const struct scan_mm *mm, struct role *role)
{
	size_t i, k;

	role->known = true;
	role->child = scan_alloc(mm->nr_tgids, sizeof(*role->child));
	for (i = 0; i < mm->nr_tgids; i++) {
		role->parent |= mm->tgids[i] == p->look->parent;
		for (k = 0; k < p->look->nr_children; k++)
			if (p->look->child[k].pid == mm->tgids[i])
				role->child[role->nr_children++] = k;
	}
}

static const struct role *role_of(struct pass *p, const struct collect *c, unsigned int mm)
{
	if (mm >= p->nr_roles) {
		p->role = sharing_must(reallocarray(p->role, c->nr_mms, sizeof(*p->role)));
		memset(p->role + p->nr_roles, 0, (c->nr_mms - p->nr_roles) * sizeof(*p->role));
		p->nr_roles = c->nr_mms;
	}
	if (!p->role[mm].known)
		find_role(p, &c->mm[mm], &p->role[mm]);
	return &p->role[mm];
}

static void take_parent_run(struct scan *scan, const struct scan_run *run)
{
	struct pass *p = scan->data;
	unsigned long long size = scan->collect.head.page_size;
	size_t i;

	for (i = 0; i < run->nr_maps; i++) {
		const struct rms_rec_map *map = &run->map[i];

		if (role_of(p, &scan->collect, map->mm)->parent)
			fork_add_stretch(p->look, map->va, map->va + map->count * size);
	}
}

/* By page of the run: whether it is anonymous, and whether the parent maps it. */
struct page_facts {
	bool anonymous, still;
};

static struct page_facts *find_facts(struct pass *p, const struct collect *c,
				     const struct scan_run *run)
{
	struct page_facts *facts = scan_alloc(run->count, sizeof(*facts));
	size_t i, k;

	for (i = 0; i < run->nr_pages; i++)
		for (k = 0; k < run->page[i].count; k++)
			facts[run->page[i].first + k].anonymous = fork_is_anonymous(&run->page[i]);
	for (i = 0; i < run->nr_maps; i++) {
		const struct rms_rec_map *map = &run->map[i];

		for (k = 0; role_of(p, c, map->mm)->parent && k < map->count; k++)
			facts[map->first + k].still = true;
	}
	return facts;
}

static void add_map(struct fork_look *f, struct child *child, const struct rms_rec_map *map,
		    const struct page_facts *facts)
{
	unsigned long long size = f->s->page_size;
	size_t i;

	for (i = 0; i < map->count; i++) {
		unsigned long long va = map->va + i * size, end = va + size;

		if (facts[map->first + i].anonymous)
			child->sums.pages[facts[map->first + i].still ? FATE_STILL :
					  fork_fate(f, va, &end)]++;
	}
}

static void take_child_run(struct scan *scan, const struct scan_run *run)
{
	struct pass *p = scan->data;
	struct page_facts *facts = find_facts(p, &scan->collect, run);
	size_t i, k;

	for (i = 0; i < run->nr_maps; i++) {
		const struct role *role = role_of(p, &scan->collect, run->map[i].mm);

		for (k = 0; k < role->nr_children; k++)
			add_map(p->look, &p->look->child[role->child[k]], &run->map[i], facts);
	}
	free(facts);
}

static int by_address(const void *a, const void *b)
{
	const struct stretch *x = a, *y = b;

	return (x->start > y->start) - (x->start < y->start);
}

/* The mappings were in the order of frames. */
static void sort_stretches(struct fork_look *f)
{
	size_t nr = f->nr_stretches, i;

	if (nr)
		qsort(f->stretch, nr, sizeof(*f->stretch), by_address);
	f->nr_stretches = 0;
	for (i = 0; i < nr; i++)
		fork_add_stretch(f, f->stretch[i].start, f->stretch[i].end);
}

static const struct scan_view parent_view = { .run = take_parent_run };
static const struct scan_view child_view = { .run = take_child_run };

static int check_head(const struct scan *scan)
{
	const struct collect *c = &scan->collect;
	const char *file = scan->o->input;

	if (c->head.form != RMS_FORM_PFN || !(c->head.options & RMS_OPTION_MAPS))
		warnx("%s: --fork needs the mappings of all processes: %s", file,
		      "record --all --with maps FILE");
	else if (!c->processes)
		warnx("%s: has no list of processes, as it is of an older version of the tool",
		      file);
	else
		return RS_OK;
	return RS_FAILED;
}

/* One pass over the recording. The first one lists the children. */
static int read_once(struct fork_look *f, const struct scan_view *view, bool first)
{
	struct pass pass = { .look = f };
	struct scan scan = { .o = f->s->o, .view = view, .data = &pass };
	struct stream stream;
	size_t i;
	int status = scan_open_input(&scan, &stream);

	if (status)
		return status;
	scan.result = collect_head(&scan.collect, &stream);
	if (!scan.collect.has_head)
		status = scan_warn(&scan, &stream);
	else
		status = check_head(&scan);
	if (!status) {
		f->s->page_size = scan.collect.head.page_size;
		memcpy(f->s->release, scan.collect.head.release, sizeof(f->s->release) - 1);
		if (first)
			fork_list_children(f, scan.collect.processes);
		scan.result = scan_read(&scan, &stream, NULL);
		status = scan_warn(&scan, &stream);
	}
	stream_finish(&stream);
	vma_list_free(&scan.vmas);
	collect_free(&scan.collect);
	for (i = 0; i < pass.nr_roles; i++)
		free(pass.role[i].child);
	free(pass.role);
	return status;
}

/**
 * fork_read_recording() - find what the children share, from a recording
 * @f: the look, with the parent; gets the children
 *
 * Return: an exit status.
 */
int fork_read_recording(struct fork_look *f)
{
	int status = read_once(f, &parent_view, true);

	sort_stretches(f);
	if (!f->nr_stretches && !status) {
		warnx("%s: has no page of the process %d", f->s->o->input, f->parent);
		return RS_NO_PAGE;
	}
	/* Of a damaged recording there is what was before the damage. */
	if (!f->nr_stretches)
		return status;
	f->s->broken_off = status;
	return read_once(f, &child_view, false);
}
