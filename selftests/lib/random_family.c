// SPDX-License-Identifier: GPL-2.0
/* Starting a random family and waiting until it stands still. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "complain.h"
#include "kernel_file.h"
#include "random_family.h"

static pid_t exec_root(unsigned int seed, int report, int hold)
{
	char seed_text[16], report_text[16], hold_text[16];
	char *args[] = { "kin", RANDOM_FAMILY_ARGUMENT, seed_text, report_text, hold_text, NULL };
	pid_t pid;

	snprintf(seed_text, sizeof(seed_text), "%u", seed);
	snprintf(report_text, sizeof(report_text), "%d", report);
	snprintf(hold_text, sizeof(hold_text), "%d", hold);
	pid = fork();
	if (!pid) {
		/* All symbols now: a lazy one would write to memory later. */
		setenv("LD_BIND_NOW", "1", 1);
		execv("/proc/self/exe", args);
		_exit(127);
	}
	return pid;
}

static int collect(struct random_family *family, int report)
{
	pid_t pid;

	while (read(report, &pid, sizeof(pid)) == sizeof(pid)) {
		if (!pid)
			return 0;
		if (pid < 0)
			return complain("a member of the family failed");
		if (family->nr == RANDOM_FAMILY_MAX)
			return complain("more than %d members", RANDOM_FAMILY_MAX);
		family->pids[family->nr++] = pid;
	}
	return complain("the family died");
}

/*
 * The last thing a member does before it blocks for good is to say so: then it
 * has only to be seen asleep.
 */
static int wait_until_still(const struct random_family *family)
{
	size_t i;

	for (i = 0; i < family->nr; i++) {
		char state;

		while ((state = process_state(family->pids[i], NULL)) == 'R')
			sched_yield();
		if (state != 'S')
			return complain("pid %d is in state %c", family->pids[i], state ?: '?');
	}
	return 0;
}

/**
 * random_family_start() - have a random family
 * @kin: filled; random_family_stop() must follow
 * @seed: the same seed, the same family
 *
 * Return: 0 or -1.
 */
int random_family_start(struct random_family *family, unsigned int seed)
{
	int report[2], hold[2], ret;

	*family = (struct random_family){ .hold = -1 };
	/* Orphans come to us, so that none is left behind. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	if (pipe(report))
		return complain("pipe: %s", strerror(errno));
	if (pipe(hold))
		return complain("pipe: %s", strerror(errno));
	fcntl(hold[1], F_SETFD, FD_CLOEXEC);
	fcntl(report[0], F_SETFD, FD_CLOEXEC);
	family->hold = hold[1];
	family->root = exec_root(seed, report[1], hold[0]);
	close(report[1]);
	close(hold[0]);
	ret = family->root < 0 ? complain("fork: %s", strerror(errno)) : collect(family, report[0]);
	close(report[0]);
	return ret ? ret : wait_until_still(family);
}

/**
 * random_family_stop() - let all members exit, and wait for them
 * @kin: the family
 *
 * Return: 0, or -1 if one of them did not exit in peace.
 */
int random_family_stop(struct random_family *family)
{
	int status, ret = 0;

	if (family->hold >= 0)
		close(family->hold);
	family->hold = -1;
	while (wait(&status) > 0)
		if (status)
			ret = complain("a member ended with status %#x", status);
	return ret;
}
