// SPDX-License-Identifier: GPL-2.0
/*
 * Compares the sums in the account of rmap-exercise with the pagemaps: how the regions of processes
 * compare with those of their parents, and what each two processes share. Needs no module.
 */
#include <inttypes.h>

#include "exercise.h"
#include "frame_flags.h"
#include "oracle.h"
#include "test.h"

FIXTURE(exercise_sums)
{
	struct exercise run;
	struct oracle all;
};

FIXTURE_VARIANT(exercise_sums)
{
	const char *scenario;
	const char *args[4];
	/* What the account must have. */
	size_t regions;
	size_t pairs;
	bool separate;
};

#define SCENARIO(id, text, ...)						\
	FIXTURE_VARIANT_ADD(exercise_sums, id)				\
	{								\
		.scenario = text, ##__VA_ARGS__				\
	}

SCENARIO(prefork, "prefork", .regions = 4);
SCENARIO(prefork_small, "prefork", .args = { "--children", "10", "--pages", "3" }, .regions = 10);
SCENARIO(pipeline, "pipeline", .pairs = 6, .separate = true);
SCENARIO(pipeline_1, "pipeline", .args = { "--children", "1" }, .pairs = 1, .separate = true);
SCENARIO(pipeline_9, "pipeline", .args = { "--children", "9", "--pages", "5" }, .pairs = 45,
	 .separate = true);
SCENARIO(zygote, "zygote", .regions = 5, .pairs = 15);
SCENARIO(zygote_1, "zygote", .args = { "--children", "1", "--pages", "7" }, .regions = 2,
	 .pairs = 3);
SCENARIO(snapshot, "snapshot", .regions = 40);
SCENARIO(snapshot_1, "snapshot", .args = { "--children", "3", "--pages", "1" }, .regions = 3);

FIXTURE_SETUP(exercise_sums)
{
	int ret;

	if (geteuid())
		SKIP(return, "pagemap shows frames to root only");
	ret = exercise_start(&self->run, variant->scenario, variant->args[0], variant->args[1],
			     variant->args[2], variant->args[3], NULL);
	ASSERT_OK(ret);
	ASSERT_OK(oracle_scan(&self->all));
}

FIXTURE_TEARDOWN(exercise_sums)
{
	oracle_free(&self->all);
	EXPECT_OK(exercise_stop(&self->run));
}

/* Compared with the page cache, a page is shared or it is an anonymous copy. */
static enum exercise_sum compare_with_file(uint64_t entry)
{
	if (!(entry & PM_PRESENT))
		return EXERCISE_NONE;
	return entry & PM_FILE ? EXERCISE_SHARED : EXERCISE_COPIED;
}

static enum exercise_sum compare_with_parent(uint64_t entry, uint64_t parent)
{
	if (!(entry & PM_PRESENT))
		return EXERCISE_NONE;
	if (!(parent & PM_PRESENT))
		return EXERCISE_NEW;
	return PM_PFN(entry) == PM_PFN(parent) ? EXERCISE_SHARED : EXERCISE_COPIED;
}

static int check_run(const struct exercise_region *region, const struct exercise_run *run,
		     size_t *sums)
{
	uint64_t entry, parent = 0, va;
	enum exercise_sum sum;
	size_t i;

	for (i = 0; i < run->pages; i++) {
		va = run->va + i * getpagesize();
		if (oracle_entry(region->pid, va, &entry) ||
		    (region->parent && oracle_entry(region->parent, va, &parent)))
			return -1;
		sum = region->parent ? compare_with_parent(entry, parent) :
				       compare_with_file(entry);
		if (strcmp(run->state, exercise_sum_names[sum]))
			return complain("pid %d at %#" PRIx64 ": is '%s', the account says '%s'",
					region->pid, va, exercise_sum_names[sum], run->state);
		sums[sum]++;
	}
	return 0;
}

static int check_region(const struct exercise_region *region)
{
	size_t sums[EXERCISE_NR_SUMS] = { 0 }, i;
	uint64_t va = region->va;

	for (i = 0; i < region->nr_runs; i++) {
		if (region->runs[i].va != va)
			return complain("pid %d: run %zu begins at %#" PRIx64 ", not %#" PRIx64,
					region->pid, i, region->runs[i].va, va);
		if (check_run(region, &region->runs[i], sums))
			return -1;
		va += region->runs[i].pages * getpagesize();
	}
	if (va != region->va + region->pages * getpagesize())
		return complain("pid %d: the runs end at %#" PRIx64, region->pid, va);
	for (i = 0; i < EXERCISE_NR_SUMS; i++)
		if (sums[i] != region->sums[i])
			return complain("pid %d: %zu pages are '%s', the account says %zu",
					region->pid, sums[i], exercise_sum_names[i],
					region->sums[i]);
	return 0;
}

TEST_F(exercise_sums, regions_match_the_page_tables)
{
	size_t i;

	EXPECT_EQ(variant->regions, self->run.nr_regions);
	for (i = 0; i < self->run.nr_regions; i++)
		EXPECT_OK(check_region(&self->run.regions[i]));
}

static bool has_pid(const struct mappings *mappings, pid_t pid)
{
	size_t i;

	for (i = 0; i < mappings->nr; i++)
		if (mappings->v[i].pid == pid)
			return true;
	return false;
}

/* Adds a page to the sum of its kind, if both processes of the pair map it. */
static int count_page(const struct oracle *all, const struct exercise_page *page,
		      const pid_t *pids, size_t *sums)
{
	struct mappings found = { 0 };
	uint64_t pfn;
	size_t k;

	if (oracle_pfn(page->mapped.v[0].pid, page->mapped.v[0].va, &pfn) ||
	    oracle_find(all, pfn, &found))
		return -1;
	for (k = 0; k < EXERCISE_NR_PAIR_KINDS; k++)
		if (!strcmp(page->kind, exercise_pair_kinds[k]))
			sums[k] += has_pid(&found, pids[0]) && has_pid(&found, pids[1]);
	mappings_free(&found);
	return 0;
}

static int check_pair(const struct oracle *all, const struct exercise *run,
		      const struct exercise_pair *pair)
{
	size_t sums[EXERCISE_NR_PAIR_KINDS] = { 0 }, i;

	for (i = 0; i < run->nr_pages; i++)
		if (count_page(all, &run->pages[i], pair->pids, sums))
			return -1;
	for (i = 0; i < EXERCISE_NR_PAIR_KINDS; i++)
		if (sums[i] != pair->pages[i])
			return complain("pids %d and %d share %zu pages of kind %s, not %zu",
					pair->pids[0], pair->pids[1], sums[i],
					exercise_pair_kinds[i], pair->pages[i]);
	return 0;
}

TEST_F(exercise_sums, pairs_match_the_page_tables)
{
	size_t i;

	EXPECT_EQ(variant->pairs, self->run.nr_pairs);
	for (i = 0; i < self->run.nr_pairs; i++)
		EXPECT_OK(check_pair(&self->all, &self->run, &self->run.pairs[i]));
}

static bool is_of(const struct exercise *run, pid_t pid)
{
	size_t i;

	for (i = 0; i < run->nr_processes; i++)
		if (run->processes[i].pid == pid)
			return true;
	return false;
}

/* The entries of a frame come one after the other. */
static size_t count_shared_anon(const struct oracle *all, const struct exercise *run)
{
	const struct oracle_entry *last = NULL, *entry;
	size_t shared = 0;
	uint64_t flags;

	for (entry = all->v; entry < all->v + all->nr; entry++) {
		if (entry->pfn & PM_SWAPPED || !is_of(run, entry->place.pid))
			continue;
		if (last && last->pfn == entry->pfn && last->place.pid != entry->place.pid)
			shared += !oracle_kpageflags(entry->pfn, &flags) && flags & KPF_BIT(ANON);
		last = entry;
	}
	return shared;
}

TEST_F(exercise_sums, processes_share_anonymous_pages_unless_the_account_denies_it)
{
	size_t shared = count_shared_anon(&self->all, &self->run);

	EXPECT_EQ(variant->separate, self->run.separate);
	EXPECT_EQ(variant->separate, !shared) TH_LOG("%zu shared anonymous pages", shared);
}

TEST_HARNESS_MAIN
