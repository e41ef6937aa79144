// SPDX-License-Identifier: GPL-2.0
/* Readers of all files. Each pauses now and then, so that the loader can unload the module. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stress.h"

#define PATIENCE	20		/* seconds after which a reader of top is killed */
#define BATCH_NS	300000000	/* for how long a file is kept open */

/* Reads from one open file, until the loader gets its turn. */
static void for_a_while(enum stress_file file, int flags, void (*read_once)(int fd))
{
	uint64_t end;
	int fd;

	module_hold();
	end = stress_now() + BATCH_NS;
	fd = stress_open(file, flags);
	while (fd >= 0 && stress_now() < end)
		read_once(fd);
	if (fd >= 0)
		close(fd);
	module_release();
	stress_nap(100);
}

/* Reads about all frames in turn, starting at a random one. */
static void sweep_once(int fd)
{
	static uint64_t pfn = ~0ULL, turn;
	char target[64];
	int i;

	if (pfn == ~0ULL)
		pfn = stress_random(1 << 18);
	for (i = 0; i < 16; i++, pfn++) {
		snprintf(target, sizeof(target), "%s=%#" PRIx64 "%s",
			 turn & 2 ? "phys" : "pfn", turn & 2 ? pfn * getpagesize() : pfn,
			 (pfn ^ turn) & 1 ? " folio" : "");
		/* Memory ends where a whole section of frames does not exist. */
		if (stress_report(STRESS_PAGE, fd, target) == -ENXIO && !(pfn % (1 << 15))) {
			pfn = 0;
			turn++;
		}
	}
}

static void probe_once(int fd)
{
	char target[80];

	stress_random_target(target, sizeof(target));
	stress_report(STRESS_PAGE, fd, target);
}

static void tree_once(int fd)
{
	char target[80];

	if (stress_random(4))
		stress_random_target(target, sizeof(target));
	else
		snprintf(target, sizeof(target), "pfn=%#x", stress_random(1 << 18));
	stress_report(STRESS_TREE, fd, target);
}

/**
 * read_sweep() - take reports on every frame, by pfn= or phys=
 */
void read_sweep(void)
{
	for_a_while(STRESS_PAGE, O_RDWR, sweep_once);
}

/**
 * read_probe() - take reports on random addresses of random processes
 */
void read_probe(void)
{
	for_a_while(STRESS_PAGE, O_RDWR, probe_once);
}

/**
 * read_tree() - take reports on the trees of random addresses and frames
 */
void read_tree(void)
{
	for_a_while(STRESS_TREE, O_RDWR, tree_once);
}

static void read_file(enum stress_file file)
{
	int fd = stress_open(file, O_RDONLY);

	if (fd < 0)
		return;
	stress_report(file, fd, NULL);
	close(fd);
}

/* Reading top takes long, as it visits all mms. Meanwhile the loader and the other readers wait. */
static void read_top_for_a_while(void)
{
	alarm(PATIENCE);
	read_file(STRESS_TOP);
}

/**
 * read_top() - read the files that take no target
 */
void read_top(void)
{
	int status;

	module_hold();
	status = stress_in_child(read_top_for_a_while);
	counts->killed += WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM;
	read_file(STRESS_STATS);
	read_file(STRESS_INFO);
	module_release();
	stress_nap(300);
}
