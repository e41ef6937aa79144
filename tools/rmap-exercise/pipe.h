/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The two pipes between the main process and its helpers. Only proc.c and helper.c use them.
 */
#ifndef RMAP_EXERCISE_PIPE_H
#define RMAP_EXERCISE_PIPE_H

#include <sys/types.h>

enum message_type {
	MSG_READY,
	MSG_FAILED,
	MSG_CHILD_DIED,
};

/* At most PIPE_BUF bytes, so that a message is written in one piece. */
struct message {
	enum message_type type;
	pid_t pid;
	unsigned int index;
	int value;		/* errno, or a wait status */
	unsigned long va;
	unsigned long code;
	char text[128];
};

struct pipes {
	int lifeline[2];	/* only the main process has the write end */
	int ready[2];		/* only the main process has the read end */
};

extern struct pipes pipes;

void helper_check_lifeline(void);

#endif
