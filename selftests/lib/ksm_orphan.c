// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "child.h"
#include "complain.h"
#include "kernel_file.h"
#include "ksm.h"
#include "ksm_orphan.h"
#include "oracle.h"
#include "page_actions.h"
#include "slowness.h"

/* The ballast: so many pages to scan first that ksmd takes a while to reach the child. */
#define BALLAST		8192
#define HURRY		"10000"	/* pages per scan */
#define DALLY		"100"
#define SECONDS		(30 * slowness())
#define TRIES		12

static const char * const settings[] = { KSM "pages_to_scan", KSM "sleep_millisecs" };

/* Waits until ksmd knows this many places. */
static bool await_known(int64_t nr)
{
	time_t end = time(NULL) + SECONDS;

	while (file_number(KSM "pages_shared") + file_number(KSM "pages_sharing") != nr) {
		if (time(NULL) > end)
			return false;
		usleep(1000);
	}
	return true;
}

/* All pages differ, so that no others are merged. */
static int add_ballast(void)
{
	size_t size = getpagesize(), i;
	char *pages = own_pages(BALLAST);

	for (i = 0; pages && i < BALLAST; i++)
		memcpy(pages + i * size, (size_t[]){ i, getpid() }, 2 * sizeof(i));
	return !pages || madvise(pages, BALLAST * size, MADV_MERGEABLE) ? -1 : 0;
}

static char *mergeable_page(void)
{
	size_t size = getpagesize();
	char *page = own_pages(1);

	if (!page || madvise(page, size, MADV_MERGEABLE))
		return NULL;
	return memset(page, 0x5a, size);
}

/* Stays as long as the test runs. */
static void stay(pid_t test)
{
	/* Waits until its parent is gone. */
	while (getppid() != test)
		usleep(1000);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (getppid() == test)
		pause();
	_exit(0);
}

/* This process has the page as well. When told to, it forks a child, reports its pid, and exits. */
static void parent(pid_t test, int orders, int answers)
{
	pid_t child;
	char order;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (!mergeable_page() || read(orders, &order, 1) != 1)
		_exit(1);
	child = fork();
	if (!child)
		stay(test);
	_exit(write(answers, &child, sizeof(child)) != sizeof(child));
}

static void end_child(pid_t *child)
{
	if (*child <= 0)
		return;
	kill(*child, SIGKILL);
	waitpid(*child, NULL, 0);
	*child = 0;
}

/* By the time it forks, its page is merged with ours. */
static void make_orphan(struct ksm_orphan *o)
{
	pid_t test = getpid(), pid, child;
	int tell[2], hear[2];

	if (pipe(tell) || pipe(hear))
		return;
	pid = fork();
	if (!pid) {
		close(tell[1]);
		parent(test, tell[0], hear[1]);
	}
	close(tell[0]);
	close(hear[1]);
	if (pid > 0 && await_known(2)) {
		write_text(KSM "pages_to_scan", DALLY);
		if (write(tell[1], "x", 1) == 1 &&
		    read(hear[0], &child, sizeof(child)) == sizeof(child) && child > 0)
			o->child = child;
	}
	close(tell[1]);
	close(hear[0]);
	waitpid(pid, NULL, 0);
}

/**
 * ksm_orphan_va() - find the address of the page in the child, by its pagemap
 * @o: filled by ksm_orphan_make()
 *
 * Return: the address; 0 if the child does not map the page any more.
 */
uint64_t ksm_orphan_va(const struct ksm_orphan *o)
{
	struct mappings found = { 0 };
	uint64_t va = 0;
	size_t i;

	if (!oracle_mappers(o->pfn, &found))
		for (i = 0; i < found.nr; i++)
			if (found.v[i].pid == o->child)
				va = found.v[i].va;
	mappings_free(&found);
	return va;
}

/* ksmd has dropped the exited parent, but it may have scanned the child before that. */
static bool have_orphan(struct ksm_orphan *o)
{
	write_text(KSM "run", "2");
	write_text(KSM "pages_to_scan", HURRY);
	write_text(KSM "run", "1");
	make_orphan(o);
	if (o->child && await_known(1)) {
		write_text(KSM "run", "0");
		o->pfn = frame(o->page);
		if (await_known(1) && has_flag(o->pfn, KPF_KSM) && ksm_orphan_va(o))
			return true;
	}
	end_child(&o->child);
	return false;
}

static int prepare(struct ksm_orphan *o)
{
	size_t i;

	/* As a subreaper, this process inherits children whose parent has exited. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	for (i = 0; i < 2; i++)
		o->settings[i] = file_number(settings[i]);
	if (write_text(KSM "sleep_millisecs", "1"))
		return -1;
	o->page = mergeable_page();
	if (!o->page || madvise(o->page, getpagesize(), MADV_DONTFORK) || add_ballast())
		return complain("MADV_MERGEABLE: %s", strerror(errno));
	o->ballast = fork();
	if (o->ballast)
		return o->ballast > 0 ? 0 : complain("fork: %s", strerror(errno));
	if (add_ballast())
		_exit(1);
	stay(getppid());
	return 0;
}

/**
 * ksm_orphan_make() - set up such a page, and stop ksmd
 * @o: filled; ksm_orphan_end() must follow, also after an error
 *
 * Return: 0 or -1.
 */
int ksm_orphan_make(struct ksm_orphan *o)
{
	int try;

	if (prepare(o))
		return -1;
	for (try = 0; try < TRIES; try++)
		if (have_orphan(o))
			return 0;
	return complain("ksmd scanned the child too early in each of %d tries", TRIES);
}

/**
 * ksm_orphan_end() - end all processes and restore the settings of ksmd, but leave it stopped
 * @o: filled by ksm_orphan_make(), or all zeroes
 *
 * Return: 0 or -1.
 */
int ksm_orphan_end(struct ksm_orphan *o)
{
	char text[32];
	int ret = 0;
	size_t i;

	end_child(&o->child);
	end_child(&o->ballast);
	if (!o->page)
		return 0;
	if (write_text(KSM "run", "0"))
		ret = -1;
	for (i = 0; i < 2; i++) {
		snprintf(text, sizeof(text), "%" PRId64, o->settings[i]);
		if (write_text(settings[i], text))
			ret = -1;
	}
	return ret;
}
