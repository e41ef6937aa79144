// SPDX-License-Identifier: GPL-2.0
/*
 * The processes of the machine, as /proc has them.
 */
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "exit_status.h"
#include "number.h"
#include "process_list.h"

static int compare(const void *a, const void *b)
{
	const int *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void add(struct process_list *list, size_t *room, int pid)
{
	if (list->nr == *room) {
		*room = *room ? 2 * *room : 256;
		list->pid = reallocarray(list->pid, *room, sizeof(*list->pid));
		if (!list->pid)
			errx(RS_FAILED, "not enough memory for the list of processes");
	}
	list->pid[list->nr++] = pid;
}

/**
 * process_list_read() - list all processes
 * @list: filled; process_list_free() must follow
 */
void process_list_read(struct process_list *list)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	size_t room = 0;

	*list = (struct process_list){ };
	while (proc && (entry = readdir(proc))) {
		unsigned long long pid;

		if (number_only_digits(entry->d_name) && number_parse(entry->d_name, false, &pid))
			add(list, &room, pid);
	}
	if (proc)
		closedir(proc);
	if (list->nr)
		qsort(list->pid, list->nr, sizeof(*list->pid), compare);
}

/**
 * process_list_free() - free a list
 * @list: the list, or zeroed memory
 */
void process_list_free(struct process_list *list)
{
	free(list->pid);
	*list = (struct process_list){ };
}

/**
 * process_of_thread() - find the process of a thread
 * @tid: the thread, or a process
 *
 * Return: its process; @tid if that isn't known.
 */
int process_of_thread(int tid)
{
	char path[32], line[128];
	int pid = tid;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", tid);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "Tgid: %d", &pid) == 1)
			break;
	if (file)
		fclose(file);
	return pid;
}

static bool has_memory(int pid, int tid)
{
	char path[64], target[1];

	snprintf(path, sizeof(path), "/proc/%d/task/%d/exe", pid, tid);
	/* The program has a path even if that is too long to be read. */
	return readlink(path, target, sizeof(target)) > 0 || errno == ENAMETOOLONG;
}

/**
 * process_thread() - find a thread of a process whose files in /proc tell about its memory
 * @pid: the process
 *
 * The files of the first thread are empty when that has exited, although the process lives on.
 *
 * Return: the thread, or 0 if the process has no user memory.
 */
int process_thread(int pid)
{
	struct dirent *entry;
	char path[32];
	int found = 0;
	DIR *tasks;

	if (has_memory(pid, pid))
		return pid;
	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	tasks = opendir(path);
	while (tasks && !found && (entry = readdir(tasks)))
		if (has_memory(pid, atoi(entry->d_name)))
			found = atoi(entry->d_name);
	if (tasks)
		closedir(tasks);
	return found;
}
