/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The two pipes between the main process and its helpers; only for the two
 * files that use them.
 */
#ifndef RMAP_EXERCISE_PIPE_H
#define RMAP_EXERCISE_PIPE_H

#include <sys/types.h>

enum message_type {
	MSG_READY,
	MSG_FAILED,
	MSG_CHILD_DIED,
};

/* At most PIPE_BUF bytes, so that messages never mix. */
struct message {
	enum message_type type;
	pid_t pid;
	unsigned int index;
	int value;		/* errno, or a wait status */
	unsigned long va;
	char text[128];
};

struct pipes {
	int lifeline[2];	/* the write end is the main process's alone */
	int ready[2];		/* the read end is, too */
};

extern struct pipes pipes;

void helper_check_lifeline(void);

#endif
