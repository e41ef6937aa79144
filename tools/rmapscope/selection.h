/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The processes that a report is about, as the options name them: by pid, parentage, control group
 * or name.
 */
#ifndef RMAPSCOPE_SELECTION_H
#define RMAPSCOPE_SELECTION_H

#include <stdbool.h>
#include <stddef.h>

#include "processes.h"

enum select_by {
	SELECT_PID,
	SELECT_DESCENDANTS,		/* a process and all that it has begotten */
	SELECT_CGROUP,			/* a control group and those below it */
	SELECT_COMM,			/* a name, or a pattern as in the shell */
};

struct selector {
	enum select_by by;
	const char *arg;
	int pid;
};

struct selection {
	struct selector *selector;
	size_t nr;
};

/* What one option names. */
struct pid_group {
	char name[128];
	int *pid;
	size_t nr;
};

int selection_add(struct selection *s, enum select_by by, const char *arg);
bool selection_needs_list(const struct selection *s);
void selection_resolve(const struct selector *s, const struct processes *list,
		       struct pid_group *group);

#endif
