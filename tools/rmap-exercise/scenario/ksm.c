// SPDX-License-Identifier: GPL-2.0
/*
 * A scenario in which ksmd merges pages.
 *
 * ksmd chooses which processes share a merged page. If there are more than max_page_sharing, it
 * makes a chain of several merged pages with the same contents. So the account is read from the
 * page tables after ksmd has been stopped. The number of VMAs that the walk visits can't be
 * predicted: it visits all VMAs in the trees of the original pages, and some of them several times.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "exercise.h"

#define KSM "/sys/kernel/mm/ksm/"
/* Children that the parent forks after its pages are merged. */
#define NR_HEIRS 2
#define MAX_KSM_CHILDREN 2000
#define MAX_KSM_PAGES 16
#define SECONDS_EACH 60
#define PROCESSES_PER_SECOND 10

/* Makes the contents differ from those of another exercise that runs at the same time. */
static unsigned long salt;

static unsigned long map_mergeable(struct exercise *ex, unsigned int index)
{
	unsigned int pages = ex->opt[OPT_PAGES], ahead = index % 8, i;
	unsigned long va = mem_region(ahead + pages) + ahead * page_size();

	for (i = 0; i < pages; i++) {
		unsigned long *word = (void *)(va + i * page_size());

		word[0] = salt;
		word[1] = i;
	}
	if (madvise((void *)va, pages * page_size(), MADV_MERGEABLE))
		die(errno, "cannot set MADV_MERGEABLE");
	return va;
}

static time_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec;
}

static time_t deadline(const struct exercise *ex)
{
	return now() + SECONDS_EACH + ex->nr_helpers / PROCESSES_PER_SECOND;
}

static bool nothing_shared(void)
{
	return !setting_number(KSM "pages_shared");
}

static bool never(void)
{
	return false;
}

/*
 * Wait until ksmd has completed one whole scan that began after this call, or until @enough()
 * returns true. The first full_scans increment may be of a scan that is under way.
 */
static void await_scans(struct exercise *ex, bool (*enough)(void))
{
	long scans = setting_number(KSM "full_scans");
	time_t end = deadline(ex);

	while (setting_number(KSM "full_scans") < scans + 2 && !enough()) {
		if (now() > end)
			die(0, "ksmd does not complete a scan in time; does it get CPU time?");
		proc_pause(20);
	}
}

/* Unmerge all pages: max_page_sharing can be restored only while no page is merged. */
static void unmerge(void)
{
	setting_try(KSM "run", "2");
}

/*
 * The kernel accepts a new max_page_sharing only while no page is merged. Pages of processes that
 * have ended count until the next scan, so wait for that first.
 */
static void limit_sharing(struct exercise *ex)
{
	await_scans(ex, nothing_shared);
	if (!nothing_shared())
		die(0, "max_page_sharing can be set only while no page is merged; %ld are, of %s",
		    setting_number(KSM "pages_shared"), "other processes: end these first");
	setting_set_number(KSM "run", 0);
	setting_set_number(KSM "max_page_sharing", ex->opt[OPT_MAX_SHARING]);
	setting_set_number(KSM "run", 1);
	end_undo(unmerge);
}

static void start_ksmd(struct exercise *ex)
{
	if (!setting_exists(KSM "run"))
		unsupported("this kernel has no KSM");
	setting_set_number(KSM "pages_to_scan", 10000);
	setting_set_number(KSM "sleep_millisecs", 1);
	setting_set_number(KSM "run", 1);
	if (ex->opt[OPT_MAX_SHARING])
		limit_sharing(ex);
}

static unsigned long pfn_of(struct exercise *ex, unsigned int index, unsigned int page)
{
	return pagemap_pfn(ex->helpers[index].pid,
			   ex->helpers[index].va + page * page_size());
}

static int compare(const void *a, const void *b)
{
	unsigned long x = *(const unsigned long *)a, y = *(const unsigned long *)b;

	return x < y ? -1 : x > y;
}

static unsigned long *sorted_pfns(struct exercise *ex, unsigned int page, unsigned int n)
{
	unsigned long *pfns = calloc(n, sizeof(*pfns));
	unsigned int i;

	if (!pfns)
		die(ENOMEM, "cannot compare pages");
	for (i = 0; i < n; i++)
		pfns[i] = pfn_of(ex, i, page);
	qsort(pfns, n, sizeof(*pfns), compare);
	return pfns;
}

/* Count the processes that map a frame, without the heirs. More than one: it is merged. */
static unsigned int count_owners(struct exercise *ex, unsigned long pfn, unsigned int page)
{
	unsigned int count = 0, i;

	for (i = 0; i <= ex->opt[OPT_CHILDREN]; i++)
		count += pfn_of(ex, i, page) == pfn;
	return count;
}

/*
 * If all merged pages have max_page_sharing mappings, the last process may keep a page of its own:
 * ksmd merges it as soon as there is another one.
 */
static unsigned int leftovers_allowed(struct exercise *ex)
{
	return ex->opt[OPT_CHILDREN] + 1 > setting_number(KSM "max_page_sharing");
}

/* How many processes have a frame that no other process maps. */
static unsigned int count_unmerged(struct exercise *ex, unsigned int page)
{
	unsigned int n = ex->opt[OPT_CHILDREN] + 1, i, count = 0;
	unsigned long *pfns = sorted_pfns(ex, page, n);

	for (i = 0; i < n; i++)
		count += !pfns[i] || ((i == 0 || pfns[i - 1] != pfns[i]) &&
				      (i + 1 == n || pfns[i + 1] != pfns[i]));
	free(pfns);
	return count;
}

static unsigned int count_all_unmerged(struct exercise *ex)
{
	unsigned int allowed = leftovers_allowed(ex), page, count, sum = 0;

	for (page = 0; page < ex->opt[OPT_PAGES]; page++) {
		count = count_unmerged(ex, page);
		sum += count > allowed ? count - allowed : 0;
	}
	return sum;
}

static void await_merge(struct exercise *ex)
{
	time_t end = deadline(ex);
	unsigned int left;

	while ((left = count_all_unmerged(ex))) {
		if (now() > end)
			die(0, "ksmd has not merged %u of the pages in time", left);
		proc_pause(20);
	}
}

/* The heirs inherit the region of the parent. */
static void fork_heirs(struct exercise *ex)
{
	unsigned int n = ex->opt[OPT_CHILDREN], i;

	proc_spawn_range(ex, n + 1, n + NR_HEIRS, NULL);
	proc_await(n + NR_HEIRS);
	for (i = n + 1; i <= n + NR_HEIRS; i++)
		ex->helpers[i].va = ex->helpers[0].va;
}

static struct account_page *find_copy(struct exercise *ex, const unsigned long *pfns,
				      unsigned int from, unsigned long pfn)
{
	unsigned int i;

	for (i = from; i < ex->nr_account; i++)
		if (pfns[i] == pfn)
			return &ex->account[i];
	return NULL;
}

static struct account_page *new_copy(struct exercise *ex, bool merged, unsigned int num)
{
	struct account_page *page;

	if (!merged)
		return account_page(ex, "not merged, as all merged pages are full", 0, 1);
	page = account_page(ex, "merged by ksmd, copy", num, 1);
	page->kind = KIND_KSM;
	page->visits_unknown = true;
	return page;
}

/* Add an entry to the account for each frame with these contents. */
static void account_copies(struct exercise *ex, unsigned long *pfns, unsigned int page)
{
	unsigned int first = ex->nr_account, i;

	for (i = 0; i < ex->nr_helpers; i++) {
		unsigned long pfn = pfn_of(ex, i, page);
		struct account_page *copy;

		if (!pfn)
			die(0, "a page is no longer mapped in process %d", ex->helpers[i].pid);
		copy = find_copy(ex, pfns, first, pfn);
		if (!copy) {
			pfns[ex->nr_account] = pfn;
			copy = new_copy(ex, count_owners(ex, pfn, page) > 1,
					ex->nr_account - first + 1);
		}
		account_own(ex, copy, STATE_MAPPED, i, i, page * page_size());
	}
}

static void account_merged(struct exercise *ex)
{
	unsigned int pages = ex->opt[OPT_PAGES], i;
	unsigned long *pfns;

	pfns = calloc(ex->nr_helpers * pages, sizeof(*pfns));
	if (!pfns)
		die(ENOMEM, "cannot store the account");
	for (i = 0; i < pages; i++)
		account_copies(ex, pfns, i);
	free(pfns);
}

static void run_ksm(struct exercise *ex)
{
	unsigned int n = ex->opt[OPT_CHILDREN];

	start_ksmd(ex);
	salt = (unsigned long)getpid() << 32 ^ time(NULL);
	proc_spawn_range(ex, 1, n, map_mergeable);
	proc_await(n);
	ex->helpers[0].va = map_mergeable(ex, 0);
	await_merge(ex);
	fork_heirs(ex);
	await_scans(ex, never);
	/* Stop ksmd. Merged pages stay merged, and nothing changes from here on. */
	setting_set_number(KSM "run", 0);
	account_merged(ex);
}

const struct scenario scenario_ksm = {
	.name = "ksm",
	.explain = "ksmd merges equal pages of unrelated VMAs; two children inherit the parent's.",
	.run = run_ksm,
	.opt = {
		[OPT_CHILDREN] = { 3, MAX_KSM_CHILDREN },
		[OPT_PAGES] = { 1, MAX_KSM_PAGES },
		[OPT_MAX_SHARING] = { 0, 256 },
	},
};
