// SPDX-License-Identifier: GPL-2.0
/*
 * Measures what streams cost, in instructions, as report_cost.c does for reports on a page. They
 * are read from "scan_raw", 1 MiB at a time.
 *
 * scan_pages: each page of 64 MiB that one process maps, without the mappings
 * scan_N: the same with the mappings, of N processes
 * scan_verdicts: as scan_pages, with the verdicts
 * scan_scattered: as scan_1, if no two frames are in a row
 * scan_size: what 1 GiB costs, as a ratio to 64 times what 16 MiB cost
 * scan_sharers: what each of the last 900 of 1,000 processes adds, as a ratio to what each of the
 *	last 90 of 100 adds
 * scan_frames: each frame of the machine
 * scan_mapping: each mapping of all frames, with 21 processes that share 16 MiB
 * scan_empty: 120 TiB without a page
 */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../module/uapi/rmapscope.h"
#include "measure.h"

#define MIB		(1UL << 20)
#define TIB		(1UL << 40)
#define STRIDE		64

static char buffer[MIB];
static uint64_t mappings;

/* The record "end" of the last stream is at the end of what was read last. */
static uint64_t cost_of_scan(const char *range)
{
	const struct rms_rec_end *end = NULL;
	uint64_t least = 0, begin;
	ssize_t got;
	int fd, i;

	for (i = 0; i < 3; i++) {
		fd = open_file(FILES "scan_raw", O_RDWR);
		begin = now();
		if (write(fd, range, strlen(range)) < 0)
			err(1, "scan_raw: %s", range);
		while ((got = read(fd, buffer, sizeof(buffer))) > 0)
			end = (const struct rms_rec_end *)(buffer + got - sizeof(*end));
		keep_least(&least, since(begin));
		if (got < 0)
			err(1, "scan_raw: %s", range);
		close(fd);
	}
	if (!end || end->rec.type != RMS_REC_END || !end->complete)
		errx(1, "scan_raw: %s: the stream isn't complete", range);
	mappings = end->mappings;
	return least;
}

static char *new_memory(size_t size, int prot)
{
	char *memory = mmap(NULL, size, prot, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (memory == MAP_FAILED || madvise(memory, size, MADV_NOHUGEPAGE))
		err(1, "mmap");
	return memory;
}

/* What a page of @memory costs, if @sharers processes map it. */
static double cost_of_page(const char *memory, size_t size, int sharers, const char *options)
{
	pid_t *pids = fork_children(sharers - 1, sleep_for_ever);
	char range[128];
	double cost;

	sleep(1);
	snprintf(range, sizeof(range), "pid=%d start=%p end=%p %s", getpid(), memory,
		 memory + size, options);
	cost = (double)cost_of_scan(range) / (size / getpagesize());
	end_children(pids, sharers - 1);
	return cost;
}

static void one_process(void)
{
	char *memory = new_memory(64 * MIB, PROT_READ | PROT_WRITE);

	memset(memory, 1, 64 * MIB);
	print("scan_pages", cost_of_page(memory, 64 * MIB, 1, ""));
	print("scan_1", cost_of_page(memory, 64 * MIB, 1, "maps"));
	print("scan_9", cost_of_page(memory, 64 * MIB, 9, "maps"));
	print("scan_100", cost_of_page(memory, 64 * MIB, 100, "maps"));
	print("scan_verdicts", cost_of_page(memory, 64 * MIB, 1, "verdicts"));
	munmap(memory, 64 * MIB);
}

static void scattered(void)
{
	char *memory = new_memory(64 * MIB, PROT_READ | PROT_WRITE);
	size_t step = STRIDE * getpagesize(), first, at;

	for (first = 0; first < step; first += getpagesize())
		for (at = first; at < 64 * MIB; at += step)
			memory[at] = 1;
	print("scan_scattered", cost_of_page(memory, 64 * MIB, 1, "maps"));
	munmap(memory, 64 * MIB);
}

static void linear(void)
{
	char *all = new_memory(1024 * MIB, PROT_READ | PROT_WRITE), *memory = all + 512 * MIB;
	double small, large, cost_10, cost_100, cost_1000;

	memset(all, 1, 1024 * MIB);
	/* The first frames that are allocated are scattered. */
	small = cost_of_page(memory, 16 * MIB, 1, "maps");
	large = cost_of_page(all, 1024 * MIB, 1, "maps");
	print_ratio("scan_size", large / small);
	/* Otherwise all children get page tables for it. */
	munmap(all, 512 * MIB);
	munmap(memory + 16 * MIB, 496 * MIB);
	cost_10 = cost_of_page(memory, 16 * MIB, 10, "maps");
	cost_100 = cost_of_page(memory, 16 * MIB, 100, "maps");
	cost_1000 = cost_of_page(memory, 16 * MIB, 1000, "maps");
	print_ratio("scan_sharers", (cost_1000 - cost_100) / 900 / ((cost_100 - cost_10) / 90));
	munmap(memory, 16 * MIB);
}

static void all_frames(void)
{
	char *memory = new_memory(16 * MIB, PROT_READ | PROT_WRITE);
	uint64_t cost;
	pid_t *pids;

	print("scan_frames", cost_of_scan("all") / sysconf(_SC_PHYS_PAGES));
	memset(memory, 1, 16 * MIB);
	pids = fork_children(20, sleep_for_ever);
	sleep(1);
	cost = cost_of_scan("all maps");
	print("scan_mapping", cost / mappings);
	end_children(pids, 20);
	munmap(memory, 16 * MIB);
}

static void empty(void)
{
	size_t size = 120 * TIB;
	char range[128], *memory = new_memory(size, PROT_NONE);

	snprintf(range, sizeof(range), "pid=%d start=%p end=%p maps", getpid(), memory,
		 memory + size);
	print("scan_empty", cost_of_scan(range));
	munmap(memory, size);
}

int main(void)
{
	/* First, as later the free frames are scattered. */
	all_frames();
	one_process();
	scattered();
	linear();
	empty();
	return 0;
}
