// SPDX-License-Identifier: GPL-2.0
/*
 * Measures what "rmapscope share" and "rmapscope why" of all frames cost, the start of the program
 * and its output included.
 *
 * share_all: with --all, and 500 processes that share 20 MiB, as a ratio to reading the smaps of
 *	each process
 * share_linear: what each of the last 400 of them costs, as a ratio to each of the first 100
 * why_all: as a ratio to reading "all verdicts" from the module
 */
#define _GNU_SOURCE		/* environ */

#include <err.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "measure.h"

#define MIB		(1UL << 20)
#define FEW		100
#define MANY		500

static char buffer[MIB];

static uint64_t cost_of_command(char *command)
{
	char * const argv[] = { "rmapscope", command, "--all", NULL };
	posix_spawn_file_actions_t actions;
	uint64_t begin = now(), cost;
	int status;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	if (posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ))
		errx(1, "no rmapscope in PATH");
	if (waitpid(pid, &status, 0) < 0 || status)
		errx(1, "rmapscope %s failed", command);
	cost = since(begin);
	posix_spawn_file_actions_destroy(&actions);
	return cost;
}

static uint64_t cost_of_verdicts(void)
{
	static const char range[] = "all verdicts";
	int fd = open_file(FILES "scan_raw", O_RDWR);
	uint64_t begin = now(), cost;

	if (write(fd, range, strlen(range)) < 0)
		err(1, "scan_raw: %s", range);
	while (read(fd, buffer, sizeof(buffer)) > 0)
		;
	cost = since(begin);
	close(fd);
	return cost;
}

static void read_smaps(pid_t pid)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/smaps", pid);
	fd = open_file(path, O_RDONLY);
	while (read(fd, buffer, sizeof(buffer)) > 0)
		;
	close(fd);
}

static uint64_t cost_of_smaps(const pid_t *pids, int nr)
{
	uint64_t begin = now();
	int i;

	for (i = 0; i < nr; i++)
		read_smaps(pids[i]);
	return since(begin);
}

/* With @nr processes. The first answer warms the caches up. */
static uint64_t cost_with(int nr, double *ratio)
{
	pid_t *pids = fork_children(nr, sleep_for_ever);
	uint64_t cost, smaps;

	sleep(1);
	cost_of_command("share");
	cost = cost_of_command("share");
	smaps = cost_of_smaps(pids, nr);
	print(with_number("share_of", nr), cost);
	print(with_number("smaps_of", nr), smaps);
	*ratio = (double)cost / smaps;
	end_children(pids, nr);
	return cost;
}

int main(void)
{
	char *memory = mmap(NULL, 20 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			    -1, 0);
	double cost_why, cost_1, cost_few, cost_many, ratio;

	if (memory == MAP_FAILED || madvise(memory, 20 * MIB, MADV_NOHUGEPAGE))
		err(1, "mmap");
	memset(memory, 1, 20 * MIB);
	cost_of_command("why");
	cost_why = cost_of_command("why");
	cost_1 = cost_with(1, &ratio);
	cost_few = cost_with(FEW, &ratio);
	cost_many = cost_with(MANY, &ratio);
	print_ratio("why_all", cost_why / cost_of_verdicts());
	print_ratio("share_all", ratio);
	print_ratio("share_linear", (cost_many - cost_few) / (MANY - FEW) /
				    ((cost_few - cost_1) / (FEW - 1)));
	return 0;
}
