// SPDX-License-Identifier: GPL-2.0
/*
 * Prints where the readers are when none finishes a report for a while, one line for each reader.
 */
#include <stdio.h>
#include <stdlib.h>

#include "stress.h"

#define FRAMES		8
#define MOST_SAID	3	/* how often */

/*
 * The state and times of a reader, and its kernel stack, innermost function first. A line of the
 * stack reads "[<0>] function+0x1/0x2".
 */
static void show_process(int pid)
{
	char path[48], line[512], function[128], name[32] = "", state = '?';
	unsigned long user = 0, system = 0;
	unsigned int n = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "re");
	if (file && fscanf(file, "%*d (%31[^)]) %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
			   name, &state, &user, &system) != 4)
		state = '?';
	if (file)
		fclose(file);
	snprintf(path, sizeof(path), "/proc/%d/stack", pid);
	file = fopen(path, "re");
	printf("# waiting: %d %s %c %lu %lu:", pid, name, state, user, system);
	while (file && n++ < FRAMES && fgets(line, sizeof(line), file))
		if (sscanf(line, "%*s %127[^+\n]", function) == 1)
			printf(" %s", function);
	printf("\n");
	if (file)
		fclose(file);
}

static void show_group(const char *group)
{
	char line[96];
	FILE *procs;

	snprintf(line, sizeof(line), "/sys/fs/cgroup/stress/%s/cgroup.procs", group);
	procs = fopen(line, "re");
	while (procs && fgets(line, sizeof(line), procs))
		show_process(atoi(line));
	if (procs)
		fclose(procs);
}

/**
 * stuck_watch() - print where all readers are, if none has finished a report since the last call
 */
void stuck_watch(void)
{
	static unsigned long before;
	static unsigned int said;
	unsigned long looks = 0;
	size_t i;

	for (i = 0; i < STRESS_FILES; i++)
		looks += counts->looks[i];
	if (looks == before && said++ < MOST_SAID)
		show_group("readers");
	fflush(stdout);
	before = looks;
}
