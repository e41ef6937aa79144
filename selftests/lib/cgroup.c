// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgroup.h"
#include "complain.h"
#include "kernel_file.h"

#define ROOT	"/sys/fs/cgroup"

/**
 * cgroup_make() - make a control group that has a memory controller
 * @cgroup: filled; its path is empty if there is no cgroup2 or no memory controller. On success,
 *   remove the group with rmdir(2) or cgroup_leave()
 * @name: what its name begins with; the caller's pid follows
 *
 * Return: 0, or -errno with the reason in why[].
 */
int cgroup_make(struct cgroup *cgroup, const char *name)
{
	int err;

	cgroup->path[0] = '\0';
	err = write_text(ROOT "/cgroup.subtree_control", "+memory");
	if (err)
		return err;
	snprintf(cgroup->path, sizeof(cgroup->path), ROOT "/%s-%d", name, getpid());
	if (!mkdir(cgroup->path, 0755))
		return 0;
	err = errno;
	complain("%s: %s", cgroup->path, strerror(err));
	return -err;
}

/**
 * cgroup_enter() - make a control group and move the caller there
 * @cgroup: filled; cgroup_leave() must follow if this succeeds
 * @name: as for cgroup_make()
 *
 * Memory that the caller touches from now on is charged to the group.
 *
 * Return: as cgroup_make().
 */
int cgroup_enter(struct cgroup *cgroup, const char *name)
{
	return cgroup_make(cgroup, name) ?: cgroup_set(cgroup, "cgroup.procs", "0");
}

/**
 * cgroup_leave() - move the caller out of a control group, and remove the group
 * @cgroup: the group; all other processes must have left it
 */
void cgroup_leave(const struct cgroup *cgroup)
{
	write_text(ROOT "/cgroup.procs", "0");
	rmdir(cgroup->path);
}

/**
 * cgroup_set() - write to a file of a control group
 * @cgroup: the group
 * @file: which file
 * @value: what to write
 *
 * Return: as write_text().
 */
int cgroup_set(const struct cgroup *cgroup, const char *file, const char *value)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", cgroup->path, file);
	return write_text(path, value);
}

/**
 * cgroup_get() - read a number from a file of a control group
 * @cgroup: the group
 * @file: which file
 *
 * Return: as file_number().
 */
int64_t cgroup_get(const struct cgroup *cgroup, const char *file)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", cgroup->path, file);
	return file_number(path);
}
