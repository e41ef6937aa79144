// SPDX-License-Identifier: GPL-2.0
/* Runs a program and collects its output. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "command.h"
#include "complain.h"

static char *contents(int fd)
{
	off_t size = lseek(fd, 0, SEEK_END);
	char *text = calloc(1, size > 0 ? size + 1 : 1);

	if (text && size > 0 && pread(fd, text, size, 0) != size)
		text[0] = '\0';
	return text;
}

static int start(struct running *running, char **args)
{
	running->pid = fork();
	if (running->pid < 0)
		return complain("fork: %s", strerror(errno));
	if (!running->pid) {
		dup2(running->out, STDOUT_FILENO);
		dup2(running->err, STDERR_FILENO);
		execvp(args[0], args);
		_exit(127);
	}
	return 0;
}

static int start_args(struct running *running, char *program, va_list more)
{
	char *args[COMMAND_MAX_ARGS + 2] = { program };
	int nr = 1;

	while (nr <= COMMAND_MAX_ARGS && (args[nr] = va_arg(more, char *)))
		nr++;
	/* The output goes to files in memory. With pipes, one stream could fill up and block. */
	running->out = memfd_create("out", MFD_CLOEXEC);
	if (running->err < 0)
		running->err = memfd_create("err", MFD_CLOEXEC);
	return running->out < 0 || running->err < 0 ?
	       complain("memfd_create: %s", strerror(errno)) : start(running, args);
}

/**
 * command_start() - run a program, and don't wait for it
 * @running: filled; command_finish() must follow
 * @err: its standard error, which command_finish() closes; -1: it is collected
 * @program: its name
 * @...: its arguments, ended by NULL
 *
 * Return: 0 or -1.
 */
int command_start(struct running *running, int err, const char *program, ...)
{
	va_list more;
	int ret;

	*running = (struct running){ .pid = -1, .err = err };
	va_start(more, program);
	ret = start_args(running, (char *)program, more);
	va_end(more);
	return ret;
}

/**
 * command_finish() - wait until a program exits
 * @running: the program
 * @command: filled; command_free() must follow
 *
 * Return: 0 or -1; the status is 127 if there is no such program.
 */
int command_finish(struct running *running, struct command *command)
{
	int status = 0, ret = 0;

	*command = (struct command){ .status = -1 };
	if (running->pid < 0 || waitpid(running->pid, &status, 0) != running->pid)
		ret = complain("waitpid: %s", strerror(errno));
	command->status = !ret && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	command->out = contents(running->out);
	command->err = contents(running->err);
	close(running->out);
	close(running->err);
	return command->out && command->err ? ret : complain("no memory");
}

/**
 * command_run() - run a program and wait until it exits
 * @command: filled; command_free() must follow
 * @program: its name
 * @...: its arguments, ended by NULL
 *
 * Return: 0 or -1; the status is 127 if there is no such program.
 */
int command_run(struct command *command, const char *program, ...)
{
	struct running running = { .pid = -1, .err = -1 };
	va_list more;
	int ret;

	va_start(more, program);
	ret = start_args(&running, (char *)program, more);
	va_end(more);
	return command_finish(&running, command) ? -1 : ret;
}

/**
 * command_free() - free what a program printed
 * @command: the program
 */
void command_free(struct command *command)
{
	free(command->out);
	free(command->err);
	*command = (struct command){ 0 };
}

/**
 * count_lines() - count the lines of a text
 * @text: the text
 *
 * Return: the number of lines; a last line without a newline counts.
 */
size_t count_lines(const char *text)
{
	size_t lines = 0;

	while (*text) {
		text += strcspn(text, "\n");
		text += *text == '\n';
		lines++;
	}
	return lines;
}

/**
 * text_has() - check that a text contains another
 * @text: the text
 * @part: what it must contain
 *
 * Return: 0, or -1 with the whole text in why[].
 */
int text_has(const char *text, const char *part)
{
	return strstr(text, part) ? 0 : complain("no \"%s\" in:\n%s", part, text);
}

/**
 * text_lacks() - check that a text does not contain another
 * @text: the text
 * @part: what it must not contain
 *
 * Return: 0, or -1 with the whole text in why[].
 */
int text_lacks(const char *text, const char *part)
{
	return strstr(text, part) ? complain("\"%s\" in:\n%s", part, text) : 0;
}
