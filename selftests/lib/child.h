/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_CHILD_H
#define RMAPSCOPE_SELFTEST_CHILD_H

#include <sys/types.h>

/*
 * A forked child that does one thing to its memory when told to, and then says that it is done.
 * Addresses in the child are those of the process that forked it.
 */
struct child {
	pid_t pid;
	int orders;
	int answers;
};

enum child_order {
	CHILD_READ,	/* read from the page */
	CHILD_WRITE,	/* write to the page */
	CHILD_DONTNEED,	/* MADV_DONTNEED */
	CHILD_UNMAP,
	CHILD_PAGEOUT,	/* MADV_PAGEOUT */
	CHILD_CALL,	/* call a function, see child_call() */
};

/* A function that a child can call on a page. It returns 0 or an errno. */
typedef int (*child_function)(void *page);

int child_fork(struct child *child);
int child_do(struct child *child, enum child_order order, void *page);
int child_call(struct child *child, child_function function, void *page);
int child_end(struct child *child);
int child_line(pid_t pid);

void *own_page(void);
void *own_pages(size_t nr);

#endif
