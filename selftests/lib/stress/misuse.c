// SPDX-License-Identifier: GPL-2.0
/*
 * Readers that misuse the files: they read a report in pieces at random offsets, write invalid
 * targets, pass the open file to a child, or are killed while they take a report.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "page_report.h"
#include "slowness.h"
#include "stress.h"

/* Times for an emulated machine whose CPUs are all busy. */
#define DEATH_NS	(30000000000ULL * slowness())

/* Each piece must equal the same part of the whole text. */
static void check_piece(int fd, const char *text, size_t size, bool seek)
{
	size_t from = stress_random(size + 2), len = 1 + stress_random(300);
	char piece[301];
	ssize_t got;

	if (seek && lseek(fd, from, SEEK_SET) < 0) {
		report_problem(RESULT_CONTRACT, "seeking to %zu of %zu: %s", from, size,
			       strerror(errno));
		return;
	}
	got = seek ? read(fd, piece, len) : pread(fd, piece, len, from);
	counts->pieces++;
	if (got < 0)
		report_problem(RESULT_CONTRACT, "reading at %zu of %zu: %s", from, size,
			       strerror(errno));
	else if (from + got > size ? got : memcmp(text + from, piece, got) ||
		 (!got && from < size))
		report_problem(RESULT_WHOLE, "%zd bytes at %zu of %zu differ from before: %.*s",
			       got, from, size, (int)got, piece);
}

static void read_in_pieces(int fd)
{
	char *text = lseek(fd, 0, SEEK_SET) ? NULL : interface_read(fd);
	int i, status;
	pid_t child;

	if (!text) {
		report_problem(RESULT_CONTRACT, "reading a report again: %s", strerror(errno));
		return;
	}
	for (i = 0; i < 20; i++)
		check_piece(fd, text, strlen(text), i % 2);
	/* The child has the same open file. */
	child = fork();
	if (!child) {
		check_piece(fd, text, strlen(text), false);
		_exit(0);
	}
	if (child > 0)
		waitpid(child, &status, 0);
	free(text);
}

/* An invalid target discards the report on the previous one. */
static void ask_nonsense(int fd)
{
	static const struct {
		const char *text;
		int err;
	} nonsense[] = {
		{ "pfn=", EINVAL }, { "pfn=1 pfn=1", EINVAL },
		{ "pid=1", EINVAL }, { "pfn=1 va=1", EINVAL }, { "pfn=-1", EINVAL },
		{ "pid=2 va=0", ESRCH }, { "pfn=0xffffffffffffffff", ENXIO },
		{ "pid=1 va=0", EFAULT },
	};
	size_t i = stress_random(sizeof(nonsense) / sizeof(nonsense[0]));
	int err = interface_write(fd, nonsense[i].text);
	char byte;

	if (err != -nonsense[i].err)
		report_problem(RESULT_CONTRACT, "'%s': %s", nonsense[i].text, strerror(-err));
	if (read(fd, &byte, 1) >= 0 || errno != ENODATA)
		report_problem(RESULT_CONTRACT, "the report is still there after writing '%s'",
			       nonsense[i].text);
}

/* Reads without a write, for the target that another process wrote last. */
static void read_without_asking(enum stress_file file)
{
	int fd = stress_open(file, O_RDONLY);
	char *text = fd < 0 ? NULL : interface_read(fd);

	if (fd >= 0 && !text && !stress_in_contract(-errno, "pid=") && errno != ENXIO)
		report_problem(RESULT_CONTRACT, "reading without a write: %s", strerror(errno));
	free(text);
	if (fd >= 0)
		close(fd);
}

/**
 * read_misusing() - misuse a file in one of several ways
 */
void read_misusing(void)
{
	enum stress_file file = stress_random(2) ? STRESS_PAGE : STRESS_TREE;
	char target[80];
	int fd, i;

	module_hold();
	fd = stress_open(file, O_RDWR);
	for (i = 0; fd >= 0 && i < 4; i++) {
		stress_random_target(target, sizeof(target));
		if (!stress_report(file, fd, target))
			read_in_pieces(fd);
	}
	if (fd >= 0) {
		ask_nonsense(fd);
		close(fd);
	}
	read_without_asking(file);
	module_release();
	stress_nap(100);
}

/* Finds the largest tree of the machine, if top can be read. */
static int largest_tree(char *target, size_t size)
{
	int fd = stress_open(STRESS_TOP, O_RDONLY);
	const struct record *tree;
	struct report report = { 0 };
	int ret = -1;

	if (fd >= 0 && !report_read(&report, fd)) {
		tree = report_next(&report, "tree", NULL);
		if (tree && record_num(tree, "pid")) {
			snprintf(target, size, "pid=%s va=%#llx", record_get(tree, "pid"),
				 record_num(tree, "va"));
			ret = 0;
		}
	}
	report_free(&report);
	if (fd >= 0)
		close(fd);
	return ret;
}

static void report_forever(void)
{
	char target[80];
	int fds[2];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	fds[0] = stress_open(STRESS_PAGE, O_RDWR);
	fds[1] = stress_open(STRESS_TREE, O_RDWR);
	while (fds[0] >= 0 && fds[1] >= 0 && !largest_tree(target, sizeof(target))) {
		stress_report(STRESS_PAGE, fds[0], target);
		stress_report(STRESS_TREE, fds[1], target);
		strcat(target, " folio");
		stress_report(STRESS_PAGE, fds[0], target);
	}
	_exit(0);
}

/**
 * read_until_killed() - kill a reader while it takes a report on the largest tree
 */
void read_until_killed(void)
{
	uint64_t start, took;
	pid_t pid;

	module_hold();
	pid = fork();
	if (!pid)
		report_forever();
	stress_nap(400);
	if (pid > 0) {
		start = stress_now();
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		took = stress_now() - start;
		counts->killed++;
		count_longest(&counts->longest_death_ns, took);
		if (took > DEATH_NS)
			report_problem(RESULT_KILLED, "a reader exited %" PRIu64
				       " ms after it was killed", took / 1000000);
	}
	module_release();
	stress_nap(500);
}
