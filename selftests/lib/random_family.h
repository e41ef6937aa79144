/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_KIN_H
#define RMAPSCOPE_SELFTEST_KIN_H

#include <sys/types.h>

/*
 * A random family of processes that fork, write, and rearrange their memory,
 * and then stand still. Its first member is a fresh program, so that it shares
 * nothing with the test that examines it.
 */
#define KIN_ARGUMENT	"--kin"
#define KIN_GENERATIONS	5
#define KIN_MAX		1024

struct kin {
	pid_t root;
	pid_t pids[KIN_MAX];
	size_t nr;
	/* The family ends when this is closed. */
	int hold;
};

int kin_start(struct kin *kin, unsigned int seed);
int kin_stop(struct kin *kin);

/* What the program does when it is started with KIN_ARGUMENT. */
int kin_main(int argc, char **argv);

#endif
