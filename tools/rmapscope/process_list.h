/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The processes of the machine, as /proc has them.
 */
#ifndef RMAPSCOPE_PROCESS_LIST_H
#define RMAPSCOPE_PROCESS_LIST_H

#include <stddef.h>

struct process_list {
	int *pid;			/* in ascending order */
	size_t nr;
};

void process_list_read(struct process_list *list);
void process_list_free(struct process_list *list);
int process_of_thread(int tid);
int process_thread(int pid);

#endif
