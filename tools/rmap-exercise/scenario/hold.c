// SPDX-License-Identifier: GPL-2.0
/*
 * Scenarios in which something keeps a page where it is.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "exercise.h"

/* A pipe has room for at least 16 pages. */
#define MAX_PIPE_PAGES 16

/* Children do not inherit the lock, so only the VMA of the parent is locked. */
static void run_mlock(struct exercise *ex)
{
	unsigned int n = ex->opt[OPT_CHILDREN], pages = ex->opt[OPT_PAGES];
	struct account_page *page;

	mem_setup(ex);
	if (mlock((void *)ex->va, pages * page_size()))
		die(errno, "cannot lock %u pages in memory", pages);
	proc_spawn_range(ex, 1, n, NULL);
	proc_await(n);

	page = account_page(ex, "locked in memory by the parent", 0, pages);
	account_range(page, STATE_MAPPED, 0, n, ex->va);
}

const struct scenario scenario_mlock = {
	.name = "mlock",
	.explain = "The parent locks in memory the page that all share.",
	.run = run_mlock,
	.opt = {
		[OPT_CHILDREN] = { 3, MAX_CHILDREN },
		[OPT_PAGES] = { 1, MAX_PAGES },
	},
};

/* The pipe has the pages themselves, with a reference to each. */
static void run_pinned(struct exercise *ex)
{
	unsigned int n = ex->opt[OPT_CHILDREN], pages = ex->opt[OPT_PAGES];
	size_t size = pages * page_size();
	struct account_page *page;
	struct iovec iov;
	int ends[2];

	mem_setup(ex);
	if (pipe2(ends, O_CLOEXEC))
		die(errno, "cannot make a pipe");
	iov = (struct iovec){ .iov_base = (void *)ex->va, .iov_len = size };
	if (vmsplice(ends[1], &iov, 1, SPLICE_F_NONBLOCK) != (ssize_t)size)
		die(errno, "cannot put %u pages into a pipe", pages);
	proc_spawn_range(ex, 1, n, NULL);
	proc_await(n);

	page = account_page(ex, "with one more reference, held by a pipe", 0, pages);
	account_range(page, STATE_MAPPED, 0, n, ex->va);
}

const struct scenario scenario_pinned = {
	.name = "pinned",
	.explain = "vmsplice() has put the page into a pipe, which holds a reference.",
	.run = run_pinned,
	.opt = {
		[OPT_CHILDREN] = { 3, MAX_CHILDREN },
		[OPT_PAGES] = { 1, MAX_PIPE_PAGES },
	},
};

static int setup_ring(void)
{
	struct io_uring_params params = { 0 };
	int ring;

	ring = syscall(SYS_io_uring_setup, 1, &params);
	if (ring < 0)
		unsupported("io_uring is not available; see kernel.io_uring_disabled: %s",
			    strerror(errno));
	return ring;
}

/* A page pinned for DMA stays with the parent, so fork() makes a copy for each child. */
static void run_pinned_uring(struct exercise *ex)
{
	unsigned int n = ex->opt[OPT_CHILDREN], pages = ex->opt[OPT_PAGES], i;
	struct account_page *page;
	struct iovec iov;
	int ring;

	mem_setup(ex);
	ring = setup_ring();
	iov = (struct iovec){
		.iov_base = (void *)ex->va, .iov_len = pages * page_size(),
	};
	if (syscall(SYS_io_uring_register, ring, IORING_REGISTER_BUFFERS, &iov, 1))
		die(errno, "cannot register %u pages with io_uring", pages);
	proc_spawn_range(ex, 1, n, NULL);
	proc_await(n);

	page = account_page(ex, "pinned by io_uring", 0, pages);
	account_range(page, STATE_MAPPED, 0, 0, ex->va);
	account_range(page, STATE_COWED, 1, n, ex->va);
	for (i = 1; i <= n; i++) {
		page = account_page(ex, "the copy that fork made for child", i, pages);
		account_range(page, STATE_MAPPED, i, i, ex->va);
	}
}

const struct scenario scenario_pinned_uring = {
	.name = "pinned-uring",
	.explain = "io_uring has pinned the page, so each fork copies it.",
	.run = run_pinned_uring,
	.opt = {
		[OPT_CHILDREN] = { 2, MAX_CHILDREN },
		[OPT_PAGES] = { 1, MAX_PAGES },
	},
};
