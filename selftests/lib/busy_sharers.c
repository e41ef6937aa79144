// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "busy_sharers.h"
#include "child.h"
#include "complain.h"

/**
 * busy_sharers_start() - fork processes that repeat an action until they are stopped
 * @sharers: filled; busy_sharers_stop() must follow
 * @nr: how many, at most BUSY_SHARERS_MAX
 * @act: what each does in a loop
 * @page: handed to @act
 *
 * Return: 0 or -1.
 */
int busy_sharers_start(struct busy_sharers *sharers, size_t nr, busy_fn act, void *page)
{
	*sharers = (struct busy_sharers){ 0 };
	sharers->stop = mmap(NULL, getpagesize(), PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (sharers->stop == MAP_FAILED)
		return complain("mmap: %s", strerror(errno));
	for (; sharers->nr < nr; sharers->nr++) {
		unsigned int seed = 1 + sharers->nr;
		pid_t pid = fork();

		if (pid < 0)
			return complain("fork: %s", strerror(errno));
		if (!pid) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			while (!*sharers->stop)
				act(page, &seed);
			_exit(0);
		}
		sharers->pids[sharers->nr] = pid;
	}
	return 0;
}

/**
 * busy_sharers_stop() - let the processes finish, and wait for them
 * @sharers: the processes
 *
 * Return: 0, or -1 if one of them failed.
 */
int busy_sharers_stop(struct busy_sharers *sharers)
{
	int status, ret = 0;

	*sharers->stop = true;
	while (sharers->nr) {
		pid_t pid = sharers->pids[--sharers->nr];

		if (waitpid(pid, &status, 0) != pid || status)
			ret = complain("process %d: status %#x", pid, status);
	}
	munmap((void *)sharers->stop, getpagesize());
	return ret;
}

static void live_briefly(char *page, unsigned int choice)
{
	char *args[] = { "true", NULL };
	size_t size = getpagesize();

	switch (choice) {
	case 0:
		page[0]++;
		break;
	case 1:
		munmap(page, size);
		break;
	case 2:
		madvise(page, size, MADV_DONTNEED);
		break;
	case 3:
		mremap(page, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, own_pages(1));
		break;
	case 4:
		mprotect(page, size, PROT_READ);
		break;
	case 5:
		/* Runs a new program, or exits if there is no such program. */
		execvp(args[0], args);
		break;
	case 6:
		/* The grandchild exits as well. */
		if (!fork())
			_exit(0);
		break;
	}
	_exit(0);
}

/**
 * busy_fork() - let a child share the page, do something to it, and exit
 * @page: the page
 * @seed: for the choice of what it does
 */
void busy_fork(void *page, unsigned int *seed)
{
	unsigned int choice = rand_r(seed) % 8;
	pid_t pid = fork();

	if (!pid)
		live_briefly(page, choice);
	if (pid > 0)
		waitpid(pid, NULL, 0);
}

/**
 * busy_move() - move the page away and back, drop it, write to it
 * @page: the page
 * @seed: for the choice of what is done
 */
void busy_move(void *page, unsigned int *seed)
{
	size_t size = getpagesize();
	char *away = own_pages(1);

	switch (rand_r(seed) % 4) {
	case 0:
		mremap(page, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, away);
		mremap(away, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, page);
		return;
	case 1:
		madvise(page, size, MADV_DONTNEED);
		break;
	case 2:
		busy_fork(page, seed);
		break;
	case 3:
		(*(volatile char *)page)++;
		break;
	}
	munmap(away, size);
}
