// SPDX-License-Identifier: GPL-2.0
#include <poll.h>
#include <signal.h>

#include "interrupt.h"

static volatile sig_atomic_t seen;

static void note(int sig)
{
	(void)sig;
	seen = 1;
}

/**
 * interrupt_catch() - from now on, SIGINT ends a read, and not the tool
 */
void interrupt_catch(void)
{
	/* No SA_RESTART: read(2) is to end. */
	sigaction(SIGINT, &(struct sigaction){ .sa_handler = note }, NULL);
}

/**
 * interrupt_release() - let SIGINT end the tool again
 */
void interrupt_release(void)
{
	sigaction(SIGINT, &(struct sigaction){ .sa_handler = SIG_DFL }, NULL);
}

/**
 * interrupt_seen() - test if there was a SIGINT
 *
 * Return: true if there was one since interrupt_catch().
 */
bool interrupt_seen(void)
{
	return seen;
}

/**
 * interrupt_wait() - wait until a file can be read without waiting, or for SIGINT
 * @fd: the file
 *
 * A SIGINT that comes just before is not lost: it is blocked until ppoll(2) waits.
 */
void interrupt_wait(int fd)
{
	struct pollfd poll = { .fd = fd, .events = POLLIN };
	sigset_t sigint, before;

	sigemptyset(&sigint);
	sigaddset(&sigint, SIGINT);
	sigprocmask(SIG_BLOCK, &sigint, &before);
	if (!seen)
		ppoll(&poll, 1, NULL, &before);
	sigprocmask(SIG_SETMASK, &before, NULL);
}
