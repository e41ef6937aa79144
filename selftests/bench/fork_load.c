// SPDX-License-Identifier: GPL-2.0
/*
 * Measures what a reader costs other processes. A process of a large family forks children that
 * exit at once, and writes to its pages, which are copied. Meanwhile a neighbour on another CPU
 * reads the report on a page of the family, or on its tree, or a stream of all its pages, in a
 * loop. Each fork() and exit() takes the lock of the tree for writing, and the reader takes it for
 * reading; a stream takes the mmap_lock as well.
 *
 * The clock is real time, so each kind of neighbour runs in several rounds, in turn, and the result
 * is the median. It is given as a ratio to a neighbour that only spins, which uses as much of the
 * machine.
 *
 *   fork_load [CHILDREN [FORKS [ROUNDS]]]
 */
#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define FILES		"/sys/kernel/debug/rmapscope/"
#define MAX_ROUNDS	99
#define NR_WAYS		7
#define SPIN		1
#define PAGES		64

/* What the neighbour does. @target: written to @file first; of the family's process and page. */
static const struct way {
	const char *name;
	const char *file;
	const char *target;
} ways[NR_WAYS] = {
	{ "idle", NULL, NULL },
	{ "spin", NULL, NULL },
	{ "page", FILES "page", "pid=%d va=%p" },
	{ "tree", FILES "tree", "pid=%d va=%p" },
	{ "top", FILES "top", NULL },
	{ "scan", FILES "scan_raw", "pid=%d maps" },
	{ "scan all", FILES "scan_raw", "all maps" },
};

/* Shared with the neighbour. */
static struct {
	volatile bool stop;
	volatile unsigned long reports;
	pid_t pid;
	char *page;
} *shared;

static void read_report(const struct way *way)
{
	static char text[1 << 16];
	int fd = open(way->file, way->target ? O_RDWR : O_RDONLY);
	char target[64];

	if (fd < 0)
		err(1, "%s", way->file);
	if (way->target) {
		snprintf(target, sizeof(target), way->target, shared->pid, shared->page);
		if (write(fd, target, strlen(target)) < 0)
			err(1, "%s: %s", way->file, target);
	}
	while (read(fd, text, sizeof(text)) > 0)
		;
	close(fd);
}

static void neighbour(int orders, int answers)
{
	unsigned char order;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (read(orders, &order, 1) == 1) {
		if (write(answers, &order, 1) != 1)
			break;
		while (!shared->stop && order) {
			if (ways[order].file)
				read_report(&ways[order]);
			shared->reports++;
		}
		if (write(answers, &order, 1) != 1)
			break;
	}
	_exit(0);
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

static void fork_and_write(int times)
{
	while (times--) {
		pid_t pid = fork();

		if (!pid)
			_exit(0);
		if (pid < 0)
			err(1, "fork");
		for (int i = 0; i < PAGES; i++)
			shared->page[i * getpagesize()]++;
		if (waitpid(pid, NULL, 0) != pid)
			err(1, "waitpid");
	}
}

static void grow_family(int children)
{
	while (children--) {
		pid_t pid = fork();

		if (pid < 0)
			err(1, "fork");
		if (!pid) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			for (;;)
				pause();
		}
	}
}

static void exchange(int to, int from, unsigned char order)
{
	unsigned char answer;

	if (to >= 0 && write(to, &order, 1) != 1)
		err(1, "the neighbour has exited");
	if (read(from, &answer, 1) != 1)
		errx(1, "the neighbour has exited");
}

/* Seconds for one fork, while the neighbour does what @way says. */
static double measure(size_t way, int forks, int to, int from, double *reports)
{
	double begin, time;

	shared->stop = false;
	shared->reports = 0;
	exchange(to, from, way);
	begin = seconds();
	fork_and_write(forks);
	time = seconds() - begin;
	*reports = shared->reports / time;
	shared->stop = true;
	exchange(-1, from, way);
	return time / forks;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *values, int nr)
{
	qsort(values, nr, sizeof(*values), compare);
	return values[nr / 2];
}

int main(int argc, char **argv)
{
	int children = argc > 1 ? atoi(argv[1]) : 100, forks = argc > 2 ? atoi(argv[2]) : 300;
	int rounds = argc > 3 ? atoi(argv[3]) : 9, orders[2], answers[2], round;
	static double time[NR_WAYS][MAX_ROUNDS], reports[NR_WAYS][MAX_ROUNDS];
	double spin;
	size_t way, size = PAGES * getpagesize();

	if (children < 0 || forks < 1 || rounds < 1 || rounds > MAX_ROUNDS)
		errx(2, "usage: fork_load [CHILDREN [FORKS [ROUNDS (1 to %d)]]]", MAX_ROUNDS);
	shared = mmap(NULL, getpagesize(), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	if (shared == MAP_FAILED || pipe(orders) || pipe(answers))
		err(1, "cannot set up");
	/* Forked before there is a page, so that the neighbour doesn't belong to the family. */
	if (!fork())
		neighbour(orders[0], answers[1]);
	shared->pid = getpid();
	shared->page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (shared->page == MAP_FAILED)
		err(1, "mmap");
	memset(shared->page, 1, size);
	grow_family(children);

	for (round = 0; round < rounds; round++)
		for (way = 0; way < NR_WAYS; way++)
			time[way][round] = measure(way, forks, orders[1], answers[0],
						   &reports[way][round]);
	spin = median(time[SPIN], rounds);
	printf("%d processes in the family, %d forks a round, %d rounds\n", children + 1, forks,
	       rounds);
	printf("%9s %9s %9s %9s\n", "neighbour", "us/fork", "to spin", "reports/s");
	for (way = 0; way < NR_WAYS; way++) {
		double us = median(time[way], rounds);

		printf("%9s %9.1f %9.3f", ways[way].name, us * 1e6, us / spin);
		if (ways[way].file)
			printf(" %9.0f", median(reports[way], rounds));
		printf("\n");
	}
	return 0;
}
