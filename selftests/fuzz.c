// SPDX-License-Identifier: GPL-2.0
/*
 * Any call with any input has a result that the contract allows. Reports are well-formed, and
 * nothing leaks.
 *
 * RMAPSCOPE_FUZZ_INPUTS=N is the number of calls; RMAPSCOPE_SEED=N repeats the calls of an
 * earlier run.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

#include "child.h"
#include "fuzz/fuzz.h"
#include "kcov.h"
#include "kernel_memory.h"
#include "module.h"
#include "test.h"

#define NR_WORKERS	2
#define WARM_UP		3000
#define INPUTS		150000

/* An hour, as the number of calls can be chosen. */
#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT 3600

FIXTURE(fuzz)
{
	struct fuzz_setup setup;
	struct fuzz_counts *counts;
	struct kcov_seen *seen;
	struct cgroup group;
	uint64_t seed, inputs;
};

#define fuzz_data	FIXTURE_DATA(fuzz)

static uint64_t setting(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text && *text ? strtoull(text, NULL, 0) : otherwise;
}

FIXTURE_SETUP(fuzz)
{
	NEEDS_MODULE();
	self->seed = setting("RMAPSCOPE_SEED", time(NULL));
	self->inputs = setting("RMAPSCOPE_FUZZ_INPUTS", INPUTS / slowness());
	self->counts = mmap(NULL, NR_WORKERS * sizeof(*self->counts), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->counts);
	ASSERT_OK(memory_group_create(&self->group));
	self->seen = kcov_seen_create();
	if (!self->seen)
		TH_LOG("not guided by coverage: %s", why);
	ASSERT_OK(fuzz_setup_create(&self->setup));
}

FIXTURE_TEARDOWN(fuzz)
{
	if (!self->counts)
		return;
	EXPECT_OK(fuzz_setup_destroy(&self->setup));
	kcov_seen_destroy(self->seen);
	memory_group_destroy(&self->group);
}

static void print_input(const struct fuzz_input *input)
{
	size_t i;

	fprintf(stderr, "# input of %u bytes: \"", input->size);
	for (i = 0; i < input->size; i++) {
		unsigned char c = input->bytes[i];

		fprintf(stderr, c >= ' ' && c < 0x7f && c != '"' && c != '\\' ? "%c" : "\\x%02x",
			c);
	}
	fprintf(stderr, "\"\n");
}

static int step(struct fuzz_worker *worker, struct kcov *kcov)
{
	int ret;

	if (!kcov)
		return fuzz_step(worker);
	kcov_begin(kcov);
	ret = fuzz_step(worker);
	if (kcov_end(kcov) && worker->wrote)
		fuzz_keep(&worker->corpus, &worker->input);
	return ret;
}

static int work(struct fuzz_worker *worker, struct kcov *kcov, uint64_t seed, uint64_t inputs)
{
	uint64_t i;

	for (i = 0; i < inputs; i++) {
		/*
		 * Seeds the generator for each call, so that a call does not depend on earlier
		 * ones. The state may not be 0, and similar seeds must give different numbers.
		 */
		worker->random.state = ((seed << 32) + i + 1) * 0x9e3779b97f4a7c15ULL | 1;
		fuzz_random_next(&worker->random);
		fuzz_random_next(&worker->random);
		if (!step(worker, kcov))
			continue;
		fprintf(stderr, "# call %" PRIu64 ": %s: %s\n", i, worker->call, why);
		if (worker->wrote)
			print_input(&worker->input);
		return 1;
	}
	return 0;
}

static int worker_main(const struct fuzz_setup *setup, struct fuzz_counts *counts,
		       struct kcov_seen *seen, uint64_t seed, uint64_t inputs)
{
	struct fuzz_worker *worker = calloc(1, sizeof(*worker));
	struct kcov kcov;
	int ret;

	if (!worker)
		return 1;
	worker->setup = setup;
	worker->counts = counts;
	if (fuzz_worker_init(worker) || (seen && kcov_start(&kcov, seen))) {
		fprintf(stderr, "# %s\n", why);
		return 1;
	}
	ret = work(worker, seen ? &kcov : NULL, seed, inputs);
	fuzz_worker_end(worker);
	if (seen)
		kcov_stop(&kcov);
	free(worker);
	return ret;
}

/* Waits for all workers. Returns how many have found an error. */
static int run(fuzz_data *self, uint64_t seed, uint64_t inputs)
{
	pid_t pids[NR_WORKERS];
	int i, status, bad = 0;

	fflush(stdout);
	for (i = 0; i < NR_WORKERS; i++) {
		pids[i] = fork();
		if (pids[i])
			continue;
		if (memory_group_enter(&self->group))
			fprintf(stderr, "# %s\n", why);
		_exit(worker_main(&self->setup, &self->counts[i], self->seen,
				  seed * NR_WORKERS + i, inputs / NR_WORKERS));
	}
	for (i = 0; i < NR_WORKERS; i++) {
		if (pids[i] < 0 || waitpid(pids[i], &status, 0) != pids[i] || status) {
			fprintf(stderr, "# worker %d ended with status %#x\n", i, status);
			bad++;
		}
	}
	return bad;
}

static void sum_counts(const fuzz_data *self, struct fuzz_counts *sum)
{
	int i, j;

	*sum = (struct fuzz_counts){ 0 };
	for (i = 0; i < NR_WORKERS; i++) {
		sum->inputs += self->counts[i].inputs;
		sum->reports += self->counts[i].reports;
		for (j = 0; j < 64; j++)
			sum->answers[j] += self->counts[i].answers[j];
	}
}

static void print_counts(const struct fuzz_counts *sum, double seconds)
{
	int i;

	printf("# %" PRIu64 " inputs in %.1f s, %.0f a second; %" PRIu64 " reports read\n",
	       sum->inputs, seconds, sum->inputs / seconds, sum->reports);
	printf("# results:");
	for (i = 0; i < 64; i++)
		if (sum->answers[i])
			printf(" %s %" PRIu64, strerrorname_np(i == 63 ? EOPNOTSUPP : i),
			       sum->answers[i]);
	printf("\n");
	fflush(stdout);
}

TEST_F(fuzz, any_call_follows_the_contract_and_leaks_nothing)
{
	struct kernel_memory before, after;
	struct timespec start, end;
	struct fuzz_counts sum;

	NEEDS_MODULE();
	TH_LOG("RMAPSCOPE_SEED=%" PRIu64, self->seed);
	/*
	 * Runs some calls first, so that what the kernel allocates only once is allocated
	 * already.
	 */
	ASSERT_EQ(0, run(self, ~self->seed, self->inputs < WARM_UP ? self->inputs : WARM_UP));
	ASSERT_OK(kernel_memory_read(&before, &self->group));
	clock_gettime(CLOCK_MONOTONIC, &start);
	ASSERT_EQ(0, run(self, self->seed, self->inputs)) {
		TH_LOG("to repeat: RMAPSCOPE_SEED=%" PRIu64, self->seed);
	}
	clock_gettime(CLOCK_MONOTONIC, &end);
	sum_counts(self, &sum);
	print_counts(&sum, end.tv_sec - start.tv_sec + (end.tv_nsec - start.tv_nsec) / 1e9);
	/* Checks that enough of the input was accepted. */
	EXPECT_LT(sum.inputs / 20, sum.answers[0]);
	EXPECT_LT(sum.inputs / 200, sum.reports);
	ASSERT_OK(kernel_memory_read(&after, &self->group));
	EXPECT_OK(kernel_memory_same(&before, &after));
	EXPECT_EQ(0, module_users());
	if (self->seen)
		EXPECT_LT(0, kcov_report(self->seen)) TH_LOG("%s", why);
}

TEST_HARNESS_MAIN
