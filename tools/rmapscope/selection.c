// SPDX-License-Identifier: GPL-2.0
#include <err.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exit_status.h"
#include "number.h"
#include "selection.h"

#define CGROUP_ROOT	"/sys/fs/cgroup"

static void *must(void *p)
{
	if (!p)
		errx(RS_FAILED, "not enough memory for the processes");
	return p;
}

static const char *option(enum select_by by)
{
	static const char * const options[] = {
		[SELECT_PID] = "-p",
		[SELECT_DESCENDANTS] = "--descendants",
		[SELECT_CGROUP] = "--cgroup",
		[SELECT_COMM] = "--comm",
	};

	return options[by];
}

/**
 * selection_add() - take an option
 * @s: zeroed before the first option
 * @by: the option
 * @arg: its argument
 *
 * Return: RS_OK, or RS_USAGE after an error message.
 */
int selection_add(struct selection *s, enum select_by by, const char *arg)
{
	struct selector item = { by, arg, 0 };
	unsigned long long pid;

	if (by == SELECT_PID || by == SELECT_DESCENDANTS) {
		if (!number_only_digits(arg) || !number_parse(arg, false, &pid) || !pid ||
		    pid > INT_MAX) {
			warnx("%s \"%s\": not a process ID", option(by), arg);
			return RS_USAGE;
		}
		item.pid = pid;
	} else if (by == SELECT_CGROUP && !strncmp(arg, CGROUP_ROOT, strlen(CGROUP_ROOT))) {
		item.arg += strlen(CGROUP_ROOT);
	}
	if (by == SELECT_CGROUP && *item.arg && *item.arg != '/') {
		warnx("--cgroup \"%s\": not a path from the root, as in /proc/PID/cgroup", arg);
		return RS_USAGE;
	}
	s->selector = must(reallocarray(s->selector, s->nr + 1, sizeof(*s->selector)));
	s->selector[s->nr++] = item;
	return RS_OK;
}

/**
 * selection_needs_list() - test if the processes are found in a list of all
 * @s: the selection
 *
 * Return: false if all are named by pid.
 */
bool selection_needs_list(const struct selection *s)
{
	size_t i;

	for (i = 0; i < s->nr; i++)
		if (s->selector[i].by != SELECT_PID)
			return true;
	return false;
}

static bool is_descendant(const struct processes *list, const struct process *p, int of)
{
	size_t i;

	/* A list that was read while processes ended may have a circle. */
	for (i = 0; p && i <= list->nr; i++) {
		if (p->pid == of)
			return true;
		p = processes_find(list, p->parent);
	}
	return false;
}

static bool is_below(const char *cgroup, const char *of)
{
	size_t len = strlen(of);

	while (len && of[len - 1] == '/')
		len--;
	return *cgroup && !strncmp(cgroup, of, len) && (!cgroup[len] || cgroup[len] == '/');
}

static bool matches(const struct selector *s, const struct processes *list,
		    const struct process *p)
{
	switch (s->by) {
	case SELECT_DESCENDANTS:
		return is_descendant(list, p, s->pid);
	case SELECT_CGROUP:
		return is_below(p->cgroup, s->arg);
	case SELECT_COMM:
		return !fnmatch(s->arg, p->comm, 0);
	default:
		return p->pid == s->pid;
	}
}

/**
 * selection_resolve() - find the processes that an option names
 * @s: the option
 * @list: all processes; not looked at for SELECT_PID
 * @group: filled; its pids are to be freed
 */
void selection_resolve(const struct selector *s, const struct processes *list,
		       struct pid_group *group)
{
	size_t i;

	*group = (struct pid_group){ .pid = must(calloc(list->nr + 1, sizeof(*group->pid))) };
	if (s->by == SELECT_PID) {
		snprintf(group->name, sizeof(group->name), "pid %d", s->pid);
		group->pid[group->nr++] = s->pid;
		return;
	}
	snprintf(group->name, sizeof(group->name), "%s %s", option(s->by) + 2,
		 s->by == SELECT_CGROUP && !*s->arg ? "/" : s->arg);
	for (i = 0; i < list->nr; i++)
		if (matches(s, list, &list->process[i]))
			group->pid[group->nr++] = list->process[i].pid;
}
