/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which address spaces have which pages in common.
 *
 * Pages that the same address spaces map, each as often, form a set. There are few sets even if
 * there are many pages, and every sum about sharing is a sum over them.
 */
#ifndef RMAPSCOPE_SHARING_H
#define RMAPSCOPE_SHARING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uapi/rmapscope.h>

#include "collect.h"

struct sharing_key {
	uint64_t a, b;
};

/* An address space, in whatever streams it appears. */
struct sharing_mm {
	struct sharing_key key;
	char comm[16];
	int *tgids;			/* the processes that use it; 0: one that isn't visible */
	size_t nr_tgids;
	bool self;			/* it is the tool's, which is left out */
	bool high;			/* it maps pages above 4 GiB */
	bool done;			/* a stream of all its pages was read */
	unsigned int active;		/* how often it maps the page that is looked at */
	size_t place;			/* in sharing.active */
};

struct sharing_member {
	uint32_t mm;			/* index in sharing.mm */
	uint32_t times;			/* that it maps each page */
};

struct sharing_set {
	struct sharing_key key;
	struct sharing_member *member;	/* in the order of @mm */
	uint32_t nr;
	uint32_t maps;			/* that each page has */
	size_t file;			/* index in sharing.file */
	uint64_t pages[RMS_NR_KINDS];	/* each counted once */
};

/* Pages of a run in a row that the same address spaces map. */
struct sharing_part {
	const struct rms_rec_page *page;	/* the first; only the frames of the rest differ */
	struct sharing_set *set;
	unsigned long long at;		/* address or frame of the first */
	unsigned int first, count;	/* in the run */
	bool once;			/* they were not counted before */
};

struct sharing {
	struct sharing_mm *mm;
	size_t nr_mms, room_mms;
	void *by_pid;			/* tree of indices into @mm */
	struct sharing_set **set;
	size_t nr_sets, room_sets;
	size_t *slot;			/* hash table: number of a set, or 0 */
	size_t nr_slots;
	bool by_file;			/* pages of different files are in different sets */
	char **file;			/* paths; the first is for pages without a file */
	size_t nr_files;
	void *by_path;			/* tree of indices into @file */
	unsigned long long strays;	/* pages whose mappings are missing */
	unsigned long long unmapped;	/* pages that nothing maps */

	/* The stream that is read. */
	const struct collect *collect;
	uint32_t *number;		/* index into @mm, plus 1, by the number in the stream */
	size_t nr_numbers;
	size_t *file_number;		/* the same for @file; 0: not known */
	size_t nr_file_numbers;
	unsigned long long pid;		/* of its range; 0: its range is of frames */
	void (*on_part)(void *arg, const struct scan_run *run, const struct sharing_part *part);
	void *arg;

	/* The place in the run. */
	uint32_t *active;		/* address spaces that map the page */
	size_t nr_active;
	struct sharing_key key;
	unsigned int maps;
	unsigned int self_maps;		/* of the tool itself */
	unsigned int earlier;		/* of the active ones, with a stream before */
	const struct rms_rec_map **own;	/* mappings of the process of the range */
	size_t nr_own, room_own;
	uint32_t *event;		/* where mappings begin or end, in the order of pages */
	size_t room_events;
	size_t *place;			/* the first event of each page */
	size_t room_places;
	const struct rms_rec_page **page;	/* of each page of an ordered run, or NULL */
	size_t room_pages;
};

/* sharing.c */
void *sharing_must(void *p);
void sharing_stream(struct sharing *s, const struct collect *c, unsigned long long pid);
size_t sharing_number(struct sharing *s, unsigned int number);
size_t sharing_file(struct sharing *s, unsigned int number);
bool sharing_find(const struct sharing *s, int pid, size_t *mm);
bool sharing_uses(const struct sharing_mm *mm, int pid);
void sharing_done(struct sharing *s);
struct sharing_set *sharing_set(struct sharing *s, unsigned int file);
void sharing_free(struct sharing *s);

/* sharing_run.c */
void sharing_run(struct sharing *s, const struct scan_run *run);

#endif
