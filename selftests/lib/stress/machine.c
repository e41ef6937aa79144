// SPDX-License-Identifier: GPL-2.0
/*
 * Load on the memory of all processes and on the machine: reclaim, compaction, OOM kills, and
 * CPUs and memory that go offline.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernel_file.h"
#include "memory_block.h"
#include "stress.h"

#define MM		"/sys/kernel/mm/"
#define THP		MM "transparent_hugepage/"
#define CPU1		"/sys/devices/system/cpu/cpu1/online"
#define CHUNK		(4UL << 20)
/* What the OOM victims share. */
#define VICTIMS_MEMORY	"40M"
/* The load on all memory ends after the kernel has scanned this many pages. */
#define SCARCE		10000

/**
 * machine_prepare() - make the kernel's own threads work hard
 */
void machine_prepare(void)
{
	write_text("/proc/sys/vm/nr_hugepages", "16");
	write_text(THP "enabled", "always");
	write_text(THP "khugepaged/scan_sleep_millisecs", "200");
	write_text(THP "khugepaged/alloc_sleep_millisecs", "500");
	write_text(MM "ksm/sleep_millisecs", "20");
	write_text(MM "ksm/run", "1");
	processes_set("victims", "memory.max", VICTIMS_MEMORY);
	processes_set("victims", "memory.swap.max", "8M");
	processes_set("load", "memory.high", "max");
}

/**
 * machine_restore() - bring all CPUs and memory online, and stop ksmd and khugepaged
 */
void machine_restore(void)
{
	DIR *blocks = opendir(MEMORY_BLOCKS);
	char path[320];

	write_text(MM "ksm/run", "0");
	write_text(THP "enabled", "never");
	write_text(CPU1, "1");
	while (blocks && block_next(blocks, "offline", path, sizeof(path)))
		write_text(path, "online_movable");
	if (blocks)
		closedir(blocks);
}

/**
 * machine_compact() - compact memory, split all huge pages, unmerge all KSM pages
 */
void machine_compact(void)
{
	static unsigned int turn;

	switch (turn++ % 3) {
	case 0:
		count_action(ACTION_COMPACT, -write_text("/proc/sys/vm/compact_memory", "1"));
		break;
	case 1:
		count_action(ACTION_SPLIT_ALL,
			     -write_text("/sys/kernel/debug/split_huge_pages", "1"));
		break;
	default:
		write_text(MM "ksm/run", stress_random(4) ? "1" : "2");
	}
	stress_nap(3000);
	write_text(MM "ksm/run", "1");
}

/**
 * machine_limits() - reclaim from the control group of the load, and throttle it
 */
void machine_limits(void)
{
	static unsigned int turn;
	char text[32];
	int err;

	if (turn++ % 2) {
		snprintf(text, sizeof(text), "%uM", 1 + stress_random(16));
		err = processes_set("load", "memory.reclaim", text);
		/* Some memory was reclaimed, but not all that was asked for. */
		count_action(ACTION_RECLAIM, err == EAGAIN ? 0 : err);
	} else {
		snprintf(text, sizeof(text), "%uM", 20 + stress_random(60));
		count_action(ACTION_HIGH, processes_set("load", "memory.high", text));
		stress_nap(2000);
		processes_set("load", "memory.high", "max");
	}
	stress_nap(3000);
}

/* How many pages the kernel has scanned because memory was short for all. */
static unsigned long scanned(void)
{
	return stress_events("pgscan_kswapd") + stress_events("pgscan_direct");
}

static void press(void)
{
	unsigned long enough = scanned() + SCARCE;

	write_text("/proc/self/oom_score_adj", "1000");
	/* Otherwise the rest of the load would slow this down too much. */
	setpriority(PRIO_PROCESS, 0, -10);
	while (!counts->calm && scanned() < enough) {
		char *chunk = mmap(NULL, CHUNK, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

		if (chunk == MAP_FAILED)
			break;
	}
	stress_nap(1000);
}

/**
 * machine_pressure() - use nearly all memory, then free it
 */
void machine_pressure(void)
{
	int status;

	if (counts->calm) {
		stress_nap(1000);
		return;
	}
	status = stress_in_child(press);

	/* It may have been too much, so that it was killed. */
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
		count_action(ACTION_OOM, 0);
	count_action(ACTION_PRESSURE, status == -1 ? EAGAIN : 0);
	stress_nap(60000);
}

/* Shares its memory with its parent, and allocates more and more until one of them is killed. */
static void be_victim(char *shared)
{
	size_t size = getpagesize();
	size_t i;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		char *more = mmap(NULL, CHUNK, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (more == MAP_FAILED)
			_exit(1);
		for (i = 0; i < CHUNK; i += size) {
			more[i] = 1;
			shared[i] += i & size ? 1 : 0;
		}
	}
}

static void sacrifice(void)
{
	char *shared;
	int status, i;

	if (processes_join("victims"))
		_exit(1);
	write_text("/proc/self/oom_score_adj", "900");
	shared = mmap(NULL, CHUNK, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (shared == MAP_FAILED)
		_exit(1);
	for (i = 0; i < 3; i++) {
		if (fork())
			continue;
		write_text("/proc/self/oom_score_adj", "1000");
		be_victim(shared);
	}
	while (wait(&status) > 0)
		if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
			count_action(ACTION_OOM, 0);
}

/**
 * machine_victims() - run processes that exceed the limit of their control group and are killed
 */
void machine_victims(void)
{
	stress_in_child(sacrifice);
	stress_nap(6000);
}

/**
 * machine_cpu() - take a CPU offline and online again
 */
void machine_cpu(void)
{
	count_action(ACTION_CPU, -write_text(CPU1, "0"));
	stress_nap(1000);
	write_text(CPU1, "1");
	stress_nap(8000);
}

/**
 * machine_block() - take a block of memory offline and online again
 *
 * Only takes blocks of ZONE_MOVABLE, as others hold pages that cannot be migrated.
 */
void machine_block(void)
{
	DIR *blocks = opendir(MEMORY_BLOCKS);
	char path[320], zones[320], text[64];
	int err = blocks ? ENXIO : ENOENT;

	while (blocks && block_next(blocks, "online", path, sizeof(path))) {
		snprintf(zones, sizeof(zones), "%.*s/valid_zones",
			 (int)(strrchr(path, '/') - path), path);
		if (read_text(zones, text, sizeof(text)) || strncmp(text, "Movable", 7) ||
		    stress_random(2))
			continue;
		err = -write_text(path, "offline");
		break;
	}
	if (blocks)
		closedir(blocks);
	/* No block was chosen this time. */
	if (err != ENXIO || !stress_random(8))
		count_action(ACTION_BLOCK, err);
	stress_nap(2000);
	if (!err)
		write_text(path, "online_movable");
	stress_nap(6000);
}
