// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "complain.h"

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT 21
#endif

struct order {
	enum hand_order what;
	volatile char *page;
	hand_deed deed;
};

static int obey(const struct order *order)
{
	size_t size = sysconf(_SC_PAGESIZE);
	void *page = (void *)order->page;

	switch (order->what) {
	case HAND_READ:
		(void)*order->page;
		return 0;
	case HAND_WRITE:
		(*order->page)++;
		return 0;
	case HAND_FORGET:
		return madvise(page, size, MADV_DONTNEED) ? errno : 0;
	case HAND_UNMAP:
		return munmap(page, size) ? errno : 0;
	case HAND_PAGEOUT:
		return madvise(page, size, MADV_PAGEOUT) ? errno : 0;
	case HAND_CALL:
		return order->deed(page);
	}
	return EINVAL;
}

static void serve(int orders, int answers)
{
	struct order order;

	while (read(orders, &order, sizeof(order)) == sizeof(order)) {
		int answer = obey(&order);

		if (write(answers, &answer, sizeof(answer)) != sizeof(answer))
			break;
	}
}

/**
 * hand_fork() - fork a child that takes orders
 * @hand: filled
 *
 * Return: 0 or -1.
 */
int hand_fork(struct hand *hand)
{
	int orders[2], answers[2];

	if (pipe(orders))
		return complain("pipe: %s", strerror(errno));
	if (pipe(answers)) {
		close(orders[0]);
		close(orders[1]);
		return complain("pipe: %s", strerror(errno));
	}
	hand->pid = fork();
	if (!hand->pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(orders[1]);
		close(answers[0]);
		serve(orders[0], answers[1]);
		_exit(0);
	}
	close(orders[0]);
	close(answers[1]);
	hand->orders = orders[1];
	hand->answers = answers[0];
	return hand->pid < 0 ? complain("fork: %s", strerror(errno)) : 0;
}

static int give(struct hand *hand, const struct order *order)
{
	int answer;

	if (write(hand->orders, order, sizeof(*order)) != sizeof(*order) ||
	    read(hand->answers, &answer, sizeof(answer)) != sizeof(answer))
		return complain("child %d does not answer", hand->pid);
	return answer ? complain("child %d: %s", hand->pid, strerror(answer)) : 0;
}

/**
 * hand_do() - give an order and wait until it is done
 * @hand: the child
 * @order: what to do
 * @page: and where
 *
 * Return: 0 or -1.
 */
int hand_do(struct hand *hand, enum hand_order order, void *page)
{
	return give(hand, &(struct order){ .what = order, .page = page });
}

/**
 * hand_call() - have a child call a function and wait until it is done
 * @hand: the child
 * @deed: the function, which the child has at the same address
 * @page: what it is given
 *
 * Return: 0 or -1.
 */
int hand_call(struct hand *hand, hand_deed deed, void *page)
{
	return give(hand, &(struct order){ .what = HAND_CALL, .page = page, .deed = deed });
}

/**
 * hand_end() - let a child exit and wait for it
 * @hand: the child
 *
 * A later child inherits the order pipe of an earlier one, so closing it does
 * not always end the earlier one: it is killed.
 *
 * Return: 0 or -1.
 */
int hand_end(struct hand *hand)
{
	close(hand->orders);
	close(hand->answers);
	kill(hand->pid, SIGKILL);
	if (waitpid(hand->pid, NULL, 0) != hand->pid)
		return complain("child %d: %s", hand->pid, strerror(errno));
	return 0;
}

/**
 * own_pages() - map private anonymous memory that is never a huge page
 * @nr: how many pages; none is touched yet
 *
 * Return: the address, or NULL.
 */
void *own_pages(size_t nr)
{
	size_t size = nr * sysconf(_SC_PAGESIZE);
	void *pages = mmap(NULL, size, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (pages == MAP_FAILED) {
		complain("mmap: %s", strerror(errno));
		return NULL;
	}
	/* Fails where the kernel has no transparent huge pages: as good. */
	madvise(pages, size, MADV_NOHUGEPAGE);
	return pages;
}

/**
 * own_page() - one page of the caller, written to
 *
 * Return: its address, or NULL.
 */
void *own_page(void)
{
	char *page = own_pages(1);

	if (page)
		memset(page, 1, 1);
	return page;
}
