// SPDX-License-Identifier: GPL-2.0
/* What the benchmarks that count instructions share. */
#include "measure.h"

#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

/* What reading the clock costs by itself. */
static uint64_t clock_cost(void)
{
	uint64_t begin, cost, least = UINT64_MAX;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		begin = now();
		cost = now() - begin;
		if (cost < least)
			least = cost;
	}
	return least;
}

uint64_t since(uint64_t begin)
{
	static uint64_t clock;

	if (!clock)
		clock = clock_cost();
	return now() - begin - clock;
}

void keep_least(uint64_t *least, uint64_t value)
{
	if (!*least || value < *least)
		*least = value;
}

int open_file(const char *name, int flags)
{
	int fd = open(name, flags);

	if (fd < 0)
		err(1, "%s", name);
	return fd;
}

void sleep_for_ever(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		pause();
}

pid_t *fork_children(int nr, void (*child)(void))
{
	pid_t *pids = calloc(nr, sizeof(*pids));
	int i;

	if (nr && !pids)
		err(1, "no memory");
	for (i = 0; i < nr; i++) {
		pids[i] = fork();
		if (pids[i] < 0)
			err(1, "fork");
		if (!pids[i]) {
			child();
			_exit(0);
		}
	}
	return pids;
}

void end_children(pid_t *pids, int nr)
{
	int i;

	for (i = 0; i < nr; i++)
		kill(pids[i], SIGKILL);
	for (i = 0; i < nr; i++)
		waitpid(pids[i], NULL, 0);
	free(pids);
}

const char *with_number(const char *name, int nr)
{
	static char text[64];

	snprintf(text, sizeof(text), "%s_%d", name, nr);
	return text;
}

void print(const char *name, uint64_t value)
{
	printf("%s %llu\n", name, (unsigned long long)value);
}

void print_ratio(const char *name, double value)
{
	printf("%s %.3f\n", name, value);
}
