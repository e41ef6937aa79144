// SPDX-License-Identifier: GPL-2.0
/*
 * What happens once the situation stands: hold it, then take it down.
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
 * end_hold() - wait for a signal to end it all
 *
 * Whoever looks on may kill helpers meanwhile; they are just reaped.
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

/* Zombies count: they are still there to be waited for. */
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
 * As the reaper of all descendants we inherit what a command left running.
 * Each round ends one generation; the next one's parent is then us.
 */
static void kill_strangers(void)
{
	unsigned int found;

	while ((found = kill_children()))
		while (found-- && wait(NULL) > 0)
			;
}

/*
 * Thousands that all wake when the lifeline is cut stand in each other's way, on its
 * lock, for minutes. So children go a few at a time before that. Only a number that
 * is still a child of ours, dead or alive, is surely the one we forked.
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
 * end_undo() - have something undone once all helpers have ended
 * @undo: called before the settings are put back; must not die()
 */
void end_undo(void (*undo)(void))
{
	undo_first = undo;
}

/**
 * end_takedown() - end and reap every process of the exercise, restore settings
 * @strangers: a command ran and may have left processes behind: kill them
 */
void end_takedown(bool strangers)
{
	end_children();
	proc_cut_lifeline();
	if (strangers)
		kill_strangers();
	while (wait(NULL) > 0 || errno == EINTR)
		;
	if (undo_first)
		undo_first();
	setting_restore();
}
