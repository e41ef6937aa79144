// SPDX-License-Identifier: GPL-2.0
/* Load: what processes do to their own memory while others take reports on it. */
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
	"shared-anon", "sysv", "tmpfs", "secretmem", "file-private-cow", "prefork",
	"pipeline", "zygote", "snapshot", "thp-partial",
	"thp-cross", "mthp", "shmem-thp", "hugetlb", "hugetlb-pmd-share", "swap", "swap-out",
	"madv-free", "mlock", "pinned", "uffd", "protnone", "zero",
};

/**
 * stress_in_child() - run a function in a child, which may be killed
 * @act: the function
 *
 * Return: its status as of wait(2); -1 if fork(2) failed.
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
 * load_chaos() - run processes that do random things to memory of all kinds
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
 * load_kin() - start a random family, and end it
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
 * load_exercise() - run a scenario of rmap-exercise, a different one each time
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
 * load_storm() - run processes that keep changing the mappings of a shared page
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
 * load_merge() - give ksmd equal pages to merge, and write to them at times
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
	/* Shares the pages with a child, so that only MPOL_MF_MOVE_ALL moves them. */
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
 * load_move() - move pages back and forth between two nodes
 */
void load_move(void)
{
	stress_in_child(move_once);
	stress_nap(100);
}

/* A child that reads beyond the end of the file is killed by SIGBUS, as expected. */
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
		/* Not all file systems support this. */
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
	/* Two children work on the same file, with their own random numbers. */
	for (i = 0; i < 2 && fork(); i++)
		stress_random(2);
	for (i = 0; i < 50; i++)
		change_file(fd, shared, private);
	while (wait(NULL) > 0)
		;
}

/**
 * load_file() - map, write, truncate and punch holes into a file at the same time
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
 * load_pageout() - swap pages out, and let some of the sharers read them in again
 */
void load_pageout(void)
{
	stress_in_child(pageout_once);
	stress_nap(100);
}

/**
 * load_exec() - run new programs by vfork() and execve()
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
