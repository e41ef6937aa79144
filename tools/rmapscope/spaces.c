// SPDX-License-Identifier: GPL-2.0
/*
 * The address spaces of all processes. Processes that share one are found by kcmp(2), which
 * compares and orders them; without it, each process is taken to have its own.
 */
#include <err.h>
#include <errno.h>
#include <linux/kcmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "exit_status.h"
#include "process_list.h"
#include "spaces.h"

static void *must(void *p)
{
	if (!p)
		errx(RS_FAILED, "not enough memory for the list of processes");
	return p;
}

/* Indices of spaces, in the kernel's order. */
struct order {
	size_t *index;
	size_t nr;
};

/*
 * Find the space that thread @tid uses, or the place in the order for a new one. Return: true if
 * there is such a space.
 */
static bool find(const struct spaces *s, const struct order *order, int tid, size_t *at)
{
	size_t low = 0, high = order->nr;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int other = s->space[order->index[middle]].tid;
		long result = syscall(SYS_kcmp, tid, other, KCMP_VM, 0, 0);

		*at = middle;
		if (!result)
			return true;
		if (result == 1)
			high = middle;
		else
			low = middle + 1;
	}
	*at = low;
	return false;
}

static void read_comm(struct space *space)
{
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/comm", space->pid[0]);
	file = fopen(path, "re");
	if (!file)
		return;
	/* The name can have newlines of its own; the last one is the kernel's. */
	space->comm[fread(space->comm, 1, sizeof(space->comm) - 1, file)] = '\0';
	if (*space->comm && space->comm[strlen(space->comm) - 1] == '\n')
		space->comm[strlen(space->comm) - 1] = '\0';
	fclose(file);
}

static void add_pid(struct space *space, int pid)
{
	space->pid = must(reallocarray(space->pid, space->nr_pids + 1, sizeof(*space->pid)));
	space->pid[space->nr_pids++] = pid;
}

/**
 * spaces_read() - list all address spaces
 * @s: filled; spaces_free() must follow
 */
void spaces_read(struct spaces *s)
{
	struct process_list list;
	struct order order = { };
	size_t i, at;

	process_list_read(&list);
	*s = (struct spaces){ must(calloc(list.nr + 1, sizeof(*s->space))), 0 };
	order.index = must(calloc(list.nr + 1, sizeof(*order.index)));
	for (i = 0; i < list.nr; i++) {
		int tid = process_thread(list.pid[i]);

		if (!tid)
			continue;
		if (find(s, &order, tid, &at)) {
			add_pid(&s->space[order.index[at]], list.pid[i]);
			continue;
		}
		memmove(&order.index[at + 1], &order.index[at],
			(order.nr - at) * sizeof(*order.index));
		order.index[at] = s->nr;
		order.nr++;
		s->space[s->nr].tid = tid;
		add_pid(&s->space[s->nr], list.pid[i]);
		read_comm(&s->space[s->nr++]);
	}
	free(order.index);
	process_list_free(&list);
}

/**
 * spaces_free() - free a list
 * @s: the list, or zeroed memory
 */
void spaces_free(struct spaces *s)
{
	size_t i;

	for (i = 0; i < s->nr; i++)
		free(s->space[i].pid);
	free(s->space);
	*s = (struct spaces){ };
}
