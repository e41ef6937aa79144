/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_RANDOM_FAMILY_H
#define RMAPSCOPE_SELFTEST_RANDOM_FAMILY_H

#include <sys/types.h>

/*
 * A random family of processes that fork, write to memory and rearrange it, and then block. Its
 * first member runs a fresh program, so it shares no anonymous pages with the test.
 */
#define RANDOM_FAMILY_ARGUMENT	"--random-family"
#define RANDOM_FAMILY_GENERATIONS	5
#define RANDOM_FAMILY_MAX		1024

struct random_family {
	pid_t root;
	pid_t pids[RANDOM_FAMILY_MAX];
	size_t nr;
	/* The family exits when this descriptor is closed. */
	int hold;
};

int random_family_start(struct random_family *family, unsigned int seed);
int random_family_stop(struct random_family *family);

/* The main() of a program that is started with RANDOM_FAMILY_ARGUMENT. */
int random_family_main(int argc, char **argv);

#endif
