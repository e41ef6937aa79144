// SPDX-License-Identifier: GPL-2.0
/*
 * Signals of the main process.
 *
 * The signals that would end the program are blocked from start to end and read from a signalfd.
 * So none of them can interrupt the setup and leave processes behind. Helpers inherit the mask:
 * Ctrl-C on the terminal does not end them; the end of their lifeline does.
 */
#include <errno.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "exercise.h"

static sigset_t caller_mask;
static int fd = -1;

/**
 * signal_start() - block the signals and open the descriptor that reads them
 *
 * SIGHUP is among them unless the caller ignores it (nohup).
 */
void signal_start(void)
{
	struct sigaction hup;
	sigset_t mask;

	sigemptyset(&mask);
	sigaddset(&mask, SIGINT);
	sigaddset(&mask, SIGTERM);
	sigaddset(&mask, SIGCHLD);
	if (!sigaction(SIGHUP, NULL, &hup) && hup.sa_handler != SIG_IGN)
		sigaddset(&mask, SIGHUP);

	fd = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		die(errno, "cannot open a signalfd");

	sigaddset(&mask, SIGPIPE);
	if (sigprocmask(SIG_BLOCK, &mask, &caller_mask))
		die(errno, "cannot block signals");
}

/**
 * signal_fd() - get the descriptor to poll for signals
 *
 * Return: the descriptor.
 */
int signal_fd(void)
{
	return fd;
}

/**
 * signal_restore() - restore the signal mask of the caller, before an exec
 */
void signal_restore(void)
{
	sigprocmask(SIG_SETMASK, &caller_mask, NULL);
}

/**
 * signal_next() - take a pending signal
 * @sent_by_kill: set to true if a process sent it, to false if the terminal did; may be NULL
 *
 * Return: its number, or 0 if none is pending.
 */
int signal_next(bool *sent_by_kill)
{
	struct signalfd_siginfo info;

	if (read(fd, &info, sizeof(info)) != sizeof(info))
		return 0;
	if (sent_by_kill)
		*sent_by_kill = info.ssi_code != SI_KERNEL;
	return info.ssi_signo;
}
