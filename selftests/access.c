// SPDX-License-Identifier: GPL-2.0
/* Who may open the files, and which processes an opener in a namespace sees. */
#include <linux/capability.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "hand.h"
#include "test.h"

static int mode_of(const char *file)
{
	int fd = look_open(file, O_RDONLY);
	struct stat st;
	int ret = fd < 0 || fstat(fd, &st) ? -1 : (int)(st.st_mode & 07777);

	if (fd >= 0)
		close(fd);
	return ret;
}

static int drop_capability(int capability)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data))
		return -1;
	data[capability / 32].effective &= ~(1U << capability % 32);
	data[capability / 32].permitted &= ~(1U << capability % 32);
	data[capability / 32].inheritable &= ~(1U << capability % 32);
	return syscall(SYS_capset, &header, data);
}

TEST(modes_are_those_of_the_contract)
{
	NEEDS_MODULE();
	EXPECT_EQ(0444, mode_of("info"));
	EXPECT_EQ(0600, mode_of("page"));
	EXPECT_EQ(0600, mode_of("tree"));
}

TEST(page_needs_cap_sys_admin)
{
	NEEDS_MODULE();
	ASSERT_EQ(0, drop_capability(CAP_SYS_ADMIN));
	EXPECT_EQ(-EPERM, look_open("page", O_RDWR));
	EXPECT_EQ(-EPERM, look_open("page", O_RDONLY));
	EXPECT_EQ(-EPERM, look_open("page", O_WRONLY));
}

TEST(info_needs_no_capability)
{
	int fd;

	NEEDS_MODULE();
	ASSERT_EQ(0, drop_capability(CAP_SYS_ADMIN));
	fd = look_open("info", O_RDONLY);
	EXPECT_LE(0, fd);
	close(fd);
}

TEST(other_users_cannot_open_page)
{
	int err;

	NEEDS_MODULE();
	ASSERT_EQ(0, setuid(65534));
	err = look_open("page", O_RDWR);
	EXPECT_TRUE(err == -EACCES || err == -EPERM) {
		TH_LOG("open gave %d", err);
	}
}

TEST(root_of_another_user_namespace_cannot_open_page)
{
	int err;

	NEEDS_MODULE();
	if (unshare(CLONE_NEWUSER))
		SKIP(return, "no user namespaces: %s", strerror(errno));
	err = look_open("page", O_RDWR);
	EXPECT_TRUE(err == -EACCES || err == -EPERM) {
		TH_LOG("open gave %d", err);
	}
}

/* Runs as pid 1 of a new namespace; returns the line that failed. */
static int look_from_within(void *page)
{
	const struct record *map = NULL;
	bool self = false, outsider = false;
	struct look look;

	if (getpid() != 1)
		return __LINE__;
	if (look_at(&look, 1, (uintptr_t)page))
		return __LINE__;
	if (look.mapped != 2)
		return __LINE__;
	while ((map = look_map(&look, map, "mapped"))) {
		self |= record_num(map, "pid") == 1;
		outsider |= record_num(map, "pid") == 0;
	}
	look_free(&look);
	if (!self)
		return __LINE__;
	return outsider ? 0 : __LINE__;
}

TEST(pids_are_those_of_the_openers_namespace)
{
	int status, lines[2], line = -1;
	void *page;
	pid_t pid;

	NEEDS_MODULE();
	page = own_page();
	ASSERT_NE(NULL, page);
	ASSERT_EQ(0, pipe(lines));
	if (unshare(CLONE_NEWPID))
		SKIP(return, "no pid namespaces: %s", strerror(errno));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		line = look_from_within(page);
		if (write(lines[1], &line, sizeof(line)) != sizeof(line))
			_exit(1);
		_exit(0);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	ASSERT_EQ(0, status);
	ASSERT_EQ((ssize_t)sizeof(line), read(lines[0], &line, sizeof(line)));
	ASSERT_EQ(0, line) {
		TH_LOG("the check in line %d failed", line);
	}
}

TEST(pid_of_the_outer_namespace_means_nothing_inside)
{
	int status, outer = getpid();
	pid_t pid;

	NEEDS_MODULE();
	if (unshare(CLONE_NEWPID))
		SKIP(return, "no pid namespaces: %s", strerror(errno));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		char target[64];
		int fd = look_open("page", O_RDWR);

		/* Only 1 exists inside, and the outer number is larger. */
		snprintf(target, sizeof(target), "pid=%d va=%p", outer, &status);
		_exit(look_write(fd, target) == -ESRCH ? 0 : 1);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
}

TEST_HARNESS_MAIN
