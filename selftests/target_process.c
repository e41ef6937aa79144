// SPDX-License-Identifier: GPL-2.0
/*
 * Target processes that are stopped or frozen, call exec(), are in another pid namespace, or
 * whose pid was reused.
 */
#include <inttypes.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "cgroup.h"
#include "check_report.h"
#include "child.h"
#include "kernel_file.h"
#include "oracle.h"
#include "target.h"
#include "test.h"

/* A child that has copied the test's page. */
FIXTURE(target_process)
{
	char *page;
	struct child child;
	int fd;
	char target[64];
};

FIXTURE_SETUP(target_process)
{
	self->fd = -1;
	NEEDS_MODULE();
	self->page = own_page();
	ASSERT_NE(NULL, self->page);
	ASSERT_OK(child_fork(&self->child));
	ASSERT_OK(child_do(&self->child, CHILD_WRITE, self->page));
	TARGET_AT(self->target, self->child.pid, self->page);
	self->fd = interface_open("page", O_RDWR);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(target_process)
{
	if (self->child.pid)
		EXPECT_OK(child_end(&self->child));
	if (self->fd >= 0)
		close(self->fd);
}

/* Checks that a report on the page succeeds, has the frame of its pagemap, and has a tree. */
static int can_be_target(pid_t pid, const void *page)
{
	struct page_report report;
	uint64_t pfn;
	int ret = oracle_pfn(pid, (uintptr_t)page, &pfn);

	if (ret || page_report_at(&report, pid, (uintptr_t)page))
		return -1;
	if (report.pfn != pfn)
		ret = complain("pfn=%#" PRIx64 " instead of %#" PRIx64, report.pfn, pfn);
	else
		ret = check_against_pagemaps(&report);
	page_report_free(&report);
	return ret;
}

TEST_F(target_process, stopped_process_can_be_a_target)
{
	int status;

	NEEDS_MODULE();
	ASSERT_EQ(0, interface_write(self->fd, self->target));
	ASSERT_EQ(0, kill(self->child.pid, SIGSTOP));
	ASSERT_EQ(self->child.pid, waitpid(self->child.pid, &status, WUNTRACED));
	ASSERT_TRUE(WIFSTOPPED(status));
	EXPECT_OK(can_be_target(self->child.pid, self->page));
	EXPECT_EQ(0, interface_write(self->fd, self->target));
	EXPECT_EQ('T', process_state(self->child.pid, NULL));
	ASSERT_EQ(0, kill(self->child.pid, SIGCONT));
	EXPECT_OK(child_do(&self->child, CHILD_WRITE, self->page));
}

/* Waits until all processes of a control group are frozen. */
static int await_frozen(const struct cgroup *group)
{
	char path[256], text[128] = "";
	struct pollfd events = { .events = POLLPRI };

	snprintf(path, sizeof(path), "%s/cgroup.events", group->path);
	events.fd = open(path, O_RDONLY | O_CLOEXEC);
	if (events.fd < 0)
		return complain("%s: %s", path, strerror(errno));
	while (pread(events.fd, text, sizeof(text) - 1, 0) > 0 && !strstr(text, "frozen 1"))
		poll(&events, 1, -1);
	close(events.fd);
	return strstr(text, "frozen 1") ? 0 : complain("cgroup.events: %s", text);
}

static int freeze(struct cgroup *group, pid_t pid)
{
	char number[16];

	snprintf(number, sizeof(number), "%d", pid);
	return cgroup_set(group, "cgroup.procs", number) || cgroup_set(group, "cgroup.freeze", "1")
		? -1 : await_frozen(group);
}

TEST_F(target_process, frozen_process_can_be_a_target)
{
	struct cgroup group;

	NEEDS_MODULE();
	snprintf(group.path, sizeof(group.path), "/sys/fs/cgroup/frozen-%d", getpid());
	if (mkdir(group.path, 0755))
		SKIP(return, "no cgroup2: %s", strerror(errno));
	EXPECT_EQ(0, interface_write(self->fd, self->target));
	EXPECT_OK(freeze(&group, self->child.pid));
	EXPECT_OK(can_be_target(self->child.pid, self->page));
	EXPECT_EQ(0, interface_write(self->fd, self->target));
	EXPECT_OK(cgroup_set(&group, "cgroup.freeze", "0"));
	EXPECT_OK(child_do(&self->child, CHILD_WRITE, self->page));
	EXPECT_OK(child_end(&self->child));
	self->child.pid = 0;
	EXPECT_EQ(0, rmdir(group.path));
}

/* A child that runs another program when told to. The program waits for input. */
static pid_t fork_runner(int go[2], int hold[2], int running[2])
{
	char byte;
	pid_t pid;

	if (pipe2(go, O_CLOEXEC) || pipe2(hold, O_CLOEXEC) || pipe2(running, O_CLOEXEC))
		return -1;
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(hold[0], STDIN_FILENO);
		if (read(go[0], &byte, 1) == 1)
			execlp("cat", "cat", NULL);
		_exit(127);
	}
	close(running[1]);
	return pid;
}

TEST_F(target_process, report_from_before_exec_stays_and_the_address_is_unmapped)
{
	int go[2], hold[2], running[2], status;
	char byte, target[64], *text;
	pid_t pid;

	NEEDS_MODULE();
	pid = fork_runner(go, hold, running);
	ASSERT_LE(0, pid);
	TARGET_AT(target, pid, self->page);
	ASSERT_EQ(0, interface_write(self->fd, target));
	ASSERT_EQ(1, write(go[1], "", 1));
	/* The exec() closes this pipe. */
	ASSERT_EQ(0, read(running[0], &byte, 1));

	text = interface_read(self->fd);
	ASSERT_NE(NULL, text);
	snprintf(target, sizeof(target), " pid=%d ", pid);
	EXPECT_NE(NULL, strstr(text, target));
	EXPECT_NE(NULL, strstr(text, " mapped=2 "));
	free(text);
	TARGET_AT(target, pid, self->page);
	status = interface_write(self->fd, target);
	EXPECT_TRUE(status == -EFAULT || status == -ENODATA) {
		TH_LOG("write gave %d", status);
	}
	close(hold[1]);
	kill(pid, SIGKILL);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
}

TEST_F(target_process, process_of_an_inner_namespace_is_found_by_its_outer_pid)
{
	int ready[2], status;
	char byte;
	pid_t pid;

	NEEDS_MODULE();
	ASSERT_EQ(0, pipe(ready));
	if (unshare(CLONE_NEWPID))
		SKIP(return, "no pid namespaces: %s", strerror(errno));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		*self->page = 2;
		if (getpid() != 1 || write(ready[1], "", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	ASSERT_EQ(1, read(ready[0], &byte, 1));
	EXPECT_OK(can_be_target(pid, self->page));
	EXPECT_EQ(0, kill(pid, SIGKILL));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
}

/* Forks a child with a given pid; -1 with errno. */
static pid_t fork_as(pid_t wanted)
{
	struct clone_args args = {
		.exit_signal = SIGCHLD,
		.set_tid = (uintptr_t)&wanted,
		.set_tid_size = 1,
	};

	return syscall(SYS_clone3, &args, sizeof(args));
}

/* The target's process is gone, and another process has its pid and the same memory. */
TEST_F(target_process, last_target_is_not_the_process_that_reused_its_pid)
{
	pid_t pid = self->child.pid, other;
	int fd, status;
	char byte;

	NEEDS_MODULE();
	ASSERT_EQ(0, interface_write(self->fd, self->target));
	ASSERT_OK(child_end(&self->child));
	self->child.pid = 0;
	other = fork_as(pid);
	if (other < 0)
		SKIP(return, "no process can be created with a given pid: %s", strerror(errno));
	if (!other)
		for (;;)
			pause();
	EXPECT_EQ(pid, other);

	fd = interface_open("page", O_RDONLY);
	EXPECT_LE(0, fd);
	EXPECT_EQ(-1, read(fd, &byte, 1));
	EXPECT_EQ(ESRCH, errno);
	close(fd);
	/* In a new write, the pid means the new process. */
	EXPECT_EQ(0, interface_write(self->fd, self->target));
	kill(other, SIGKILL);
	EXPECT_EQ(other, waitpid(other, &status, 0));
}

TEST_HARNESS_MAIN
