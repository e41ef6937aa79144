// SPDX-License-Identifier: GPL-2.0
/*
 * The names of VMAs of other processes than that of the range. Each process is read once.
 */
#include <err.h>
#include <stdlib.h>

#include "exit_status.h"
#include "why_range.h"

static struct vma_list *find_process(struct vma_names *n, int pid)
{
	char *text;
	size_t i;

	for (i = 0; i < n->nr; i++)
		if (n->process[i].pid == pid)
			return &n->process[i].vmas;
	n->process = reallocarray(n->process, n->nr + 1, sizeof(*n->process));
	if (!n->process)
		errx(RS_FAILED, "not enough memory for the names of VMAs");
	n->process[n->nr].pid = pid;
	text = vma_list_read(pid);
	/* What can't be read or parsed has no names. */
	vma_list_parse(&n->process[n->nr].vmas, text ?: "");
	free(text);
	return &n->process[n->nr++].vmas;
}

/**
 * vma_names_find() - find the name of a VMA
 * @n: zeroed before the first call
 * @pid: the process
 * @va: an address
 *
 * Return: the name, "" if it has none, or NULL if there is no VMA or no process any more.
 */
const char *vma_names_find(struct vma_names *n, int pid, unsigned long long va)
{
	const struct vma_line *vma = vma_list_at(find_process(n, pid), va);

	return vma ? vma->name : NULL;
}

/**
 * vma_names_free() - free the names
 * @n: the names, or zeroed memory
 */
void vma_names_free(struct vma_names *n)
{
	size_t i;

	for (i = 0; i < n->nr; i++)
		vma_list_free(&n->process[i].vmas);
	free(n->process);
	*n = (struct vma_names){ };
}
