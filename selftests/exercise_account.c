// SPDX-License-Identifier: GPL-2.0
/*
 * Compares what rmap-exercise says about its pages with the pagemaps of all processes and with
 * kpageflags. Needs no module. The other tests rely on this.
 */
#include <inttypes.h>

#include "exercise.h"
#include "frame_flags.h"
#include "oracle.h"
#include "test.h"

FIXTURE(exercise_account)
{
	struct exercise run;
	struct oracle all;
};

FIXTURE_VARIANT(exercise_account)
{
	const char *scenario;
	const char *args[4];
	/* A file that must have the same text before and after. */
	const char *setting;
};

#define SCENARIO(id, text, ...)						\
	FIXTURE_VARIANT_ADD(exercise_account, id)			\
	{								\
		.scenario = text, ##__VA_ARGS__				\
	}

#define KSM	"/sys/kernel/mm/ksm/run"
#define THP	"/sys/kernel/mm/transparent_hugepage/"
#define POOL	"/proc/sys/vm/nr_hugepages"

SCENARIO(fork, "fork");
SCENARIO(deep, "deep");
SCENARIO(shared_anon, "shared-anon");
SCENARIO(memfd, "memfd");
SCENARIO(sysv, "sysv");
SCENARIO(tmpfs, "tmpfs");
SCENARIO(secretmem, "secretmem");
SCENARIO(file_shared, "file-shared");
SCENARIO(file_private, "file-private", .args = { "--pages", "20" });
SCENARIO(file_private_cow, "file-private-cow");
SCENARIO(exec, "exec");
SCENARIO(prefork, "prefork");
SCENARIO(prefork_small, "prefork", .args = { "--children", "10", "--pages", "3" });
SCENARIO(pipeline, "pipeline");
SCENARIO(pipeline_9, "pipeline", .args = { "--children", "9", "--pages", "5" });
SCENARIO(zygote, "zygote");
SCENARIO(zygote_1, "zygote", .args = { "--children", "1", "--pages", "7" });
SCENARIO(snapshot, "snapshot");
SCENARIO(snapshot_1, "snapshot", .args = { "--children", "3", "--pages", "1" });
SCENARIO(ksm, "ksm", .setting = KSM);
SCENARIO(ksm_pages, "ksm", .args = { "--pages", "4" }, .setting = KSM);
SCENARIO(ksm_chain, "ksm", .args = { "--children", "12", "--max-sharing", "4" },
	 .setting = "/sys/kernel/mm/ksm/max_page_sharing");
SCENARIO(thp, "thp", .setting = THP "enabled");
SCENARIO(thp_partial, "thp-partial", .args = { "--children", "11" });
SCENARIO(thp_cross, "thp-cross");
SCENARIO(mthp, "mthp", .setting = THP "hugepages-64kB/enabled");
SCENARIO(mthp_cross, "mthp-cross");
SCENARIO(shmem_thp, "shmem-thp", .setting = THP "shmem_enabled");
SCENARIO(hugetlb, "hugetlb", .args = { "--children", "5", "--writers", "2" },
	 .setting = POOL);
SCENARIO(hugetlb_1g, "hugetlb-1g");
SCENARIO(hugetlb_shared, "hugetlb-shared", .args = { "--pages", "3" }, .setting = POOL);
SCENARIO(hugetlb_pmd_share, "hugetlb-pmd-share", .setting = POOL);
SCENARIO(swap, "swap", .args = { "--pages", "40" });
SCENARIO(swap_out, "swap-out", .args = { "--pages", "40" });
SCENARIO(madv_free, "madv-free");
SCENARIO(mlock, "mlock");
SCENARIO(pinned, "pinned", .args = { "--pages", "16" });
SCENARIO(pinned_uring, "pinned-uring");
SCENARIO(uffd, "uffd");
SCENARIO(protnone, "protnone");
SCENARIO(zero, "zero");
SCENARIO(zero_huge, "zero-huge");
SCENARIO(pfnmap, "pfnmap");

static void read_setting(const char *path, char *text, size_t size)
{
	FILE *file = path ? fopen(path, "r") : NULL;

	if (!file || !fgets(text, size, file))
		snprintf(text, size, "absent");
	if (file)
		fclose(file);
}

/* A tail page lacks many of the flags. */
static int find_head(uint64_t pfn, uint64_t *head, uint64_t *flags)
{
	for (*head = pfn;; (*head)--) {
		if (oracle_kpageflags(*head, flags))
			return -1;
		if (!(*flags & KPF_BIT(COMPOUND_TAIL)))
			return 0;
	}
}

/* Linux 6.12 sets KPF_KSM for every anonymous page, even for this one on the stack. */
static uint64_t trusted_flags(void)
{
	uint64_t pfn, flags = 0;

	if (!oracle_pfn(getpid(), (uintptr_t)&flags, &pfn))
		oracle_kpageflags(pfn, &flags);
	return flags & KPF_BIT(KSM) ? ~KPF_BIT(KSM) : ~0ULL;
}

/* Checks the flags that tell the kinds apart, and the index of the page in its folio. */
static int check_frame(uint64_t pfn, const char *kind, long index)
{
	const struct {
		const char *kind;
		uint64_t set;
		uint64_t clear;
	} kinds[] = {
		{ "anon", KPF_BIT(ANON), KPF_BIT(KSM) | KPF_BIT(HUGE) },
		{ "ksm", KPF_BIT(KSM), KPF_BIT(HUGE) },
		{ "shmem", KPF_BIT(SWAPBACKED), KPF_BIT(ANON) | KPF_BIT(HUGE) },
		{ "file", 0, KPF_BIT(ANON) | KPF_BIT(SWAPBACKED) | KPF_BIT(HUGE) },
		{ "hugetlb-anon", KPF_BIT(HUGE) | KPF_BIT(ANON), KPF_BIT(THP) },
		{ "hugetlb-file", KPF_BIT(HUGE), KPF_BIT(ANON) | KPF_BIT(THP) },
		{ "zero", KPF_BIT(ZERO_PAGE), 0 },
		{ "huge-zero", KPF_BIT(ZERO_PAGE), 0 },
	};
	uint64_t head, flags, set, clear, trusted = trusted_flags();
	size_t i;

	if (find_head(pfn, &head, &flags))
		return -1;
	if (index >= 0 && pfn - head != index)
		return complain("the page has index %" PRIu64 " in its folio, not %ld", pfn - head,
				index);
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(kinds[i].kind, kind))
			continue;
		set = kinds[i].set & trusted;
		clear = kinds[i].clear & trusted;
		if ((flags & set) != set || flags & clear)
			return complain("frame %#" PRIx64 " is no '%s': flags %#" PRIx64,
					pfn, kind, flags);
		return 0;
	}
	return complain("unknown kind '%s'", kind);
}

/* Swap entries have no frame. */
static int check_absent(const struct exercise_absent *absent, uint64_t pfn)
{
	uint64_t entry;
	bool ok;

	if (oracle_entry(absent->place.pid, absent->place.va, &entry))
		return -1;
	if (!strcmp(absent->state, "swapped"))
		ok = entry & PM_SWAPPED;
	else if (!strcmp(absent->state, "none"))
		ok = !(entry & (PM_SWAPPED | PM_PRESENT));
	else
		ok = entry & PM_PRESENT && PM_PFN(entry) != pfn;
	return ok ? 0 : complain("pid %d: not %s at %#" PRIx64 ": entry %#" PRIx64,
				 absent->place.pid, absent->state, absent->place.va, entry);
}

static int check_mapped(const struct oracle *all, const struct exercise_page *page, uint64_t pfn)
{
	struct mappings found = { 0 };
	int ret;

	if (page->refused)
		return 0;
	ret = oracle_find(all, pfn, &found) ||
	      mappings_compare(&page->sharers, "the account", &found, "the pagemaps");
	mappings_free(&found);
	return ret ? -1 : 0;
}

static int check_page(const struct oracle *all, const struct exercise_page *page, uint64_t *pfn)
{
	size_t i;

	*pfn = 0;
	if (page->mapped.nr) {
		const struct mapping *first = page->mapped.v;

		/* pagemap has no entries for such VMAs. */
		if (!strcmp(page->kind, "pfnmap"))
			return 0;
		if (oracle_pfn(first->pid, first->va, pfn) ||
		    check_mapped(all, page, *pfn) || check_frame(*pfn, page->kind, page->index))
			return -1;
	} else if (strcmp(page->kind, "swap")) {
		return complain("no process maps the page");
	}
	for (i = 0; i < page->nr_absent; i++)
		if (check_absent(&page->absent[i], *pfn))
			return -1;
	return 0;
}

FIXTURE_SETUP(exercise_account)
{
}

FIXTURE_TEARDOWN(exercise_account)
{
	oracle_free(&self->all);
	EXPECT_OK(exercise_stop(&self->run));
}

TEST_F(exercise_account, account_matches_the_page_tables)
{
	struct exercise *run = &self->run;
	char before[128], after[128];
	uint64_t pfn, last = 0;
	size_t i;
	int ret;

	if (geteuid())
		SKIP(return, "pagemap shows frames to root only");
	read_setting(variant->setting, before, sizeof(before));
	ret = exercise_start(run, variant->scenario, variant->args[0], variant->args[1],
			     variant->args[2], variant->args[3], NULL);
	if (ret == EXERCISE_UNSUPPORTED)
		SKIP(return, "the kernel lacks what %s needs", variant->scenario);
	ASSERT_OK(ret);
	ASSERT_NE(0, run->nr_pages);
	ASSERT_OK(oracle_scan(&self->all));
	for (i = 0; i < run->nr_pages; i++) {
		EXPECT_EQ(0, check_page(&self->all, &run->pages[i], &pfn)) {
			TH_LOG("page %zu (%s): %s", i, run->pages[i].note, why);
		}
		/* Each page must have a frame of its own. */
		if (pfn)
			EXPECT_NE(last, pfn);
		last = pfn;
	}
	EXPECT_OK(exercise_stop(run));
	read_setting(variant->setting, after, sizeof(after));
	EXPECT_STREQ(before, after);
}

TEST_HARNESS_MAIN
