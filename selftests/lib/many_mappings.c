// SPDX-License-Identifier: GPL-2.0
/* Sets up a page that takes long to walk and has a large report. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "complain.h"
#include "many_mappings.h"

/*
 * Kernels for debugging check the whole mm after each change of it, so more VMAs in one process
 * would take too long.
 */
#define VMAS_OF_EACH	100

static int map_here(struct many_mappings *wide)
{
	size_t size = getpagesize(), i;
	int fd = memfd_create("wide", MFD_CLOEXEC), ret = 0;

	if (fd < 0 || ftruncate(fd, size))
		ret = complain("no memory for a memfd");
	for (i = 0; !ret && i < VMAS_OF_EACH; i++) {
		char *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
				fd, 0);

		if (at == MAP_FAILED)
			ret = complain("mapping %zu: %s", i, strerror(errno));
		else
			wide->at[wide->nr_here++] = at;
	}
	if (fd >= 0)
		close(fd);
	return ret;
}

/* fork() copies the VMAs, but a file mapping is only faulted in on access. */
static void sharer_main(const struct many_mappings *wide, int ready)
{
	size_t i;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (i = 0; i < wide->nr_here; i++)
		(void)*(volatile char *)wide->at[i];
	if (write(ready, "", 1) != 1)
		_exit(1);
	for (;;)
		pause();
}

static int start_sharer(struct many_mappings *wide)
{
	int ready[2];
	ssize_t got;
	char byte;
	pid_t pid;

	if (pipe(ready))
		return complain("pipe: %s", strerror(errno));
	pid = fork();
	if (!pid)
		sharer_main(wide, ready[1]);
	if (pid > 0)
		wide->sharers[wide->nr_sharers++] = pid;
	/* Closes its copy of the write end, so that the read ends if the child dies. */
	close(ready[1]);
	got = read(ready[0], &byte, 1);
	close(ready[0]);
	return got == 1 ? 0 : complain("a child that maps the page has failed");
}

/**
 * many_mappings_map() - map a page many times
 * @wide: filled; many_mappings_end() must follow, also after an error
 * @nr: how often, a multiple of 100; each mapping has its own VMA, and each process has a hundred
 *
 * Return: 0 or -1.
 */
int many_mappings_map(struct many_mappings *wide, size_t nr)
{
	int ret;

	memset(wide, 0, sizeof(*wide));
	wide->at = calloc(VMAS_OF_EACH, sizeof(*wide->at));
	wide->sharers = calloc(nr / VMAS_OF_EACH, sizeof(*wide->sharers));
	if (!wide->at || !wide->sharers)
		return complain("no memory for %zu mappings", nr);
	ret = map_here(wide);
	while (!ret && (wide->nr_sharers + 1) * VMAS_OF_EACH < nr)
		ret = start_sharer(wide);
	return ret;
}

/**
 * many_mappings_unmap() - unmap the page in this process
 * @wide: the page; the struct is not changed
 *
 * Each munmap(2) takes i_mmap_rwsem of the page's file to remove a VMA from its tree.
 *
 * Return: 0 or -1.
 */
int many_mappings_unmap(const struct many_mappings *wide)
{
	int ret = 0;
	size_t i;

	for (i = 0; i < wide->nr_here; i++)
		if (munmap(wide->at[i], getpagesize()))
			ret = complain("munmap: %s", strerror(errno));
	return ret;
}

/**
 * many_mappings_end() - undo many_mappings_map()
 * @wide: the page
 *
 * Return: 0 or -1.
 */
int many_mappings_end(struct many_mappings *wide)
{
	int ret = many_mappings_unmap(wide);
	size_t i;

	for (i = 0; i < wide->nr_sharers; i++)
		kill(wide->sharers[i], SIGKILL);
	for (i = 0; i < wide->nr_sharers; i++)
		waitpid(wide->sharers[i], NULL, 0);
	free(wide->at);
	free(wide->sharers);
	memset(wide, 0, sizeof(*wide));
	return ret;
}
