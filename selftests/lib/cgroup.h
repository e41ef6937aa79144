/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_CGROUP_H
#define RMAPSCOPE_SELFTEST_CGROUP_H

#include <stdint.h>

/* A control group for one test. */
struct cgroup {
	char path[128];
};

int cgroup_make(struct cgroup *cgroup, const char *name);
int cgroup_enter(struct cgroup *cgroup, const char *name);
void cgroup_leave(const struct cgroup *cgroup);

int cgroup_set(const struct cgroup *cgroup, const char *file, const char *value);
int64_t cgroup_get(const struct cgroup *cgroup, const char *file);

/* For the beginning of a test. @made: cgroup_make() has succeeded. */
#define NEEDS_CGROUP(made)						\
	do {								\
		NEEDS_MODULE();						\
		if (!(made))						\
			SKIP(return, "no memory cgroup");		\
	} while (0)

#endif
