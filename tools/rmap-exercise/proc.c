// SPDX-License-Identifier: GPL-2.0
/*
 * Helper processes: how they start, say that they are ready, wait and end.
 *
 * Two pipes serve all of them, however many there are. Helpers report on the
 * "ready" pipe. They then block reading the "lifeline", whose write end only
 * the main process holds: when that goes, be it by SIGKILL, every helper reads
 * end of file and exits. A byte on the lifeline tells the one helper that waits
 * for it to go on.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exercise.h"
#include "pipe.h"

static struct exercise *exercise;
static pid_t main_pid;
static unsigned int nr_ready;
static pid_t leaver;		/* the helper that is meant to exit early */

static void open_pipe(int ends[2])
{
	if (pipe2(ends, O_CLOEXEC))
		die(errno, "cannot make a pipe");
}

/* A pipe must never take the place of a closed stdin, stdout or stderr. */
static void fill_standard_fds(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

/**
 * proc_start() - become the main process
 * @ex: the exercise; its options are set
 *
 * The helper table is shared memory: were it private, each fork would cost the
 * child a copy of its pages.
 */
void proc_start(struct exercise *ex)
{
	size_t size = (MAX_CHILDREN + 1) * sizeof(*ex->helpers);
	void *table;

	exercise = ex;
	main_pid = getpid();
	fill_standard_fds();
	signal_start();
	open_pipe(pipes.lifeline);
	open_pipe(pipes.ready);
	if (fcntl(pipes.ready[0], F_SETFL, O_NONBLOCK))
		die(errno, "cannot set up a pipe");
	/* Has the dynamic linker look write() up here, not in each child. */
	if (write(pipes.ready[1], "", 0))
		die(errno, "cannot write to a pipe");
	if (prctl(PR_SET_CHILD_SUBREAPER, 1))
		die(errno, "cannot become the reaper of my helpers");

	table = mmap(NULL, size, PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (table == MAP_FAILED)
		die(errno, "cannot make the table of processes");
	ex->helpers = table;
	ex->helpers[0].pid = main_pid;
	ex->helpers[0].role = "parent";
	ex->nr_helpers = 1;
}

/**
 * proc_is_main() - whether this is the main process
 *
 * Return: false in a helper.
 */
bool proc_is_main(void)
{
	return !main_pid || getpid() == main_pid;
}

/**
 * proc_scenario() - the name of the scenario, for messages
 *
 * Return: the name.
 */
const char *proc_scenario(void)
{
	return exercise ? exercise->scenario->name : "start";
}

static void fail_death(pid_t pid, int status)
{
	if (WIFSIGNALED(status))
		die(0, "process %d was killed by signal %d (%s) while building",
		    pid, WTERMSIG(status), strsignal(WTERMSIG(status)));
	die(0, "process %d exited with status %d while building", pid,
	    WEXITSTATUS(status));
}

static bool take_message(void)
{
	struct message msg;
	struct helper *helper;

	if (read(pipes.ready[0], &msg, sizeof(msg)) != sizeof(msg))
		return false;

	switch (msg.type) {
	case MSG_READY:
		helper = &exercise->helpers[msg.index];
		helper->pid = msg.pid;
		helper->va = msg.va;
		nr_ready++;
		break;
	case MSG_CHILD_DIED:
		fail_death(msg.pid, msg.value);
		break;
	default:
		die(msg.value, "%s", msg.text);
	}
	return true;
}

/* A helper that gave up has said why before it died. */
static void reap_while_building(void)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == leaver && !status) {
			leaver = 0;
			continue;
		}
		while (take_message())
			;
		fail_death(pid, status);
	}
}

static void take_signals(void)
{
	int signo;

	while ((signo = signal_next(NULL))) {
		if (signo != SIGCHLD)
			die(0, "stopped by signal %d (%s) while building", signo,
			    strsignal(signo));
		reap_while_building();
	}
}

/**
 * proc_pause() - in the main process: give others time, and see whether all is over
 * @ms: how long, unless a signal arrives
 */
void proc_pause(int ms)
{
	struct pollfd pfd = { .fd = signal_fd(), .events = POLLIN };

	if (poll(&pfd, 1, ms) < 0 && errno != EINTR)
		die(errno, "cannot wait for a signal");
	take_signals();
}

/* What a new helper does; it keeps no end of a pipe that is not a helper's. */
static noreturn void
be_helper(struct exercise *ex, unsigned int index, bool from_main,
	  unsigned long (*body)(struct exercise *ex, unsigned int index))
{
	unsigned long va = 0;

	if (from_main) {
		close(pipes.lifeline[1]);
		close(pipes.ready[0]);
		close(signal_fd());
	}
	if (body)
		va = body(ex, index);
	helper_ready(index, va);
	helper_stay();
}

/**
 * proc_spawn() - fork a helper
 * @ex: the exercise
 * @index: its place in the helper table
 * @body: what it does before it reports, returning the address to report; may
 *	be NULL
 *
 * Return: its pid.
 */
pid_t proc_spawn(struct exercise *ex, unsigned int index,
		 unsigned long (*body)(struct exercise *ex, unsigned int index))
{
	bool from_main = proc_is_main();
	pid_t pid;

	if (from_main)
		take_signals();
	else
		helper_check_lifeline();

	pid = fork();
	if (pid < 0)
		die(errno, "cannot fork process %u", index);
	if (!pid)
		be_helper(ex, index, from_main, body);
	return pid;
}

/**
 * proc_spawn_range() - fork helpers
 * @ex: the exercise
 * @from: the first one's place in the helper table
 * @to: the last one's
 * @body: as for proc_spawn()
 */
void proc_spawn_range(struct exercise *ex, unsigned int from, unsigned int to,
		      unsigned long (*body)(struct exercise *ex, unsigned int index))
{
	unsigned int i;

	for (i = from; i <= to; i++)
		proc_spawn(ex, i, body);
}

/**
 * proc_spawn_leaver() - fork a helper that is to exit early
 * @ex: the exercise
 * @body: what it does; never returns
 */
void proc_spawn_leaver(struct exercise *ex,
		       unsigned long (*body)(struct exercise *ex, unsigned int index))
{
	leaver = proc_spawn(ex, 0, body);
}

/**
 * proc_helper_pid() - the pid of a helper
 * @index: its place in the helper table
 *
 * Return: the pid, or 0 if it has not reported.
 */
pid_t proc_helper_pid(unsigned int index)
{
	return exercise && exercise->helpers ? exercise->helpers[index].pid : 0;
}

static void name_helper(unsigned int index)
{
	struct helper *helper = &exercise->helpers[index];

	if (!helper->role) {
		helper->role = "child";
		helper->num = index;
	}
}

/**
 * proc_await() - wait until helpers are in place
 * @ready_wanted: how many must have reported since the start
 *
 * Waits for the exit of a helper that is to leave, too.
 */
void proc_await(unsigned int ready_wanted)
{
	struct pollfd pfds[] = {
		{ .fd = pipes.ready[0], .events = POLLIN },
		{ .fd = signal_fd(), .events = POLLIN },
	};

	while (nr_ready < ready_wanted || leaver) {
		if (poll(pfds, 2, -1) < 0 && errno != EINTR)
			die(errno, "cannot wait for the helpers");
		while (take_message())
			;
		take_signals();
	}
	for (; exercise->nr_helpers <= ready_wanted; exercise->nr_helpers++)
		name_helper(exercise->nr_helpers);
}

/**
 * proc_go() - let the helper that is in helper_wait_go() continue
 */
void proc_go(void)
{
	if (write(pipes.lifeline[1], "", 1) != 1)
		die(errno, "cannot tell a helper to continue");
}

/**
 * proc_built() - all is in place; from now on a helper may die unnoticed
 */
void proc_built(void)
{
	close(pipes.ready[0]);
	pipes.ready[0] = -1;
}

/**
 * proc_cut_lifeline() - tell every helper to exit
 *
 * One that blocks on a full "ready" pipe gets EPIPE and goes on to its end.
 */
void proc_cut_lifeline(void)
{
	close(pipes.lifeline[1]);
	if (pipes.ready[0] >= 0)
		close(pipes.ready[0]);
}
