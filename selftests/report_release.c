// SPDX-License-Identifier: GPL-2.0
/*
 * A report must release what it has held or allocated. Reports of all trees must release mms and
 * anon_vmas, and all reports must free their memory. An mm from exec() holds a user namespace, of
 * which there may only be few. Memory is charged to the reader's control group.
 */
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "cgroup.h"
#include "child.h"
#include "kernel_file.h"
#include "target.h"
#include "test.h"
#include "tree_report.h"

#define LIMIT		"/proc/sys/user/max_user_namespaces"
#define ALLOWED		"8"
#define ROUNDS		40
#define TRIES		1000
/* Each CPU charges a few pages in advance and keeps them in stock. */
#define AT_HAND		(768 << 10)

static char stack[65536] __attribute__((aligned(16)));

static int wait_forever(void *arg)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		pause();
	return 0;
}

/* The program after the exec(): two processes with one mm, which signal that they run. */
static int share_an_mm(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (clone(wait_forever, stack + sizeof(stack), CLONE_VM | SIGCHLD, NULL) < 0)
		return 1;
	if (write(STDOUT_FILENO, "x", 1) != 1)
		return 1;
	return wait_forever(NULL);
}

/* A worker frees namespaces some time after the last process has exited. */
static bool new_namespace(void)
{
	int try;

	for (try = 0; try < TRIES; try++) {
		if (!unshare(CLONE_NEWUSER))
			return true;
		if (errno != ENOSPC)
			return false;
		usleep(10000);
	}
	return false;
}

/* Both processes are in one group. Returns that group once both run. */
static pid_t start_sharers(void)
{
	int ready[2];
	pid_t pid;
	char byte;

	if (pipe(ready))
		return -1;
	pid = fork();
	if (!pid) {
		setpgid(0, 0);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(ready[1], STDOUT_FILENO);
		close(ready[0]);
		close(ready[1]);
		if (new_namespace())
			execl("/proc/self/exe", "report_release", "share", NULL);
		_exit(1);
	}
	close(ready[1]);
	if (pid > 0 && read(ready[0], &byte, 1) != 1) {
		waitpid(pid, NULL, 0);
		pid = complain("no process can be created in a new user namespace");
	}
	close(ready[0]);
	return pid;
}

TEST(report_releases_mms)
{
	char before[32], *end;
	struct report report;
	pid_t pid;
	int i;

	NEEDS_MODULE();
	if (read_text(LIMIT, before, sizeof(before)) || write_text(LIMIT, ALLOWED))
		SKIP(return, "no user namespaces: %.200s", why);
	end = strchr(before, '\n');
	if (end)
		*end = '\0';
	for (i = 0; i < ROUNDS; i++) {
		pid = start_sharers();
		EXPECT_LT(0, pid) TH_LOG("round %d: %s", i, why);
		if (pid <= 0)
			break;
		EXPECT_EQ(0, report_take(&report, "top", NULL));
		report_free(&report);
		kill(-pid, SIGKILL);
		while (waitpid(-pid, NULL, 0) > 0)
			;
	}
	EXPECT_OK(write_text(LIMIT, before));
}

TEST(report_releases_anon_vmas)
{
	size_t size = getpagesize();
	struct report report;
	struct tree_report tree;
	char *pages;
	int i;

	NEEDS_MODULE();
	pages = own_pages(3);
	ASSERT_NE(NULL, pages);
	ASSERT_EQ(0, mprotect(pages, size, PROT_NONE));
	ASSERT_EQ(0, mprotect(pages + 2 * size, size, PROT_NONE));
	pages += size;
	pages[0] = 1;
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, report_take(&report, "top", NULL));
		report_free(&report);
	}
	ASSERT_OK(tree_report_at(&tree, getpid(), pages));
	EXPECT_EQ(1, tree_report_num(&tree, 0, "refcount"));
	tree_report_free(&tree);
}

/* How much the memory of a control group grows in the second half of the reports. */
static int64_t growth(const struct cgroup *cgroup, const char *file, const char *target,
		      unsigned int reports)
{
	int64_t before = 0;
	unsigned int i;

	/* The first half fills the caches of the kernel. */
	for (i = 0; i < 2 * reports; i++) {
		char text[4096];
		int fd = interface_open(file, target ? O_RDWR : O_RDONLY);

		if (i == reports)
			before = cgroup_get(cgroup, "memory.current");
		if (fd < 0 || (target && interface_write(fd, target)) || read(fd, text, 4096) <= 0)
			return complain("%s: no report", file);
		close(fd);
	}
	return cgroup_get(cgroup, "memory.current") - before;
}

TEST(memory_of_reports_is_freed)
{
	struct cgroup cgroup;
	char target[64], range[96], *page;

	NEEDS_MODULE();
	if (cgroup_enter(&cgroup, "let-go"))
		SKIP(return, "no memory cgroup: %.200s", why);
	page = own_page();
	ASSERT_NE(NULL, page);
	TARGET_AT(target, getpid(), page);
	EXPECT_GT(AT_HAND, growth(&cgroup, "stats", NULL, 6000));
	EXPECT_GT(AT_HAND, growth(&cgroup, "page", target, 2000));
	EXPECT_GT(AT_HAND, growth(&cgroup, "tree", target, 2000));
	EXPECT_GT(AT_HAND, growth(&cgroup, "top", NULL, 150));
	snprintf(range, sizeof(range), "pid=%d start=%p end=%p maps verdicts", getpid(), page,
		 page + getpagesize());
	EXPECT_GT(AT_HAND, growth(&cgroup, "scan", range, 600));
	EXPECT_GT(AT_HAND, growth(&cgroup, "scan_raw", range, 600));
	munmap(page, getpagesize());
	cgroup_leave(&cgroup);
}

#define main harness_main
TEST_HARNESS_MAIN
#undef main

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "share"))
		return share_an_mm();
	return harness_main(argc, argv);
}
