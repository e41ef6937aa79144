// SPDX-License-Identifier: GPL-2.0
/*
 * From address spaces to what rows are about: each process, or the processes of each option. All
 * other address spaces, with which pages are shared, have a unit of their own each.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "share.h"

/* @pid: 0, or the one of its processes that was asked for. */
static void name_unit(const struct share *s, struct share_unit *u, size_t mm, int pid)
{
	const struct sharing_mm *from = &s->sharing.mm[mm];

	u->pid = pid ?: from->tgids[0];
	u->nr_mms = 1;
	u->partner = SHARING_NONE;
	snprintf(u->name, sizeof(u->name), "%s", from->comm);
}

static struct share_unit *new_unit(struct share *s)
{
	struct share_unit *u = &s->unit[s->nr_units++];

	u->swap = -1;
	u->partner = SHARING_NONE;
	return u;
}

/* One option that names several processes, or all: each has a row. Else each option has one. */
static bool is_by_process(const struct share *s)
{
	return s->nr_groups < 2;
}

static void add_to_group(struct share *s, size_t group, size_t mm, int pid)
{
	struct share_unit *u;

	if (s->unit_of[mm] != SHARING_NONE)
		return;
	s->member[mm] = 0;
	s->all.nr_mms++;
	if (is_by_process(s)) {
		s->unit_of[mm] = s->nr_units;
		name_unit(s, new_unit(s), mm, pid);
		return;
	}
	s->unit_of[mm] = group;
	u = &s->unit[group];
	if (u->nr_mms++)
		u->pid = 0;
	else if (s->group[group].nr == 1)
		name_unit(s, u, mm, pid);
}

/* An address space is in the first group that names one of its processes. */
static void warn_of_empty(const struct share *s)
{
	size_t i;

	for (i = 1; i < s->nr_groups && !is_by_process(s); i++)
		if (!s->unit[i].nr_mms)
			warnx("share: %s: what it has is in an earlier row, or it has nothing",
			      s->unit[i].name);
}

static void add_groups(struct share *s)
{
	size_t i, k, mm;

	for (i = 0; i < s->nr_groups; i++) {
		if (!is_by_process(s))
			memcpy(new_unit(s)->name, s->group[i].name, sizeof(s->group[i].name));
	}
	for (i = 0; i < s->nr_groups; i++)
		for (k = 0; k < s->group[i].nr; k++)
			if (sharing_find(&s->sharing, s->group[i].pid[k], &mm))
				add_to_group(s, i, mm, s->group[i].pid[k]);
	warn_of_empty(s);
	if (!s->nr_groups)
		for (mm = 0; mm < s->sharing.nr_mms; mm++)
			if (!s->sharing.mm[mm].self)
				add_to_group(s, 0, mm, 0);
}

static void add_others(struct share *s)
{
	size_t mm;

	s->nr_own = s->nr_units;
	for (mm = 0; mm < s->sharing.nr_mms; mm++) {
		if (s->unit_of[mm] != SHARING_NONE)
			continue;
		s->unit_of[mm] = s->nr_units;
		name_unit(s, new_unit(s), mm, 0);
	}
}

/* Streams of frames have no swap slots, but the kernel counts them. */
static long long swap_of(const struct share *s, const struct sharing_mm *mm)
{
	const struct process *p = processes_find(&s->processes, mm->tgids[0]);

	return p ? p->swap : -1;
}

static void add_swap(struct share *s)
{
	size_t mm;

	for (mm = 0; mm < s->sharing.nr_mms; mm++) {
		struct share_unit *u = &s->unit[s->unit_of[mm]];
		long long swap = swap_of(s, &s->sharing.mm[mm]);

		if (swap >= 0)
			u->swap = (u->swap < 0 ? 0 : u->swap) + swap;
	}
}

/* Each process has its own share of what is swapped out of shared memory. */
static void add_shmem(struct share *s)
{
	size_t i, mm;

	for (i = 0; i < s->nr_shmem; i++) {
		unsigned long long bytes = s->shmem[i].pages * s->page_size;

		if (!sharing_find(&s->sharing, s->shmem[i].pid, &mm))
			continue;
		s->unit[s->unit_of[mm]].swap += bytes;
		if (s->all.nr_mms == 1)
			s->all.swap += bytes;
	}
}

static void sum_up(struct share *s)
{
	struct sharing_sums *sums = scan_alloc(s->nr_units + 1, sizeof(*sums));
	size_t i;

	sharing_sum(&s->sharing, s->unit_of, s->nr_units, s->page_size, sums);
	for (i = 0; i < s->nr_units; i++) {
		s->unit[i].sums = sums[i];
		if (!s->frames)
			s->unit[i].swap = sums[i].mapped[CHANNEL_SWAP] * s->page_size;
	}
	free(sums);
	sharing_sum(&s->sharing, s->member, 1, s->page_size, &s->all.sums);
	share_vdso_add(s);
	if (s->frames)
		add_swap(s);
	s->all.swap = s->frames ? -1 : (long long)s->all.sums.pages[CHANNEL_SWAP] * s->page_size;
	if (!s->frames)
		add_shmem(s);
}

/**
 * share_make_units() - make the units, and add up what they have
 * @s: the report, after all streams
 */
void share_make_units(struct share *s)
{
	size_t mm, nr = s->sharing.nr_mms;

	s->unit = scan_alloc(nr + s->nr_groups + 1, sizeof(*s->unit));
	s->unit_of = scan_alloc(nr + 1, sizeof(*s->unit_of));
	s->member = scan_alloc(nr + 1, sizeof(*s->member));
	for (mm = 0; mm < nr; mm++) {
		s->member[mm] = SHARING_NONE;
		s->unit_of[mm] = SHARING_NONE;
	}
	add_groups(s);
	add_others(s);
	sharing_index_make(&s->sets, &s->sharing, s->unit_of, s->nr_units);
	sum_up(s);
}

/**
 * share_sum() - choose how pages are counted, and add up what is resident
 * @u: the unit
 * @twice: its pages, of which each counts as often as it is mapped
 * @once: its pages, of which each counts once
 *
 * The kernel counts a page of a process as often as it is mapped. In a group each page counts once.
 *
 * Return: the sum, in pages.
 */
unsigned long long share_sum(const struct share_unit *u, const unsigned long long *twice,
			     const unsigned long long *once)
{
	return sharing_resident(u->nr_mms == 1 ? twice : once);
}

/**
 * share_partners() - find out with whom a unit shares pages
 * @s: the report, with its units
 * @unit: index of the unit
 * @with: zeroed, for each unit; gets the pages that are shared with it
 */
void share_partners(const struct share *s, size_t unit, struct sharing_with *with)
{
	sharing_partners(&s->sharing, &s->sets, s->unit_of, s->nr_units, unit, with);
}

/**
 * share_partner_of() - find the unit with which another shares most
 * @s: the report, with its units
 * @unit: index of the other, which gets it
 */
void share_partner_of(struct share *s, size_t unit)
{
	struct sharing_with *with = scan_alloc(s->nr_units + 1, sizeof(*with));
	struct share_unit *u = &s->unit[unit];
	unsigned long long most = 0;
	enum channel c;
	size_t i;

	share_partners(s, unit, with);
	for (i = 0; i < s->nr_units; i++) {
		if (sharing_resident(with[i].pages) > most) {
			most = sharing_resident(with[i].pages);
			u->partner = i;
		}
	}
	for (c = 0; most && c < NR_CHANNELS; c++) {
		const unsigned long long *pages = with[u->partner].pages;

		if (sharing_is_resident(c) && pages[c] > pages[u->through])
			u->through = c;
	}
	free(with);
}
