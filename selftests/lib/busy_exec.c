// SPDX-License-Identifier: GPL-2.0
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "busy_exec.h"

/**
 * busy_exec_start() - fork a shell that executes itself forever, with many arguments
 *
 * exec puts the arguments at the end of the address space and then moves them to the final place
 * of the stack.
 *
 * Return: the process, or -1.
 */
pid_t busy_exec_start(void)
{
	enum { ARGUMENTS = 8, LENGTH = 100000 };
	static char *argv[ARGUMENTS + 5];
	static char text[LENGTH + 1];
	pid_t pid;
	int i;

	memset(text, 'a', LENGTH);
	argv[0] = "sh";
	argv[1] = "-c";
	argv[2] = "exec /bin/sh -c \"$0\" \"$0\" \"$@\"";
	argv[3] = argv[2];
	for (i = 0; i < ARGUMENTS; i++)
		argv[4 + i] = text;
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execv("/bin/sh", argv);
		_exit(127);
	}
	return pid;
}

/**
 * busy_exec_last_page() - where exec puts the end of a new stack first
 *
 * That is at the end of the largest address space of the CPU.
 *
 * Return: the address.
 */
uint64_t busy_exec_last_page(void)
{
	FILE *cpuinfo = fopen("/proc/cpuinfo", "r");
	uint64_t end = 1UL << 47;
	char line[8192];

	while (cpuinfo && fgets(line, sizeof(line), cpuinfo))
		if (strstr(line, " la57"))
			end = 1UL << 56;
	if (cpuinfo)
		fclose(cpuinfo);
	return end - 2 * getpagesize();
}
