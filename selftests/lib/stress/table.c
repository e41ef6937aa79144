// SPDX-License-Identifier: GPL-2.0
/* The counters of a run, for those who read it. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stress.h"

static const int errnos[] = {
	EAGAIN, EOPNOTSUPP, ENODATA, ENXIO, ESRCH, EFAULT, ENOMEM, EINTR,
};

#define NR_KNOWN	(sizeof(errnos) / sizeof(errnos[0]))

static const char * const deeds[STRESS_DEEDS] = {
	[DEED_CHAOS] = "things done by the workers of chaos",
	[DEED_KIN] = "random families",
	[DEED_EXERCISE] = "scenarios of rmap-exercise",
	[DEED_STORM] = "storms on one page",
	[DEED_HUGE] = "huge pages shared and taken apart",
	[DEED_COLLAPSE] = "MADV_COLLAPSE",
	[DEED_SPLIT] = "huge pages of a process split",
	[DEED_SPLIT_ALL] = "all huge pages split",
	[DEED_MERGE] = "MADV_MERGEABLE",
	[DEED_UNMERGE] = "MADV_UNMERGEABLE",
	[DEED_MOVE] = "move_pages() between nodes",
	[DEED_HUGETLB] = "mappings of hugetlb",
	[DEED_TRUNCATE] = "mapped files truncated",
	[DEED_PAGEOUT] = "MADV_PAGEOUT of shared pages",
	[DEED_EXEC] = "programs started",
	[DEED_COMPACT] = "compactions of all memory",
	[DEED_RECLAIM] = "memory.reclaim",
	[DEED_HIGH] = "memory.high",
	[DEED_PRESSURE] = "times that memory was scarce for all",
	[DEED_OOM] = "OOM kills",
	[DEED_CPU] = "processors taken away",
	[DEED_BLOCK] = "blocks of memory taken away",
};

static const char * const files[STRESS_FILES] = {
	[STRESS_PAGE] = "page",
	[STRESS_TREE] = "tree",
	[STRESS_TOP] = "top",
	[STRESS_STATS] = "stats",
	[STRESS_INFO] = "info",
};

/**
 * tally_refused() - count an errno
 * @err: negative
 */
void tally_refused(int err)
{
	size_t i;

	for (i = 0; i < NR_KNOWN && errnos[i] != -err; i++)
		;
	tally->refused[i]++;
}

static unsigned long sum(const atomic_ulong *counters, size_t nr)
{
	unsigned long all = 0;

	while (nr--)
		all += counters[nr];
	return all;
}

/**
 * table_progress() - one line that says that all goes on
 * @seconds: since the start
 */
void table_progress(unsigned int seconds)
{
	printf("# %4u s: %lu looks, %lu reports, %lu mappings, %lu EAGAIN, ", seconds,
	       sum(tally->looks, STRESS_FILES), sum(tally->reports, STRESS_FILES),
	       tally->mappings, tally->refused[0]);
	printf("%lu loads, %lu busy, %lu killed, %lu OOM kills, %lu wrong\n", tally->loads,
	       tally->busy, tally->killed, tally->deeds[DEED_OOM],
	       sum(tally->problems, STRESS_RESULTS));
	fflush(stdout);
}

static void print_looks(void)
{
	size_t i;

	printf("# %-8s %12s %12s %16s\n", "file", "looks", "reports", "longest [ms]");
	for (i = 0; i < STRESS_FILES; i++)
		printf("# %-8s %12lu %12lu %16.1f\n", files[i], tally->looks[i],
		       tally->reports[i], tally->longest_ns[i] / 1e6);
	printf("# refusals:");
	for (i = 0; i < NR_KNOWN; i++)
		printf(" %s=%lu", strerrorname_np(errnos[i]), tally->refused[i]);
	printf(" other=%lu\n", tally->refused[NR_KNOWN]);
	printf("# %lu mappings reported, %lu reports with raced=1, %lu pieces read again\n",
	       tally->mappings, tally->raced, tally->pieces);
}

static void print_deeds(void)
{
	size_t i;

	for (i = 0; i < STRESS_DEEDS; i++) {
		printf("# %12lu %s", tally->deeds[i], deeds[i]);
		if (tally->failed[i])
			printf(" (%lu in vain, the last one: %s)", tally->failed[i],
			       strerror(tally->error[i]));
		printf("\n");
	}
}

static void print_counters(void)
{
	const struct stress_counter *counter = tally->counters;
	size_t column = 0;

	if (!*counter->name) {
		printf("# the module has no file stats\n");
		return;
	}
	printf("# the module's own count:");
	for (; counter < tally->counters + STRESS_COUNTERS && *counter->name; counter++)
		printf("%s%s=%" PRIu64, column++ % 6 ? " " : "\n#   ", counter->name,
		       counter->value);
	printf("\n");
}

/**
 * stress_events() - what the kernel has counted since it was booted
 * @name: of a line of /proc/vmstat
 *
 * Return: the number, 0 if there is none of that name.
 */
unsigned long stress_events(const char *name)
{
	FILE *file = fopen("/proc/vmstat", "re");
	unsigned long value = 0;
	size_t len = strlen(name);
	char line[128];

	while (file && fgets(line, sizeof(line), file))
		if (!strncmp(line, name, len) && line[len] == ' ')
			value = strtoul(line + len, NULL, 10);
	if (file)
		fclose(file);
	return value;
}

static const char * const events[] = {
	"pgsteal_kswapd", "pgsteal_direct", "pgsteal_khugepaged", "pswpout", "pswpin",
	"pgmigrate_success", "pgmigrate_fail", "compact_stall", "compact_daemon_wake",
	"thp_fault_alloc", "thp_collapse_alloc", "thp_split_page", "thp_split_pmd",
	"ksm_swpin_copy", "cow_ksm", "oom_kill",
};

#define NR_EVENTS	(sizeof(events) / sizeof(events[0]))

static unsigned long events_before[NR_EVENTS];

/**
 * table_note() - take down where the kernel's own counters stand before the load
 */
void table_note(void)
{
	size_t i;

	for (i = 0; i < NR_EVENTS; i++)
		events_before[i] = stress_events(events[i]);
}

static void print_events(void)
{
	size_t i;

	printf("# the kernel's own count:");
	for (i = 0; i < NR_EVENTS; i++)
		printf("%s%s=%lu", i % 6 ? " " : "\n#   ", events[i],
		       stress_events(events[i]) - events_before[i]);
	printf("\n");
}

/**
 * table_print() - all that was counted
 */
void table_print(void)
{
	printf("# --- what was seen\n");
	print_looks();
	printf("# the module: loaded %lu times, unloaded %lu, in use %lu, away %lu\n",
	       tally->loads, tally->unloads, tally->busy, tally->away);
	printf("# %lu readers killed, the longest death %.1f ms\n", tally->killed,
	       tally->longest_death_ns / 1e6);
	printf("# frozen %lu times: %lu frames compared, %lu mapped, %lu mappings, ",
	       tally->freezes, tally->frames, tally->frozen_mapped, tally->frozen_mappings);
	printf("%lu looked at again, %lu mismatches\n", tally->frozen_again,
	       tally->problems[RESULT_FROZEN]);
	print_counters();
	printf("# --- what happened meanwhile\n");
	print_deeds();
	print_events();
	fflush(stdout);
}

/**
 * table_lacks_deeds() - has some kind of load still to be tried?
 *
 * Return: whether it has.
 */
bool table_lacks_deeds(void)
{
	size_t i;

	for (i = 0; i < STRESS_DEEDS; i++)
		if (!tally->deeds[i] && !tally->failed[i])
			return true;
	return false;
}

/**
 * table_check_deeds() - was there a load of all kinds?
 *
 * What was tried in vain each time is said, and no failure: not every kernel can do all.
 */
void table_check_deeds(void)
{
	size_t i;

	for (i = 0; i < STRESS_DEEDS; i++) {
		if (tally->deeds[i])
			continue;
		if (tally->failed[i])
			printf("# in vain each time: %s (%s)\n", deeds[i],
			       strerror(tally->error[i]));
		else
			tally_problem(RESULT_LOAD, "none of these: %s", deeds[i]);
	}
	fflush(stdout);
}
