// SPDX-License-Identifier: GPL-2.0
/*
 * Checks that all memory is free again. A leaked reference shows after all processes are gone, as
 * a frame of user memory that no process maps, or as an mm without a process.
 */
#include <linux/membarrier.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "each_frame.h"
#include "kernel_file.h"
#include "stress.h"

#define TRIES		50
#define FRAMES_SLACK	256	/* pages in batches of CPUs or in the page cache */
#define OBJECTS_SLACK	64
#define MEMORY_SLACK	(48 << 10)	/* in KiB, for a machine that was busy for long */

static const char * const caches[] = {
	"mm_struct", "vm_area_struct", "anon_vma", "anon_vma_chain", "task_struct", "pid",
	"filp", "files_cache",
};

#define NR_CACHES	(sizeof(caches) / sizeof(caches[0]))

struct kernel_memory {
	unsigned long free_kb, vmalloc_kb, unmapped_anon, unmapped_cache, huge_used;
	unsigned long objects[NR_CACHES];
};

static struct kernel_memory before;

static int64_t figure(const char *name)
{
	return file_number_after("/proc/meminfo", name);
}

static unsigned long objects_of(const char *cache)
{
	char path[96];
	int64_t nr;

	/* Memory in the per-CPU lists counts as used. */
	snprintf(path, sizeof(path), "/sys/kernel/slab/%s/shrink", cache);
	write_text(path, "1");
	snprintf(path, sizeof(path), "/sys/kernel/slab/%s/objects", cache);
	nr = file_number(path);
	return nr < 0 ? 0 : nr;
}

/* Counts frames of user memory that no process maps and that are not in the swap cache. */
static void count_frame(void *arg, uint64_t pfn, uint64_t flags, uint64_t count)
{
	static const uint64_t excused = 1ULL << KPF_SWAPCACHE | 1ULL << KPF_HUGE |
		1ULL << KPF_COMPOUND_TAIL | FRAME_IS_KERNEL_MEMORY;
	struct kernel_memory *m = arg;

	if (count || flags & excused)
		return;
	if (flags & 1ULL << KPF_ANON)
		m->unmapped_anon++;
	else if (flags & 1ULL << KPF_LRU)
		m->unmapped_cache++;
}

static void measure(struct kernel_memory *m)
{
	size_t i;

	*m = (struct kernel_memory){ 0 };
	/* Makes ksmd forget exited processes, which it would otherwise still visit. */
	write_text("/sys/kernel/mm/ksm/run", "2");
	write_text("/sys/kernel/mm/ksm/run", "0");
	/* Also drains the batches of all CPUs. Turns the kernel's message about it off. */
	write_text("/proc/sys/vm/drop_caches", "7");
	/* Waits for all RCU callbacks, but not for those that they queue in turn. */
	for (i = 0; i < 3; i++)
		syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
	for (i = 0; i < NR_CACHES; i++)
		m->objects[i] = objects_of(caches[i]);
	m->free_kb = figure("MemFree");
	m->vmalloc_kb = figure("VmallocUsed");
	/* The hugetlb pool shrinks by itself when a block of memory goes offline. */
	m->huge_used = figure("HugePages_Total") - figure("HugePages_Free");
	each_frame(count_frame, m);
}

static bool more(unsigned long now, unsigned long then, unsigned long slack)
{
	return now > then + slack;
}

static bool is_back(const struct kernel_memory *now)
{
	size_t i;

	for (i = 0; i < NR_CACHES; i++)
		if (more(now->objects[i], before.objects[i], OBJECTS_SLACK))
			return false;
	return !more(now->unmapped_anon, before.unmapped_anon, 0) &&
	       !more(now->unmapped_cache, before.unmapped_cache, FRAMES_SLACK) &&
	       !more(before.free_kb, now->free_kb, MEMORY_SLACK) &&
	       !more(now->vmalloc_kb, before.vmalloc_kb, 4096) &&
	       !more(now->huge_used, before.huge_used, 0);
}

static void print(const struct kernel_memory *m, const char *when)
{
	size_t i;

	printf("# %s: MemFree %lu kB, vmalloc %lu kB, huge pages in use %lu;", when, m->free_kb,
	       m->vmalloc_kb, m->huge_used);
	printf(" unmapped frames: %lu anonymous, %lu cached; objects:", m->unmapped_anon,
	       m->unmapped_cache);
	for (i = 0; i < NR_CACHES; i++)
		printf(" %s=%lu", caches[i], m->objects[i]);
	printf("\n");
	fflush(stdout);
}

/**
 * memory_note() - note the amounts of memory before the load
 */
void memory_note(void)
{
	measure(&before);
	print(&before, "before");
}

/**
 * memory_compare() - check that the amounts are as before the load
 *
 * All processes of the load have exited. Waits some time for what work queues and RCU free.
 */
void memory_compare(void)
{
	struct kernel_memory now;
	int try;

	for (try = 0; try < TRIES; try++) {
		measure(&now);
		if (is_back(&now))
			break;
	}
	print(&now, "after");
	if (try == TRIES)
		report_problem(RESULT_MEMORY, "less memory is free than before");
}
