/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_COMMAND_H
#define RMAPSCOPE_SELFTEST_COMMAND_H

#include <stddef.h>
#include <sys/types.h>

#define COMMAND_MAX_ARGS 16

/* The result of a program that has exited. */
struct command {
	int status;	/* exit status, or -1 if a signal killed it */
	char *out;
	char *err;
};

/* A program that may still run. */
struct running {
	pid_t pid;
	int out;
	int err;
};

int command_start(struct running *running, int err, const char *program, ...)
	__attribute__((sentinel));
int command_finish(struct running *running, struct command *command);
int command_run(struct command *command, const char *program, ...)
	__attribute__((sentinel));
void command_free(struct command *command);
size_t count_lines(const char *text);
int text_has(const char *text, const char *part);
int text_lacks(const char *text, const char *part);

/*
 * For tests with a struct command run in their fixture: runs the tool, or skips the test if there
 * is no tool.
 */
#define RUN(...)							\
	do {								\
		command_free(&self->run);				\
		ASSERT_OK(command_run(&self->run, "rmapscope", ##__VA_ARGS__, NULL)); \
		if (self->run.status == 127)				\
			SKIP(return, "no rmapscope in PATH");		\
	} while (0)

/* The tool succeeds and prints nothing on stderr. */
#define RUN_WELL(...)							\
	do {								\
		RUN(__VA_ARGS__);					\
		EXPECT_EQ(0, self->run.status);				\
		EXPECT_STREQ("", self->run.err);			\
	} while (0)

/* The tool exits with code, and prints nothing but one line on stderr that begins with its name. */
#define RUN_BADLY(code, ...)						\
	do {								\
		RUN(__VA_ARGS__);					\
		EXPECT_EQ(code, self->run.status);			\
		EXPECT_STREQ("", self->run.out);			\
		EXPECT_EQ(1, count_lines(self->run.err)) TH_LOG("%s", self->run.err); \
		EXPECT_EQ(0, strncmp(self->run.err, "rmapscope: ", strlen("rmapscope: "))); \
	} while (0)

#define EXPECT_OUT(text)	EXPECT_OK(text_has(self->run.out, text))
#define EXPECT_ERR(text)	EXPECT_OK(text_has(self->run.err, text))
#define EXPECT_NOT_OUT(text)	EXPECT_OK(text_lacks(self->run.out, text))
#define EXPECT_NOT_ERR(text)	EXPECT_OK(text_lacks(self->run.err, text))

#endif
