// SPDX-License-Identifier: GPL-2.0
/*
 * All kinds of pages except small anonymous ones, as set up by rmap-exercise. The reports are
 * compared with what rmap-exercise says and with a scan of the pagemaps of all processes.
 */

#include "check_report.h"
#include "exercise.h"
#include "test.h"

FIXTURE(page_kinds)
{
	struct exercise run;
};

FIXTURE_VARIANT(page_kinds)
{
	const char *scenario;
	const char *args[4];
};

#define SCENARIO(id, text, ...)						\
	FIXTURE_VARIANT_ADD(page_kinds, id)					\
	{								\
		.scenario = text, ##__VA_ARGS__				\
	}

SCENARIO(shared_anon, "shared-anon");
SCENARIO(memfd, "memfd");
SCENARIO(sysv, "sysv");
SCENARIO(tmpfs, "tmpfs");
SCENARIO(secretmem, "secretmem");
SCENARIO(file_shared, "file-shared");
SCENARIO(file_private, "file-private", .args = { "--pages", "20" });
SCENARIO(file_private_cow, "file-private-cow");
SCENARIO(exec, "exec");
SCENARIO(snapshot, "snapshot", .args = { "--children", "9", "--pages", "6" });
SCENARIO(ksm, "ksm");
SCENARIO(ksm_pages, "ksm", .args = { "--pages", "4" });
SCENARIO(ksm_chain, "ksm", .args = { "--children", "12", "--max-sharing", "4" });
SCENARIO(thp, "thp");
SCENARIO(thp_partial, "thp-partial", .args = { "--children", "11" });
SCENARIO(thp_cross, "thp-cross");
SCENARIO(mthp, "mthp");
SCENARIO(mthp_cross, "mthp-cross");
SCENARIO(shmem_thp, "shmem-thp");
SCENARIO(hugetlb, "hugetlb");
SCENARIO(hugetlb_1g, "hugetlb-1g");
SCENARIO(hugetlb_shared, "hugetlb-shared");
SCENARIO(hugetlb_pmd_share, "hugetlb-pmd-share");
SCENARIO(swap, "swap");
SCENARIO(swap_out, "swap-out");
SCENARIO(mlock, "mlock");
SCENARIO(pinned, "pinned");
SCENARIO(pinned_uring, "pinned-uring");
SCENARIO(uffd, "uffd");
SCENARIO(madv_free, "madv-free");
SCENARIO(protnone, "protnone");
SCENARIO(zero, "zero");

FIXTURE_SETUP(page_kinds)
{
}

FIXTURE_TEARDOWN(page_kinds)
{
	EXPECT_OK(exercise_stop(&self->run));
}

TEST_F(page_kinds, each_page_is_mapped_where_it_should_be)
{
	struct exercise *run = &self->run;
	size_t i, checked = 0;
	int ret;

	NEEDS_MODULE();
	ret = exercise_start(run, variant->scenario, variant->args[0], variant->args[1],
			     variant->args[2], variant->args[3], NULL);
	if (ret == EXERCISE_UNSUPPORTED)
		SKIP(return, "the kernel lacks what %s needs", variant->scenario);
	ASSERT_OK(ret);
	for (i = 0; i < run->nr_pages; i++) {
		EXPECT_EQ(0, check_exercise_page(&run->pages[i])) {
			TH_LOG("%s: page %zu (%s): %s", variant->scenario, i,
			       run->pages[i].note, why);
		}
		checked += run->pages[i].mapped.nr || run->pages[i].nr_absent;
	}
	/* Without any page, the loop below would check nothing. */
	ASSERT_NE(0, checked);
}

TEST_HARNESS_MAIN
