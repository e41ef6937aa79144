// SPDX-License-Identifier: GPL-2.0
/* Whether the kernel's memory is where it was, by meminfo, a control group and kmemleak. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "complain.h"
#include "kernel_file.h"
#include "kernel_memory.h"

#define KMEMLEAK	"/sys/kernel/debug/kmemleak"
/* A kernel with KASAN keeps freed objects for a while: as much as 1/32 of all memory. */
#define SOME		(8LL << 20)
#define SOME_CHARGED	(512LL << 10)

/**
 * memory_group_create() - make a control group to count in
 * @group: filled; memory_group_destroy() must follow
 *
 * Without a memory controller there is none, and what is charged isn't known.
 *
 * Return: 0 or -1.
 */
int memory_group_create(struct cgroup *group)
{
	/* Without one it has no path either. */
	return cgroup_make(group, "memory") && group->path[0] ? -1 : 0;
}

/**
 * memory_group_enter() - go there
 * @group: where
 *
 * Return: 0 or -1.
 */
int memory_group_enter(const struct cgroup *group)
{
	return group->path[0] && cgroup_set(group, "cgroup.procs", "0") ? -1 : 0;
}

/**
 * memory_group_destroy() - remove it
 * @group: nobody is in there any more
 */
void memory_group_destroy(struct cgroup *group)
{
	if (group->path[0])
		rmdir(group->path);
	group->path[0] = '\0';
}

static int64_t charged_to(const struct cgroup *group)
{
	char path[160];

	snprintf(path, sizeof(path), "%s/memory.stat", group->path);
	return group->path[0] ? file_number_after(path, "kernel") : -1;
}

/**
 * kernel_memory_read() - how much is used now, without what can be dropped?
 * @memory: filled
 * @group: whose charges to read
 *
 * Return: 0 or -1.
 */
int kernel_memory_read(struct kernel_memory *memory, const struct cgroup *group)
{
	sync();
	if (write_text("/proc/sys/vm/drop_caches", "3"))
		return -1;
	memory->available = file_number_after("/proc/meminfo", "MemAvailable") << 10;
	memory->slab = file_number_after("/proc/meminfo", "SUnreclaim") << 10;
	memory->vmalloc = file_number_after("/proc/meminfo", "VmallocUsed") << 10;
	memory->charged = charged_to(group);
	return 0;
}

/**
 * kernel_memory_same() - is it used as it was?
 * @before: some time ago
 * @after: now
 *
 * Return: 0, or -1 if clearly more is used.
 */
int kernel_memory_same(const struct kernel_memory *before, const struct kernel_memory *after)
{
	int64_t some = SOME;

	printf("# memory used more than before: available %" PRId64 " KiB, slab %" PRId64
	       ", vmalloc %" PRId64 ", charged %" PRId64 " bytes\n",
	       (before->available - after->available) >> 10, (after->slab - before->slab) >> 10,
	       (after->vmalloc - before->vmalloc) >> 10, after->charged - before->charged);
	fflush(stdout);
	if (!access(KMEMLEAK, F_OK))
		some = 10 * SOME;
	if (before->available - after->available > 2 * some || after->slab - before->slab > some ||
	    after->vmalloc - before->vmalloc > some)
		return complain("the kernel uses more memory than before");
	if (after->charged - before->charged > SOME_CHARGED)
		return complain("%" PRId64 " bytes are charged to a control group that is empty",
				after->charged);
	return 0;
}

/**
 * kmemleak_count() - what nothing leads to any more
 *
 * An object isn't called a leak in its first five seconds, so this takes a while.
 *
 * Return: how many, with the first in why[]; negative if that can't be told.
 */
long kmemleak_count(void)
{
	char line[256];
	long leaks = 0;
	FILE *file;

	if (write_text(KMEMLEAK, "scan"))
		return -1;
	sleep(6);
	if (write_text(KMEMLEAK, "scan"))
		return -1;
	file = fopen(KMEMLEAK, "r");
	why[0] = '\0';
	while (file && fgets(line, sizeof(line), file)) {
		leaks += !strncmp(line, "unreferenced", 12);
		if (strlen(why) + strlen(line) < sizeof(why))
			strcat(why, line);
	}
	if (file)
		fclose(file);
	return file ? leaks : -1;
}
