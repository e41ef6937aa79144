// SPDX-License-Identifier: GPL-2.0
/*
 * Random families: each anonymous page of each member is looked at, and each
 * report has to be what the pagemaps of all processes say. RMAPSCOPE_SEED=N in
 * the environment repeats one family.
 */
#include <inttypes.h>
#include <linux/kernel-page-flags.h>

#include "check_report.h"
#include "oracle.h"
#include "random_family.h"
#include "test.h"

/* Fewer would mean that the scan has gone blind. */
#define LEAST_PAGES	30
/* Reading /proc/PID/maps for each line is slow; every so many pages will do. */
#define CLOSER_LOOK	16

FIXTURE(family)
{
	struct kin kin;
	struct oracle all;
	unsigned int seed;
	size_t looked;
};

FIXTURE_VARIANT(family)
{
	unsigned int seed;
};

#define SEED(number)							\
	FIXTURE_VARIANT_ADD(family, seed_##number)			\
	{								\
		.seed = number,						\
	}

SEED(1);
SEED(2);
SEED(3);
SEED(4);
SEED(5);
SEED(6);
SEED(7);
SEED(8);

FIXTURE_SETUP(family)
{
	const char *seed = getenv("RMAPSCOPE_SEED");

	self->kin.hold = -1;
	self->seed = seed ? strtoul(seed, NULL, 0) : variant->seed;
}

FIXTURE_TEARDOWN(family)
{
	oracle_free(&self->all);
	EXPECT_OK(kin_stop(&self->kin));
}

static bool in_family(const struct kin *kin, pid_t pid)
{
	size_t i;

	for (i = 0; i < kin->nr; i++)
		if (kin->pids[i] == pid)
			return true;
	return false;
}

/* Zero pages and the kernel's own pages are no anonymous pages. */
static bool is_anonymous(uint64_t pfn)
{
	uint64_t flags;

	return !oracle_kpageflags(pfn, &flags) && flags & (1ULL << KPF_ANON);
}

static int compare(struct look *look, const struct oracle *all, uint64_t pfn)
{
	struct places owners = { 0 }, sharers = { 0 }, found = { 0 };
	int ret = look->pfn == pfn ? 0 : complain("pfn=%#" PRIx64, look->pfn);

	if (!ret)
		ret = look_mapped(look, &owners, &sharers);
	if (!ret)
		ret = oracle_find(all, pfn, &found);
	if (!ret)
		ret = places_compare(&sharers, "the report", &found, "the scan of all pagemaps");
	if (!ret && record_num(look->walk, "complete") != 1)
		ret = complain("complete=%s", record_get(look->walk, "complete"));
	places_free(&owners);
	places_free(&sharers);
	places_free(&found);
	return ret;
}

/* Every third page by its frame, the others by an address. */
static int look_and_compare(const struct oracle *all, const struct oracle_entry *entry,
			    size_t number)
{
	struct look look;
	int ret;

	if (number % 3)
		ret = look_at(&look, entry->place.pid, entry->place.va);
	else
		ret = look_take(&look, "pfn=%#" PRIx64, entry->pfn);
	if (!ret)
		ret = compare(&look, all, entry->pfn);
	if (!ret && number % CLOSER_LOOK == 1)
		ret = check_each_map(&look);
	look_free(&look);
	return ret;
}

TEST_F_TIMEOUT(family, each_page_is_mapped_as_the_pagemaps_say, 600)
{
	uint64_t last = 0;
	size_t i;

	NEEDS_MODULE();
	ASSERT_EQ(0, kin_start(&self->kin, self->seed)) {
		TH_LOG("seed %u: %s", self->seed, why);
	}
	ASSERT_OK(oracle_scan(&self->all));
	for (i = 0; i < self->all.nr; i++) {
		const struct oracle_entry *entry = &self->all.v[i];

		if (entry->pfn == last || !in_family(&self->kin, entry->place.pid))
			continue;
		last = entry->pfn;
		if (!is_anonymous(entry->pfn))
			continue;
		EXPECT_EQ(0, look_and_compare(&self->all, entry, self->looked)) {
			TH_LOG("seed %u, pfn %#" PRIx64 ", pid %d va %#" PRIx64 ": %s",
			       self->seed, entry->pfn, entry->place.pid, entry->place.va, why);
		}
		self->looked++;
	}
	TH_LOG("seed %u: %zu members, %zu pages", self->seed, self->kin.nr, self->looked);
	ASSERT_LE(LEAST_PAGES, self->looked);
}

#define main harness_main
TEST_HARNESS_MAIN
#undef main

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], KIN_ARGUMENT))
		return kin_main(argc, argv);
	return harness_main(argc, argv);
}
