// SPDX-License-Identifier: GPL-2.0
/* A page with a walk that takes long, and a report that is large, in one process. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "why.h"
#include "wide.h"

/**
 * wide_map() - map a page many times
 * @wide: filled; wide_unmap() may follow, also after an error
 * @nr: how often; each time in a VMA of its own
 *
 * Return: 0 or -1.
 */
int wide_map(struct wide *wide, size_t nr)
{
	size_t size = getpagesize();
	int fd = memfd_create("wide", MFD_CLOEXEC), ret = 0;

	wide->nr = 0;
	wide->at = calloc(nr, sizeof(*wide->at));
	if (fd < 0 || ftruncate(fd, size) || !wide->at)
		ret = complain("no memory for a page to be mapped often");
	while (!ret && wide->nr < nr) {
		char *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
				fd, 0);

		if (at == MAP_FAILED)
			ret = complain("mapping %zu: %s", wide->nr, strerror(errno));
		else
			wide->at[wide->nr++] = at;
	}
	if (fd >= 0)
		close(fd);
	return ret;
}

/**
 * wide_unmap() - undo wide_map()
 * @wide: the page
 *
 * Each munmap(2) takes the lock of the page's file, to take a VMA out of its tree.
 *
 * Return: 0 or -1.
 */
int wide_unmap(struct wide *wide)
{
	int ret = 0;

	while (wide->nr)
		if (munmap(wide->at[--wide->nr], getpagesize()))
			ret = complain("munmap: %s", strerror(errno));
	free(wide->at);
	wide->at = NULL;
	return ret;
}
