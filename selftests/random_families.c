// SPDX-License-Identifier: GPL-2.0
/*
 * Random families: the report on each anonymous page of each member must match the pagemaps of
 * all processes. RMAPSCOPE_SEED=N in the environment repeats one family.
 */
#include <inttypes.h>

#include "check_report.h"
#include "frame_flags.h"
#include "oracle.h"
#include "random_family.h"
#include "test.h"

/* Fewer pages would mean that the scan is broken. */
#define LEAST_PAGES	30
/* Reading /proc/PID/maps for each line is slow, so only one page in this many is checked fully. */
#define CLOSER_LOOK	16

FIXTURE(random_families)
{
	struct random_family family;
	struct oracle all;
	unsigned int seed;
	size_t checked;
};

FIXTURE_VARIANT(random_families)
{
	unsigned int seed;
};

#define SEED(number)							\
	FIXTURE_VARIANT_ADD(random_families, seed_##number)			\
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

FIXTURE_SETUP(random_families)
{
	const char *seed = getenv("RMAPSCOPE_SEED");

	self->family.hold = -1;
	self->seed = seed ? strtoul(seed, NULL, 0) : variant->seed;
}

FIXTURE_TEARDOWN(random_families)
{
	oracle_free(&self->all);
	EXPECT_OK(random_family_stop(&self->family));
}

static bool in_family(const struct random_family *family, pid_t pid)
{
	size_t i;

	for (i = 0; i < family->nr; i++)
		if (family->pids[i] == pid)
			return true;
	return false;
}

/* Skips zero pages and pages of the kernel, which are not anonymous. */
static bool is_anonymous(uint64_t pfn)
{
	uint64_t flags;

	return !oracle_kpageflags(pfn, &flags) && flags & (1ULL << KPF_ANON);
}

static int compare(struct page_report *report, const struct oracle *all, uint64_t pfn)
{
	struct mappings owners = { 0 }, sharers = { 0 }, found = { 0 };
	int ret = report->pfn == pfn ? 0 : complain("pfn=%#" PRIx64, report->pfn);

	if (!ret)
		ret = page_report_mapped(report, &owners, &sharers);
	if (!ret)
		ret = oracle_find(all, pfn, &found);
	if (!ret)
		ret = mappings_compare(&sharers, "the report", &found, "the scan of all pagemaps");
	if (!ret && record_num(report->walk, "complete") != 1)
		ret = complain("complete=%s", record_get(report->walk, "complete"));
	mappings_free(&owners);
	mappings_free(&sharers);
	mappings_free(&found);
	return ret;
}

/* One page in three is asked for by frame, the others by address. */
static int report_and_compare(const struct oracle *all, const struct oracle_entry *entry,
			      size_t number)
{
	struct page_report report;
	int ret;

	if (number % 3)
		ret = page_report_at(&report, entry->place.pid, entry->place.va);
	else
		ret = page_report_take(&report, "pfn=%#" PRIx64, entry->pfn);
	if (!ret)
		ret = compare(&report, all, entry->pfn);
	if (!ret && number % CLOSER_LOOK == 1)
		ret = check_each_map(&report);
	page_report_free(&report);
	return ret;
}

TEST_F_TIMEOUT(random_families, each_page_is_mapped_as_the_pagemaps_say, 600)
{
	uint64_t last = 0;
	size_t i;

	NEEDS_MODULE();
	ASSERT_EQ(0, random_family_start(&self->family, self->seed)) {
		TH_LOG("seed %u: %s", self->seed, why);
	}
	ASSERT_OK(oracle_scan(&self->all));
	for (i = 0; i < self->all.nr; i++) {
		const struct oracle_entry *entry = &self->all.v[i];

		if (entry->pfn == last || !in_family(&self->family, entry->place.pid))
			continue;
		last = entry->pfn;
		if (!is_anonymous(entry->pfn))
			continue;
		EXPECT_EQ(0, report_and_compare(&self->all, entry, self->checked)) {
			TH_LOG("seed %u, pfn %#" PRIx64 ", pid %d va %#" PRIx64 ": %s",
			       self->seed, entry->pfn, entry->place.pid, entry->place.va, why);
		}
		self->checked++;
	}
	TH_LOG("seed %u: %zu members, %zu pages", self->seed, self->family.nr, self->checked);
	ASSERT_LE(LEAST_PAGES, self->checked);
}

#define main harness_main
TEST_HARNESS_MAIN
#undef main

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], RANDOM_FAMILY_ARGUMENT))
		return random_family_main(argc, argv);
	return harness_main(argc, argv);
}
