// SPDX-License-Identifier: GPL-2.0
/* Detects leaks of kernel memory by /proc/meminfo, a memory control group and kmemleak. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "complain.h"
#include "kernel_file.h"
#include "kernel_memory.h"

#define KMEMLEAK	"/sys/kernel/debug/kmemleak"
/* KASAN keeps freed objects in quarantine: up to 1/32 of all memory. */
#define SOME		(8LL << 20)
#define SOME_CHARGED	(512LL << 10)

/**
 * memory_group_create() - make a control group that counts kernel memory
 * @group: filled; memory_group_destroy() must follow
 *
 * Without a memory controller no group is made, and charges are unknown.
 *
 * Return: 0 or -1.
 */
int memory_group_create(struct cgroup *group)
{
	/* Without a group the path is empty as well. */
	return cgroup_make(group, "memory") && group->path[0] ? -1 : 0;
}

/**
 * memory_group_enter() - move the caller into the group
 * @group: the group
 *
 * Return: 0 or -1.
 */
int memory_group_enter(const struct cgroup *group)
{
	return group->path[0] && cgroup_set(group, "cgroup.procs", "0") ? -1 : 0;
}

/**
 * memory_group_destroy() - remove the group
 * @group: the group, which no process is in any more
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
 * kernel_memory_read() - drop caches, then read how much memory the kernel uses
 * @memory: filled
 * @group: the group whose charges to read
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
 * kernel_memory_same() - compare two readings
 * @before: the earlier reading
 * @after: the later reading
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
		return complain("%" PRId64 " bytes are charged to an empty control group",
				after->charged);
	return 0;
}

/**
 * kmemleak_count() - run kmemleak and count what it finds
 *
 * kmemleak reports an object only after five seconds, so this waits.
 *
 * Return: the number of leaks, with the first one in why[]; negative if kmemleak cannot be used.
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
