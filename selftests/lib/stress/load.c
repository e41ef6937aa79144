// SPDX-License-Identifier: GPL-2.0
/* What processes do to their own memory while they are looked at. */
#include <errno.h>
#include <fcntl.h>
#include <linux/mempolicy.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "busy_sharers.h"
#include "child.h"
#include "exercise.h"
#include "random_family.h"
#include "random_load.h"
#include "stress.h"
#include "uapi_compat.h"

#define PAGES		64

static const char * const scenarios[] = {
	"deep", "reuse", "merge", "brk", "stack", "threads", "vfork", "clone-vm", "dontfork",
	"shared-anon", "sysv", "tmpfs", "secretmem", "file-private-cow", "thp-partial",
	"thp-cross", "mthp", "shmem-thp", "hugetlb", "hugetlb-pmd-share", "swap", "swap-out",
	"madv-free", "mlock", "pinned", "uffd", "protnone", "zero",
};

/**
 * stress_in_child() - act in a child, which may end by whatever it runs into
 * @act: what it does
 *
 * Return: how it ended, as wait(2) has it; -1 if there could be none.
 */
int stress_in_child(stress_act act)
{
	int status = -1;
	unsigned int its_seed = stress_random(1 << 30);
	pid_t pid = fork();

	if (!pid) {
		stress_seed(its_seed);
		act();
		_exit(0);
	}
	if (pid > 0)
		waitpid(pid, &status, 0);
	return status;
}

/**
 * load_chaos() - processes that do all kinds of things to all kinds of memory
 */
void load_chaos(void)
{
	unsigned int actions, counted = 0;
	struct random_load load;

	if (random_load_start(&load, 6, stress_random(1 << 20)))
		_exit(1);
	for (;;) {
		stress_nap(2000);
		random_load_count(&load, &actions);
		counts->actions[ACTION_RANDOM] += actions - counted;
		counted = actions;
	}
}

/**
 * load_kin() - a random family of processes that is founded and goes away
 */
void load_kin(void)
{
	struct random_family family;
	int ret = random_family_start(&family, stress_random(1 << 20));

	stress_nap(300);
	random_family_stop(&family);
	count_action(ACTION_FAMILY, ret ? EPROTO : 0);
}

/**
 * load_exercise() - a known sharing situation, each time another one
 */
void load_exercise(void)
{
	const char *name = scenarios[stress_random(sizeof(scenarios) / sizeof(scenarios[0]))];
	struct exercise run;
	int ret = exercise_start(&run, name, NULL);

	if (!ret)
		stress_nap(300);
	exercise_stop(&run);
	count_action(ACTION_EXERCISE, ret == EXERCISE_UNSUPPORTED ? EOPNOTSUPP : ret ? EPROTO : 0);
}

/**
 * load_storm() - processes that never leave one shared page alone
 */
void load_storm(void)
{
	static struct busy_sharers sharers;
	void *page = own_page();

	if (!page || busy_sharers_start(&sharers, 2, busy_move, page))
		_exit(1);
	stress_nap(5000);
	busy_sharers_stop(&sharers);
	munmap(page, getpagesize());
	count_action(ACTION_BUSY, 0);
}

/**
 * load_merge() - equal pages for ksmd, written to now and then
 */
void load_merge(void)
{
	static char *pages;
	size_t size = getpagesize(), i;

	if (!pages) {
		pages = own_pages(PAGES);
		if (!pages)
			_exit(1);
		count_action(ACTION_MERGE,
			     madvise(pages, PAGES * size, MADV_MERGEABLE) ? errno : 0);
	}
	for (i = 0; i < PAGES; i++)
		if (!stress_random(4))
			memset(pages + i * size, 1 + stress_random(3), size);
	if (!stress_random(8)) {
		int err = madvise(pages, PAGES * size, MADV_UNMERGEABLE) ? errno : 0;

		count_action(ACTION_UNMERGE, err);
		madvise(pages, PAGES * size, MADV_MERGEABLE);
	}
	if (!fork()) {
		stress_nap(400);
		pages[stress_random(PAGES) * size]++;
		_exit(0);
	}
	stress_nap(200);
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
}

static void move_once(void)
{
	size_t size = getpagesize();
	char *start = own_pages(PAGES);
	int nodes[PAGES], status[PAGES], round;
	void *pages[PAGES];
	long ret;
	int i;

	if (!start)
		return;
	memset(start, 1, PAGES * size);
	/* Shared with a child: only MOVE_ALL moves these. */
	if (stress_random(2) && !fork()) {
		stress_nap(100);
		memset(start, 2, PAGES / 2 * size);
		_exit(0);
	}
	for (round = 0; round < 6; round++) {
		for (i = 0; i < PAGES; i++) {
			pages[i] = start + i * size;
			nodes[i] = (round + i / 8) % 2;
		}
		ret = syscall(SYS_move_pages, 0, PAGES, pages, nodes, status, MPOL_MF_MOVE_ALL);
		count_action(ACTION_MOVE, ret < 0 ? errno : 0);
	}
	wait(NULL);
}

/**
 * load_move() - move pages to and fro between two nodes
 */
void load_move(void)
{
	stress_in_child(move_once);
	stress_nap(100);
}

/* Who reads beyond the end of the file is killed by SIGBUS, as it should. */
static void change_file(int fd, char *shared, char *private)
{
	size_t size = getpagesize(), all = PAGES * size;
	size_t half = stress_random(PAGES) * size;

	switch (stress_random(6)) {
	case 0:
		count_action(ACTION_TRUNCATE, ftruncate(fd, half) ? errno : 0);
		if (ftruncate(fd, all))
			_exit(1);
		break;
	case 1:
		/* Not all file systems can. */
		if (fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, half / 2, half))
			madvise(shared, all, MADV_REMOVE);
		break;
	case 2:
		madvise(private, all, MADV_DONTNEED);
		break;
	case 3:
		mprotect(private + half, all - half, PROT_READ);
		mprotect(private + half, all - half, PROT_READ | PROT_WRITE);
		break;
	default:
		shared[half]++;
		private[half]++;
	}
}

static void file_once(void)
{
	static const char * const paths[] = { "/var/tmp", "/dev/shm" };
	size_t all = PAGES * getpagesize();
	int fd = open(paths[stress_random(2)], O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
	char *shared, *private;
	int i;

	if (fd < 0 || ftruncate(fd, all))
		return;
	shared = mmap(NULL, all, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	private = mmap(NULL, all, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	if (shared == MAP_FAILED || private == MAP_FAILED)
		return;
	memset(shared, 1, all);
	/* Two children go on with the same file, with dice of their own. */
	for (i = 0; i < 2 && fork(); i++)
		stress_random(2);
	for (i = 0; i < 50; i++)
		change_file(fd, shared, private);
	while (wait(NULL) > 0)
		;
}

/**
 * load_file() - a file that is mapped, written, truncated and punched at once
 */
void load_file(void)
{
	stress_in_child(file_once);
	stress_nap(100);
}

static void pageout_once(void)
{
	size_t size = getpagesize(), i;
	char *pages = own_pages(PAGES);
	int round;

	if (!pages)
		return;
	memset(pages, 1, PAGES * size);
	for (i = 0; i < 2 && fork(); i++)
		;
	for (round = 0; round < 10; round++) {
		count_action(ACTION_PAGEOUT,
			     madvise(pages, PAGES * size, MADV_PAGEOUT) ? errno : 0);
		for (i = 0; i < PAGES; i++)
			if (!stress_random(3))
				(void)*(volatile char *)(pages + i * size);
			else if (!stress_random(6))
				pages[i * size]++;
	}
	while (wait(NULL) > 0)
		;
}

/**
 * load_pageout() - pages that go to swap, and come back to some who have them
 */
void load_pageout(void)
{
	stress_in_child(pageout_once);
	stress_nap(100);
}

/**
 * load_exec() - new programs, in the memory of a process that waits for them at first
 */
void load_exec(void)
{
	char *args[] = { "true", NULL };
	pid_t pid;
	int err = posix_spawn(&pid, "/bin/true", NULL, NULL, args, NULL);

	if (!err)
		waitpid(pid, NULL, 0);
	count_action(ACTION_EXEC, err);
	stress_nap(50);
}
