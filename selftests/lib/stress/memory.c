// SPDX-License-Identifier: GPL-2.0
/*
 * Does all memory come back? A look that forgets a reference leaves something behind when
 * all processes have gone: a frame that nobody maps, a process that nobody sees.
 */
#include <linux/membarrier.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "each_frame.h"
#include "kernel_file.h"
#include "stress.h"

#define TRIES		50
#define FRAMES_SLACK	256	/* that are in batches of processors, or of the page cache */
#define OBJECTS_SLACK	64
#define MEMORY_SLACK	(48 << 10)	/* of a machine that has been through a lot, in KiB */

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

	/* What each processor keeps for itself counts as in use. */
	snprintf(path, sizeof(path), "/sys/kernel/slab/%s/shrink", cache);
	write_text(path, "1");
	snprintf(path, sizeof(path), "/sys/kernel/slab/%s/objects", cache);
	nr = file_number(path);
	return nr < 0 ? 0 : nr;
}

/* Frames of user memory that nobody maps, and that aren't in the swap cache. */
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
	/* Makes ksmd forget those who are gone, and it still would visit. */
	write_text("/sys/kernel/mm/ksm/run", "2");
	write_text("/sys/kernel/mm/ksm/run", "0");
	/* Drains the batches of all processors, too; without a word in the log. */
	write_text("/proc/sys/vm/drop_caches", "7");
	/* Waits for all that RCU has still to free, but for what that frees in turn. */
	for (i = 0; i < 3; i++)
		syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
	for (i = 0; i < NR_CACHES; i++)
		m->objects[i] = objects_of(caches[i]);
	m->free_kb = figure("MemFree");
	m->vmalloc_kb = figure("VmallocUsed");
	/* The pool itself shrinks where a block of memory is taken away. */
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
 * memory_note() - take down how much of all there is before the load
 */
void memory_note(void)
{
	measure(&before);
	print(&before, "before");
}

/**
 * memory_compare() - is as much there as before?
 *
 * All processes of the load have gone. What the kernel frees later, with work queues and RCU,
 * is given some time.
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
		report_problem(RESULT_MEMORY, "less is there than before");
}
