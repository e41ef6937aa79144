// SPDX-License-Identifier: GPL-2.0
/*
 * Signals of the main process, and the way out when something fails.
 *
 * All signals that matter stay blocked from start to end and are read from a
 * signalfd, so there is no moment at which one could interrupt the building
 * and leave processes behind. Helpers inherit the mask: they end when their
 * lifeline does, never by the terminal's Ctrl-C.
 */
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "exercise.h"

static sigset_t caller_mask;
static int fd = -1;

/**
 * signal_start() - block the signals and open the descriptor that reads them
 *
 * A hangup counts only where the caller did not ask to ignore it (nohup).
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
 * signal_fd() - the descriptor to poll for signals
 *
 * Return: the descriptor.
 */
int signal_fd(void)
{
	return fd;
}

/**
 * signal_restore() - go back to the caller's signal mask, before an exec
 */
void signal_restore(void)
{
	sigprocmask(SIG_SETMASK, &caller_mask, NULL);
}

/**
 * signal_next() - take a pending signal
 * @sent_by_kill: set when a process sent it, not the terminal; may be NULL
 *
 * Return: its number, or 0 when none is pending.
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

static long read_sysctl(const char *path)
{
	FILE *file = fopen(path, "re");
	long value = -1;

	if (file) {
		if (fscanf(file, "%ld", &value) != 1)
			value = -1;
		fclose(file);
	}
	return value;
}

/* Which limit fork(2) ran into is not told, so name them all. */
static void print_hint(int err)
{
	struct rlimit nproc;

	if (err == ENOMEM) {
		fputs(" (ask for fewer processes or pages, or give the machine more memory)",
		      stderr);
	} else if (err == EAGAIN && !getrlimit(RLIMIT_NPROC, &nproc)) {
		fprintf(stderr, " (kernel.threads-max is %ld, kernel.pid_max is %ld, ",
			read_sysctl("/proc/sys/kernel/threads-max"),
			read_sysctl("/proc/sys/kernel/pid_max"));
		if (nproc.rlim_cur == RLIM_INFINITY)
			fputs("ulimit -u is unlimited", stderr);
		else
			fprintf(stderr, "ulimit -u is %lu",
				(unsigned long)nproc.rlim_cur);
		fputs(", a pids cgroup may be lower: raise them or ask for fewer processes)",
		      stderr);
	}
}

/**
 * die() - give up: one line that says why, everything taken down, exit status 1
 * @err: an errno, or 0
 * @fmt: what could not be done
 *
 * In a helper the line goes to the main process, which then prints it.
 */
void die(int err, const char *fmt, ...)
{
	char text[128];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);

	if (!proc_is_main())
		helper_fail(err, text);

	fflush(stdout);
	fprintf(stderr, "rmap-exercise: %s: %s", proc_scenario(), text);
	if (err)
		fprintf(stderr, ": %s", strerror(err));
	print_hint(err);
	fputc('\n', stderr);
	end_takedown(false);
	exit(1);
}

/**
 * unsupported() - give up because the machine lacks what the scenario needs
 * @fmt: what it lacks and, where there is a way, how to get it
 *
 * Only for the main process. The exit status lets tests tell it from a failure.
 */
void unsupported(const char *fmt, ...)
{
	va_list args;

	fprintf(stderr, "rmap-exercise: %s: ", proc_scenario());
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	end_takedown(false);
	exit(EXIT_UNSUPPORTED);
}
