// SPDX-License-Identifier: GPL-2.0
/* Prints the counters of a run. */
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

static const char * const actions[STRESS_ACTIONS] = {
	[ACTION_RANDOM] = "actions of the random load",
	[ACTION_FAMILY] = "random families",
	[ACTION_EXERCISE] = "scenarios of rmap-exercise",
	[ACTION_BUSY] = "busy sharers of one page",
	[ACTION_HUGE] = "huge pages shared and split",
	[ACTION_COLLAPSE] = "MADV_COLLAPSE",
	[ACTION_SPLIT] = "huge pages of a process split",
	[ACTION_SPLIT_ALL] = "all huge pages split",
	[ACTION_MERGE] = "MADV_MERGEABLE",
	[ACTION_UNMERGE] = "MADV_UNMERGEABLE",
	[ACTION_MOVE] = "move_pages() between nodes",
	[ACTION_HUGETLB] = "mappings of hugetlb",
	[ACTION_TRUNCATE] = "mapped files truncated",
	[ACTION_PAGEOUT] = "MADV_PAGEOUT of shared pages",
	[ACTION_EXEC] = "programs started",
	[ACTION_COMPACT] = "compactions of all memory",
	[ACTION_RECLAIM] = "memory.reclaim",
	[ACTION_HIGH] = "memory.high",
	[ACTION_PRESSURE] = "shortages of all memory",
	[ACTION_OOM] = "OOM kills",
	[ACTION_CPU] = "CPUs taken offline",
	[ACTION_BLOCK] = "blocks of memory taken offline",
};

static const char * const files[STRESS_FILES] = {
	[STRESS_PAGE] = "page",
	[STRESS_TREE] = "tree",
	[STRESS_TOP] = "top",
	[STRESS_STATS] = "stats",
	[STRESS_INFO] = "info",
};

/**
 * count_refused() - count an errno
 * @err: the negative errno
 */
void count_refused(int err)
{
	size_t i;

	for (i = 0; i < NR_KNOWN && errnos[i] != -err; i++)
		;
	counts->refused[i]++;
}

static unsigned long sum(const atomic_ulong *counters, size_t nr)
{
	unsigned long all = 0;

	while (nr--)
		all += counters[nr];
	return all;
}

/**
 * table_progress() - print a line about the progress
 * @seconds: since the start of the run
 */
void table_progress(unsigned int seconds)
{
	printf("# %4u s: %lu looks, %lu reports, %lu mappings, %lu EAGAIN, ", seconds,
	       sum(counts->looks, STRESS_FILES), sum(counts->reports, STRESS_FILES),
	       counts->mappings, counts->refused[0]);
	printf("%lu loads, %lu busy, %lu killed, %lu OOM kills, %lu wrong\n", counts->loads,
	       counts->busy, counts->killed, counts->actions[ACTION_OOM],
	       sum(counts->problems, STRESS_RESULTS));
	fflush(stdout);
}

static void print_reports(void)
{
	size_t i;

	printf("# %-8s %12s %12s %16s\n", "file", "looks", "reports", "longest [ms]");
	for (i = 0; i < STRESS_FILES; i++)
		printf("# %-8s %12lu %12lu %16.1f\n", files[i], counts->looks[i],
		       counts->reports[i], counts->longest_ns[i] / 1e6);
	printf("# refusals:");
	for (i = 0; i < NR_KNOWN; i++)
		printf(" %s=%lu", strerrorname_np(errnos[i]), counts->refused[i]);
	printf(" other=%lu\n", counts->refused[NR_KNOWN]);
	printf("# %lu mappings reported, %lu reports with raced=1, %lu pieces read again\n",
	       counts->mappings, counts->raced, counts->pieces);
}

static void print_deeds(void)
{
	size_t i;

	for (i = 0; i < STRESS_ACTIONS; i++) {
		printf("# %12lu %s", counts->actions[i], actions[i]);
		if (counts->failed[i])
			printf(" (%lu failed, the last one: %s)", counts->failed[i],
			       strerror(counts->error[i]));
		printf("\n");
	}
}

static void print_counters(void)
{
	const struct stress_counter *counter = counts->counters;
	size_t column = 0;

	if (!*counter->name) {
		printf("# the module has no file stats\n");
		return;
	}
	printf("# counters of the module:");
	for (; counter < counts->counters + STRESS_COUNTERS && *counter->name; counter++)
		printf("%s%s=%" PRIu64, column++ % 6 ? " " : "\n#   ", counter->name,
		       counter->value);
	printf("\n");
}

/**
 * stress_events() - read a counter of /proc/vmstat
 * @name: of the counter
 *
 * Return: the number, 0 if there is no such counter.
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
 * table_note() - note the kernel's counters before the load
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

	printf("# counters of the kernel:");
	for (i = 0; i < NR_EVENTS; i++)
		printf("%s%s=%lu", i % 6 ? " " : "\n#   ", events[i],
		       stress_events(events[i]) - events_before[i]);
	printf("\n");
}

/**
 * table_print() - print all counters
 */
void table_print(void)
{
	printf("# --- reports\n");
	print_reports();
	printf("# the module: loaded %lu times, unloaded %lu, in use %lu, not loaded %lu\n",
	       counts->loads, counts->unloads, counts->busy, counts->away);
	printf("# %lu readers killed, the slowest exited after %.1f ms\n", counts->killed,
	       counts->longest_death_ns / 1e6);
	printf("# frozen %lu times: %lu frames compared, %lu mapped, %lu mappings, ",
	       counts->freezes, counts->frames, counts->frozen_mapped, counts->frozen_mappings);
	printf("%lu retries, %lu mismatches\n", counts->frozen_again,
	       counts->problems[RESULT_FROZEN]);
	print_counters();
	printf("# --- load\n");
	print_deeds();
	print_events();
	fflush(stdout);
}

/**
 * table_lacks_actions() - is there an action that was not tried yet?
 *
 * Return: true if so.
 */
bool table_lacks_actions(void)
{
	size_t i;

	for (i = 0; i < STRESS_ACTIONS; i++)
		if (!counts->actions[i] && !counts->failed[i])
			return true;
	return false;
}

/**
 * table_check_actions() - check that all actions were tried
 *
 * An action that always failed is printed, but is no error, as not every kernel can do all of
 * them.
 */
void table_check_actions(void)
{
	size_t i;

	for (i = 0; i < STRESS_ACTIONS; i++) {
		if (counts->actions[i])
			continue;
		if (counts->failed[i])
			printf("# always failed: %s (%s)\n", actions[i],
			       strerror(counts->error[i]));
		else
			report_problem(RESULT_LOAD, "not tried: %s", actions[i]);
	}
	fflush(stdout);
}
