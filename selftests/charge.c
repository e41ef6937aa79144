// SPDX-License-Identifier: GPL-2.0
/* The memory of a report is that of the control group whose process takes the look. */
#include <stdlib.h>

#include "cgroup.h"
#include "hand.h"
#include "test.h"
#include "wide.h"

/* A report on so many VMAs takes more than so much memory. */
#define VMAS		20000
#define REPORT		(VMAS * 100)
#define TRIES		100

FIXTURE(charge)
{
	struct wide wide;
	struct cgroup group;
	char wide_target[64];
	char small_target[64];
	bool made;
};

FIXTURE_SETUP(charge)
{
	void *page = own_page();

	NEEDS_MODULE();
	ASSERT_NE(NULL, page);
	ASSERT_OK(wide_map(&self->wide, VMAS));
	snprintf(self->wide_target, sizeof(self->wide_target), "pid=%d va=%p", getpid(),
		 self->wide.at[0]);
	snprintf(self->small_target, sizeof(self->small_target), "pid=%d va=%p", getpid(), page);
	self->made = !cgroup_make(&self->group, "charge");
}

FIXTURE_TEARDOWN(charge)
{
	if (self->made)
		EXPECT_EQ(0, rmdir(self->group.path)) {
			TH_LOG("%s", strerror(errno));
		}
	EXPECT_OK(wide_end(&self->wide));
}

#define NEEDS_GROUP()							\
	do {								\
		NEEDS_MODULE();						\
		if (!self->made)					\
			SKIP(return, "no memory cgroup");		\
	} while (0)

/* Runs in the group. Returns the line that failed. */
static int hold_a_report(const struct cgroup *group, const char *target)
{
	int64_t before, with, after;
	int fd;
	char *text;

	if (cgroup_set(group, "cgroup.procs", "0"))
		return __LINE__;
	fd = look_open("page", O_RDWR);
	if (fd < 0)
		return __LINE__;
	before = cgroup_get(group, "memory.current");
	if (look_write(fd, target))
		return __LINE__;
	with = cgroup_get(group, "memory.current");
	if (with < before + REPORT)
		return __LINE__;
	/* Also once it has been read. Most of the text is this program's own memory. */
	text = look_text(fd);
	if (!text || cgroup_get(group, "memory.current") < before + REPORT)
		return __LINE__;
	free(text);
	close(fd);
	after = cgroup_get(group, "memory.current");
	return after < with - REPORT / 2 ? 0 : __LINE__;
}

static int wait_for_line(pid_t pid)
{
	int status;

	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/* Lines are told apart by the exit status: the file is short enough. */
TEST_F(charge, report_is_charged_to_the_reader_for_as_long_as_it_is_held)
{
	pid_t pid;

	NEEDS_GROUP();
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		_exit(hold_a_report(&self->group, self->wide_target));
	EXPECT_EQ(0, wait_for_line(pid)) {
		TH_LOG("the line of the check, or a signal");
	}
}

/* What the look before gave back, another processor may keep for a moment. */
static int look_until_enough(int fd, const char *target)
{
	int try, err = -ENOMEM;

	for (try = 0; try < TRIES && err == -ENOMEM; try++) {
		err = look_write(fd, target);
		usleep(10000);
	}
	return err;
}

static int look_with_little_memory(const struct cgroup *group, const char *large,
				   const char *small)
{
	int fd = look_open("page", O_RDWR);
	char byte;

	if (fd < 0 || cgroup_set(group, "cgroup.procs", "0"))
		return __LINE__;
	if (look_write(fd, large) != -ENOMEM)
		return __LINE__;
	if (read(fd, &byte, 1) != -1 || errno != ENODATA)
		return __LINE__;
	/* What there is memory for goes on. */
	return look_until_enough(fd, small) ? __LINE__ : 0;
}

/* The look fails; nobody is killed for it. */
TEST_F(charge, reader_with_little_memory_gets_enomem)
{
	char events[256] = "", path[256];
	pid_t pid;
	int fd;

	NEEDS_GROUP();
	EXPECT_OK(cgroup_set(&self->group, "memory.max", "2M"));
	/* Nothing of the reader's own can make room. */
	cgroup_set(&self->group, "memory.swap.max", "0");
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		_exit(look_with_little_memory(&self->group, self->wide_target,
					      self->small_target));
	EXPECT_EQ(0, wait_for_line(pid)) {
		TH_LOG("the line of the check, or a signal");
	}
	snprintf(path, sizeof(path), "%s/memory.events", self->group.path);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	EXPECT_LT(0, read(fd, events, sizeof(events) - 1));
	close(fd);
	EXPECT_NE(NULL, strstr(events, "\noom_kill 0\n")) {
		TH_LOG("%s", events);
	}
}

TEST_HARNESS_MAIN
