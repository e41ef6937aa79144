// SPDX-License-Identifier: GPL-2.0
/* Starts a random family and waits until no member changes its memory any more. */
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
	char *args[] = {
		"random-family", RANDOM_FAMILY_ARGUMENT, seed_text, report_text, hold_text, NULL
	};
	pid_t pid;

	snprintf(seed_text, sizeof(seed_text), "%u", seed);
	snprintf(report_text, sizeof(report_text), "%d", report);
	snprintf(hold_text, sizeof(hold_text), "%d", hold);
	pid = fork();
	if (!pid) {
		/* Resolves all symbols now, as lazy binding would write to memory later. */
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
	return complain("the family has exited");
}

/* A member reports to the test, and then blocks for good. So it is idle once it is seen asleep. */
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
 * random_family_start() - start a random family
 * @family: filled; random_family_stop() must follow
 * @seed: the same seed gives the same family
 *
 * Return: 0 or -1.
 */
int random_family_start(struct random_family *family, unsigned int seed)
{
	int report[2], hold[2], ret;

	*family = (struct random_family){ .hold = -1 };
	/* Makes this process the subreaper, so that it can wait for orphans. */
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
 * random_family_stop() - end all members, and wait for them
 * @family: the family
 *
 * Return: 0, or -1 if one of them failed.
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
