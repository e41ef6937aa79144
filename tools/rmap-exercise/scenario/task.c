// SPDX-License-Identifier: GPL-2.0
/*
 * Scenarios with several tasks on one mm. The mm has one VMA and one page-table entry, so the page
 * is mapped once.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "exercise.h"

#define NR_THREADS 3
#define STACK_PAGES 16

static void *stay(void *arg)
{
	(void)arg;
	helper_stay();
}

static void start_thread(void *(*body)(void *arg), void *arg)
{
	pthread_t thread;
	int err;

	err = pthread_create(&thread, NULL, body, arg);
	if (err)
		die(err, "cannot start a thread");
}

static unsigned long with_threads(struct exercise *ex, unsigned int index)
{
	unsigned int i;

	(void)index;
	mem_setup(ex);
	for (i = 0; i < NR_THREADS; i++)
		start_thread(stay, NULL);
	return ex->va;
}

struct survivor {
	int leader[2];
	unsigned int index;
	unsigned long va;
};

/*
 * Wait until the thread group leader has exited. It writes a byte after it has unshared its file
 * table. An exiting task drops its mm before its files, so end of file means that the leader no
 * longer has the mm.
 */
static void *outlive_leader(void *arg)
{
	struct survivor *me = arg;
	char byte;

	if (read(me->leader[0], &byte, 1) != 1)
		die(0, "the thread group leader ended too early");
	close(me->leader[1]);
	if (read(me->leader[0], &byte, 1) != 0)
		die(0, "the thread group leader did not end");
	helper_ready(me->index, me->va);
	helper_stay();
}

/* Calls SYS_exit directly, because exit() would end the other thread as well. */
static unsigned long without_leader(struct exercise *ex, unsigned int index)
{
	static struct survivor survivor;

	survivor.index = index;
	mem_setup(ex);
	survivor.va = ex->va;
	if (pipe2(survivor.leader, O_CLOEXEC))
		die(errno, "cannot make a pipe");
	start_thread(outlive_leader, &survivor);
	if (unshare(CLONE_FILES))
		die(errno, "cannot unshare the thread group leader's file table");
	if (write(survivor.leader[1], "", 1) != 1)
		die(errno, "cannot write to a pipe");
	syscall(SYS_exit, 0);
	return 0;
}

static void run_threads(struct exercise *ex)
{
	struct account_page *page;

	ex->helpers[1].role = "process with threads";
	ex->helpers[2].role = "process whose thread group leader has exited";
	proc_spawn(ex, 1, with_threads);
	proc_spawn(ex, 2, without_leader);
	proc_await(2);

	page = account_page(ex, "of the process with threads", 0,
			    ex->opt[OPT_PAGES]);
	account_range(page, STATE_MAPPED, 1, 1, ex->helpers[1].va);
	page = account_page(ex, "of the process whose thread group leader has exited",
			    0, ex->opt[OPT_PAGES]);
	account_range(page, STATE_MAPPED, 2, 2, ex->helpers[2].va);
}

const struct scenario scenario_threads = {
	.name = "threads",
	.explain = "A process with threads, and one whose thread group leader has exited.",
	.run = run_threads,
	.opt = { [OPT_PAGES] = { 1, MAX_PAGES } },
};

struct sharer {
	unsigned int index;
	unsigned long va;
};

static int sharer_main(void *arg)
{
	struct sharer *me = arg;

	helper_ready(me->index, me->va);
	helper_stay();
}

/*
 * With CLONE_VFORK in @flags this does what vfork() does, and the caller sleeps in clone() until
 * the child has exited. Unlike in vfork(), the child has its own stack, so it may call functions.
 */
static void clone_sharer(struct exercise *ex, unsigned int index, int flags)
{
	static struct sharer sharer;
	size_t size = STACK_PAGES * page_size();
	unsigned long stack = mem_region(STACK_PAGES);

	mem_setup(ex);
	sharer.index = index + 1;
	sharer.va = ex->va;
	helper_watch_children();
	helper_ready(index, ex->va);
	if (clone(sharer_main, (void *)(stack + size),
		  CLONE_VM | SIGCHLD | flags, &sharer) < 0)
		die(errno, "cannot clone a process that shares the memory");
}

static unsigned long vfork_parent(struct exercise *ex, unsigned int index)
{
	clone_sharer(ex, index, CLONE_VFORK);
	helper_stay();
}

static unsigned long clone_parent(struct exercise *ex, unsigned int index)
{
	clone_sharer(ex, index, 0);
	helper_stay();
}

static void run_sharer(struct exercise *ex,
		       unsigned long (*body)(struct exercise *ex, unsigned int index),
		       const char *first, const char *second)
{
	struct account_page *page;

	ex->helpers[1].role = first;
	ex->helpers[2].role = second;
	ex->helpers[1].sharer = 2;
	proc_spawn(ex, 1, body);
	proc_await(2);

	page = account_page(ex, "of two processes with one mm", 0,
			    ex->opt[OPT_PAGES]);
	account_range(page, STATE_MAPPED, 1, 1, ex->helpers[1].va);
}

static void run_vfork(struct exercise *ex)
{
	run_sharer(ex, vfork_parent, "vfork() caller", "vfork() child");
}

const struct scenario scenario_vfork = {
	.name = "vfork",
	.explain = "A process is suspended in vfork() while its child runs on the same mm.",
	.run = run_vfork,
	.opt = { [OPT_PAGES] = { 1, MAX_PAGES } },
};

static void run_clone_vm(struct exercise *ex)
{
	run_sharer(ex, clone_parent, "clone() caller",
		   "process cloned with CLONE_VM");
}

const struct scenario scenario_clone_vm = {
	.name = "clone-vm",
	.explain = "Two processes run on the same mm without being threads of one process.",
	.run = run_clone_vm,
	.opt = { [OPT_PAGES] = { 1, MAX_PAGES } },
};
