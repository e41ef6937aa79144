// SPDX-License-Identifier: GPL-2.0
/*
 * Error messages, and how a process of rmap-exercise gives up.
 *
 * The main process prints a message, runs its cleanup function and exits. A helper passes its
 * message on to the main process instead. Which of the two applies is set from outside.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "message.h"

static const char *subject = "start";
static void (*cleanup_first)(void);
static void (*forward_to)(int err, const char *text);

/**
 * message_set_subject() - set the word that messages of die() and unsupported() begin with
 * @name: the name of the scenario
 */
void message_set_subject(const char *name)
{
	subject = name;
}

/**
 * message_set_cleanup() - set what the main process does before it gives up
 * @cleanup: called after the message is printed
 */
void message_set_cleanup(void (*cleanup)(void))
{
	cleanup_first = cleanup;
}

/**
 * message_set_forward() - in a helper: send messages to the main process
 * @forward: gets the errno and the text of die(); does not return
 */
void message_set_forward(void (*forward)(int err, const char *text))
{
	forward_to = forward;
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

/* fork(2) does not tell which limit it ran into, so print all of them. */
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
		fputs(", a pids cgroup may limit as well: raise them or ask for fewer processes)",
		      stderr);
	}
}

static void print_message(int err, const char *fmt, va_list args)
{
	vfprintf(stderr, fmt, args);
	if (err)
		fprintf(stderr, ": %s", strerror(err));
}

/**
 * complain() - print an error message and go on
 * @err: an errno, or 0
 * @fmt: what could not be done
 */
void complain(int err, const char *fmt, ...)
{
	va_list args;

	fputs("rmap-exercise: ", stderr);
	va_start(args, fmt);
	print_message(err, fmt, args);
	va_end(args);
	fputc('\n', stderr);
}

static noreturn void give_up(int status)
{
	if (cleanup_first)
		cleanup_first();
	exit(status);
}

/**
 * die() - give up: print a message, clean up, exit with status 1
 * @err: an errno, or 0
 * @fmt: what could not be done
 *
 * In a helper the message goes to the main process, which prints it and gives up.
 */
void die(int err, const char *fmt, ...)
{
	char text[128];
	va_list args;

	va_start(args, fmt);
	if (forward_to) {
		vsnprintf(text, sizeof(text), fmt, args);
		forward_to(err, text);
	}
	fflush(stdout);
	fprintf(stderr, "rmap-exercise: %s: ", subject);
	print_message(err, fmt, args);
	va_end(args);
	print_hint(err);
	fputc('\n', stderr);
	give_up(1);
}

/**
 * unsupported() - give up because the machine lacks what the scenario needs
 * @fmt: what it lacks and, if there is a way, how to get it
 *
 * Only for the main process. The exit status lets tests distinguish this from a failure.
 */
void unsupported(const char *fmt, ...)
{
	va_list args;

	fprintf(stderr, "rmap-exercise: %s: ", subject);
	va_start(args, fmt);
	print_message(0, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	give_up(EXIT_UNSUPPORTED);
}
