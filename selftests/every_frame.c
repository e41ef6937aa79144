// SPDX-License-Identifier: GPL-2.0
/*
 * Every frame of the machine. After scenarios of all kinds and a random load have run, all
 * processes are stopped. Then the report on each frame is compared with one scan of the pagemaps
 * of all processes.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

#include "compare_frames.h"
#include "compare_scan.h"
#include "exercise.h"
#include "kernel_file.h"
#include "ksm.h"
#include "random_load.h"
#include "test.h"

static const char * const scenarios[] = {
	"fork", "cow-child", "deep", "shared-anon", "memfd", "sysv", "tmpfs", "secretmem",
	"file-private-cow", "exec", "prefork", "pipeline", "zygote", "ksm", "thp",
	"thp-partial", "thp-cross", "mthp", "shmem-thp", "hugetlb", "hugetlb-shared",
	"hugetlb-pmd-share", "swap", "swap-out", "madv-free", "mlock", "pinned", "uffd",
	"protnone", "zero",
};

#define NR_SCENARIOS	(sizeof(scenarios) / sizeof(scenarios[0]))

/* Results to print. */
struct results {
	unsigned int seed;
	int differences;
};

FIXTURE(every_frame)
{
	struct exercise runs[NR_SCENARIOS];
	struct random_load load;
	struct frame_comparison machine;
	struct results results;
};

FIXTURE_SETUP(every_frame)
{
	const char *seed = getenv("RMAPSCOPE_SEED");

	self->machine.page_file = -1;
	self->results.seed = seed ? strtoul(seed, NULL, 0) : time(NULL) % 100000;
}

FIXTURE_TEARDOWN(every_frame)
{
	size_t i;

	compare_frames_end(&self->machine);
	EXPECT_OK(random_load_stop(&self->load));
	for (i = 0; i < NR_SCENARIOS; i++)
		EXPECT_OK(exercise_stop(&self->runs[i]));
}

/* Stops kernel threads that would move pages although all processes are stopped. */
static int stop_daemons(void)
{
	/* A kernel for real time has no huge pages, so it has no khugepaged. */
	int err = write_text("/sys/kernel/mm/transparent_hugepage/enabled", "never");

	return err && err != -ENOENT ? -1 : ksm_settle();
}

static int tell(void *arg, uint64_t pfn)
{
	struct results *results = arg;

	ksft_print_msg("seed %u: pfn %#" PRIx64 ": %s\n", results->seed, pfn, why);
	return ++results->differences == 20;
}

/* The streams of all frames, and of each process that rmap-exercise has set up. */
static int compare_scans(struct frame_comparison *machine, struct exercise *runs,
			 struct results *results)
{
	int ret = compare_scan_of_frames(machine, "all maps", tell, results) ?:
		  compare_scan_of_frames(machine, "all maps ordered", tell, results);
	size_t i, k;

	for (i = 0; i < NR_SCENARIOS && !ret; i++) {
		for (k = 0; k < runs[i].nr_processes && !ret; k++) {
			pid_t pid = runs[i].processes[k].pid;

			ret = compare_scan_of_process(machine, pid, tell, results);
			if (!ret)
				ret = compare_scan_with_pages(pid, tell, results);
			if (ret == -ESRCH || ret == -EFAULT)
				ret = 0;	/* a zombie, for example */
			if (ret)
				complain("%s: process %d: %d %s", scenarios[i], pid, ret, why);
		}
	}
	return ret;
}

TEST_F_TIMEOUT(every_frame, each_frame_is_mapped_as_the_pagemaps_say, 900)
{
	struct timespec load = { .tv_sec = 5 };
	unsigned int workers, actions;
	size_t i;

	NEEDS_MODULE();
	for (i = 0; i < NR_SCENARIOS; i++) {
		int ret = exercise_start(&self->runs[i], scenarios[i], NULL);

		if (ret != EXERCISE_UNSUPPORTED)
			ASSERT_OK(ret);
	}
	write_text(KSM "sleep_millisecs", "1");
	write_text(KSM "run", "1");
	ASSERT_OK(random_load_start(&self->load, 8, self->results.seed));
	/* Lets the load run for this long. */
	nanosleep(&load, NULL);
	ASSERT_OK(random_load_freeze(&self->load));
	workers = random_load_count(&self->load, &actions);
	TH_LOG("seed %u: %u workers are stopped after %u actions", self->results.seed, workers,
	       actions);
	ASSERT_OK(stop_daemons());
	ASSERT_OK(compare_frames_start(&self->machine));
	compare_frames(&self->machine, tell, &self->results);
	TH_LOG("seed %u: %" PRIu64 " frames, %lu of them mapped, %lu mappings, %lu retries",
	       self->results.seed, self->machine.frames, self->machine.reported,
	       self->machine.mappings, self->machine.again);
	EXPECT_EQ(0, self->results.differences);
	EXPECT_OK(compare_scans(&self->machine, self->runs, &self->results));
	EXPECT_EQ(0, self->results.differences);
	EXPECT_LT(1000, self->machine.mappings);
	write_text("/sys/kernel/mm/transparent_hugepage/enabled", "madvise");
}

TEST_HARNESS_MAIN
