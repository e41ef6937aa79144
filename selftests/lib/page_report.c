// SPDX-License-Identifier: GPL-2.0
/* Taking a look at a page, and finding things in its report. */
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
 * look_open() - open an interface file
 * @file: "page" or "info"
 * @flags: as for open(2)
 *
 * Return: a descriptor, or -errno.
 */
int look_open(const char *file, int flags)
{
	char *path = report_path(file);
	int fd = path ? open(path, flags | O_CLOEXEC) : -1;
	int err = errno;

	free(path);
	return fd < 0 ? -err : fd;
}

/**
 * look_write() - write a target
 * @fd: the file
 * @target: the text
 *
 * Return: 0, or -errno; -EIO for a short write.
 */
int look_write(int fd, const char *target)
{
	size_t size = strlen(target);
	ssize_t done = write(fd, target, size);

	if (done < 0)
		return -errno;
	return (size_t)done == size ? 0 : -EIO;
}

/**
 * look_text() - read from the current offset to the end
 * @fd: the file
 *
 * Return: the text, to be freed; NULL with errno when a read failed.
 */
char *look_text(int fd)
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
 * look_take() - look at a target
 * @look: filled; look_free() must follow, also after an error
 * @format: the target, as for printf(3)
 *
 * Return: 0, the negative errno of the write, or -EPROTO for a report that is
 * not well-formed. why[] says which.
 */
int look_take(struct look *look, const char *format, ...)
{
	char target[512];
	va_list args;
	int err;

	va_start(args, format);
	vsnprintf(target, sizeof(target), format, args);
	va_end(args);
	memset(look, 0, sizeof(*look));
	look->whole = strstr(target, "folio");
	err = report_take(&look->report, "page", target);
	if (err) {
		complain("%s: %s", target, strerror(-err));
		return err;
	}
	return look_check(look) ? -EPROTO : 0;
}

/**
 * look_at() - look at an address of a process
 * @look: as for look_take()
 * @pid: the process
 * @va: the address
 *
 * Return: as look_take().
 */
int look_at(struct look *look, pid_t pid, uint64_t va)
{
	return look_take(look, "pid=%d va=%#" PRIx64, pid, va);
}

/**
 * look_free() - forget a look
 * @look: the look
 */
void look_free(struct look *look)
{
	report_free(&look->report);
}

/**
 * look_map() - walk through the map lines
 * @look: the look
 * @previous: where to go on, NULL for the first
 * @state: only lines in this state, NULL for all
 *
 * Return: the line, NULL after the last.
 */
const struct record *look_map(const struct look *look, const struct record *previous,
			      const char *state)
{
	const struct record *map = previous;

	while ((map = report_next(&look->report, "map", map)))
		if (!state || !strcmp(record_get(map, "state"), state))
			return map;
	return NULL;
}

/**
 * look_map_at() - the map line of an address
 * @look: the look
 * @pid: process
 * @va: address
 *
 * Return: the line or NULL.
 */
const struct record *look_map_at(const struct look *look, pid_t pid, uint64_t va)
{
	const struct record *map = NULL;

	while ((map = look_map(look, map, NULL)))
		if (record_num(map, "pid") == (unsigned long long)pid &&
		    record_num(map, "va") == va)
			return map;
	complain("no map line for pid %d va %#" PRIx64, pid, va);
	return NULL;
}

/**
 * look_kind_is() - is the page of one of some kinds?
 * @look: the look
 * @kinds: their names, with blanks between
 *
 * Return: whether it is.
 */
bool look_kind_is(const struct look *look, const char *kinds)
{
	size_t len = look->kind ? strlen(look->kind) : 0;
	const char *at = kinds;

	while (len && (at = strstr(at, look->kind))) {
		if ((at == kinds || at[-1] == ' ') && (at[len] == ' ' || !at[len]))
			return true;
		at += len;
	}
	return false;
}

/* All processes of a map line, and one more pair for who owns the mm, if wanted. */
static int add_sharers(const struct record *map, uint64_t va, struct places *owners,
		       struct places *sharers)
{
	const char *tgids = record_get(map, "tgids");
	unsigned long pid = record_num(map, "pid");
	bool own = false;
	char *end;

	if (owners && places_add(owners, pid, va))
		return -1;
	for (; *tgids; tgids = *end == ',' ? end + 1 : end) {
		unsigned long tgid = strtoul(tgids, &end, 10);

		if (end == tgids)
			return complain("tgids=%s", record_get(map, "tgids"));
		own |= tgid == pid;
		if (places_add(sharers, tgid, va))
			return -1;
	}
	return own ? 0 : complain("pid=%lu is not in tgids=%s", pid, record_get(map, "tgids"));
}

/**
 * look_mapped() - who maps the page
 * @look: the look, at one page
 * @owners: filled with the pid of each mapping, sorted
 * @sharers: filled with all of its tgids, sorted
 *
 * Return: 0, or -1 also when the pid of a line is not one of its tgids.
 */
int look_mapped(const struct look *look, struct places *owners, struct places *sharers)
{
	const struct record *map = NULL;

	while ((map = look_map(look, map, "mapped")))
		if (add_sharers(map, record_num(map, "va"), owners, sharers))
			return -1;
	places_sort(owners);
	places_sort(sharers);
	return 0;
}

/**
 * look_mapped_pages() - who maps one page of a folio
 * @look: the look, at the whole folio
 * @index: of the page in the folio
 * @sharers: filled with all processes, sorted
 *
 * Return: 0 or -1.
 */
int look_mapped_pages(const struct look *look, uint64_t index, struct places *sharers)
{
	const struct record *map = NULL;

	while ((map = look_map(look, map, "mapped"))) {
		uint64_t first = record_num(map, "first");

		if (index < first || index - first >= record_num(map, "count"))
			continue;
		if (add_sharers(map, record_num(map, "va") + (index - first) * getpagesize(),
				NULL, sharers))
			return -1;
	}
	places_sort(sharers);
	return 0;
}

/*
 * Every look takes its own time; and a page moves between the LRU and a batch of
 * some CPU on its own account, which its references and flags show.
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

/*
 * The kernel may clear accessed bits at any time, as pages grow old. That looking
 * doesn't, others test.
 */
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
 * look_same() - do two looks say the same, but for what changes by itself?
 * @a: one look
 * @b: another
 *
 * Return: 0, or -1 with the first difference in why[].
 */
int look_same(const struct look *a, const struct look *b)
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
