/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_COMMAND_H
#define RMAPSCOPE_SELFTEST_COMMAND_H

#include <stddef.h>

#define COMMAND_MAX_ARGS 16

/* What a program that has ended has left. */
struct command {
	int status;	/* exit status, or -1 when it was killed */
	char *out;
	char *err;
};

int command_run(struct command *command, const char *program, ...)
	__attribute__((sentinel));
void command_free(struct command *command);
size_t count_lines(const char *text);
int text_has(const char *text, const char *part);
int text_lacks(const char *text, const char *part);

#endif
