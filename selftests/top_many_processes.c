// SPDX-License-Identifier: GPL-2.0
/* The file "top" on a machine with thousands of processes: no process waits for long. */
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "child.h"
#include "exercise.h"
#include "test.h"
#include "top_report.h"

#define CHILDREN	(2000 / slowness())
#define PROCESSES	(CHILDREN + 1)
#define READS		5
#define KILLS		20

FIXTURE(top_many_processes) {
	struct exercise run;
	/* Shared with the children of the tests. */
	volatile unsigned long *laps;
	volatile char *buffer;
};

FIXTURE_SETUP(top_many_processes)
{
	char *shared, number[16];

	NEEDS_MODULE();
	shared = mmap(NULL, 2 * getpagesize(), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, shared);
	self->laps = (void *)shared;
	self->buffer = shared + getpagesize();
	snprintf(number, sizeof(number), "%u", CHILDREN);
	ASSERT_OK(exercise_start(&self->run, "fork", "--children", number, NULL));
}

FIXTURE_TEARDOWN(top_many_processes)
{
	EXPECT_OK(exercise_stop(&self->run));
}

/* Takes its own mmap_lock for writing, and the locks of its trees, again and again. */
static void rearrange_forever(volatile unsigned long *laps)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		size_t size = 64 * getpagesize();
		char *pages = own_pages(64);
		pid_t pid;

		memset(pages, 1, size);
		pid = fork();
		if (!pid)
			_exit(0);
		waitpid(pid, NULL, 0);
		munmap(pages, size);
		++*laps;
	}
}

/* The trees of the large family. Each of its VMAs must be in one of them. */
static size_t trees_of(const struct report *report, size_t processes)
{
	const struct record *tree = NULL;
	size_t nr = 0;

	while ((tree = report_next(report, "tree", tree)))
		nr += record_num(tree, "processes") == processes;
	return nr;
}

TEST_F_TIMEOUT(top_many_processes, readers_and_a_busy_process_both_make_progress, 400)
{
	unsigned long begin, during = 0;
	struct report report;
	int status, reads;
	pid_t pid;

	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		rearrange_forever(self->laps);
	for (reads = 0; reads < READS || !during; reads++) {
		begin = *self->laps;
		ASSERT_OK(top_report_take(&report));
		during += *self->laps - begin;
		EXPECT_LE(1, trees_of(&report, PROCESSES));
		EXPECT_LE(PROCESSES, record_num(report_next(&report, "total", NULL),
						"processes"));
		report_free(&report);
	}
	/* ... and the busy process continues after the reports. */
	begin = *self->laps;
	while (*self->laps < begin + 2)
		sched_yield();
	TH_LOG("%lu laps during %d reads", during, reads);
	kill(pid, SIGKILL);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(SIGKILL, WTERMSIG(status));
}

/* Reads once. Shared memory tells whether the read has returned. */
static void read_once(volatile unsigned long *begun, volatile char *buffer)
{
	int fd = interface_open("top", O_RDONLY);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	*begun = 1;
	if (read(fd, (void *)buffer, getpagesize()) < 0)
		_exit(1);
	for (;;)
		pause();
}

TEST_F_TIMEOUT(top_many_processes, killed_reader_exits_in_the_middle, 400)
{
	int status, tries = 0;
	pid_t pid;

	do {
		ASSERT_GT(KILLS, tries++) {
			TH_LOG("each reader finished before it was killed");
		}
		*self->laps = 0;
		self->buffer[0] = 0;
		pid = fork();
		ASSERT_LE(0, pid);
		if (!pid)
			read_once(self->laps, self->buffer);
		while (!*self->laps)
			sched_yield();
		ASSERT_EQ(0, kill(pid, SIGKILL));
		ASSERT_EQ(pid, waitpid(pid, &status, 0));
		ASSERT_TRUE(WIFSIGNALED(status));
	} while (self->buffer[0]);
}

TEST_HARNESS_MAIN
