// SPDX-License-Identifier: GPL-2.0
/* A process of a container, with its own namespaces and its own root directory. */
#include <fcntl.h>
#include <inttypes.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "check_report.h"
#include "child.h"
#include "kernel_file.h"
#include "oracle.h"
#include "test.h"

#define NAMESPACES	(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWCGROUP | \
			 CLONE_NEWIPC | CLONE_NEWUTS)
#define INSIDE		"/inside"

FIXTURE(container)
{
	char *anon, *file;	/* pages of the container's process */
	pid_t pid;
};

#define contained_data	FIXTURE_DATA(container)

/* Runs in the container. The file exists in no other mount namespace. */
static int settle(contained_data *self)
{
	int fd;

	if (write_text("/proc/self/uid_map", "0 0 1") ||
	    write_text("/proc/self/setgroups", "deny") ||
	    write_text("/proc/self/gid_map", "0 0 1") ||
	    mount("none", "/tmp", "tmpfs", 0, NULL) || chroot("/tmp") || chdir("/"))
		return -1;
	fd = open(INSIDE, O_RDWR | O_CREAT, 0600);
	if (fd < 0 || ftruncate(fd, getpagesize()) ||
	    mmap(self->file, getpagesize(), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd,
		 0) == MAP_FAILED)
		return -1;
	*self->file = 1;
	*self->anon = 2;
	return 0;
}

/* whether the kernel has what the test needs */
static bool start(contained_data *self)
{
	struct clone_args args = { .flags = NAMESPACES, .exit_signal = SIGCHLD };
	int ready[2];
	char byte;

	if (pipe(ready))
		return false;
	self->pid = syscall(SYS_clone3, &args, sizeof(args));
	if (!self->pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (settle(self) || write(ready[1], "", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	return self->pid > 0 && !close(ready[1]) && read(ready[0], &byte, 1) == 1;
}

FIXTURE_SETUP(container)
{
	bool settled;

	NEEDS_MODULE();
	self->anon = own_page();
	self->file = own_page();
	ASSERT_NE(NULL, self->anon);
	ASSERT_NE(NULL, self->file);
	settled = start(self);
	if (self->pid < 0)
		SKIP(return, "clone3() with new namespaces: %s", strerror(errno));
	ASSERT_TRUE(settled);
}

FIXTURE_TEARDOWN(container)
{
	int status;

	if (self->pid <= 0)
		return;
	kill(self->pid, SIGKILL);
	EXPECT_EQ(self->pid, waitpid(self->pid, &status, 0));
}

/* As in the process's pagemap and maps, which the test can read. */
static int check_page(const contained_data *self, const char *page, const char *kind)
{
	const struct record *map;
	struct oracle_vma vma;
	struct page_report report;
	int ret = -1;

	if (page_report_at(&report, self->pid, (uintptr_t)page) ||
	    check_against_pagemaps(&report) ||
	    oracle_vma(self->pid, (uintptr_t)page, &vma))
		goto out;
	map = page_report_map_at(&report, self->pid, (uintptr_t)page);
	if (!map || strcmp(report.kind, kind))
		complain("kind=%s, expected %s", report.kind, kind);
	else if (strcmp(record_get(map, "name"), *vma.name ? vma.name : "-"))
		complain("name=%s, maps has '%s'", record_get(map, "name"), vma.name);
	else
		ret = check_ways_agree(&report, self->pid, (uintptr_t)page);
out:
	page_report_free(&report);
	return ret;
}

TEST_F(container, memory_of_a_container_is_reported)
{
	NEEDS_MODULE();
	EXPECT_OK(check_page(self, self->anon, "anon"));
}

TEST_F(container, file_is_named_as_in_its_maps)
{
	struct oracle_vma vma;

	NEEDS_MODULE();
	EXPECT_OK(check_page(self, self->file, "shmem"));
	/* The path is the container's, and does not exist outside. */
	EXPECT_OK(oracle_vma(self->pid, (uintptr_t)self->file, &vma));
	EXPECT_NE(NULL, strstr(vma.name, INSIDE));
	EXPECT_EQ(-1, access(INSIDE, F_OK));
}

TEST_HARNESS_MAIN
