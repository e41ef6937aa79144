/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_KSM_ORPHAN_H
#define RMAPSCOPE_SELFTEST_KSM_ORPHAN_H

#include <stdint.h>
#include <sys/types.h>

/*
 * A KSM page that two processes map: this one, and a child that ksmd has not scanned yet. The
 * child's parent also had the page, but has exited. So the kernel's rmap walk cannot find the
 * child's mapping.
 */
struct ksm_orphan {
	char *page;		/* its address in this process */
	uint64_t pfn;
	pid_t ballast, child;
	int64_t settings[2];	/* of ksmd, to be restored */
};

int ksm_orphan_make(struct ksm_orphan *o);
int ksm_orphan_end(struct ksm_orphan *o);
uint64_t ksm_orphan_va(const struct ksm_orphan *o);

#endif
