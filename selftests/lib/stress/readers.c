// SPDX-License-Identifier: GPL-2.0
/* Readers of all files, each of which pauses now and then for the loader. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stress.h"

#define PATIENCE	20		/* seconds until a reader of top is killed */
#define BATCH_NS	300000000	/* for so long a file is kept open */

/* With a file open, until it's time to let the loader pass. */
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

/* All frames in turn, beginning anywhere. */
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
		/* The memory ends where a whole section of frames is unknown. */
		if (stress_look(STRESS_PAGE, fd, target) == -ENXIO && !(pfn % (1 << 15))) {
			pfn = 0;
			turn++;
		}
	}
}

static void probe_once(int fd)
{
	char target[80];

	stress_random_target(target, sizeof(target));
	stress_look(STRESS_PAGE, fd, target);
}

static void tree_once(int fd)
{
	char target[80];

	if (stress_random(4))
		stress_random_target(target, sizeof(target));
	else
		snprintf(target, sizeof(target), "pfn=%#x", stress_random(1 << 18));
	stress_look(STRESS_TREE, fd, target);
}

/**
 * read_sweep() - every frame, by its number or its address
 */
void read_sweep(void)
{
	for_a_while(STRESS_PAGE, O_RDWR, sweep_once);
}

/**
 * read_probe() - random addresses of random processes
 */
void read_probe(void)
{
	for_a_while(STRESS_PAGE, O_RDWR, probe_once);
}

/**
 * read_tree() - the trees at random addresses of random processes, and of random frames
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
	stress_look(file, fd, NULL);
	close(fd);
}

/* It waits for every tree and every mm of the machine, and all others for the door. */
static void read_top_for_a_while(void)
{
	alarm(PATIENCE);
	read_file(STRESS_TOP);
}

/**
 * read_top() - the files that take no target
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
