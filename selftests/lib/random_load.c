// SPDX-License-Identifier: GPL-2.0
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "complain.h"
#include "kernel_file.h"
#include "random_load.h"
#include "uapi_compat.h"

#define MAX_AREAS	10
#define MAX_WORKERS	30
#define HUGE_BYTES	(2UL << 20)

/* What all workers share. */
struct random_load_shared {
	unsigned int workers;
	unsigned int actions;
};

struct area {
	char *start;
	size_t size;
};

static struct random_load_shared *shared;
static struct area areas[MAX_AREAS];
static unsigned int nr_areas, seed;
static size_t page_size;
/*
 * Files to map: a file on disk if there is one, shared memory, and shared memory with huge pages.
 */
static int files[3];

static unsigned int dice(unsigned int sides)
{
	return rand_r(&seed) % sides;
}

static void keep(char *start, size_t size)
{
	if (start == MAP_FAILED)
		return;
	if (nr_areas == MAX_AREAS) {
		munmap(start, size);
		return;
	}
	areas[nr_areas++] = (struct area){ start, size };
}

static void *map(size_t size, int flags, int fd)
{
	return mmap(NULL, size, PROT_READ | PROT_WRITE, flags, fd, 0);
}

static void new_area(void)
{
	size_t size = (1 + dice(24)) * page_size;
	char *start;

	switch (dice(9)) {
	case 0:
	case 1:
		keep(map(size, MAP_PRIVATE | MAP_ANONYMOUS, -1), size);
		break;
	case 2:
		start = map(2 * HUGE_BYTES, MAP_PRIVATE | MAP_ANONYMOUS, -1);
		if (start != MAP_FAILED)
			madvise(start, 2 * HUGE_BYTES, MADV_HUGEPAGE);
		keep(start, 2 * HUGE_BYTES);
		break;
	case 3:
		keep(map(size, MAP_SHARED | MAP_ANONYMOUS, -1), size);
		break;
	case 4:
		keep(map(size, MAP_SHARED, files[dice(3)]), size);
		break;
	case 5:
	case 6:
		keep(map(size, MAP_PRIVATE, files[dice(3)]), size);
		break;
	default:
		keep(map(size, MAP_PRIVATE | MAP_ANONYMOUS, -1), size);
	}
}

static void drop_area(unsigned int i)
{
	munmap(areas[i].start, areas[i].size);
	areas[i] = areas[--nr_areas];
}

/* Writes to pages of an area. A mapping may have become read-only. */
static void touch(const struct area *area, bool write)
{
	size_t n = 1 + dice(8);

	while (n--) {
		volatile char *byte = area->start + dice(area->size / page_size) * page_size;

		if (write && !madvise((char *)byte, page_size, 23 /* MADV_POPULATE_WRITE */))
			(*byte)++;
		else
			(void)*byte;
	}
}

static void rearrange(struct area *area)
{
	size_t offset = dice(area->size / page_size) * page_size;
	char *part = area->start + offset, *to;
	size_t size = area->size - offset;

	switch (dice(4)) {
	case 0:
		mprotect(part, size, PROT_READ);
		break;
	case 1:
		mprotect(area->start, area->size, PROT_READ | PROT_WRITE);
		break;
	case 2:
		to = mremap(area->start, area->size, area->size, MREMAP_MAYMOVE);
		if (to != MAP_FAILED)
			area->start = to;
		break;
	case 3:
		if (offset && !munmap(part, size))
			area->size = offset;
		break;
	}
}

static void advise(const struct area *area)
{
	static const int advice[] = {
		MADV_DONTNEED, MADV_PAGEOUT, MADV_COLD, MADV_FREE, MADV_MERGEABLE,
		MADV_NOHUGEPAGE, MADV_HUGEPAGE, MADV_UNMERGEABLE,
	};
	size_t offset = dice(area->size / page_size) * page_size;

	madvise(area->start + offset, area->size - offset,
		advice[dice(sizeof(advice) / sizeof(advice[0]))]);
}

static void lock_some(const struct area *area)
{
	if (area->size <= 16 * page_size)
		dice(2) ? mlock(area->start, area->size) : munlock(area->start, area->size);
}

static void new_worker(void)
{
	if (__atomic_add_fetch(&shared->workers, 1, __ATOMIC_RELAXED) > MAX_WORKERS) {
		__atomic_sub_fetch(&shared->workers, 1, __ATOMIC_RELAXED);
		return;
	}
	if (fork()) {
		/* Its parent may exit before it, so nothing waits for it. */
		return;
	}
	prctl(PR_SET_PDEATHSIG, 0);
	seed += getpid();
}

static void one_deed(void)
{
	struct area *area = &areas[dice(nr_areas)];

	__atomic_add_fetch(&shared->actions, 1, __ATOMIC_RELAXED);
	switch (dice(16)) {
	case 0:
		new_worker();
		break;
	case 1:
		new_area();
		break;
	case 2:
		drop_area(area - areas);
		break;
	case 3:
	case 4:
		rearrange(area);
		break;
	case 5:
	case 6:
		advise(area);
		break;
	case 7:
		lock_some(area);
		break;
	case 8:
	case 9:
	case 10:
		touch(area, false);
		break;
	default:
		touch(area, true);
	}
}

static void work(void)
{
	signal(SIGCHLD, SIG_IGN);
	for (;;) {
		while (nr_areas < 4)
			new_area();
		one_deed();
		if (!dice(400) && shared->workers > MAX_WORKERS / 2) {
			__atomic_sub_fetch(&shared->workers, 1, __ATOMIC_RELAXED);
			_exit(0);
		}
	}
}

/*
 * Forks a child into a process group, or into a new one if that is 0. The child works or just
 * stays. The group needs a member that stays: if no parent of its members were outside the group,
 * the kernel would send SIGHUP to stopped members.
 */
static pid_t join_group(pid_t group, void (*act)(void), unsigned int its_seed)
{
	pid_t pid = fork();

	if (pid) {
		setpgid(pid, group);
		return pid;
	}
	setpgid(0, group);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	seed = its_seed;
	if (act)
		act();
	for (;;)
		pause();
}

static int open_files(void)
{
	size_t i;

	/* One file on the root file system, which is no tmpfs here, and two in shared memory. */
	files[0] = open("/random-load", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	unlink("/random-load");
	files[1] = memfd_create("random-load", MFD_CLOEXEC);
	files[2] = memfd_create("random-load-two", MFD_CLOEXEC);
	for (i = 0; i < 3; i++)
		if (files[i] < 0 || ftruncate(files[i], 24 * page_size))
			return complain("random load: file %zu: %s", i, strerror(errno));
	return 0;
}

/**
 * random_load_start() - start the workers
 * @load: filled; random_load_stop() must follow
 * @workers: how many to start
 * @seed_: of their random numbers
 *
 * Return: 0 or -1.
 */
int random_load_start(struct random_load *load, unsigned int workers, unsigned int seed_)
{
	unsigned int i;

	*load = (struct random_load){ 0 };
	page_size = getpagesize();
	shared = mmap(NULL, page_size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED || open_files())
		return complain("random load: %s", strerror(errno));
	load->shared = shared;
	shared->workers = workers;
	load->group = join_group(0, NULL, 0);
	for (i = 0; load->group > 0 && i < workers; i++)
		if (join_group(load->group, work, seed_ * 1000 + i) < 0)
			break;
	if (i < workers)
		return complain("fork: %s", strerror(errno));
	for (i = 0; i < 3; i++)
		close(files[i]);
	return 0;
}

/**
 * random_load_freeze() - stop all workers with SIGSTOP
 * @load: the workers
 *
 * Return: 0 or -1.
 */
int random_load_freeze(struct random_load *load)
{
	/* A worker that was being forked may have missed the signal. */
	do {
		if (kill(-load->group, SIGSTOP))
			return complain("random load: %s", strerror(errno));
		sched_yield();
	} while (group_count(load->group, "RSDtX"));
	return 0;
}

/**
 * random_load_count() - count the workers
 * @load: the workers, stopped by random_load_freeze()
 * @actions: how many actions they have done together
 *
 * Return: the number.
 */
unsigned int random_load_count(const struct random_load *load, unsigned int *actions)
{
	*actions = load->shared->actions;
	return group_count(load->group, "T");
}

static pid_t pick_member(pid_t group)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	pid_t its_group, pid = 0;
	unsigned int n = 0;

	while (proc && (entry = readdir(proc)))
		if (atoi(entry->d_name) > 0 &&
		    process_state(atoi(entry->d_name), &its_group) &&
		    its_group == group && !dice(++n))
			pid = atoi(entry->d_name);
	if (proc)
		closedir(proc);
	return pid;
}

/**
 * random_load_pick() - pick a random VMA of a random worker
 * @load: the workers
 * @pid: the worker
 * @start: of the VMA
 * @end: of the VMA
 *
 * Return: 0, or -1 if that worker is gone.
 */
int random_load_pick(const struct random_load *load, pid_t *pid, uint64_t *start, uint64_t *end)
{
	uint64_t from, to;
	unsigned int n = 0;
	char text[512];
	FILE *maps;

	*pid = pick_member(load->group);
	snprintf(text, sizeof(text), "/proc/%d/maps", *pid);
	maps = *pid ? fopen(text, "r") : NULL;
	while (maps && fgets(text, sizeof(text), maps)) {
		if (sscanf(text, "%" SCNx64 "-%" SCNx64, &from, &to) != 2 || dice(++n))
			continue;
		*start = from;
		*end = to;
	}
	if (maps)
		fclose(maps);
	return n ? 0 : -1;
}

/**
 * random_load_stop() - end all workers, and wait for those that random_load_start() forked
 * @load: the workers
 *
 * Return: 0 or -1.
 */
int random_load_stop(struct random_load *load)
{
	if (!load->group)
		return 0;
	do {
		kill(-load->group, SIGKILL);
		while (waitpid(-load->group, NULL, WNOHANG) > 0)
			;
		sched_yield();
	} while (group_count(load->group, "RSDTt"));
	munmap(load->shared, page_size);
	return 0;
}
