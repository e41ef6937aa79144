// SPDX-License-Identifier: GPL-2.0
/*
 * The processes of the stress. Each repeats one action. All of them are in control groups below
 * one group, by which they are frozen and killed.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "complain.h"
#include "kernel_file.h"
#include "slowness.h"
#include "stress.h"

#define ALL		"/sys/fs/cgroup/stress"
/* The CPU weight of the readers. There are many more processes of the load than readers. */
#define LOAD_NICE	5
/* The time until all processes are frozen, in which long system calls must end. */
#define FREEZE_MS	(120000 * slowness())

static const struct {
	const char *group;
	stress_act act;
} members[] = {
	{ "load", load_chaos }, { "load", load_kin }, { "load", load_exercise },
	{ "load", load_storm }, { "load", load_huge }, { "load", load_merge },
	{ "load", load_move }, { "load", load_hugetlb }, { "load", load_file },
	{ "load", load_pageout }, { "load", load_exec },
	{ "machine", machine_compact }, { "machine", machine_limits },
	{ "machine", machine_pressure }, { "machine", machine_victims },
	{ "machine", machine_cpu }, { "machine", machine_block },
	{ "readers", read_sweep }, { "readers", read_probe }, { "readers", read_probe },
	{ "readers", read_tree }, { "readers", read_top }, { "readers", read_misusing },
	{ "readers", read_until_killed }, { "readers", load_module },
};

#define NR_MEMBERS	(sizeof(members) / sizeof(members[0]))

static pid_t pids[NR_MEMBERS];
static unsigned int seed;

/**
 * stress_random() - get a random number of this process
 * @sides: the limit
 *
 * Return: a number below @sides.
 */
unsigned int stress_random(unsigned int sides)
{
	return rand_r(&seed) % sides;
}

/**
 * stress_seed() - seed the random numbers of this process
 * @its_seed: the same seed gives the same numbers
 */
void stress_seed(unsigned int its_seed)
{
	seed = its_seed;
}

/**
 * stress_nap() - sleep for a random time between two actions
 * @ms: the longest time, in milliseconds
 */
void stress_nap(unsigned int ms)
{
	unsigned int us = stress_random(1000 * ms);
	struct timespec ts = { .tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000 };

	nanosleep(&ts, NULL);
}

/**
 * processes_set() - write to a file of a control group
 * @name: the group, or "" for the parent of all groups
 * @file: the file
 * @text: what to write
 *
 * Return: 0 or an errno.
 */
int processes_set(const char *name, const char *file, const char *text)
{
	char path[128];

	snprintf(path, sizeof(path), ALL "/%s/%s", name, file);
	return -write_text(path, text);
}

/**
 * processes_join() - put this process into a control group
 * @name: of the group
 *
 * Return: 0 or an errno.
 */
int processes_join(const char *name)
{
	return processes_set(name, "cgroup.procs", "0");
}

/**
 * processes_set_up() - make the control groups
 *
 * Return: 0 or -1.
 */
int processes_set_up(void)
{
	static const char * const groups[] = {
		ALL, ALL "/load", ALL "/machine", ALL "/readers", ALL "/victims",
	};
	size_t i;

	/* As a subreaper, this process inherits children whose parents have exited. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	write_text("/sys/fs/cgroup/cgroup.subtree_control", "+memory");
	for (i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		if (mkdir(groups[i], 0755) && errno != EEXIST)
			return complain("%s: %s", groups[i], strerror(errno));
		if (!i && processes_set("", "cgroup.subtree_control", "+memory"))
			return complain("no memory controller for " ALL ": %s", strerror(errno));
	}
	return 0;
}

static pid_t start_member(size_t i, unsigned int its_seed)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	seed = its_seed;
	if (processes_join(members[i].group))
		_exit(1);
	if (strcmp(members[i].group, "load"))
		write_text("/proc/self/oom_score_adj", "-500");
	else if (nice(LOAD_NICE) < 0)
		_exit(1);
	for (;;)
		members[i].act();
}

/**
 * processes_start() - start all processes
 * @base: the first of their seeds
 */
void processes_start(unsigned int base)
{
	size_t i;

	for (i = 0; i < NR_MEMBERS; i++)
		pids[i] = start_member(i, base * 100 + i);
}

/**
 * processes_watch() - reap processes that have exited
 *
 * The processes that processes_start() started must not exit, unless the OOM killer killed them.
 */
void processes_watch(void)
{
	int status;
	pid_t pid;
	size_t i;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		for (i = 0; i < NR_MEMBERS && pids[i] != pid; i++)
			;
		if (i == NR_MEMBERS)
			continue;
		if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
			report_problem(RESULT_LOAD, "process %zu of the load: status %#x",
				       i, status);
		pids[i] = start_member(i, pid);
	}
}

static bool event_is(const char *text, const char *event)
{
	const char *at = strstr(text, event);

	return at && at[strlen(event)] == '\n';
}

/* Polls cgroup.events, which the kernel updates when all are frozen. */
static int wait_for(const char *event)
{
	struct pollfd events = {
		.fd = open(ALL "/cgroup.events", O_RDONLY | O_CLOEXEC),
		.events = POLLPRI,
	};
	uint64_t end = stress_now() + 1000000ULL * FREEZE_MS;
	char text[128] = "";
	ssize_t got;

	while (events.fd >= 0) {
		got = pread(events.fd, text, sizeof(text) - 1, 0);
		if (got < 0)
			break;
		text[got] = '\0';
		if (event_is(text, event)) {
			close(events.fd);
			return 0;
		}
		if (stress_now() > end)
			break;
		poll(&events, 1, 1000);
	}
	close(events.fd);
	return complain("after %u s not '%s' in " ALL "/cgroup.events", FREEZE_MS / 1000, event);
}

/**
 * processes_freeze() - freeze all processes
 *
 * Return: 0 or -1.
 */
int processes_freeze(void)
{
	processes_set("", "cgroup.freeze", "1");
	return wait_for("frozen 1");
}

/**
 * processes_end() - kill all processes, even frozen ones, and wait for them
 */
void processes_end(void)
{
	processes_set("", "cgroup.kill", "1");
	while (wait(NULL) > 0 || errno == EINTR)
		;
	if (wait_for("populated 0"))
		report_problem(RESULT_LOAD, "%s", why);
	processes_set("", "cgroup.freeze", "0");
	memset(pids, 0, sizeof(pids));
}
