// SPDX-License-Identifier: GPL-2.0
/*
 * A kernel that is locked down for integrity. Lockdown lasts until the machine reboots, and no
 * unsigned module can be loaded. So this program must be the last one, on a machine for tests
 * only, which RMAPSCOPE_MAY_LOCK_DOWN=1 confirms.
 */
#include <poll.h>
#include <stdlib.h>
#include <sys/mount.h>

#include "child.h"
#include "command.h"
#include "kernel_file.h"
#include "privilege.h"
#include "target.h"
#include "test.h"

#define SECURITYFS "/sys/kernel/security"
#define LOCKDOWN SECURITYFS "/lockdown"

FIXTURE(lockdown)
{
	struct files files;
	/* Opened and used before the lockdown. */
	int fd;
	char target[64];
	const char *missing;
};

static bool is_locked_down(void)
{
	char text[64] = "";
	int fd = open(LOCKDOWN, O_RDONLY);

	if (fd >= 0) {
		if (read(fd, text, sizeof(text) - 1) < 0)
			text[0] = '\0';
		close(fd);
	}
	return text[0] && !strstr(text, "[none]");
}

/* What the machine lacks, or NULL. */
static const char *lock_down(void)
{
	const char *may = getenv("RMAPSCOPE_MAY_LOCK_DOWN");

	if (access(LOCKDOWN, F_OK))
		mount("securityfs", SECURITYFS, "securityfs", 0, NULL);
	if (access(LOCKDOWN, F_OK))
		return "this kernel has no lockdown";
	if (is_locked_down())
		return NULL;
	if (!may || strcmp(may, "1"))
		return "this machine may not be locked down: RMAPSCOPE_MAY_LOCK_DOWN=1 would";
	return write_text(LOCKDOWN, "integrity") ? "lockdown does not come on" : NULL;
}

FIXTURE_SETUP(lockdown)
{
	void *page = own_page();

	self->fd = -1;
	NEEDS_MODULE();
	ASSERT_OK(files_list(&self->files));
	ASSERT_NE(NULL, page);
	TARGET_AT(self->target, getpid(), page);
	if (!is_locked_down()) {
		self->fd = interface_open("page", O_RDWR);
		ASSERT_LE(0, self->fd);
	}
	self->missing = lock_down();
}

FIXTURE_TEARDOWN(lockdown)
{
	if (self->fd >= 0)
		close(self->fd);
}

#define NEEDS_LOCKDOWN()						\
	do {								\
		NEEDS_MODULE();						\
		if (self->missing)					\
			SKIP(return, "%s", self->missing);		\
	} while (0)

/* Runs first, so this is where the lockdown begins. An open file of debugfs keeps working. */
TEST_F(lockdown, file_opened_before_lockdown_still_works)
{
	char *text;

	NEEDS_LOCKDOWN();
	if (self->fd < 0)
		SKIP(return, "the kernel is already locked down");
	EXPECT_EQ(0, interface_write(self->fd, self->target));
	text = interface_read(self->fd);
	ASSERT_NE(NULL, text);
	EXPECT_NE(NULL, strstr(text, "\nwalk "));
	free(text);
}

/* Counts new records of the kernel's log about debugfs. */
static int count_complaints(int log)
{
	char record[2048];
	int complaints = 0;
	ssize_t got;

	while ((got = read(log, record, sizeof(record) - 1)) > 0) {
		record[got] = '\0';
		complaints += strstr(record, "Lockdown: ") && strstr(record, "debugfs");
	}
	return complaints;
}

TEST_F(lockdown, each_refusal_is_logged_once)
{
	size_t i;
	int log;

	NEEDS_LOCKDOWN();
	log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK);
	ASSERT_LE(0, log);
	ASSERT_EQ(0, lseek(log, 0, SEEK_END));
	for (i = 0; i < self->files.nr; i++) {
		const char *name = self->files.name[i];
		int fd = interface_open(name, O_RDONLY);

		EXPECT_EQ(!files_is_public(name), count_complaints(log)) {
			TH_LOG("%s", name);
		}
		if (fd >= 0)
			close(fd);
	}
	close(log);
}

TEST_F(lockdown, only_info_opens_under_lockdown)
{
	static const int ways[] = { O_RDONLY, O_WRONLY, O_RDWR };
	char *text;
	size_t i, w;
	int fd;

	NEEDS_LOCKDOWN();
	for (i = 0; i < self->files.nr; i++) {
		const char *name = self->files.name[i];

		for (w = 0; !files_is_public(name) && w < 3; w++) {
			EXPECT_EQ(-EPERM, interface_open(name, ways[w])) {
				TH_LOG("%s with flags %#o", name, ways[w]);
			}
		}
	}
	EXPECT_EQ(-EPERM, interface_open("info", O_RDWR));
	fd = interface_open("info", O_RDONLY);
	ASSERT_LE(0, fd);
	text = interface_read(fd);
	ASSERT_NE(NULL, text);
	EXPECT_EQ(0, strncmp(text, "rmapscope abi=", 14));
	free(text);
	close(fd);
}

TEST_F(lockdown, tool_says_that_the_kernel_is_locked_down)
{
	struct command run = { };

	NEEDS_LOCKDOWN();
	ASSERT_OK(command_run(&run, "rmapscope", "page", "--pfn", "1", NULL));
	if (run.status == 127)
		SKIP(return, "no rmapscope in PATH");
	EXPECT_EQ(1, run.status);
	EXPECT_NE(NULL, strstr(run.err, "this kernel is locked down")) TH_LOG("%s", run.err);
	command_free(&run);
}

TEST_HARNESS_MAIN
