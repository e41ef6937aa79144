/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The VMAs of a process, as in the text of /proc/PID/maps.
 */
#ifndef RMAPSCOPE_VMA_LIST_H
#define RMAPSCOPE_VMA_LIST_H

#include <stddef.h>

struct vma_line {
	unsigned long long start;
	unsigned long long end;
	char perms[5];
	unsigned long long offset;	/* in the file, in bytes */
	unsigned long long inode;	/* 0: no file */
	const char *name;		/* as maps has it; "" if it has none */
};

struct vma_list {
	char *text;			/* names point into it */
	struct vma_line *vma;		/* in the order of their addresses */
	size_t nr;
};

char *vma_list_read(unsigned long long pid);
int vma_list_parse(struct vma_list *list, const char *text);
void vma_list_free(struct vma_list *list);
size_t vma_list_find(const struct vma_list *list, unsigned long long addr);
const struct vma_line *vma_list_at(const struct vma_list *list, unsigned long long addr);
const struct vma_line *vma_list_part(const struct vma_list *list, unsigned long long addr,
				     unsigned long long *end);

#endif
