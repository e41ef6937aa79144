// SPDX-License-Identifier: GPL-2.0
/*
 * Unloading the module while a file is open, also by force. The process with the open file is not
 * disturbed.
 */
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>

#include "child.h"
#include "module.h"
#include "target.h"
#include "test.h"

FIXTURE(unload_in_use)
{
	int fd;
	char target[64];
	char *text;	/* a report that was read before */
};

FIXTURE_SETUP(unload_in_use)
{
	void *page = own_page();

	self->fd = -1;
	NEEDS_MODULE();
	ASSERT_NE(NULL, page);
	TARGET_AT(self->target, getpid(), page);
	self->fd = interface_open("page", O_RDWR);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, interface_write(self->fd, self->target));
	self->text = interface_read(self->fd);
	ASSERT_NE(NULL, self->text);
}

FIXTURE_TEARDOWN(unload_in_use)
{
	free(self->text);
	if (self->fd >= 0)
		close(self->fd);
}

/* The report is still there, and a new one can be taken. */
static int serves_on(int fd, const char *target, const char *text)
{
	size_t size = strlen(text);
	char *again = malloc(size + 1);
	ssize_t got = again ? pread(fd, again, size, 0) : -1;
	int ret = 0;

	if (got != (ssize_t)size || memcmp(text, again, size))
		ret = complain("a second read gives another text");
	free(again);
	if (!ret && interface_write(fd, target))
		ret = complain("no second report: %s", strerror(errno));
	again = ret ? NULL : interface_read(fd);
	if (!ret && (!again || !strstr(again, "\nwalk ")))
		ret = complain("the second report is empty");
	free(again);
	return ret;
}

TEST_F(unload_in_use, unload_is_refused_and_an_open_file_still_works)
{
	NEEDS_MODULE();
	EXPECT_EQ(-EWOULDBLOCK, module_unload());
	EXPECT_OK(serves_on(self->fd, self->target, self->text));
	EXPECT_TRUE(module_loaded());
}

static bool is_going(void)
{
	char state[16] = "";
	int fd = open("/sys/module/rmapscope/initstate", O_RDONLY | O_CLOEXEC);

	if (fd >= 0) {
		if (read(fd, state, sizeof(state) - 1) < 0)
			state[0] = '\0';
		close(fd);
	}
	return !strncmp(state, "going", 5);
}

/*
 * A kernel with CONFIG_MODULE_FORCE_UNLOAD unloads a module in use, but it waits until the
 * module's exit function returns.
 */
TEST_F(unload_in_use, forced_unload_waits_for_the_last_file_to_be_closed)
{
	int status;
	pid_t pid;

	NEEDS_MODULE();
	if (access(module_path(), R_OK))
		SKIP(return, "no module at %s: set RMAPSCOPE_KO", module_path());
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		close(self->fd);
		_exit(syscall(SYS_delete_module, "rmapscope", O_NONBLOCK | O_TRUNC) ? errno : 0);
	}
	while (!is_going() && waitpid(pid, &status, WNOHANG) != pid)
		sched_yield();
	if (!is_going()) {
		EXPECT_EQ(EWOULDBLOCK, WEXITSTATUS(status));
		EXPECT_OK(serves_on(self->fd, self->target, self->text));
		SKIP(return, "this kernel does not unload modules by force");
	}
	EXPECT_OK(serves_on(self->fd, self->target, self->text));
	EXPECT_GT(0, interface_open("page", O_RDWR));
	EXPECT_EQ(0, waitpid(pid, &status, WNOHANG));
	close(self->fd);
	self->fd = -1;
	EXPECT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	EXPECT_FALSE(module_loaded());
	EXPECT_EQ(0, module_load(""));
}

TEST_HARNESS_MAIN
