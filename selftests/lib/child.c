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
#include "uapi_compat.h"

struct order {
	enum child_order what;
	volatile char *page;
	child_function function;
};

static int obey(const struct order *order)
{
	size_t size = sysconf(_SC_PAGESIZE);
	void *page = (void *)order->page;

	switch (order->what) {
	case CHILD_READ:
		(void)*order->page;
		return 0;
	case CHILD_WRITE:
		(*order->page)++;
		return 0;
	case CHILD_DONTNEED:
		return madvise(page, size, MADV_DONTNEED) ? errno : 0;
	case CHILD_UNMAP:
		return munmap(page, size) ? errno : 0;
	case CHILD_PAGEOUT:
		return madvise(page, size, MADV_PAGEOUT) ? errno : 0;
	case CHILD_CALL:
		return order->function(page);
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
 * child_fork() - fork a child that does what it is told
 * @child: filled
 *
 * Return: 0 or -1.
 */
int child_fork(struct child *child)
{
	int orders[2], answers[2];

	if (pipe(orders))
		return complain("pipe: %s", strerror(errno));
	if (pipe(answers)) {
		close(orders[0]);
		close(orders[1]);
		return complain("pipe: %s", strerror(errno));
	}
	child->pid = fork();
	if (!child->pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(orders[1]);
		close(answers[0]);
		serve(orders[0], answers[1]);
		_exit(0);
	}
	close(orders[0]);
	close(answers[1]);
	child->orders = orders[1];
	child->answers = answers[0];
	return child->pid < 0 ? complain("fork: %s", strerror(errno)) : 0;
}

static int give(struct child *child, const struct order *order)
{
	int answer;

	if (write(child->orders, order, sizeof(*order)) != sizeof(*order) ||
	    read(child->answers, &answer, sizeof(answer)) != sizeof(answer))
		return complain("child %d does not answer", child->pid);
	return answer ? complain("child %d: %s", child->pid, strerror(answer)) : 0;
}

/**
 * child_do() - tell a child to do something and wait until it is done
 * @child: the child
 * @order: what to do
 * @page: the page to do it to
 *
 * Return: 0 or -1.
 */
int child_do(struct child *child, enum child_order order, void *page)
{
	return give(child, &(struct order){ .what = order, .page = page });
}

/**
 * child_call() - have a child call a function and wait until it is done
 * @child: the child
 * @function: the function, which the child has at the same address
 * @page: the argument of the function
 *
 * Return: 0 or -1.
 */
int child_call(struct child *child, child_function function, void *page)
{
	return give(child, &(struct order){
		.what = CHILD_CALL, .page = page, .function = function,
	});
}

/**
 * child_end() - end a child and wait for it
 * @child: the child
 *
 * Closing the pipe is not enough to end a child, as children that were forked later have
 * inherited it. Kills the child instead.
 *
 * Return: 0 or -1.
 */
int child_end(struct child *child)
{
	close(child->orders);
	close(child->answers);
	kill(child->pid, SIGKILL);
	if (waitpid(child->pid, NULL, 0) != child->pid)
		return complain("child %d: %s", child->pid, strerror(errno));
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
	/* Fails if the kernel has no transparent huge pages; then there is nothing to prevent. */
	madvise(pages, size, MADV_NOHUGEPAGE);
	return pages;
}

/**
 * own_page() - map a page and write to it
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

/**
 * child_line() - wait for a process that checks something
 * @pid: the process, which exits with the line of the check that failed, modulo 256, or 0
 *
 * Return: its exit status; the negative number of the signal that has ended it; -1 on failure.
 */
int child_line(pid_t pid)
{
	int status;

	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}
