// SPDX-License-Identifier: GPL-2.0
/*
 * Which processes there are, as text: a line "PID PARENT SWAP COMM CGROUP" for each, with white
 * space in names written as in the module's reports.
 */
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exit_status.h"
#include "process_list.h"
#include "processes.h"
#include "report.h"

static void *must(void *p)
{
	if (!p)
		errx(RS_FAILED, "not enough memory for the list of processes");
	return p;
}

/* Read a file of /proc that has no more than a few lines. Return: its text, or NULL. */
static char *read_file(int pid, const char *name)
{
	size_t room = 0;
	char path[64], *text = NULL;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	file = fopen(path, "re");
	if (!file)
		return NULL;
	if (getdelim(&text, &room, '\0', file) < 0) {
		free(text);
		text = NULL;
	}
	fclose(file);
	return text;
}

static void write_name(FILE *out, const char *name, size_t len)
{
	size_t i;

	if (!len)
		fputc('-', out);
	for (i = 0; i < len; i++) {
		if (strchr(" \t\n\\", name[i]))
			fprintf(out, "\\%03o", name[i]);
		else
			fputc(name[i], out);
	}
}

/* "0::PATH" */
static void write_cgroup(FILE *out, int pid)
{
	char *text = read_file(pid, "cgroup");
	const char *path = text ? strstr(text, "0::") : NULL;

	/* Lines of other hierarchies come before. */
	while (path && path != text && path[-1] != '\n')
		path = strstr(path + 1, "0::");
	path = path ? path + strlen("0::") : "";
	write_name(out, path, strcspn(path, "\n"));
	free(text);
}

static long long read_swap(int pid)
{
	char *text = read_file(pid, "status");
	const char *line = text ? strstr(text, "\nVmSwap:") : NULL;
	long long swap = line ? strtoll(line + strlen("\nVmSwap:"), NULL, 10) * 1024 : -1;

	free(text);
	return swap;
}

/* PID (COMM) STATE PARENT, where the name may have any character. */
static void write_process(FILE *out, int pid)
{
	char *text = read_file(pid, "stat");
	const char *begin = text ? strchr(text, '(') : NULL;
	const char *end = text ? strrchr(text, ')') : NULL;
	int parent;

	if (begin && end && sscanf(end, ") %*c %d", &parent) == 1) {
		fprintf(out, "%d %d %lld ", pid, parent, read_swap(pid));
		write_name(out, begin + 1, end - begin - 1);
		fputc(' ', out);
		write_cgroup(out, pid);
		fputc('\n', out);
	}
	free(text);
}

/**
 * processes_text() - write a list of the processes of the machine
 *
 * Return: the text, to be freed.
 */
char *processes_text(void)
{
	struct process_list list;
	char *text = NULL;
	size_t i, len;
	FILE *out = must(open_memstream(&text, &len));

	process_list_read(&list);
	for (i = 0; i < list.nr; i++)
		write_process(out, list.pid[i]);
	process_list_free(&list);
	if (fclose(out))
		must(NULL);
	return text;
}

static int parse_line(char *line, struct process *p)
{
	int at = 0;
	char *comm, *cgroup;

	if (sscanf(line, "%d %d %lld %n", &p->pid, &p->parent, &p->swap, &at) < 3 || !at)
		return -EPROTO;
	comm = line + at;
	cgroup = strchr(comm, ' ');
	if (!cgroup)
		return -EPROTO;
	*cgroup++ = '\0';
	report_unescape(comm);
	report_unescape(cgroup);
	p->comm = comm;
	p->cgroup = strcmp(cgroup, "-") ? cgroup : "";
	return 0;
}

/**
 * processes_parse() - read a list of processes
 * @p: filled; processes_free() must follow in any case
 * @text: what processes_text() has written; it is copied
 *
 * Return: 0, or -EPROTO if a line is not about a process behind the one before.
 */
int processes_parse(struct processes *p, const char *text)
{
	size_t lines = 1;
	char *line, *save;
	const char *s;

	for (s = text; *s; s++)
		lines += *s == '\n';
	*p = (struct processes){ must(strdup(text)), must(calloc(lines, sizeof(*p->process))), 0 };
	for (line = strtok_r(p->text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		struct process *process = &p->process[p->nr];

		if (parse_line(line, process) ||
		    (p->nr && process->pid <= process[-1].pid))
			return -EPROTO;
		p->nr++;
	}
	return 0;
}

/**
 * processes_find() - look up a process
 * @p: the list
 * @pid: the process
 *
 * Return: the process, or NULL.
 */
const struct process *processes_find(const struct processes *p, int pid)
{
	size_t low = 0, high = p->nr;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (p->process[middle].pid == pid)
			return &p->process[middle];
		if (p->process[middle].pid < pid)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/**
 * processes_free() - free a list
 * @p: the list, or zeroed memory
 */
void processes_free(struct processes *p)
{
	free(p->text);
	free(p->process);
	*p = (struct processes){ };
}
