// SPDX-License-Identifier: GPL-2.0
/*
 * The address spaces that share pages, and the sets of pages that the same ones map.
 */
#include <err.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "exit_status.h"
#include "sharing.h"

/* A process, and the index of its address space. */
struct pid_entry {
	int pid;
	size_t mm;
};

/**
 * sharing_must() - check an allocation
 * @p: its result
 *
 * Return: @p, never NULL.
 */
void *sharing_must(void *p)
{
	if (!p)
		errx(RS_FAILED, "not enough memory to add up what processes share");
	return p;
}

static int compare_pids(const void *a, const void *b)
{
	const struct pid_entry *x = a, *y = b;

	return (x->pid > y->pid) - (x->pid < y->pid);
}

/**
 * sharing_stream() - begin with a stream
 * @s: zeroed before the first stream
 * @c: the stream, with its head
 * @pid: process of its range; 0 for frames
 */
void sharing_stream(struct sharing *s, const struct collect *c, unsigned long long pid)
{
	if (s->nr_numbers)
		memset(s->number, 0, s->nr_numbers * sizeof(*s->number));
	if (s->nr_file_numbers)
		memset(s->file_number, 0, s->nr_file_numbers * sizeof(*s->file_number));
	if (!s->nr_files) {
		s->file = sharing_must(calloc(1, sizeof(*s->file)));
		s->nr_files = 1;
	}
	s->collect = c;
	s->pid = pid;
}

static void add_pid(struct sharing *s, int pid, size_t mm)
{
	struct pid_entry *entry = sharing_must(malloc(sizeof(*entry)));
	struct pid_entry **found;

	*entry = (struct pid_entry){ pid, mm };
	found = sharing_must(tsearch(entry, &s->by_pid, compare_pids));
	if (*found == entry)
		return;
	/* The process has another address space now, after exec(2). */
	(*found)->mm = mm;
	free(entry);
}

/* Well-mixed bits of a number, by Steele, Lea and Flood: "Fast splittable generators". */
static uint64_t mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return x ^ x >> 31;
}

static struct sharing_key new_key(uint64_t number)
{
	return (struct sharing_key){ mix(2 * number), mix(2 * number + 1) };
}

static size_t add_mm(struct sharing *s, const struct scan_mm *from)
{
	struct sharing_mm *mm;
	size_t i;

	if (s->nr_mms == s->room_mms) {
		s->room_mms = s->room_mms ? 2 * s->room_mms : 64;
		s->mm = sharing_must(reallocarray(s->mm, s->room_mms, sizeof(*s->mm)));
		s->active = sharing_must(reallocarray(s->active, s->room_mms, sizeof(*s->active)));
	}
	mm = &s->mm[s->nr_mms];
	*mm = (struct sharing_mm){ new_key(s->nr_mms), .nr_tgids = from->nr_tgids };
	memcpy(mm->comm, from->comm, sizeof(mm->comm) - 1);
	mm->tgids = sharing_must(calloc(from->nr_tgids, sizeof(*mm->tgids)));
	memcpy(mm->tgids, from->tgids, from->nr_tgids * sizeof(*mm->tgids));
	mm->self = !s->collect->recorded && sharing_uses(mm, getpid());
	for (i = 0; i < mm->nr_tgids && !mm->self; i++)
		if (mm->tgids[i])
			add_pid(s, mm->tgids[i], s->nr_mms);
	return s->nr_mms++;
}

/**
 * sharing_find() - find the address space of a process
 * @s: the sharing
 * @pid: the process
 * @mm: gets its index
 *
 * Return: false if the process maps no page that was seen.
 */
bool sharing_find(const struct sharing *s, int pid, size_t *mm)
{
	struct pid_entry **found = tfind(&(struct pid_entry){ pid, 0 }, &s->by_pid, compare_pids);

	if (found)
		*mm = (*found)->mm;
	return found;
}

/**
 * sharing_uses() - test if a process uses an address space
 * @mm: the address space
 * @pid: the process
 *
 * Return: true if it does.
 */
bool sharing_uses(const struct sharing_mm *mm, int pid)
{
	size_t i;

	for (i = 0; i < mm->nr_tgids; i++)
		if (mm->tgids[i] == pid)
			return true;
	return false;
}

/**
 * sharing_number() - find the address space that has a number in the stream
 * @s: the sharing
 * @number: of a record that collect_runs() has checked
 *
 * A process that is not visible has no number that is the same in all streams, so it counts as
 * another one in each.
 *
 * Return: its index.
 */
size_t sharing_number(struct sharing *s, unsigned int number)
{
	const struct scan_mm *from = &s->collect->mm[number];
	size_t mm;

	if (number >= s->nr_numbers) {
		size_t more = s->collect->nr_mms;

		s->number = sharing_must(reallocarray(s->number, more, sizeof(*s->number)));
		memset(s->number + s->nr_numbers, 0, (more - s->nr_numbers) * sizeof(*s->number));
		s->nr_numbers = more;
	}
	if (!s->number[number]) {
		if (!from->tgids[0] || !sharing_find(s, from->tgids[0], &mm))
			mm = add_mm(s, from);
		s->number[number] = mm + 1;
	}
	return s->number[number] - 1;
}

struct path_entry {
	const char *path;
	size_t file;
};

static int compare_paths(const void *a, const void *b)
{
	const struct path_entry *x = a, *y = b;

	return strcmp(x->path, y->path);
}

static size_t find_file(struct sharing *s, const char *path)
{
	struct path_entry *entry = sharing_must(malloc(sizeof(*entry)));
	struct path_entry **found;

	*entry = (struct path_entry){ path, s->nr_files };
	found = sharing_must(tsearch(entry, &s->by_path, compare_paths));
	if (*found != entry) {
		free(entry);
		return (*found)->file;
	}
	s->file = sharing_must(reallocarray(s->file, s->nr_files + 1, sizeof(*s->file)));
	s->file[s->nr_files] = sharing_must(strdup(path));
	entry->path = s->file[s->nr_files];
	return s->nr_files++;
}

/**
 * sharing_file() - find the file that has a number in the stream
 * @s: the sharing
 * @number: of a record that collect_runs() has checked; 0: no file
 *
 * Return: its index, 0 if there is none or files are not kept apart.
 */
size_t sharing_file(struct sharing *s, unsigned int number)
{
	if (!s->by_file || !number)
		return 0;
	if (number >= s->nr_file_numbers) {
		size_t more = s->collect->nr_files;

		s->file_number = sharing_must(reallocarray(s->file_number, more,
							   sizeof(*s->file_number)));
		memset(s->file_number + s->nr_file_numbers, 0,
		       (more - s->nr_file_numbers) * sizeof(*s->file_number));
		s->nr_file_numbers = more;
	}
	if (!s->file_number[number])
		s->file_number[number] = find_file(s, s->collect->file[number]);
	return s->file_number[number];
}

/**
 * sharing_done() - end a stream of the pages of a process
 * @s: the sharing
 *
 * Its pages that appear in later streams as well are not counted again.
 */
void sharing_done(struct sharing *s)
{
	size_t mm;

	if (s->pid && sharing_find(s, s->pid, &mm))
		s->mm[mm].done = true;
}

static size_t *find_slot(struct sharing *s, const struct sharing_key *key)
{
	size_t i = key->a & (s->nr_slots - 1);

	while (s->slot[i]) {
		const struct sharing_set *set = s->set[s->slot[i] - 1];

		if (set->key.a == key->a && set->key.b == key->b)
			break;
		i = (i + 1) & (s->nr_slots - 1);
	}
	return &s->slot[i];
}

static void grow_slots(struct sharing *s)
{
	size_t i;

	if (2 * (s->nr_sets + 1) < s->nr_slots)
		return;
	free(s->slot);
	s->nr_slots = s->nr_slots ? 2 * s->nr_slots : 1024;
	s->slot = sharing_must(calloc(s->nr_slots, sizeof(*s->slot)));
	for (i = 0; i < s->nr_sets; i++)
		*find_slot(s, &s->set[i]->key) = i + 1;
}

static int compare_members(const void *a, const void *b)
{
	const struct sharing_member *x = a, *y = b;

	return (x->mm > y->mm) - (x->mm < y->mm);
}

static struct sharing_set *new_set(struct sharing *s, const struct sharing_key *key, size_t file)
{
	struct sharing_set *set = sharing_must(calloc(1, sizeof(*set)));
	size_t i;

	set->key = *key;
	set->file = file;
	set->maps = s->maps;
	set->nr = s->nr_active;
	set->member = sharing_must(calloc(set->nr + 1, sizeof(*set->member)));
	for (i = 0; i < set->nr; i++)
		set->member[i] = (struct sharing_member){ s->active[i],
							  s->mm[s->active[i]].active };
	qsort(set->member, set->nr, sizeof(*set->member), compare_members);
	return set;
}

/**
 * sharing_set() - find the set of the pages that the active address spaces map
 * @s: the sharing
 * @file: number of their file in the stream, or 0
 *
 * The keys of the address spaces are random, and 128 bits of their sum are compared.
 *
 * Return: the set, which stays where it is.
 */
struct sharing_set *sharing_set(struct sharing *s, unsigned int file)
{
	size_t *slot, index = sharing_file(s, file);
	struct sharing_key key = s->key;

	if (index) {
		struct sharing_key of_file = new_key(~index);

		key.a += of_file.a;
		key.b += of_file.b;
	}
	grow_slots(s);
	slot = find_slot(s, &key);
	if (*slot)
		return s->set[*slot - 1];
	if (s->nr_sets == s->room_sets) {
		s->room_sets = s->room_sets ? 2 * s->room_sets : 256;
		s->set = sharing_must(reallocarray(s->set, s->room_sets, sizeof(*s->set)));
	}
	s->set[s->nr_sets++] = new_set(s, &key, index);
	*slot = s->nr_sets;
	return s->set[s->nr_sets - 1];
}

/**
 * sharing_free() - free all
 * @s: the sharing
 */
void sharing_free(struct sharing *s)
{
	size_t i;

	for (i = 0; i < s->nr_mms; i++)
		free(s->mm[i].tgids);
	for (i = 0; i < s->nr_sets; i++) {
		free(s->set[i]->member);
		free(s->set[i]);
	}
	for (i = 0; i < s->nr_files; i++)
		free(s->file[i]);
	tdestroy(s->by_path, free);
	tdestroy(s->by_pid, free);
	free(s->file);
	free(s->file_number);
	free(s->mm);
	free(s->set);
	free(s->slot);
	free(s->number);
	free(s->active);
	free(s->own);
	free(s->event);
	free(s->place);
	free(s->page);
	*s = (struct sharing){ };
}
