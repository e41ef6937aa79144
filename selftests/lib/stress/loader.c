// SPDX-License-Identifier: GPL-2.0
/*
 * Unloads the module and loads it again all the time. Readers hold a lock while they have files
 * of the module open. When unloading has failed a few times because the module was in use, the
 * loader takes that lock for writing, and waits until no reader holds it.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "complain.h"
#include "module.h"
#include "page_report.h"
#include "stress.h"

/* The kernel closes the files of a killed reader one after the other. */
#define UNLOAD_TRIES	2000
/*
 * While the loader waits for the slowest reader, all other readers wait for the loader. So it may
 * not wait too often.
 */
#define MOST_IN_VAIN	8

/*
 * Two file locks, which the kernel releases when their owner is killed. Readers hold the outer
 * one only to take the inner one, so the loader gets the outer one although there are always
 * readers.
 */
static int outer = -1, inner = -1;

/* Each process opens the lock files itself, as an open file that is inherited has the same lock. */
static void find_door(void)
{
	static pid_t owner;

	if (owner == getpid())
		return;
	outer = open("/tmp/stress.outer", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	inner = open("/tmp/stress.inner", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (outer < 0 || inner < 0)
		_exit(1);
	owner = getpid();
}

static void lock(int fd, int how)
{
	while (flock(fd, how) && errno == EINTR)
		;
}

/**
 * module_hold() - take the lock that readers hold while they have a file of the module open
 */
void module_hold(void)
{
	find_door();
	lock(outer, LOCK_SH);
	lock(inner, LOCK_SH);
	lock(outer, LOCK_UN);
}

/**
 * module_release() - release that lock; all files of the module must be closed
 */
void module_release(void)
{
	lock(inner, LOCK_UN);
}

static void add_counter(const char *name, uint64_t value)
{
	struct stress_counter *counter = counts->counters;
	struct stress_counter *end = counter + STRESS_COUNTERS;

	while (counter < end && *counter->name && strcmp(counter->name, name))
		counter++;
	if (counter == end)
		return;
	strncpy(counter->name, name, sizeof(counter->name) - 1);
	if (strncmp(name, "max_", 4))
		counter->value += value;
	else if (value > counter->value)
		counter->value = value;
}

/* The line "stats" has counters by name, a line "refusal" has one by errno. */
static void add_counters(const struct report *report)
{
	const struct record *record = NULL;
	size_t i;

	while ((record = report_next(report, NULL, record))) {
		if (record_get(record, "errno"))
			add_counter(record_get(record, "errno"), record_num(record, "count"));
		else if (!strcmp(record->name, "stats"))
			for (i = 0; i < record->nr_pairs; i++)
				add_counter(record->pair[i].key,
					    strtoull(record->pair[i].value, NULL, 0));
	}
}

static int take_stats(struct report *report)
{
	return report_take(report, "stats", NULL);
}

/**
 * loader_count() - add the module's counters to the totals, as they are lost when it is unloaded
 */
void loader_count(void)
{
	struct report report;

	if (!take_stats(&report))
		add_counters(&report);
	report_free(&report);
}

static void load(void)
{
	int err = module_load("");

	if (!err)
		counts->loads++;
	else
		report_problem(RESULT_MODULE, "loading: %s", strerror(-err));
}

/* No process has a file open, so the module must unload. */
static int unload_alone(void)
{
	int err, try;

	for (try = 0; try < UNLOAD_TRIES; try++) {
		err = module_unload();
		if (err != -EAGAIN && err != -EWOULDBLOCK && err != -EBUSY)
			break;
		sched_yield();
	}
	if (err)
		report_problem(RESULT_MODULE, "unloading without an open file: %s",
			       strerror(-err));
	return err;
}

static int unload_rudely(void)
{
	int err = module_unload();

	if (err == -EAGAIN || err == -EBUSY)
		counts->busy++;
	else if (err)
		report_problem(RESULT_MODULE, "unloading: %s", strerror(-err));
	return err;
}

static int reload(bool alone)
{
	struct report report;
	int counted = take_stats(&report);
	int err = alone ? unload_alone() : unload_rudely();

	if (!err) {
		if (!counted)
			add_counters(&report);
		counts->unloads++;
		if (!access("/sys/kernel/debug/rmapscope", F_OK))
			report_problem(RESULT_MODULE, "the directory exists without the module");
		stress_nap(50);
		load();
	}
	report_free(&report);
	return err;
}

/**
 * load_module() - unload the module and load it again
 */
void load_module(void)
{
	static unsigned int in_vain;
	bool alone = in_vain >= MOST_IN_VAIN;

	/* The process was frozen or killed in between. */
	if (!module_loaded())
		load();
	find_door();
	if (alone) {
		lock(outer, LOCK_EX);
		lock(inner, LOCK_EX);
	}
	in_vain = reload(alone) ? in_vain + 1 : 0;
	if (alone) {
		lock(inner, LOCK_UN);
		lock(outer, LOCK_UN);
	}
	stress_nap(2000);
}
