// SPDX-License-Identifier: GPL-2.0
/*
 * The side of a helper: it reports that it is ready or has failed, waits, and ends.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exercise.h"
#include "pipe.h"

struct pipes pipes = { { -1, -1 }, { -1, -1 } };

/* The main process may have closed its end already. That is no error. */
static void send_message(const struct message *msg)
{
	ssize_t done;

	do {
		done = write(pipes.ready[1], msg, sizeof(*msg));
	} while (done < 0 && errno == EINTR);
}

static void send_ready(unsigned int index, unsigned long va, unsigned long code)
{
	struct message msg = {
		.type = MSG_READY,
		.pid = getpid(),
		.index = index,
		.va = va,
		.code = code,
	};

	send_message(&msg);
}

/**
 * helper_ready() - tell the main process that this helper is ready
 * @index: the number of the helper
 * @va: the address of its own region, if it has one
 */
void helper_ready(unsigned int index, unsigned long va)
{
	send_ready(index, va, 0);
}

/**
 * helper_fail() - tell the main process why this helper gives up, and exit
 * @err: an errno, or 0
 * @text: what it could not do
 */
void helper_fail(int err, const char *text)
{
	struct message msg = {
		.type = MSG_FAILED,
		.pid = getpid(),
		.value = err,
	};

	strncpy(msg.text, text, sizeof(msg.text) - 1);
	send_message(&msg);
	_exit(1);
}

/* The main process gets no SIGCHLD for a grandchild, and would wait for it forever. */
static void on_child_death(int signo)
{
	struct message msg = { .type = MSG_CHILD_DIED };
	int saved = errno;
	int status;
	pid_t pid;

	(void)signo;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		msg.pid = pid;
		msg.value = status;
		if (status)
			send_message(&msg);
	}
	errno = saved;
}

/**
 * helper_watch_children() - in a helper: report children of it that die with an error
 */
void helper_watch_children(void)
{
	struct sigaction action = {
		.sa_handler = on_child_death,
		.sa_flags = SA_RESTART | SA_NOCLDSTOP,
	};
	sigset_t mask;

	sigemptyset(&mask);
	sigaddset(&mask, SIGCHLD);
	if (sigaction(SIGCHLD, &action, NULL) ||
	    sigprocmask(SIG_UNBLOCK, &mask, NULL))
		die(errno, "cannot watch the children of a child");
}

/**
 * helper_wait_go() - in a helper: wait for proc_go(), and exit when the lifeline is cut
 */
void helper_wait_go(void)
{
	ssize_t got;
	char byte;

	do {
		got = read(pipes.lifeline[0], &byte, 1);
	} while (got < 0 && errno == EINTR);
	if (got != 1)
		_exit(0);
}

/**
 * helper_wait_closed() - in a helper: wait until all write ends of a pipe are closed
 * @fd: the read end of the pipe
 *
 * Exits when the lifeline is cut.
 */
void helper_wait_closed(int fd)
{
	struct pollfd pfds[] = { { .fd = pipes.lifeline[0] }, { .fd = fd } };

	while (!pfds[1].revents) {
		if (poll(pfds, 2, -1) < 0 && errno != EINTR)
			helper_fail(errno, "cannot wait for the command");
		if (pfds[0].revents & POLLHUP)
			_exit(0);
	}
}

/**
 * helper_stay() - in a helper: sleep until the lifeline is cut, then exit
 */
void helper_stay(void)
{
	for (;;)
		helper_wait_go();
}

/* The arguments of the program when a helper runs it anew. */
enum exec_arg {
	EXEC_NAME,
	EXEC_WORD,
	EXEC_INDEX,
	EXEC_LAST,
	EXEC_PAGES,
	EXEC_LIFELINE,
	EXEC_READY,
	NR_EXEC_ARGS,
};

#define PROGRAM		"rmap-exercise"
#define STAGE_WORD	"--stage"

static void keep_over_exec(int fd)
{
	if (fcntl(fd, F_SETFD, 0))
		die(errno, "cannot keep a pipe over exec()");
}

/**
 * helper_exec() - in a helper: run this program anew, as a stage of a pipeline
 * @index: the number of the helper
 * @last: the number of the last stage
 * @pages: the size of its own region
 *
 * helper_resume() goes on in the new program. The pipes to the main process stay open.
 */
void helper_exec(unsigned int index, unsigned int last, unsigned int pages)
{
	const int numbers[NR_EXEC_ARGS] = {
		[EXEC_INDEX] = index, [EXEC_LAST] = last, [EXEC_PAGES] = pages,
		[EXEC_LIFELINE] = pipes.lifeline[0], [EXEC_READY] = pipes.ready[1],
	};
	char *argv[NR_EXEC_ARGS + 1] = { PROGRAM, STAGE_WORD };
	char text[NR_EXEC_ARGS][16];
	int i;

	for (i = EXEC_INDEX; i < NR_EXEC_ARGS; i++) {
		snprintf(text[i], sizeof(text[i]), "%d", numbers[i]);
		argv[i] = text[i];
	}
	keep_over_exec(pipes.lifeline[0]);
	keep_over_exec(pipes.ready[1]);
	execv("/proc/self/exe", argv);
	die(errno, "cannot run this program anew");
}

/**
 * helper_is_exec() - test if a helper has run this program
 * @argv: the arguments of the program
 *
 * Return: true if helper_resume() must be called.
 */
bool helper_is_exec(char **argv)
{
	int nr = 0;

	while (argv[nr])
		nr++;
	return nr == NR_EXEC_ARGS && !strcmp(argv[EXEC_WORD], STAGE_WORD);
}

/**
 * helper_resume() - the life of a helper after helper_exec()
 * @argv: the arguments of the program
 */
void helper_resume(char **argv)
{
	unsigned int index = atoi(argv[EXEC_INDEX]);
	unsigned long va, code;

	pipes.lifeline[0] = atoi(argv[EXEC_LIFELINE]);
	pipes.ready[1] = atoi(argv[EXEC_READY]);
	message_set_forward(helper_fail);
	/* exec() has named it after the last part of /proc/self/exe. */
	prctl(PR_SET_NAME, PROGRAM);
	va = pipeline_stage(index, atoi(argv[EXEC_LAST]), atoi(argv[EXEC_PAGES]), &code);
	send_ready(index, va, code);
	helper_stay();
}

/**
 * helper_check_lifeline() - exit if the lifeline has been cut
 *
 * For helpers that fork more helpers.
 */
void helper_check_lifeline(void)
{
	struct pollfd pfd = { .fd = pipes.lifeline[0] };

	if (poll(&pfd, 1, 0) > 0 && (pfd.revents & POLLHUP))
		_exit(0);
}
