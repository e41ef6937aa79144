// SPDX-License-Identifier: GPL-2.0
/*
 * The side of the main process: it starts helpers and waits for them.
 *
 * All helpers share two pipes. They report on the "ready" pipe and then block in a read of the
 * "lifeline". Only the main process has the write end of the lifeline. When it is closed, also by
 * the death of the main process, every helper reads end of file and exits. A byte on the lifeline
 * tells one helper to go on; scenarios that use this have only one helper that waits.
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
static pid_t leaver;		/* a helper that exits as a part of the scenario */

static void open_pipe(int ends[2])
{
	if (pipe2(ends, O_CLOEXEC))
		die(errno, "cannot make a pipe");
}

/* If stdin, stdout or stderr is closed, open /dev/null there, so that no pipe gets the number. */
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
 * The table of helpers is shared memory. In private memory, each write after a fork would copy a
 * page.
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
	/* Let the dynamic linker resolve write() once here, and not in each child. */
	if (write(pipes.ready[1], "", 0))
		die(errno, "cannot write to a pipe");
	if (prctl(PR_SET_CHILD_SUBREAPER, 1))
		die(errno, "cannot become the subreaper of the helpers");

	table = mmap(NULL, size, PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (table == MAP_FAILED)
		die(errno, "cannot map the table of processes");
	ex->helpers = table;
	ex->helpers[0].pid = main_pid;
	ex->helpers[0].role = "parent";
	ex->nr_helpers = 1;
}

static void fail_death(pid_t pid, int status)
{
	if (WIFSIGNALED(status))
		die(0, "process %d was killed by signal %d (%s) during the setup",
		    pid, WTERMSIG(status), strsignal(WTERMSIG(status)));
	die(0, "process %d exited with status %d during the setup", pid,
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
		helper->code = msg.code;
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

/* A helper that gave up has sent a message before it died. */
static void reap_during_setup(void)
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
			die(0, "stopped by signal %d (%s) during the setup", signo,
			    strsignal(signo));
		reap_during_setup();
	}
}

/**
 * proc_pause() - in the main process: sleep, then handle the signals that have arrived
 * @ms: milliseconds; a signal ends the sleep early
 */
void proc_pause(int ms)
{
	struct pollfd pfd = { .fd = signal_fd(), .events = POLLIN };

	if (poll(&pfd, 1, ms) < 0 && errno != EINTR)
		die(errno, "cannot wait for a signal");
	take_signals();
}

/* The life of a new helper. It closes the ends of the pipes that belong to the main process. */
static noreturn void
be_helper(struct exercise *ex, unsigned int index, bool from_main,
	  unsigned long (*body)(struct exercise *ex, unsigned int index))
{
	unsigned long va = 0;

	message_set_forward(helper_fail);
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
 * @index: its number
 * @body: called in the helper before it reports that it is ready; returns the address of its own
 *	region. NULL: nothing is called.
 *
 * Return: its pid.
 */
pid_t proc_spawn(struct exercise *ex, unsigned int index,
		 unsigned long (*body)(struct exercise *ex, unsigned int index))
{
	bool from_main = getpid() == main_pid;
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
 * @from: the number of the first helper
 * @to: the number of the last helper
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
 * proc_spawn_leaver() - fork a helper that exits as a part of the scenario
 * @ex: the exercise
 * @body: called in the helper; does not return
 */
void proc_spawn_leaver(struct exercise *ex,
		       unsigned long (*body)(struct exercise *ex, unsigned int index))
{
	leaver = proc_spawn(ex, 0, body);
}

/**
 * proc_helper_pid() - get the pid of a helper
 * @index: its number
 *
 * Return: the pid, or 0 if the helper is not ready yet.
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
 * proc_await() - wait until helpers are ready
 * @ready_wanted: how many helpers must have reported since the start
 *
 * Also waits for the exit of a helper from proc_spawn_leaver().
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
 * proc_go() - let a helper return from helper_wait_go()
 */
void proc_go(void)
{
	if (write(pipes.lifeline[1], "", 1) != 1)
		die(errno, "cannot tell a helper to continue");
}

/**
 * proc_built() - end the setup; a helper that dies after this is no error
 */
void proc_built(void)
{
	close(pipes.ready[0]);
	pipes.ready[0] = -1;
}

/**
 * proc_cut_lifeline() - tell every helper to exit
 *
 * A helper that blocks on a full "ready" pipe gets EPIPE, then reads the end of the lifeline.
 */
void proc_cut_lifeline(void)
{
	close(pipes.lifeline[1]);
	if (pipes.ready[0] >= 0)
		close(pipes.ready[0]);
}
