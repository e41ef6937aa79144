// SPDX-License-Identifier: GPL-2.0
/* The privileges that are needed to open the module's files, by any way to them. */
#include <linux/capability.h>
#include <dirent.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "child.h"
#include "privilege.h"
#include "target.h"
#include "test.h"

static const int ways[] = { O_RDONLY, O_WRONLY, O_RDWR };

#define NR_WAYS (sizeof(ways) / sizeof(*ways))

FIXTURE(privileges)
{
	struct files files;
	mode_t modes[FILES_MAX];
	int dir;
};

FIXTURE_SETUP(privileges)
{
	struct stat st;
	size_t i;

	self->dir = -1;
	NEEDS_MODULE();
	ASSERT_OK(files_list(&self->files));
	self->dir = files_directory();
	ASSERT_LE(0, self->dir);
	for (i = 0; i < self->files.nr; i++) {
		ASSERT_EQ(0, fstatat(self->dir, self->files.name[i], &st, 0));
		self->modes[i] = st.st_mode & 07777;
	}
}

/* The tests run as root and drop privileges in a child. */
FIXTURE_TEARDOWN(privileges)
{
	size_t i;

	for (i = 0; self->dir >= 0 && i < self->files.nr; i++)
		fchmodat(self->dir, self->files.name[i], self->modes[i], 0);
	close(self->dir);
}

/* The result of openat(2) in a child that has dropped privileges. */
static int open_as(int (*change)(void), int dir, const char *name, int flags)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		if (change())
			_exit(255);
		_exit(openat(dir, name, flags | O_CLOEXEC) < 0 ? errno : 0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status) == 255 ? -1 : WEXITSTATUS(status);
}

static int without_cap_sys_admin(void)
{
	return drop_capability(CAP_SYS_ADMIN);
}

static int with_cap_sys_admin_alone(void)
{
	int capability;

	for (capability = 0; capability <= CAP_LAST_CAP; capability++)
		if (capability != CAP_SYS_ADMIN && drop_capability(capability))
			return -1;
	return 0;
}

static int as_nobody(void)
{
	return setgid(65534) || setuid(65534);
}

TEST_F(privileges, only_info_opens_without_cap_sys_admin)
{
	size_t i, w;

	NEEDS_MODULE();
	for (i = 0; i < self->files.nr; i++) {
		const char *name = self->files.name[i];

		for (w = 0; !files_is_public(name) && w < NR_WAYS; w++) {
			EXPECT_EQ(EPERM, open_as(without_cap_sys_admin, self->dir, name, ways[w])) {
				TH_LOG("%s with flags %#o", name, ways[w]);
			}
		}
	}
	EXPECT_EQ(0, open_as(without_cap_sys_admin, self->dir, "info", O_RDONLY));
}

TEST_F(privileges, cap_sys_admin_alone_is_enough_for_root)
{
	size_t i;

	NEEDS_MODULE();
	for (i = 0; i < self->files.nr; i++)
		EXPECT_EQ(0, open_as(with_cap_sys_admin_alone, self->dir, self->files.name[i],
				     files_open_flags(self->files.name[i])));
}

TEST_F(privileges, only_info_opens_for_the_root_of_another_user_namespace)
{
	size_t i;

	NEEDS_MODULE();
	if (open_as(become_root_of_new_userns, self->dir, "info", O_RDONLY))
		SKIP(return, "this kernel has no user namespaces");
	for (i = 0; i < self->files.nr; i++) {
		if (files_is_public(self->files.name[i]))
			continue;
		EXPECT_EQ(EPERM, open_as(become_root_of_new_userns, self->dir,
					 self->files.name[i], O_RDONLY)) {
			TH_LOG("%s", self->files.name[i]);
		}
	}
}

/* The child gets the directory as a descriptor, and all files have mode 0666. */
TEST_F(privileges, modes_do_not_replace_the_capability)
{
	size_t i, w;

	NEEDS_MODULE();
	for (i = 0; i < self->files.nr; i++) {
		const char *name = self->files.name[i];

		if (files_is_public(name))
			continue;
		EXPECT_EQ(EACCES, open_as(as_nobody, self->dir, name, O_RDONLY));
		ASSERT_EQ(0, fchmodat(self->dir, name, 0666, 0));
		for (w = 0; w < NR_WAYS; w++) {
			EXPECT_EQ(EPERM, open_as(as_nobody, self->dir, name, ways[w])) {
				TH_LOG("%s with flags %#o", name, ways[w]);
			}
		}
	}
}

/* Opens through the magic link of a descriptor that root has opened. */
static void open_anew(struct __test_metadata *_metadata, int fd, const char *name)
{
	char path[32];
	size_t w;

	ASSERT_LE(0, fd);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	for (w = 0; w < NR_WAYS; w++) {
		EXPECT_EQ(EPERM, open_as(without_cap_sys_admin, AT_FDCWD, path, ways[w])) {
			TH_LOG("%s with flags %#o", name, ways[w]);
		}
	}
	close(fd);
}

TEST_F(privileges, descriptor_opened_elsewhere_does_not_open_the_file_anew)
{
	size_t i;

	NEEDS_MODULE();
	for (i = 0; i < self->files.nr; i++) {
		const char *name = self->files.name[i];

		if (files_is_public(name))
			continue;
		open_anew(_metadata, openat(self->dir, name, files_open_flags(name)), name);
		open_anew(_metadata, openat(self->dir, name, O_PATH), name);
	}
}

TEST_F(privileges, path_descriptor_can_be_neither_read_nor_written)
{
	char byte = 0;
	int fd;

	NEEDS_MODULE();
	fd = openat(self->dir, "page", O_PATH);
	ASSERT_LE(0, fd);
	EXPECT_EQ(-1, read(fd, &byte, 1));
	EXPECT_EQ(EBADF, errno);
	EXPECT_EQ(-1, write(fd, &byte, 1));
	EXPECT_EQ(EBADF, errno);
	close(fd);
}

/* Passing the descriptor on is the decision of its opener, as with /proc/PID/pagemap. */
TEST_F(privileges, descriptor_works_for_a_process_without_privileges)
{
	char *page, *text, target[64];
	pid_t pid;
	int fd, status;

	NEEDS_MODULE();
	page = own_page();
	ASSERT_NE(NULL, page);
	fd = openat(self->dir, "page", O_RDWR);
	ASSERT_LE(0, fd);
	TARGET_AT(target, getpid(), page);
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		if (as_nobody() || interface_write(fd, target))
			_exit(1);
		text = interface_read(fd);
		_exit(text && strstr(text, "\nwalk ") ? 0 : 2);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	close(fd);
}

TEST_F(privileges, parameters_are_for_root_alone)
{
	static const char path[] = "/sys/module/rmapscope/parameters";
	struct dirent *entry;
	struct stat st;
	int found = 0;
	DIR *dir;

	NEEDS_MODULE();
	dir = opendir(path);
	ASSERT_NE(NULL, dir);
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		ASSERT_EQ(0, fstatat(dirfd(dir), entry->d_name, &st, 0));
		EXPECT_EQ(0, st.st_mode & 0077) {
			TH_LOG("%s has mode %o", entry->d_name, st.st_mode & 07777);
		}
		EXPECT_EQ(0, st.st_uid);
		/* This parameter is a kernel address. */
		EXPECT_STRNE("kallsyms_lookup_name", entry->d_name);
		found++;
	}
	closedir(dir);
	EXPECT_LE(2, found);
}

TEST_HARNESS_MAIN
