// SPDX-License-Identifier: GPL-2.0
/*
 * The command that runs while the scenario is up.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exercise.h"

/* Set by the child of vfork(), which shares the memory of this process. */
static int exec_errno;

static char *replace(const char *arg, const char *token, const char *value)
{
	size_t size, token_len = strlen(token);
	const char *hit;
	char *text;
	FILE *out;

	out = open_memstream(&text, &size);
	if (!out)
		die(errno, "cannot prepare the command");
	while ((hit = strstr(arg, token))) {
		fwrite(arg, 1, hit - arg, out);
		fputs(value, out);
		arg = hit + token_len;
	}
	fputs(arg, out);
	if (fclose(out))
		die(errno, "cannot prepare the command");
	return text;
}

/* {pid} and {va} stand for the first mapping of the first page. */
static void fill_in(struct exercise *ex)
{
	const struct account_range *range = ex->account[0].ranges;
	char pid[16], va[32];
	char **arg;

	snprintf(pid, sizeof(pid), "%d", ex->helpers[range->from].pid);
	snprintf(va, sizeof(va), "0x%lx", range->va);
	for (arg = ex->cmd; *arg; arg++) {
		char *half = replace(*arg, "{pid}", pid);

		*arg = replace(half, "{va}", va);
		free(half);
	}
}

/*
 * Start the command with vfork(): until its exec, a child of fork() would have VMAs in all anon_vma
 * trees of this process. Return: the pid, or the errno of exec, negated.
 */
static pid_t launch(char **cmd)
{
	pid_t self = getpid();
	pid_t pid;

	pid = vfork();
	if (!pid) {
		/* If this program is killed, the command has nothing left to look at. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != self)
			_exit(1);
		signal_restore();
		execvp(cmd[0], cmd);
		exec_errno = errno;
		_exit(127);
	}
	if (pid < 0)
		die(errno, "cannot start %s", cmd[0]);
	return exec_errno ? -exec_errno : pid;
}

/* Reap all children that ended. Return: true if the command is one of them. */
static bool reap(pid_t cmd, int *status)
{
	bool ended = false;
	int one;
	pid_t pid;

	while ((pid = waitpid(-1, &one, WNOHANG)) > 0) {
		if (pid == cmd) {
			*status = one;
			ended = true;
		}
	}
	return ended;
}

/*
 * Ctrl-C on the terminal reaches the command directly, so it is ignored here. A signal that another
 * process has sent is passed on to the command; a second one kills the command.
 */
static int wait_for(pid_t cmd)
{
	struct pollfd pfd = { .fd = signal_fd(), .events = POLLIN };
	bool sent_by_kill, asked = false;
	int signo, status;

	for (;;) {
		if (poll(&pfd, 1, -1) < 0 && errno != EINTR)
			die(errno, "cannot wait for the command");
		while ((signo = signal_next(&sent_by_kill))) {
			if (signo == SIGCHLD) {
				if (reap(cmd, &status))
					return status;
			} else if (sent_by_kill) {
				kill(cmd, asked ? SIGKILL : signo);
				asked = true;
			}
		}
	}
}

/**
 * cmd_run() - run the command and wait for it
 * @ex: the exercise, with all helpers ready
 *
 * Return: its exit status as in a shell: 128 + N if signal N killed it, 127 if it was not found,
 * 126 if it could not be run.
 */
int cmd_run(struct exercise *ex)
{
	int status;
	pid_t pid;

	fill_in(ex);
	pid = launch(ex->cmd);
	if (pid < 0) {
		complain(-pid, "cannot run %s", ex->cmd[0]);
		return pid == -ENOENT ? 127 : 126;
	}
	status = wait_for(pid);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
