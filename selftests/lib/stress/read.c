// SPDX-License-Identifier: GPL-2.0
/*
 * Takes one report as a reader. The result must be a well-formed report, or an errno of the
 * contract.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "complain.h"
#include "page_report.h"
#include "stress.h"
#include "top_report.h"
#include "tree_report.h"

#define TARGETS		16	/* addresses to take from one process before the next is chosen */
/* A random choice of the VMAs, if the process has more. */
#define VMAS		64

static const char * const names[STRESS_FILES] = {
	[STRESS_PAGE] = "page",
	[STRESS_TREE] = "tree",
	[STRESS_TOP] = "top",
	[STRESS_STATS] = "stats",
	[STRESS_INFO] = "info",
};

static bool is_among(int err, const int *errnos)
{
	while (*errnos && *errnos != -err)
		errnos++;
	return *errnos;
}

/**
 * stress_in_contract() - is an errno allowed for a target?
 * @err: the negative errno
 * @target: the target; NULL for a file without one
 *
 * EINTR is not, as only a killed reader gets it.
 *
 * Return: true if it is allowed.
 */
bool stress_in_contract(int err, const char *target)
{
	static const int by_pid[] = {
		ESRCH, EFAULT, ENODATA, EOPNOTSUPP, EAGAIN, ENOMEM, 0
	};
	static const int by_frame[] = { ENXIO, EOPNOTSUPP, EAGAIN, ENOMEM, 0 };
	static const int by_nothing[] = { ENOMEM, 0 };

	return is_among(err, !target ? by_nothing :
			!strncmp(target, "pid=", 4) ? by_pid : by_frame);
}

/**
 * stress_open() - open a file of the interface
 * @file: which
 * @flags: as for open(2)
 *
 * Return: a descriptor, or -1 if the module is not loaded, or is being unloaded.
 */
int stress_open(enum stress_file file, int flags)
{
	int fd = interface_open(names[file], flags);

	if (fd >= 0)
		return fd;
	if (fd == -ENOENT || fd == -ENXIO)
		counts->away++;
	else if (fd != -ENOMEM)
		report_problem(RESULT_CONTRACT, "opening %s: %s", names[file], strerror(-fd));
	return -1;
}

static int check_page(struct report *report, const char *target)
{
	struct page_report page = { .report = *report, .whole = strstr(target, "folio") };

	if (page_report_check(&page))
		return -1;
	counts->mappings += record_num(page.walk, "pte_maps");
	counts->raced += record_num(page.walk, "raced");
	return 0;
}

static int check_tree(struct report *report)
{
	struct tree_report tree;
	int ret = tree_report_check(&tree, report);

	/* The records belong to the caller. */
	tree.report = (struct report){ 0 };
	tree_report_free(&tree);
	return ret;
}

static int check_plain(const struct report *report, const char *file)
{
	const char *its_file = record_get(report->record, "file");

	return its_file && !strcmp(its_file, file) ? 0 :
	       complain("file=%s in the first line of %s", its_file, file);
}

static int check(enum stress_file file, struct report *report, const char *target)
{
	switch (file) {
	case STRESS_PAGE:
		return check_page(report, target);
	case STRESS_TREE:
		return check_tree(report);
	case STRESS_TOP:
		return top_report_check(report);
	default:
		return check_plain(report, names[file]);
	}
}

static void not_whole(enum stress_file file, int fd, const char *target)
{
	char *text;

	report_problem(RESULT_WHOLE, "%s of %s: %s", names[file], target ? target : "all", why);
	text = lseek(fd, 0, SEEK_SET) ? NULL : interface_read(fd);
	report_quote(text);
	free(text);
}

/**
 * stress_report() - take a report, count it, and check the result
 * @file: which file
 * @fd: the file, open
 * @target: what to write, NULL for files that are only read
 *
 * Return: 0 if there is a report, which was read to its end; else a negative errno.
 */
int stress_report(enum stress_file file, int fd, const char *target)
{
	uint64_t start = stress_now();
	int err = target ? interface_write(fd, target) : 0;
	struct report report = { 0 };

	if (target)
		count_longest(&counts->longest_ns[file], stress_now() - start);
	if (!err)
		err = report_read(&report, fd);
	if (!target)
		count_longest(&counts->longest_ns[file], stress_now() - start);
	counts->looks[file]++;
	if (err == -EPROTO) {
		complain("the text is no report");
		not_whole(file, fd, target);
	} else if (err) {
		count_refused(err);
		if (!stress_in_contract(err, target))
			report_problem(RESULT_CONTRACT, "%s of %s: %s", names[file],
				       target ? target : "all", strerror(-err));
	} else {
		counts->reports[file]++;
		if (check(file, &report, target))
			not_whole(file, fd, target);
	}
	report_free(&report);
	return err;
}

/* A random process, or 0. */
static pid_t random_process(void)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	unsigned int n = 0;
	pid_t pid = 0;

	while (proc && (entry = readdir(proc)))
		if (atoi(entry->d_name) > 0 && !stress_random(++n))
			pid = atoi(entry->d_name);
	if (proc)
		closedir(proc);
	return pid;
}

/* A process, and some of its VMAs as they were a moment ago. */
static struct {
	pid_t pid;
	unsigned int nr, used;
	struct {
		uint64_t start, pages;
	} vmas[VMAS];
} known;

static void read_vmas(void)
{
	unsigned int seen = 0, i;
	uint64_t from, to;
	char line[512];
	FILE *maps;

	known.nr = 0;
	known.used = 0;
	known.pid = random_process();
	snprintf(line, sizeof(line), "/proc/%d/maps", known.pid);
	maps = fopen(line, "re");
	while (maps && fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%" SCNx64 "-%" SCNx64, &from, &to) != 2)
			continue;
		/*
		 * Once the array is full, each further VMA replaces a random one, so that all
		 * have the same chance.
		 */
		i = known.nr < VMAS ? known.nr++ : stress_random(seen + 1);
		seen++;
		if (i >= VMAS)
			continue;
		known.vmas[i].start = from;
		known.vmas[i].pages = (to - from) / getpagesize();
	}
	if (maps)
		fclose(maps);
}

/**
 * stress_random_target() - choose a random address of a random process
 * @text: what to write to a file of the interface
 * @size: of @text
 *
 * Most addresses are in a VMA, and some are just beyond it. Uses the same process several times.
 */
void stress_random_target(char *text, size_t size)
{
	uint64_t va = 0;
	unsigned int i;
	int try;

	/* Kernel threads and exited processes have no memory. */
	for (try = 0; try < 8 && (!known.nr || known.used++ > TARGETS); try++)
		read_vmas();
	if (known.nr) {
		i = stress_random(known.nr);
		va = known.vmas[i].start +
		     stress_random(known.vmas[i].pages + 1) * (uint64_t)getpagesize();
	}
	snprintf(text, size, "pid=%d va=%#" PRIx64 "%s", known.pid, va,
		 stress_random(3) ? "" : " folio");
}
