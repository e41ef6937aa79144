/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What /proc/PID/smaps says about a VMA.
 */
#ifndef RMAPSCOPE_VMA_H
#define RMAPSCOPE_VMA_H

#include <stdbool.h>

struct vma {
	unsigned long long start;
	unsigned long long end;
	char perms[5];
	unsigned long long offset;	/* in the file, in bytes */
	bool file;			/* it maps a file, which may be that of shared memory */
	unsigned long long swap_kb;
	char flags[256];		/* two letters each, with blanks on both sides */
};

bool vma_find(const char *process, unsigned long long addr, struct vma *vma);
bool vma_has(const struct vma *vma, const char *flag);

#endif
