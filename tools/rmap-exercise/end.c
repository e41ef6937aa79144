// SPDX-License-Identifier: GPL-2.0
/*
 * Holds a scenario, and takes it down.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exercise.h"

/**
 * end_hold() - wait for a signal that ends the program
 *
 * A user may kill helpers meanwhile. They are reaped.
 */
void end_hold(void)
{
	struct pollfd pfd = { .fd = signal_fd(), .events = POLLIN };
	int signo;

	for (;;) {
		if (poll(&pfd, 1, -1) < 0 && errno != EINTR)
			die(errno, "cannot wait for a signal");
		while ((signo = signal_next(NULL))) {
			if (signo != SIGCHLD)
				return;
			while (waitpid(-1, NULL, WNOHANG) > 0)
				;
		}
	}
}

static pid_t parent_of(const char *pid)
{
	char path[64];
	int parent = -1;
	FILE *status;
	char line[128];

	snprintf(path, sizeof(path), "/proc/%.16s/status", pid);
	status = fopen(path, "re");
	if (!status)
		return -1;
	while (fgets(line, sizeof(line), status))
		if (sscanf(line, "PPid: %d", &parent) == 1)
			break;
	fclose(status);
	return parent;
}

/* Zombies count as well, because wait() has to reap them. */
static unsigned int kill_children(void)
{
	unsigned int found = 0;
	struct dirent *entry;
	DIR *proc;

	proc = opendir("/proc");
	if (!proc)
		return 0;
	while ((entry = readdir(proc))) {
		if (!isdigit((unsigned char)entry->d_name[0]) ||
		    parent_of(entry->d_name) != getpid())
			continue;
		kill(atoi(entry->d_name), SIGKILL);
		found++;
	}
	closedir(proc);
	return found;
}

/*
 * Kill the processes that a command left running. This process is their subreaper: when a parent
 * ends, its children become children of this process. So each round kills one generation.
 */
static void kill_leftovers(void)
{
	unsigned int found;

	while ((found = kill_children()))
		while (found-- && wait(NULL) > 0)
			;
}

/*
 * Kill the children a few at a time before the lifeline is cut. Otherwise thousands of them wake at
 * once and contend for the lock of the pipe, which takes minutes. waitid() makes sure that a pid
 * still belongs to a child of this process.
 */
static void end_children(void)
{
	pid_t batch[16];
	unsigned int i, nr = 0;
	siginfo_t info;

	for (i = 1; i <= MAX_CHILDREN; i++) {
		pid_t pid = proc_helper_pid(i);

		if (pid > 0 && !waitid(P_PID, pid, &info, WEXITED | WNOHANG | WNOWAIT)) {
			kill(pid, SIGKILL);
			batch[nr++] = pid;
		}
		if (nr < ARRAY_SIZE(batch) && i < MAX_CHILDREN)
			continue;
		while (nr)
			waitpid(batch[--nr], NULL, 0);
	}
}

static void (*undo_first)(void);

/**
 * end_undo() - set a function that runs after all helpers have ended
 * @undo: called before the settings are restored; must not call die()
 */
void end_undo(void (*undo)(void))
{
	undo_first = undo;
}

/**
 * end_takedown() - end and reap all processes of the exercise, and restore the settings
 * @leftovers: a command has run: kill the processes that it left running
 */
void end_takedown(bool leftovers)
{
	end_children();
	proc_cut_lifeline();
	if (leftovers)
		kill_leftovers();
	while (wait(NULL) > 0 || errno == EINTR)
		;
	if (undo_first)
		undo_first();
	setting_restore();
}
