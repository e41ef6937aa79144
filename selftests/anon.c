// SPDX-License-Identifier: GPL-2.0
/*
 * Each scenario of rmap-exercise in which anonymous pages become shared. The reports are compared
 * with what rmap-exercise says and with a scan of the pagemaps of all processes.
 */

#include "check_report.h"
#include "exercise.h"
#include "test.h"

FIXTURE(anon)
{
	struct exercise run;
};

FIXTURE_VARIANT(anon)
{
	const char *scenario;
	/* Options that make the scenario larger than its default. */
	const char *option;
	const char *value;
};

#define SCENARIO(id, text, ...)						\
	FIXTURE_VARIANT_ADD(anon, id)					\
	{								\
		.scenario = text, ##__VA_ARGS__				\
	}

SCENARIO(exclusive, "exclusive");
SCENARIO(fork, "fork");
SCENARIO(fork_12, "fork", .option = "--children", .value = "12");
SCENARIO(cow_child, "cow-child");
SCENARIO(cow_parent, "cow-parent");
SCENARIO(deep, "deep");
SCENARIO(deep_9, "deep", .option = "--depth", .value = "9");
SCENARIO(wide, "wide");
SCENARIO(orphan, "orphan");
SCENARIO(reuse, "reuse");
SCENARIO(split, "split");
SCENARIO(merge, "merge");
SCENARIO(mremap, "mremap");
SCENARIO(brk, "brk");
SCENARIO(stack, "stack");
SCENARIO(threads, "threads");
SCENARIO(vfork, "vfork");
SCENARIO(clone_vm, "clone-vm");
SCENARIO(dontfork, "dontfork");
SCENARIO(wipeonfork, "wipeonfork");
SCENARIO(prefork, "prefork", .option = "--pages", .value = "10");
SCENARIO(zygote, "zygote", .option = "--pages", .value = "1");
SCENARIO(pipeline, "pipeline");

FIXTURE_SETUP(anon)
{
}

FIXTURE_TEARDOWN(anon)
{
	EXPECT_OK(exercise_stop(&self->run));
}

TEST_F(anon, each_page_is_mapped_where_it_should_be)
{
	struct exercise *run = &self->run;
	size_t i, checked = 0;

	NEEDS_MODULE();
	ASSERT_OK(exercise_start(run, variant->scenario, variant->option, variant->value,
				 NULL));
	for (i = 0; i < run->nr_pages; i++) {
		EXPECT_EQ(0, check_exercise_page(&run->pages[i])) {
			TH_LOG("%s: page %zu: %s", variant->scenario, i, why);
		}
		checked += !!run->pages[i].mapped.nr;
	}
	/* Without any page, the loop below would check nothing. */
	ASSERT_NE(0, checked);
}

TEST_HARNESS_MAIN
