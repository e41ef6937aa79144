// SPDX-License-Identifier: GPL-2.0
/*
 * stress [-m MINUTES] [-s SEED]: the module under a load of all kinds.
 *
 * In each round, processes do random things to their memory and to the machine, readers take
 * reports on everything, and a loader unloads and loads the module. At the end of the round all
 * of them are frozen, and the report on each frame is compared with the pagemaps. After the last
 * round all memory must be free again.
 *
 * All random numbers depend on the seed, which is printed. Runs with the same seed still differ,
 * as processes are scheduled differently.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <kselftest.h>

#include "compare_frames.h"
#include "complain.h"
#include "kernel_file.h"
#include "ksm.h"
#include "module.h"
#include "random_family.h"
#include "slowness.h"
#include "stress/stress.h"

#define SECOND_NS	1000000000ULL
#define ROUND_SECONDS	50	/* of load, until the next comparison */
#define CALM_SECONDS	10
#define PROGRESS_SECONDS 10
/* Extra time if some kind of load was not tried yet, as the host may be busy. */
#define MORE_SECONDS	(180 * slowness())

static const char * const results[STRESS_RESULTS] = {
	[RESULT_WHOLE] = "reports_are_well_formed",
	[RESULT_CONTRACT] = "results_follow_the_contract",
	[RESULT_FROZEN] = "reports_on_frozen_memory_agree_with_pagemaps",
	[RESULT_MODULE] = "module_loads_and_unloads",
	[RESULT_KILLED] = "killed_readers_exit_at_once",
	[RESULT_LOAD] = "each_kind_of_load_was_tried",
	[RESULT_MEMORY] = "all_memory_is_free_again",
};

static uint64_t start;

static unsigned int seconds(void)
{
	return (stress_now() - start) / SECOND_NS;
}

/* Lets the load run for this long. */
static void watch_load(unsigned int until, unsigned int more)
{
	struct timespec second = { .tv_sec = 1 };
	unsigned int next = seconds() + PROGRESS_SECONDS;

	while (seconds() < until || (seconds() < until + more && table_lacks_actions())) {
		nanosleep(&second, NULL);
		processes_watch();
		if (seconds() < next)
			continue;
		table_progress(seconds());
		stuck_watch();
		next += PROGRESS_SECONDS;
	}
}

static int differs(void *arg, uint64_t pfn)
{
	unsigned int *nr = arg;

	report_problem(RESULT_FROZEN, "pfn %#" PRIx64 ": %s", pfn, why);
	return ++*nr == 20;
}

/* The loader may have been stopped while the module was unloaded. */
static int have_module(void)
{
	int err = module_loaded() ? 0 : module_load("");

	return err ? complain("loading: %s", strerror(-err)) : 0;
}

static void compare(void)
{
	unsigned int nr = 0, began;
	struct frame_comparison m = { .page_file = -1 };

	if (processes_freeze()) {
		report_problem(RESULT_FROZEN, "%s", why);
		return;
	}
	machine_restore();
	began = seconds();
	if (ksm_settle() || have_module() || compare_frames_start(&m)) {
		report_problem(RESULT_FROZEN, "%s", why);
		nr++;
	}
	if (!nr)
		compare_frames(&m, differs, &nr);
	printf("# %4u s: frozen, %" PRIu64 " frames compared in %u s:", seconds(), m.asked,
	       seconds() - began);
	printf(" %lu mapped, %lu mappings, %lu again, %u mismatches\n", m.reported, m.mappings,
	       m.again, nr);
	fflush(stdout);
	counts->freezes++;
	counts->frames += m.asked;
	counts->frozen_mapped += m.reported;
	counts->frozen_mappings += m.mappings;
	counts->frozen_again += m.again;
	/* Without mappings the comparison would mean nothing. */
	if (m.mappings < 1000)
		report_problem(RESULT_FROZEN, "only %lu mappings", m.mappings);
	compare_frames_end(&m);
}

static void one_round(unsigned int seed, unsigned int until)
{
	machine_prepare();
	counts->calm = false;
	processes_start(seed);
	watch_load(until, MORE_SECONDS);
	/* Ends the load that uses up memory, as its many frames are all of one kind. */
	counts->calm = true;
	watch_load(seconds() + CALM_SECONDS, 0);
	compare();
	processes_end();
	machine_restore();
}

/* Sets the machine up as it is after a round, so that amounts of memory can be compared. */
static void set_out(unsigned int seed)
{
	machine_prepare();
	machine_restore();
	memory_note();
	table_note();
	ksft_print_msg("seed %u\n", seed);
}

static void finish(void)
{
	int err;

	if (have_module())
		report_problem(RESULT_MODULE, "%s", why);
	loader_count();
	err = module_unload();
	if (err)
		report_problem(RESULT_MODULE, "unloading at the end: %s", strerror(-err));
	memory_compare();
	err = module_load("");
	if (err)
		report_problem(RESULT_MODULE, "loading at the end: %s", strerror(-err));
	table_check_actions();
	table_print();
}

static void print_results(void)
{
	size_t i;

	for (i = 0; i < STRESS_RESULTS; i++)
		ksft_test_result(!counts->problems[i], "%s\n", results[i]);
}

static unsigned int parse(const char *text, const char *what)
{
	char *end;
	unsigned long n = strtoul(text, &end, 0);

	if (!*text || *end || n > 1000000)
		ksft_exit_fail_msg("%s: '%s' is no number\n", what, text);
	return n;
}

int main(int argc, char **argv)
{
	unsigned int minutes = 5, seed = time(NULL) % 100000, round, last;
	int option;

	if (argc > 1 && !strcmp(argv[1], RANDOM_FAMILY_ARGUMENT))
		return random_family_main(argc, argv);
	ksft_print_header();
	while ((option = getopt(argc, argv, "m:s:")) != -1) {
		if (option == 'm')
			minutes = parse(optarg, "MINUTES");
		else if (option == 's')
			seed = parse(optarg, "SEED");
		else
			ksft_exit_fail_msg("usage: stress [-m MINUTES] [-s SEED]\n");
	}
	if (!module_loaded())
		ksft_exit_skip("the rmapscope module is not loaded\n");
	ksft_set_plan(STRESS_RESULTS);
	if (counts_start() || processes_set_up())
		ksft_exit_fail_msg("%s\n", why);
	write_text("/proc/self/oom_score_adj", "-900");
	set_out(seed);
	start = stress_now();
	last = minutes * 60;
	for (round = 0; !round || seconds() + ROUND_SECONDS / 2 < last; round++) {
		unsigned int until = seconds() + ROUND_SECONDS;

		one_round(seed + round, until < last || !last ? until : last);
	}
	finish();
	print_results();
	ksft_finished();
}
