// SPDX-License-Identifier: GPL-2.0
/* Takes a report on a page, and finds things in it. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "complain.h"
#include "page_report.h"

/**
 * interface_open() - open an interface file
 * @file: "page" or "info"
 * @flags: as for open(2)
 *
 * Return: a descriptor, or -errno.
 */
int interface_open(const char *file, int flags)
{
	char *path = report_path(file);
	int fd = path ? open(path, flags | O_CLOEXEC) : -1;
	int err = errno;

	free(path);
	return fd < 0 ? -err : fd;
}

/**
 * interface_write() - write a target
 * @fd: the file
 * @target: the text
 *
 * Return: 0, or -errno; -EIO for a short write.
 */
int interface_write(int fd, const char *target)
{
	size_t size = strlen(target);
	ssize_t done = write(fd, target, size);

	if (done < 0)
		return -errno;
	return (size_t)done == size ? 0 : -EIO;
}

/**
 * interface_read() - read from the current offset to the end
 * @fd: the file
 *
 * Return: the text, to be freed; NULL with errno when a read failed.
 */
char *interface_read(int fd)
{
	size_t room = 65536, nr = 0;
	char *text = malloc(room);
	ssize_t got = 0;

	while (text && (got = read(fd, text + nr, room - nr - 1)) > 0) {
		nr += got;
		if (nr + 1 == room) {
			char *more = realloc(text, room *= 2);

			if (!more)
				free(text);
			text = more;
		}
	}
	if (text && got < 0) {
		free(text);
		return NULL;
	}
	if (text)
		text[nr] = '\0';
	return text;
}

/**
 * page_report_take() - take a report on a target
 * @report: filled; page_report_free() must follow, also after an error
 * @format: the target, as for printf(3)
 *
 * Return: 0, the negative errno of the write, or -EPROTO for a report that is not well-formed.
 * why[] says which.
 */
int page_report_take(struct page_report *report, const char *format, ...)
{
	char target[512];
	va_list args;
	int err;

	va_start(args, format);
	vsnprintf(target, sizeof(target), format, args);
	va_end(args);
	memset(report, 0, sizeof(*report));
	report->whole = strstr(target, "folio");
	err = report_take(&report->report, "page", target);
	if (err) {
		complain("%s: %s", target, strerror(-err));
		return err;
	}
	return page_report_check(report) ? -EPROTO : 0;
}

/**
 * page_report_at() - take a report on an address of a process
 * @report: as for page_report_take()
 * @pid: the process
 * @va: the address
 *
 * Return: as page_report_take().
 */
int page_report_at(struct page_report *report, pid_t pid, uint64_t va)
{
	return page_report_take(report, "pid=%d va=%#" PRIx64, pid, va);
}

/**
 * page_report_free() - free a report
 * @report: the report
 */
void page_report_free(struct page_report *report)
{
	report_free(&report->report);
}

/**
 * page_report_map() - iterate over the map lines
 * @report: the report
 * @previous: the line before, NULL for the first
 * @state: only lines in this state, NULL for all
 *
 * Return: the line, NULL after the last.
 */
const struct record *page_report_map(const struct page_report *report,
				     const struct record *previous,
				     const char *state)
{
	const struct record *map = previous;

	while ((map = report_next(&report->report, "map", map)))
		if (!state || !strcmp(record_get(map, "state"), state))
			return map;
	return NULL;
}

/**
 * page_report_map_at() - the map line of an address
 * @report: the report
 * @pid: process
 * @va: address
 *
 * Return: the line or NULL.
 */
const struct record *page_report_map_at(const struct page_report *report, pid_t pid, uint64_t va)
{
	const struct record *map = NULL;

	while ((map = page_report_map(report, map, NULL)))
		if (record_num(map, "pid") == (unsigned long long)pid &&
		    record_num(map, "va") == va)
			return map;
	complain("no map line for pid %d va %#" PRIx64, pid, va);
	return NULL;
}

/* Adds all processes of a map line to a set, and the owner of the mm to another one if given. */
static int add_sharers(const struct record *map, uint64_t va, struct mappings *owners,
		       struct mappings *sharers)
{
	const char *tgids = record_get(map, "tgids");
	unsigned long pid = record_num(map, "pid");
	bool own = false;
	char *end;

	if (owners && mappings_add(owners, pid, va))
		return -1;
	for (; *tgids; tgids = *end == ',' ? end + 1 : end) {
		unsigned long tgid = strtoul(tgids, &end, 10);

		if (end == tgids)
			return complain("tgids=%s", record_get(map, "tgids"));
		own |= tgid == pid;
		if (mappings_add(sharers, tgid, va))
			return -1;
	}
	return own ? 0 : complain("pid=%lu is not in tgids=%s", pid, record_get(map, "tgids"));
}

/**
 * page_report_mapped() - all mappings in a report
 * @report: the report on one page
 * @owners: filled with the pid of each mapping, sorted
 * @sharers: filled with all of its tgids, sorted
 *
 * Return: 0, or -1 also when the pid of a line is not one of its tgids.
 */
int page_report_mapped(const struct page_report *report, struct mappings *owners,
		       struct mappings *sharers)
{
	const struct record *map = NULL;

	while ((map = page_report_map(report, map, "mapped")))
		if (add_sharers(map, record_num(map, "va"), owners, sharers))
			return -1;
	mappings_sort(owners);
	mappings_sort(sharers);
	return 0;
}

/**
 * page_report_mapped_pages() - all mappings of one page in a report on a folio
 * @report: the report on the folio
 * @index: of the page in the folio
 * @sharers: filled with all processes, sorted
 *
 * Return: 0 or -1.
 */
int page_report_mapped_pages(const struct page_report *report, uint64_t index,
			     struct mappings *sharers)
{
	const struct record *map = NULL;

	while ((map = page_report_map(report, map, "mapped"))) {
		uint64_t first = record_num(map, "first");

		if (index < first || index - first >= record_num(map, "count"))
			continue;
		if (add_sharers(map, record_num(map, "va") + (index - first) * getpagesize(),
				NULL, sharers))
			return -1;
	}
	mappings_sort(sharers);
	return 0;
}

/*
 * Times differ in each report. A page can move between the LRU list and the batch of a CPU at any
 * time, which changes its references and flags.
 */
static bool may_differ(const char *key)
{
	static const char * const keys[] = {
		"ns", "lock_ns", "refcount", "flags", "total", "unexplained", "off_lru",
		"note",
	};
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (!strcmp(key, keys[i]))
			return true;
	return false;
}

/* The kernel can clear accessed bits at any time. Other tests check that a report does not. */
static bool same_but_for_age(const char *key, const char *a, const char *b)
{
	static const char accessed[] = "|accessed";
	size_t skip = sizeof(accessed) - 1;
	const char *at;

	if (!strcmp(key, "pte"))
		return !((strtoull(a, NULL, 0) ^ strtoull(b, NULL, 0)) & ~0x20ULL);
	if (strcmp(key, "bits"))
		return false;
	if (strlen(a) < strlen(b))
		return same_but_for_age(key, b, a);
	at = strstr(a, accessed);
	return at && !strncmp(a, b, at - a) && !strcmp(at + skip, b + (at - a));
}

static bool same_pair(const struct report_pair *a, const struct report_pair *b)
{
	if (strcmp(a->key, b->key))
		return false;
	return may_differ(a->key) || !strcmp(a->value, b->value) ||
	       same_but_for_age(a->key, a->value, b->value);
}

/**
 * page_report_same() - do two reports agree, except for values that change by themselves?
 * @a: one report
 * @b: the other report
 *
 * Return: 0, or -1 with the first difference in why[].
 */
int page_report_same(const struct page_report *a, const struct page_report *b)
{
	size_t i;

	if (a->report.nr_pairs != b->report.nr_pairs ||
	    a->report.nr_records != b->report.nr_records)
		return complain("%zu and %zu records, %zu and %zu pairs",
				a->report.nr_records, b->report.nr_records,
				a->report.nr_pairs, b->report.nr_pairs);
	for (i = 0; i < a->report.nr_pairs; i++)
		if (!same_pair(&a->report.pair[i], &b->report.pair[i]))
			return complain("%s=%s became %s=%s",
					a->report.pair[i].key, a->report.pair[i].value,
					b->report.pair[i].key, b->report.pair[i].value);
	return 0;
}
