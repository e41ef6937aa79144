// SPDX-License-Identifier: GPL-2.0
/*
 * The rows of `rmapscope share`: processes, those that they share with, files, and pairs.
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "share.h"

static unsigned long long rss(const struct share_unit *u)
{
	return share_sum(u, u->sums.mapped, u->sums.pages);
}

static unsigned long long unique(const struct share_unit *u)
{
	return share_sum(u, u->sums.unique, u->sums.unique_pages);
}

static unsigned long long shared(const struct share_unit *u)
{
	return rss(u) - unique(u);
}

static unsigned long long single(const struct share_unit *u)
{
	return sharing_resident(u->sums.single);
}

static unsigned long long shared_by(const struct share_unit *u, enum channel c)
{
	return u->nr_mms == 1 ? u->sums.mapped[c] - u->sums.unique[c] :
				u->sums.pages[c] - u->sums.unique_pages[c];
}

static unsigned long long by_fork(const struct share_unit *u)
{
	return shared_by(u, CHANNEL_FORK);
}

static unsigned long long by_cache(const struct share_unit *u)
{
	return shared_by(u, CHANNEL_CACHE);
}

static unsigned long long by_shmem(const struct share_unit *u)
{
	return shared_by(u, CHANNEL_SHMEM);
}

static unsigned long long by_ksm(const struct share_unit *u)
{
	return shared_by(u, CHANNEL_KSM);
}

static unsigned long long anon(const struct share_unit *u)
{
	return u->sums.unique_pages[CHANNEL_FORK] + u->sums.unique_pages[CHANNEL_KSM];
}

static unsigned long long hugetlb(const struct share_unit *u)
{
	return u->sums.pages[CHANNEL_HUGETLB];
}

static unsigned long long own_hugetlb(const struct share_unit *u)
{
	return u->sums.unique_pages[CHANNEL_HUGETLB];
}

static unsigned long long own_swap(const struct share_unit *u)
{
	return u->sums.unique_pages[CHANNEL_SWAP];
}

/* In pages. */
static const struct {
	const char *key;
	unsigned long long (*get)(const struct share_unit *u);
} sizes[] = {
	{ "rss", rss },
	{ "unique", unique },
	{ "shared", shared },
	{ "private", single },
	{ "anon", anon },
	{ "fork", by_fork },
	{ "cache", by_cache },
	{ "shmem", by_shmem },
	{ "ksm", by_ksm },
	{ "hugetlb", hugetlb },
	{ "own_hugetlb", own_hugetlb },
};

static unsigned long long pss(const struct share_unit *u)
{
	return sharing_resident(u->sums.pss) >> SHARING_PSS_SHIFT;
}

static unsigned long long saved(const struct share *s, const struct share_unit *u)
{
	unsigned long long size = s->page_size;

	return ((u->sums.mapped[CHANNEL_KSM] * size << SHARING_PSS_SHIFT) -
		u->sums.pss[CHANNEL_KSM]) >> SHARING_PSS_SHIFT;
}

static unsigned long long value(const struct share *s, const struct share_unit *u, const char *key)
{
	size_t i;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		if (!strcmp(sizes[i].key, key))
			return sizes[i].get(u) * s->page_size;
	if (!strcmp(key, "pss"))
		return pss(u);
	if (!strcmp(key, "swap"))
		return u->swap < 0 ? 0 : u->swap;
	if (!strcmp(key, "saved"))
		return saved(s, u);
	if (!strcmp(key, "mms"))
		return u->nr_mms;
	if (!strcmp(key, "own_swap"))
		return own_swap(u);
	return 0;
}

/* For qsort(3), which passes no more than two elements. */
static const struct share *sorted;
static const char *sort_key;

static int compare_units(const void *a, const void *b)
{
	const size_t *x = a, *y = b;
	const struct share_unit *u = &sorted->unit[*x], *v = &sorted->unit[*y];
	unsigned long long left = value(sorted, u, sort_key), right = value(sorted, v, sort_key);

	if (left != right)
		return left < right ? 1 : -1;
	return (u->pid > v->pid) - (u->pid < v->pid);
}

static int compare_pids(const void *a, const void *b)
{
	const size_t *x = a, *y = b;
	int left = sorted->unit[*x].pid, right = sorted->unit[*y].pid;

	return (left > right) - (left < right);
}

static const struct column *find_column(const char *name)
{
	const struct column_set *set = &share_unit_columns;
	size_t i;

	for (i = 0; i < set->n; i++)
		if (!strcasecmp(set->column[i].name, name))
			return &set->column[i];
	return NULL;
}

/**
 * share_sort() - choose the order of the rows
 * @s: the report, with its units
 * @column: name of a column; NULL: RSS
 *
 * Return: false after an error message.
 */
bool share_sort(struct share *s, const char *column)
{
	const struct column *col = find_column(column ?: "RSS");
	bool by_pid = col && !strcmp(col->key, "pid");
	size_t i;

	if (!col || !col->right || !strcmp(col->key, "with")) {
		warnx("--sort %s: no column of numbers has this name; see --list-columns", column);
		return false;
	}
	free(s->order);
	s->order = scan_alloc(s->nr_own + 1, sizeof(*s->order));
	for (i = 0; i < s->nr_own; i++)
		s->order[i] = i;
	sorted = s;
	sort_key = col->key;
	qsort(s->order, s->nr_own, sizeof(*s->order), by_pid ? compare_pids : compare_units);
	return true;
}

static void ksm_cost(const struct share *s, struct rows *r, const struct share_unit *u)
{
	struct share_ksm ksm;

	if (!u->pid || s->o->input ||
	    !(rows_want(r, "rmap_items") || rows_want(r, "ksm_cost")))
		return;
	share_ksm_read(u->pid, &ksm);
	if (ksm.items >= 0)
		rows_number(r, "rmap_items", ksm.items);
	if (ksm.bytes >= 0)
		rows_size(r, "ksm_cost", ksm.bytes);
}

/**
 * share_unit_row() - write a row about a unit
 * @s: the report
 * @r: the rows
 * @record: name of the row
 * @u: the unit
 * @columns: what is wanted; NULL: all
 */
void share_unit_row(const struct share *s, struct rows *r, const char *record,
		    const struct share_unit *u, const struct column_list *columns)
{
	size_t i;

	rows_record(r, record, columns);
	if (u->pid)
		rows_number(r, "pid", u->pid);
	rows_text(r, "comm", u->name);
	rows_number(r, "mms", u->nr_mms);
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		rows_size(r, sizes[i].key, sizes[i].get(u) * s->page_size);
	rows_size(r, "pss", pss(u));
	rows_size(r, "saved", saved(s, u));
	if (u->swap >= 0)
		rows_size(r, "swap", u->swap);
	if (!s->frames)
		rows_size(r, "own_swap", own_swap(u) * s->page_size);
	ksm_cost(s, r, u);
	if (u->partner == SHARING_NONE || u == &s->all)
		return;
	if (s->unit[u->partner].pid)
		rows_number(r, "with", s->unit[u->partner].pid);
	rows_text(r, "through", sharing_channel_word(u->through));
}

/**
 * share_unit_rows() - write the rows about what the report is about
 * @s: the report, sorted
 * @r: the rows
 * @columns: what is wanted
 * @lines: number of rows at most
 */
void share_unit_rows(struct share *s, struct rows *r, const struct column_list *columns,
		     size_t lines)
{
	size_t i;

	for (i = 0; i < s->nr_own && i < lines; i++) {
		share_partner_of(s, s->order[i]);
		share_unit_row(s, r, "process", &s->unit[s->order[i]], columns);
	}
}

struct partner {
	size_t unit;
	unsigned long long shared;
	const unsigned long long *with;
};

static int compare_partners(const void *a, const void *b)
{
	const struct partner *x = a, *y = b;

	if (x->shared != y->shared)
		return x->shared < y->shared ? 1 : -1;
	return (x->unit > y->unit) - (x->unit < y->unit);
}

static void channel_sizes(const struct share *s, struct rows *r, const unsigned long long *pages)
{
	enum channel c;

	rows_size(r, "shared", sharing_resident(pages) * s->page_size);
	for (c = 0; c < NR_CHANNELS; c++)
		if (c != CHANNEL_SWAP || !s->frames)
			rows_size(r, sharing_channel_word(c), pages[c] * s->page_size);
}

/**
 * share_partner_rows() - write a row about each unit that shares with what the report is about
 * @s: the report
 * @r: the rows
 * @columns: what is wanted
 * @lines: number of rows at most
 *
 * Return: the number of such units.
 */
size_t share_partner_rows(struct share *s, struct rows *r, const struct column_list *columns,
			  size_t lines)
{
	struct sharing_with *with = scan_alloc(s->nr_units + 1, sizeof(*with));
	struct partner *partner = scan_alloc(s->nr_units + 1, sizeof(*partner));
	size_t *side = scan_alloc(s->sharing.nr_mms + 1, sizeof(*side));
	size_t nr_sides = s->nr_units - s->nr_own + 1;
	struct sharing_index sets;
	size_t i, mm, nr = 0;

	/* All that the report is about is the unit 0 here. */
	for (mm = 0; mm < s->sharing.nr_mms; mm++)
		side[mm] = s->member[mm] ? s->unit_of[mm] - s->nr_own + 1 : 0;
	sharing_index_make(&sets, &s->sharing, side, nr_sides);
	sharing_partners(&s->sharing, &sets, side, nr_sides, 0, with);
	sharing_index_free(&sets);
	for (i = s->nr_own; i < s->nr_units; i++) {
		const unsigned long long *pages = with[i - s->nr_own + 1].pages;
		unsigned long long most = sharing_resident(pages) + pages[CHANNEL_HUGETLB] +
					  pages[CHANNEL_SWAP];

		if (most)
			partner[nr++] = (struct partner){ i, sharing_resident(pages), pages };
	}
	if (nr)
		qsort(partner, nr, sizeof(*partner), compare_partners);
	for (i = 0; i < nr && i < lines; i++) {
		const struct share_unit *u = &s->unit[partner[i].unit];

		rows_record(r, "partner", columns);
		if (u->pid)
			rows_number(r, "pid", u->pid);
		rows_text(r, "comm", u->name);
		channel_sizes(s, r, partner[i].with);
	}
	free(side);
	free(partner);
	free(with);
	return nr;
}

struct file_sums {
	const char *path;
	struct sharing_sums sums;
};

static int compare_files(const void *a, const void *b)
{
	const struct file_sums *x = a, *y = b;
	unsigned long long left = sharing_resident(x->sums.pages);
	unsigned long long right = sharing_resident(y->sums.pages);

	return left < right ? 1 : left > right ? -1 : 0;
}

/**
 * share_file_rows() - write a row about each file of which pages are mapped
 * @s: the report, whose streams were read with files kept apart
 * @r: the rows
 * @columns: what is wanted
 */
void share_file_rows(struct share *s, struct rows *r, const struct column_list *columns)
{
	size_t i, nr = s->sharing.nr_files;
	struct sharing_sums *sums = scan_alloc(nr + 1, sizeof(*sums));
	struct file_sums *file = scan_alloc(nr + 1, sizeof(*file));

	sharing_sum_files(&s->sharing, s->member, s->page_size, sums);
	for (i = 0; i < nr; i++)
		file[i] = (struct file_sums){ s->sharing.file[i] ?: "[anonymous]", sums[i] };
	qsort(file, nr, sizeof(*file), compare_files);
	for (i = 0; i < nr; i++) {
		unsigned long long all = sharing_resident(file[i].sums.pages);
		unsigned long long own = sharing_resident(file[i].sums.unique_pages);

		if (!all && !file[i].sums.pages[CHANNEL_HUGETLB])
			continue;
		rows_record(r, "file", columns);
		rows_size(r, "rss", all * s->page_size);
		rows_size(r, "unique", own * s->page_size);
		rows_size(r, "shared", (all - own) * s->page_size);
		rows_size(r, "pss", sharing_resident(file[i].sums.pss) >> SHARING_PSS_SHIFT);
		rows_size(r, "hugetlb", file[i].sums.pages[CHANNEL_HUGETLB] * s->page_size);
		rows_text(r, "file", file[i].path);
	}
	free(file);
	free(sums);
}

/**
 * share_pair_rows() - write a row about each two units that share pages, for JSON
 * @s: the report
 * @r: the rows
 */
void share_pair_rows(struct share *s, struct rows *r)
{
	struct sharing_with *with = scan_alloc(s->nr_units + 1, sizeof(*with));
	size_t i, k;

	for (i = 0; i < s->nr_own; i++) {
		memset(with, 0, s->nr_units * sizeof(*with));
		share_partners(s, i, with);
		for (k = 0; k < s->nr_own; k++) {
			const unsigned long long *pages = with[k].pages;

			if (k == i || !(sharing_resident(pages) + pages[CHANNEL_HUGETLB]))
				continue;
			rows_record(r, "pair", NULL);
			rows_number(r, "pid", s->unit[i].pid);
			rows_text(r, "comm", s->unit[i].name);
			rows_number(r, "with", s->unit[k].pid);
			rows_text(r, "with_comm", s->unit[k].name);
			channel_sizes(s, r, pages);
		}
	}
	free(with);
}
