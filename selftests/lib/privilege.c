// SPDX-License-Identifier: GPL-2.0
/* Lists the module's files, and drops privileges. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "complain.h"
#include "kernel_file.h"
#include "page_report.h"
#include "privilege.h"

/**
 * files_directory() - open the module's directory in debugfs
 *
 * Return: a descriptor, or -errno.
 */
int files_directory(void)
{
	return interface_open("", O_RDONLY | O_DIRECTORY);
}

/**
 * files_list() - find all files of the module
 * @files: filled
 *
 * Return: 0 or -1.
 */
int files_list(struct files *files)
{
	int fd = files_directory();
	struct dirent *entry;
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	files->nr = 0;
	if (!dir)
		return complain("cannot open the module's directory");
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.' || files->nr == FILES_MAX)
			continue;
		snprintf(files->name[files->nr++], sizeof(files->name[0]), "%.31s",
			 entry->d_name);
	}
	closedir(dir);
	return files->nr > 1 ? 0 : complain("%zu files in the module's directory", files->nr);
}

/**
 * files_is_public() - may a file be opened without any capability?
 * @name: of the file
 *
 * Return: true for "info" only.
 */
bool files_is_public(const char *name)
{
	return !strcmp(name, "info");
}

/**
 * files_open_flags() - the flags to open a file with
 * @name: of the file
 *
 * Return: O_RDWR if its mode allows writing, else O_RDONLY.
 */
int files_open_flags(const char *name)
{
	struct stat st = { 0 };
	int dir = files_directory();

	if (dir >= 0) {
		fstatat(dir, name, &st, 0);
		close(dir);
	}
	return st.st_mode & 0200 ? O_RDWR : O_RDONLY;
}

/**
 * drop_capability() - drop a capability
 * @capability: its number
 *
 * Return: 0 or -1.
 */
int drop_capability(int capability)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data))
		return complain("capget: %s", strerror(errno));
	data[capability / 32].effective &= ~(1U << capability % 32);
	data[capability / 32].permitted &= ~(1U << capability % 32);
	data[capability / 32].inheritable &= ~(1U << capability % 32);
	if (syscall(SYS_capset, &header, data))
		return complain("capset: %s", strerror(errno));
	return 0;
}

/**
 * become_root_of_new_userns() - enter a new user namespace, with all capabilities in it
 *
 * Return: 0 or -1: -1 also if there are no user namespaces.
 */
int become_root_of_new_userns(void)
{
	if (unshare(CLONE_NEWUSER))
		return complain("unshare: %s", strerror(errno));
	return write_text("/proc/self/uid_map", "0 0 1\n") ||
	       write_text("/proc/self/setgroups", "deny") ||
	       write_text("/proc/self/gid_map", "0 0 1\n") ? -1 : 0;
}
