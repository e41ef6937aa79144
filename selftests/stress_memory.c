// SPDX-License-Identifier: GPL-2.0
/*
 * Does all memory come back? A look that forgets a reference leaves something behind when
 * all processes have gone: a frame that nobody maps, a process that nobody sees.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kernel-page-flags.h>
#include <linux/membarrier.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "stress.h"

#define CHUNK		4096
#define TRIES		50
#define FRAMES_SLACK	256	/* that are in batches of processors, or of the page cache */
#define OBJECTS_SLACK	64
#define MEMORY_SLACK	(48 << 10)	/* of a machine that has been through a lot, in KiB */

static const char * const caches[] = {
	"mm_struct", "vm_area_struct", "anon_vma", "anon_vma_chain", "task_struct", "pid",
	"filp", "files_cache",
};

#define NR_CACHES	(sizeof(caches) / sizeof(caches[0]))

struct memory {
	unsigned long free_kb, vmalloc_kb, unmapped_anon, unmapped_cache, huge_used;
	unsigned long objects[NR_CACHES];
};

static struct memory before;

static unsigned long read_number(const char *key)
{
	FILE *file = fopen("/proc/meminfo", "re");
	unsigned long value = 0;
	char line[128];

	while (file && fgets(line, sizeof(line), file))
		if (!strncmp(line, key, strlen(key)) && line[strlen(key)] == ':')
			value = strtoul(line + strlen(key) + 1, NULL, 10);
	if (file)
		fclose(file);
	return value;
}

static unsigned long objects_of(const char *cache)
{
	unsigned long value = 0;
	char path[96];
	FILE *file;

	/* What each processor keeps for itself counts as in use. */
	snprintf(path, sizeof(path), "/sys/kernel/slab/%s/shrink", cache);
	stress_write(path, "1");
	snprintf(path, sizeof(path), "/sys/kernel/slab/%s/objects", cache);
	file = fopen(path, "re");
	if (file && fscanf(file, "%lu", &value) != 1)
		value = 0;
	if (file)
		fclose(file);
	return value;
}

static bool has(uint64_t flags, unsigned int bit)
{
	return flags & 1ULL << bit;
}

/* A slab may have an odd number where user memory says that it is anonymous. */
static bool is_kernels(uint64_t flags)
{
	return has(flags, KPF_SLAB) || has(flags, KPF_BUDDY) || has(flags, KPF_PGTABLE);
}

/* Frames of user memory that nobody maps, and that aren't in the swap cache. */
static void count_frames(struct memory *m)
{
	static uint64_t flags[CHUNK], counts[CHUNK];
	int kinds = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC);
	int maps = open("/proc/kpagecount", O_RDONLY | O_CLOEXEC);
	ssize_t got, i;

	while (kinds >= 0 && maps >= 0) {
		got = read(kinds, flags, sizeof(flags));
		if (got <= 0 || read(maps, counts, got) != got)
			break;
		for (i = 0; i < got / 8; i++) {
			if (counts[i] || has(flags[i], KPF_SWAPCACHE) || has(flags[i], KPF_HUGE) ||
			    has(flags[i], KPF_COMPOUND_TAIL) || is_kernels(flags[i]))
				continue;
			m->unmapped_anon += has(flags[i], KPF_ANON);
			m->unmapped_cache += has(flags[i], KPF_LRU) && !has(flags[i], KPF_ANON);
		}
	}
	close(kinds);
	close(maps);
}

static void measure(struct memory *m)
{
	size_t i;

	*m = (struct memory){ 0 };
	/* Makes ksmd forget those who are gone, and it still would visit. */
	stress_write("/sys/kernel/mm/ksm/run", "2");
	stress_write("/sys/kernel/mm/ksm/run", "0");
	/* Drains the batches of all processors, too; without a word in the log. */
	stress_write("/proc/sys/vm/drop_caches", "7");
	/* Waits for all that RCU has still to free, but for what that frees in turn. */
	for (i = 0; i < 3; i++)
		syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
	for (i = 0; i < NR_CACHES; i++)
		m->objects[i] = objects_of(caches[i]);
	m->free_kb = read_number("MemFree");
	m->vmalloc_kb = read_number("VmallocUsed");
	/* The pool itself shrinks where a block of memory is taken away. */
	m->huge_used = read_number("HugePages_Total") - read_number("HugePages_Free");
	count_frames(m);
}

static bool more(unsigned long now, unsigned long then, unsigned long slack)
{
	return now > then + slack;
}

static bool is_back(const struct memory *now)
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

static void print(const struct memory *m, const char *when)
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
	struct memory now;
	int try;

	for (try = 0; try < TRIES; try++) {
		measure(&now);
		if (is_back(&now))
			break;
	}
	print(&now, "after");
	if (try == TRIES)
		tally_problem(RESULT_MEMORY, "less is there than before");
}
