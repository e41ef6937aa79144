/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_HAND_H
#define RMAPSCOPE_SELFTEST_HAND_H

#include <sys/types.h>

/*
 * A forked child that does one thing to its memory when told, and says when
 * it is done. It has the addresses of the process that forked it.
 */
struct hand {
	pid_t pid;
	int orders;
	int answers;
};

enum hand_order {
	HAND_READ,	/* touch the page for reading */
	HAND_WRITE,	/* ... for writing */
	HAND_FORGET,	/* MADV_DONTNEED */
	HAND_UNMAP,
	HAND_PAGEOUT,	/* MADV_PAGEOUT */
	HAND_CALL,	/* a function: hand_call() */
};

/* What a child can be told to do with a page; 0 or an errno. */
typedef int (*hand_deed)(void *page);

int hand_fork(struct hand *hand);
int hand_do(struct hand *hand, enum hand_order order, void *page);
int hand_call(struct hand *hand, hand_deed deed, void *page);
int hand_end(struct hand *hand);

void *own_page(void);
void *own_pages(size_t nr);

#endif
