/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which processes there are: their parents, names, control groups and swapped-out memory. A
 * recording keeps the same text that is read here from /proc.
 */
#ifndef RMAPSCOPE_PROCESSES_H
#define RMAPSCOPE_PROCESSES_H

#include <stddef.h>

struct process {
	int pid, parent;
	long long swap;			/* in bytes; -1: not known */
	const char *comm;
	const char *cgroup;		/* in the unified hierarchy; "" if it is in none */
};

struct processes {
	char *text;			/* names point into it */
	struct process *process;	/* in the order of their pids */
	size_t nr;
};

char *processes_text(void);
int processes_parse(struct processes *p, const char *text);
const struct process *processes_find(const struct processes *p, int pid);
void processes_free(struct processes *p);

#endif
