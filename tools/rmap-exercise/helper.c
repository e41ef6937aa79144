// SPDX-License-Identifier: GPL-2.0
/*
 * The helper's side: say that it is ready or has failed, wait, and end.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exercise.h"
#include "pipe.h"

struct pipes pipes = { { -1, -1 }, { -1, -1 } };

/* Helpers may say something when nobody listens any more: no error. */
static void send_message(const struct message *msg)
{
	ssize_t done;

	do {
		done = write(pipes.ready[1], msg, sizeof(*msg));
	} while (done < 0 && errno == EINTR);
}

/**
 * helper_ready() - tell the main process that this helper is in place
 * @index: which helper it is
 * @va: where it put its own region, if it has one
 */
void helper_ready(unsigned int index, unsigned long va)
{
	struct message msg = {
		.type = MSG_READY,
		.pid = getpid(),
		.index = index,
		.va = va,
	};

	send_message(&msg);
}

/**
 * helper_fail() - tell the main process why this helper gives up
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

/* The main process can't see a grandchild die, and would wait for it. */
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
 * helper_watch_children() - in a helper: report children that are killed
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
 * helper_wait_go() - in a helper: wait for proc_go(); exit when all is over
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
 * helper_wait_closed() - in a helper: wait until nobody can write to a pipe
 * @fd: its read end
 *
 * Exits when all is over.
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
 * helper_stay() - in a helper: live until all is over
 */
void helper_stay(void)
{
	for (;;)
		helper_wait_go();
}

/**
 * helper_check_lifeline() - exit when all is being taken down
 *
 * For helpers that are still building.
 */
void helper_check_lifeline(void)
{
	struct pollfd pfd = { .fd = pipes.lifeline[0] };

	if (poll(&pfd, 1, 0) > 0 && (pfd.revents & POLLHUP))
		_exit(0);
}
