// SPDX-License-Identifier: GPL-2.0
/* Loads and unloads the module, for tests that need a fresh module or none. */
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
 * module_path() - the path of the module for the running kernel
 *
 * Return: $RMAPSCOPE_KO, or the path in the test machine.
 */
const char *module_path(void)
{
	const char *path = getenv("RMAPSCOPE_KO");

	return path && *path ? path : "/rmapscope/rmapscope.ko";
}

/**
 * module_loaded() - is the module loaded?
 *
 * Return: true if so.
 */
bool module_loaded(void)
{
	return !access("/sys/module/rmapscope", F_OK);
}

/**
 * module_load() - load the module
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

/* Reads a file; *@size is set to its length. */
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

/* Replaces each string of the image that equals @from with @to. */
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
 * module_load_changed() - load a copy of the module in which a string is changed
 * @from: the whole string
 * @to: a string of the same length
 *
 * With this, the module asks for a function that no kernel has, or seems to be built for another
 * kernel.
 *
 * Return: 0 or -errno; -ENXIO if the module does not contain @from.
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
 * module_unload() - unload the module
 *
 * Return: 0 or -errno; does not wait.
 */
int module_unload(void)
{
	return syscall(SYS_delete_module, "rmapscope", O_NONBLOCK) ? -errno : 0;
}

/**
 * module_users() - read the module's reference count
 *
 * Return: the number of references, one for each open file; -1 if the module is not loaded.
 */
int module_users(void)
{
	return file_number("/sys/module/rmapscope/refcnt");
}
