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
	char *text = calloc(1, size + 1);

	if (text && pread(fd, text, size, 0) != size)
		text[0] = '\0';
	return text;
}

/* The output goes to files in memory. With pipes, one stream could fill up and block. */
static int run(struct command *command, char **args, int out, int err)
{
	int status;
	pid_t pid = fork();

	if (pid < 0)
		return complain("fork: %s", strerror(errno));
	if (!pid) {
		dup2(out, STDOUT_FILENO);
		dup2(err, STDERR_FILENO);
		execvp(args[0], args);
		_exit(127);
	}
	if (waitpid(pid, &status, 0) != pid)
		return complain("waitpid: %s", strerror(errno));
	command->status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	command->out = contents(out);
	command->err = contents(err);
	return command->out && command->err ? 0 : complain("no memory");
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
	char *args[COMMAND_MAX_ARGS + 2] = { (char *)program };
	int out = memfd_create("out", MFD_CLOEXEC), err = memfd_create("err", MFD_CLOEXEC);
	int nr = 1, ret;
	va_list more;

	va_start(more, program);
	while (nr <= COMMAND_MAX_ARGS && (args[nr] = va_arg(more, char *)))
		nr++;
	va_end(more);
	*command = (struct command){ .status = -1 };
	ret = out < 0 || err < 0 ? complain("memfd_create: %s", strerror(errno)) :
	      run(command, args, out, err);
	close(out);
	close(err);
	return ret;
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
