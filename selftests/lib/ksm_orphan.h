/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_KSM_ORPHAN_H
#define RMAPSCOPE_SELFTEST_KSM_ORPHAN_H

#include <stdint.h>
#include <sys/types.h>

/*
 * A page that ksmd has merged, in two processes: this one, and one that ksmd hasn't seen yet. It
 * was forked from a third that had the page, and outlives that one. Nothing leads the kernel there.
 */
struct ksm_orphan {
	char *page;		/* ours */
	uint64_t pfn;
	pid_t ballast, child;
	int64_t settings[2];	/* of ksmd, to be put back */
};

int ksm_orphan_make(struct ksm_orphan *o);
int ksm_orphan_end(struct ksm_orphan *o);
uint64_t ksm_orphan_va(const struct ksm_orphan *o);

#endif
