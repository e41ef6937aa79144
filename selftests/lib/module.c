// SPDX-License-Identifier: GPL-2.0
/* Loading and unloading, for the tests that need a fresh module or none. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "kernel_file.h"
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

/* All of a file; *@size is its length. */
static char *read_all(const char *path, size_t *size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	char *image = NULL;

	if (fd < 0 || fstat(fd, &st))
		return NULL;
	*size = st.st_size;
	image = malloc(*size);
	if (image && read(fd, image, *size) != (ssize_t)*size) {
		free(image);
		image = NULL;
	}
	close(fd);
	return image;
}

/* Every text of the image that is just @from becomes @to. */
static int change_texts(char *image, size_t size, const char *from, const char *to)
{
	size_t length = strlen(from), i;
	int changed = 0;

	for (i = 1; i + length < size; i++) {
		if (image[i - 1] || image[i + length] || memcmp(image + i, from, length))
			continue;
		memcpy(image + i, to, length);
		changed++;
	}
	return changed;
}

/**
 * module_load_changed() - insert a copy in which a text has been changed
 * @from: the text, as a whole
 * @to: another one of the same length
 *
 * So a module asks for a function that no kernel has, or takes itself to be built for
 * another kernel.
 *
 * Return: 0 or -errno; -ENXIO if @from isn't in there.
 */
int module_load_changed(const char *from, const char *to)
{
	size_t size;
	char *image = read_all(module_path(), &size);
	int ret = -ENXIO;

	if (!image)
		return -errno;
	if (change_texts(image, size, from, to))
		ret = syscall(SYS_init_module, image, size, "") ? -errno : 0;
	free(image);
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

/**
 * module_users() - who holds the module?
 *
 * Return: how many do, as each of its open files does; -1 if it isn't loaded.
 */
int module_users(void)
{
	return file_number("/sys/module/rmapscope/refcnt");
}
