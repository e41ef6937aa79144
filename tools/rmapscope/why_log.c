// SPDX-License-Identifier: GPL-2.0
/*
 * The frames that the kernel log names where it says what failed.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "exit_status.h"
#include "why_where.h"

#define KMSG		"/dev/kmsg"
/* As many as are still of use; a failed offlining prints a line for each page. */
#define MAX_LINES	16

/*
 * Lines by what they have in common, by what is before the first number, and what follows. Files of
 * mm/ print these in Linux 6.1 to 7.3: memory_hotplug.c, memory-failure.c, debug.c, page_alloc.c,
 * cma.c (as debug messages: that and "offlining"). Only older kernels print "PFNs busy".
 */
static const struct {
	const char *line;		/* is somewhere in it */
	const char *before;
	const char *format;
	enum { FRAME, FRAMES, ADDRESSES } what;
} lines[] = {
	{ "offlining", " [mem ", "%llx-%llx] failed", ADDRESSES },
	{ "alloc_contig_range", ": [", "%llx, %llx) PFNs busy", FRAMES },
	{ "failed to isolate", " pfn ", "%llx", FRAME },
	{ "migrating", " pfn ", "%llx failed", FRAME },
	{ "memory range at", " pfn ", "%llx", FRAME },
	{ "Memory failure", ": 0x", "%llx: ", FRAME },
	{ "oft offline", ": 0x", "%llx: ", FRAME },
	/* Of a page that is dumped. */
	{ "page:", " pfn:", "%llx", FRAME },
	{ "BUG: Bad page state", " pfn:", "%llx", FRAME },
};

#define NR_LINES	(sizeof(lines) / sizeof(lines[0]))

/* The name of a process may be in the line as well, so take the last one. */
static const char *behind(const char *text, const char *before)
{
	const char *at = NULL;

	while ((text = strstr(text, before)))
		at = text += strlen(before);
	return at;
}

/* Numbers are hex, with or without 0x. Return: true if the line names frames. */
static bool parse_line(const char *text, struct place *p)
{
	unsigned long long page = sysconf(_SC_PAGESIZE);
	size_t i;

	for (i = 0; i < NR_LINES; i++) {
		const char *at = behind(text, lines[i].before);
		int numbers = lines[i].what == FRAME ? 1 : 2;

		if (!at || !strstr(text, lines[i].line) ||
		    sscanf(at, lines[i].format, &p->start, &p->end) != numbers)
			continue;
		if (lines[i].what == ADDRESSES) {
			p->start /= page;
			p->end = p->end / page + 1;
		} else if (lines[i].what == FRAME) {
			p->end = p->start + 1;
		}
		return p->start < p->end;
	}
	return false;
}

/* The dump of a page follows a line that says what failed, so of two lines the first is kept. */
static void take_line(struct places *all, char *text)
{
	const struct place *last = all->nr ? &all->place[all->nr - 1] : NULL;
	struct place p;

	text[strcspn(text, "\n")] = '\0';
	if (!parse_line(text, &p) || (last && last->start == p.start && last->end == p.end))
		return;
	places_add(all, p.start, p.end, text);
}

/* "priority,sequence,time,flags;text", then lines that begin with a blank. */
static void read_kmsg(int fd, struct places *all)
{
	char record[8192];
	ssize_t n;

	for (;;) {
		char *text;

		n = read(fd, record, sizeof(record) - 1);
		if (n < 0 && (errno == EPIPE || errno == EINTR))
			continue;	/* the oldest lines were overwritten */
		if (n <= 0)
			return;
		record[n] = '\0';
		text = strchr(record, ';');
		if (text)
			take_line(all, text + 1);
	}
}

static void read_file(FILE *file, struct places *all)
{
	char *line = NULL;
	size_t room = 0;

	while (getline(&line, &room, file) > 0)
		take_line(all, line);
	free(line);
}

static int read_log(const char *path, struct places *all)
{
	int fd = open(path ?: KMSG, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	FILE *file;

	if (fd < 0 && !path)
		warn("%s: cannot be read; be root, or give a copy: --dmesg=FILE", KMSG);
	else if (fd < 0)
		warn("--dmesg=%s", path);
	if (fd < 0)
		return RS_FAILED;
	if (!path) {
		read_kmsg(fd, all);
		close(fd);
		return RS_OK;
	}
	file = fdopen(fd, "r");
	if (!file)
		err(RS_FAILED, "--dmesg=%s", path);
	read_file(file, all);
	fclose(file);
	return RS_OK;
}

/* Keep the last lines, without those whose frames a later line names as well. */
static void choose(struct places *places, const struct places *all)
{
	struct places newest = { };
	size_t i;

	for (i = all->nr; i-- && newest.nr < MAX_LINES;)
		if (!places_have(&newest, all->place[i].start, all->place[i].end))
			places_add(&newest, all->place[i].start, all->place[i].end,
				   all->place[i].name);
	for (i = newest.nr; i--;)
		places_add(places, newest.place[i].start, newest.place[i].end,
			   newest.place[i].name);
	places_free(&newest);
}

/**
 * log_find() - find the frames that the kernel log names
 * @path: a copy of the log; NULL: the log of this kernel
 * @places: gets the ranges, each with its line as its name
 *
 * Return: an exit status; after an error message it is not RS_OK.
 */
int log_find(const char *path, struct places *places)
{
	struct places all = { };
	int status = read_log(path, &all);

	choose(places, &all);
	places_free(&all);
	if (status || places->nr)
		return status;
	warnx("%s: no line names frames, as after a failed offlining or a memory failure",
	      path ?: KMSG);
	return RS_NO_PAGE;
}
