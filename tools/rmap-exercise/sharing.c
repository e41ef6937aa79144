// SPDX-License-Identifier: GPL-2.0
/*
 * What the processes share, in sums: the part of the account for tools that count pages.
 *
 * A scenario says for each stretch of a region how it compares with the parent's. The sums of pairs
 * are counted from the pages of the account.
 */
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exercise.h"

static const char * const state_names[NR_SHARE_STATES] = {
	[SHARE_SHARED] = "shared",
	[SHARE_COPIED] = "copied",
	[SHARE_NEW] = "new",
	[SHARE_NONE] = "none",
};

/* The kinds of pages that the sums of pairs tell apart. */
static const char * const pair_kinds[] = { KIND_ANON, KIND_FILE, KIND_SHMEM };

#define NR_PAIR_KINDS	ARRAY_SIZE(pair_kinds)

/**
 * sharing_region() - add a region to the account
 * @ex: the exercise
 * @note: what it is
 * @helper: whose it is
 * @parent: the helper that has forked this one, or PARENT_FILE
 * @va: its address
 *
 * Return: the region. The next call may move it, so add its runs before.
 */
struct share_region *sharing_region(struct exercise *ex, const char *note, unsigned int helper,
				    unsigned int parent, unsigned long va)
{
	struct share_region *region;

	region = reallocarray(ex->regions, ex->nr_regions + 1, sizeof(*region));
	if (!region)
		die(ENOMEM, "cannot store the account");
	ex->regions = region;

	region += ex->nr_regions++;
	*region = (struct share_region){
		.note = note, .helper = helper, .parent = parent, .va = va,
	};
	return region;
}

/**
 * sharing_run() - add the next pages of a region
 * @region: the region
 * @state: how they compare with the parent's
 * @count: how many
 */
void sharing_run(struct share_region *region, enum share_state state, unsigned int count)
{
	struct share_run *last = region->runs + region->nr_runs, *runs;

	if (!count)
		return;
	if (region->nr_runs && last[-1].state == state) {
		last[-1].count += count;
		return;
	}
	runs = reallocarray(region->runs, region->nr_runs + 1, sizeof(*runs));
	if (!runs)
		die(ENOMEM, "cannot store the account");
	region->runs = runs;
	runs[region->nr_runs++] = (struct share_run){ .state = state, .count = count };
}

static void add_int(struct json_object *obj, const char *key, unsigned int value)
{
	json_object_object_add(obj, key, json_object_new_int(value));
}

static void add_string(struct json_object *obj, const char *key, const char *value)
{
	json_object_object_add(obj, key, json_object_new_string(value));
}

static void add_address(struct json_object *obj, unsigned long va)
{
	char text[32];

	snprintf(text, sizeof(text), "0x%lx", va);
	add_string(obj, "va", text);
}

static struct json_object *one_run(const struct share_run *run, unsigned long va)
{
	struct json_object *obj = json_object_new_object();

	add_address(obj, va);
	add_int(obj, "pages", run->count);
	add_string(obj, "state", state_names[run->state]);
	return obj;
}

static struct json_object *one_region(const struct exercise *ex, const struct share_region *region)
{
	struct json_object *obj = json_object_new_object(), *runs = json_object_new_array();
	unsigned int sums[NR_SHARE_STATES] = { 0 }, pages = 0, i;

	for (i = 0; i < region->nr_runs; i++) {
		const struct share_run *run = &region->runs[i];

		json_object_array_add(runs, one_run(run, region->va + pages * page_size()));
		sums[run->state] += run->count;
		pages += run->count;
	}
	add_int(obj, "pid", ex->helpers[region->helper].pid);
	if (region->parent != PARENT_FILE)
		add_int(obj, "parent", ex->helpers[region->parent].pid);
	add_string(obj, "note", region->note);
	add_address(obj, region->va);
	add_int(obj, "pages", pages);
	for (i = 0; i < NR_SHARE_STATES; i++)
		add_int(obj, state_names[i], sums[i]);
	json_object_object_add(obj, "runs", runs);
	return obj;
}

/* Marks the helpers that map the pages of an entry. */
static void mark_mappers(const struct account_page *entry, bool *maps)
{
	unsigned int i, index;

	for (i = 0; i < entry->nr_ranges; i++)
		for (index = entry->ranges[i].from; index <= entry->ranges[i].to; index++)
			maps[index] |= entry->ranges[i].state == STATE_MAPPED;
}

static unsigned int pages_of_both(const struct exercise *ex, const bool *maps, const char *kind,
				  unsigned int one, unsigned int other)
{
	unsigned int i, n = ex->nr_helpers, pages = 0;

	for (i = 0; i < ex->nr_account; i++, maps += n)
		if (!strcmp(ex->account[i].kind, kind) && maps[one] && maps[other])
			pages += ex->account[i].count;
	return pages;
}

static struct json_object *one_pair(const struct exercise *ex, const bool *maps,
				    unsigned int one, unsigned int other)
{
	struct json_object *obj = json_object_new_object(), *pids = json_object_new_array();
	size_t i;

	json_object_array_add(pids, json_object_new_int(ex->helpers[one].pid));
	json_object_array_add(pids, json_object_new_int(ex->helpers[other].pid));
	json_object_object_add(obj, "pids", pids);
	for (i = 0; i < NR_PAIR_KINDS; i++)
		add_int(obj, pair_kinds[i], pages_of_both(ex, maps, pair_kinds[i], one, other));
	return obj;
}

static void put_pairs(const struct exercise *ex)
{
	unsigned int n = ex->nr_helpers, i, one, other;
	const char *before = "\n    ";
	bool *maps;

	maps = calloc((size_t)ex->nr_account * n, sizeof(*maps));
	if (!maps)
		die(ENOMEM, "cannot print the account");
	for (i = 0; i < ex->nr_account; i++)
		mark_mappers(&ex->account[i], maps + (size_t)i * n);

	fputs(",\n  \"pairs\": [", stdout);
	for (one = 0; one < n; one++)
		for (other = one + 1; other < n; other++, before = ",\n    ")
			account_put(before, one_pair(ex, maps, one, other));
	fputs(" ]", stdout);
	free(maps);
}

/**
 * sharing_print() - print the sums, if the scenario has any
 * @ex: the exercise
 */
void sharing_print(struct exercise *ex)
{
	unsigned int i;

	if (ex->nr_regions) {
		fputs(",\n  \"regions\": [", stdout);
		for (i = 0; i < ex->nr_regions; i++)
			account_put(i ? ",\n    " : "\n    ", one_region(ex, &ex->regions[i]));
		fputs(" ]", stdout);
	}
	if (ex->pairs)
		put_pairs(ex);
	if (ex->separate)
		account_put(",\n  \"separate\": ", json_object_new_boolean(true));
}
