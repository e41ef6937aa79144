// SPDX-License-Identifier: GPL-2.0
/* Loading and unloading, for the tests that need a fresh module or none. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "module.h"

/**
 * module_path() - where the module of the running kernel is
 *
 * Return: $RMAPSCOPE_KO or the place where the test machine has it.
 */
const char *module_path(void)
{
	const char *path = getenv("RMAPSCOPE_KO");

	return path && *path ? path : "/rmapscope/rmapscope.ko";
}

/**
 * module_loaded() - is it there now?
 *
 * Return: true if so.
 */
bool module_loaded(void)
{
	return !access("/sys/module/rmapscope", F_OK);
}

/**
 * module_load() - insert it
 * @parameters: module parameters, or ""
 *
 * Return: 0 or -errno.
 */
int module_load(const char *parameters)
{
	int fd = open(module_path(), O_RDONLY | O_CLOEXEC);
	int ret;

	if (fd < 0)
		return -errno;
	ret = syscall(SYS_finit_module, fd, parameters, 0) ? -errno : 0;
	close(fd);
	return ret;
}

/**
 * module_unload() - remove it
 *
 * Return: 0 or -errno; never waits.
 */
int module_unload(void)
{
	return syscall(SYS_delete_module, "rmapscope", O_NONBLOCK) ? -errno : 0;
}
