// SPDX-License-Identifier: GPL-2.0
/* Which points of the module's code a thread has executed. */
#include <errno.h>
#include <fcntl.h>
#include <linux/kcov.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "complain.h"
#include "kcov.h"

#define KCOV_FILE	"/sys/kernel/debug/kcov"
#define LOG_ENTRIES	(1UL << 20)	/* a report of "top" takes long */

/**
 * kcov_seen_create() - allocate a map of executed points
 *
 * Return: the map, empty; NULL if the kernel has no kcov, or the module was built without it.
 */
struct kcov_seen *kcov_seen_create(void)
{
	struct kcov_points points;
	struct kcov_seen *seen;
	size_t i;

	if (access(KCOV_FILE, F_OK)) {
		complain("this kernel has no kcov");
		return NULL;
	}
	if (kcov_points_read(&points))
		return NULL;
	seen = mmap(NULL, sizeof(*seen), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		    -1, 0);
	if (seen == MAP_FAILED) {
		complain("mmap: %s", strerror(errno));
		seen = NULL;
	} else {
		seen->base = points.v[0].address;
		for (i = 1; i < points.nr; i++)
			if (points.v[i].address < seen->base)
				seen->base = points.v[i].address;
	}
	kcov_points_free(&points);
	return seen;
}

/**
 * kcov_seen_destroy() - free the map
 * @seen: the map, or NULL
 */
void kcov_seen_destroy(struct kcov_seen *seen)
{
	if (seen)
		munmap(seen, sizeof(*seen));
}

/**
 * kcov_start() - make the kernel log what the calling thread executes
 * @kcov: filled
 * @seen: the map that kcov_end() updates
 *
 * Return: 0 or -1.
 */
int kcov_start(struct kcov *kcov, struct kcov_seen *seen)
{
	void *log;

	kcov->seen = seen;
	kcov->fd = open(KCOV_FILE, O_RDWR | O_CLOEXEC);
	if (kcov->fd < 0)
		return complain(KCOV_FILE ": %s", strerror(errno));
	if (ioctl(kcov->fd, KCOV_INIT_TRACE, LOG_ENTRIES))
		return complain("KCOV_INIT_TRACE: %s", strerror(errno));
	log = mmap(NULL, LOG_ENTRIES * sizeof(uint64_t), PROT_READ | PROT_WRITE, MAP_SHARED,
		   kcov->fd, 0);
	if (log == MAP_FAILED)
		return complain("mmap: %s", strerror(errno));
	kcov->log = log;
	if (ioctl(kcov->fd, KCOV_ENABLE, KCOV_TRACE_PC))
		return complain("KCOV_ENABLE: %s", strerror(errno));
	return 0;
}

/**
 * kcov_stop() - stop logging
 * @kcov: set up by kcov_start()
 */
void kcov_stop(struct kcov *kcov)
{
	ioctl(kcov->fd, KCOV_DISABLE, 0);
	munmap((void *)kcov->log, LOG_ENTRIES * sizeof(uint64_t));
	close(kcov->fd);
}

/**
 * kcov_begin() - clear the log
 * @kcov: set up by kcov_start()
 */
void kcov_begin(struct kcov *kcov)
{
	__atomic_store_n(&kcov->log[0], 0, __ATOMIC_RELAXED);
}

/**
 * kcov_end() - add to the map what the thread has executed since kcov_begin()
 * @kcov: set up by kcov_start()
 *
 * Return: how many of the points are new in the map.
 */
size_t kcov_end(struct kcov *kcov)
{
	uint64_t nr = __atomic_load_n(&kcov->log[0], __ATOMIC_RELAXED), i;
	size_t new = 0;

	for (i = 1; i <= nr && i < LOG_ENTRIES; i++) {
		uint64_t at = kcov->log[i] - kcov->seen->base;

		if (at < KCOV_SPAN && !kcov->seen->at[at]) {
			kcov->seen->at[at] = 1;
			new++;
		}
	}
	return new;
}

static bool was_seen(const struct kcov_seen *seen, const struct kcov_point *point)
{
	uint64_t at = point->address - seen->base;

	return at < KCOV_SPAN && seen->at[at];
}

/* The points are sorted by function. Counts those of the first function. */
static size_t count_function(const struct kcov_points *points, size_t first,
			     const struct kcov_seen *seen, size_t *reached)
{
	const char *name = points->v[first].function;
	size_t i;

	*reached = 0;
	for (i = first; i < points->nr && points->v[i].function == name; i++)
		*reached += was_seen(seen, &points->v[i]);
	return i - first;
}

/**
 * kcov_report() - print how much of the module was executed, and the functions that were not
 * @seen: the map
 *
 * Return: how many functions, or -1.
 */
int kcov_report(const struct kcov_seen *seen)
{
	size_t i, nr, reached, all = 0, functions = 0, run = 0;
	struct kcov_points points;

	if (kcov_points_read(&points))
		return -1;
	printf("# never executed:");
	for (i = 0; i < points.nr; i += nr) {
		nr = count_function(&points, i, seen, &reached);
		all += reached;
		functions++;
		run += reached > 0;
		if (!reached)
			printf(" %s", points.v[i].function);
	}
	printf("\n# executed in part:");
	for (i = 0; i < points.nr; i += nr) {
		nr = count_function(&points, i, seen, &reached);
		if (reached && reached < nr)
			printf(" %s %zu/%zu", points.v[i].function, reached, nr);
	}
	printf("\n# coverage of the module: %zu of %zu points, %zu of %zu functions\n", all,
	       points.nr, run, functions);
	fflush(stdout);
	kcov_points_free(&points);
	return run;
}
