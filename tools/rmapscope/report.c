// SPDX-License-Identifier: GPL-2.0
/*
 * Take reports from the rmapscope module and parse them.
 *
 * The report on a page with 20,000 sharers has several megabytes. It is parsed in place and in one
 * pass, into two arrays that are allocated beforehand: there are no more pairs than blanks, and no
 * more records than lines.
 *
 * The tests use this file as well. Nothing here prints, and errors are returned as -errno;
 * report_path() returns NULL.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE		/* asprintf() */
#endif

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report.h"

#define DEBUGFS_DIR	"/sys/kernel/debug/" RMAPSCOPE_DIR
/*
 * Small enough that malloc() doesn't mmap() it: munmap() drains the CPU's LRU batches, so the next
 * report on a page in a batch would be another one.
 */
#define FIRST_READ	(64 * 1024)

static bool is_octal(char c)
{
	return c >= '0' && c <= '7';
}

/**
 * report_unescape() - replace each \ooo by its byte, as in /proc/mounts
 * @s: the text; it gets shorter, so this works in place
 *
 * \000 stays as it is, because a NUL would end the value.
 */
void report_unescape(char *s)
{
	char *to = strchr(s, '\\');
	char *from = to;

	if (!to)
		return;

	while (*from) {
		if (from[0] == '\\' && is_octal(from[1]) &&
		    is_octal(from[2]) && is_octal(from[3])) {
			int c = (from[1] - '0') << 6 | (from[2] - '0') << 3 |
				(from[3] - '0');

			if (c > 0 && c < 256) {
				*to++ = c;
				from += 4;
				continue;
			}
		}
		*to++ = *from++;
	}
	*to = '\0';
}

/* Split off the next word of a line. Return: the word, or NULL at the end of the line. */
static char *next_word(char **line)
{
	char *word = *line, *end;

	while (*word == ' ')
		word++;
	if (!*word)
		return NULL;
	end = strchrnul(word, ' ');
	*line = *end ? end + 1 : end;
	*end = '\0';
	return word;
}

/* Split a line into its name and its pairs. Words without '=' are ignored. */
static void parse_line(struct report *r, char *line)
{
	struct record *rec = &r->record[r->nr_records];
	char *word = next_word(&line);

	if (!word)
		return;

	rec->name = word;
	rec->pair = &r->pair[r->nr_pairs];
	while ((word = next_word(&line))) {
		struct report_pair *pair = &r->pair[r->nr_pairs];
		char *value = strchr(word, '=');

		if (!value)
			continue;
		*value++ = '\0';
		report_unescape(value);
		pair->key = word;
		pair->value = value;
		r->nr_pairs++;
		rec->nr_pairs++;
	}
	r->nr_records++;
}

/* strchr() looks at many bytes at once. */
static size_t count_char(const char *s, char c)
{
	size_t n = 0;

	while ((s = strchr(s, c))) {
		s++;
		n++;
	}
	return n;
}

/* Allocate as many records and pairs as @r->text can hold at most. */
static int alloc_arrays(struct report *r)
{
	r->record = calloc(count_char(r->text, '\n') + 1, sizeof(*r->record));
	r->pair = calloc(count_char(r->text, ' ') + 1, sizeof(*r->pair));
	return r->record && r->pair ? 0 : -ENOMEM;
}

/* The first record must be "rmapscope", with an abi that this reader knows. */
static int check_abi(const struct report *r)
{
	const struct record *head = report_next(r, "rmapscope", NULL);

	if (!head || head != r->record || !record_get(head, "abi"))
		return -EPROTO;
	return record_num(head, "abi") == REPORT_ABI ? 0 : -EPROTONOSUPPORT;
}

/* Parse @len bytes of r->text. */
static int parse_in_place(struct report *r, size_t len)
{
	char *line = r->text;
	int err;

	if (strlen(line) != len)
		return -EPROTO;

	err = alloc_arrays(r);
	if (err)
		return err;

	while (line) {
		char *end = strchr(line, '\n');

		if (end)
			*end++ = '\0';
		parse_line(r, line);
		line = end;
	}
	return check_abi(r);
}

/**
 * report_path() - make the path of one of the module's files
 * @file: its name, such as "page"
 *
 * The directory is $RMAPSCOPE_DEBUGFS if that is set and not empty, else the one in debugfs.
 *
 * Return: the path, which the caller frees, or NULL if memory is short.
 */
char *report_path(const char *file)
{
	const char *dir = getenv("RMAPSCOPE_DEBUGFS");
	char *path;

	if (!dir || !*dir)
		dir = DEBUGFS_DIR;
	if (asprintf(&path, "%s/%s", dir, file) < 0)
		return NULL;
	return path;
}

/**
 * report_parse() - parse a report that is in memory
 * @r:    filled; the caller calls report_free() on it in any case
 * @text: the report; it is copied
 * @len:  its length in bytes
 *
 * Return: 0; -EPROTO if the text is not a report; -EPROTONOSUPPORT if its abi is not REPORT_ABI,
 * with the records filled nevertheless; or -ENOMEM.
 */
int report_parse(struct report *r, const char *text, size_t len)
{
	memset(r, 0, sizeof(*r));
	r->text = malloc(len + 1);
	if (!r->text)
		return -ENOMEM;
	memcpy(r->text, text, len);
	r->text[len] = '\0';
	return parse_in_place(r, len);
}

/**
 * report_read() - read a report to its end and parse it
 * @r:  filled; the caller calls report_free() on it in any case
 * @fd: descriptor whose file position is the start of the report
 *
 * Return: as report_parse(), or the -errno of read(2).
 */
int report_read(struct report *r, int fd)
{
	size_t size = FIRST_READ, len = 0;

	memset(r, 0, sizeof(*r));
	r->text = malloc(size);
	if (!r->text)
		return -ENOMEM;

	for (;;) {
		/* Keep one byte for the terminating NUL. */
		ssize_t n = read(fd, r->text + len, size - len - 1);

		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		len += n;
		if (len == size - 1) {
			char *text = realloc(r->text, size * 2);

			if (!text)
				return -ENOMEM;
			r->text = text;
			size *= 2;
		}
	}
	r->text[len] = '\0';
	return parse_in_place(r, len);
}

static int write_target(int fd, const char *target)
{
	size_t len = strlen(target);
	ssize_t n = write(fd, target, len);

	if (n < 0)
		return -errno;
	return (size_t)n == len ? 0 : -EIO;
}

/**
 * report_take() - write a target to one of the module's files and read the report
 * @r:      filled; the caller calls report_free() on it in any case
 * @file:   its name, such as "page"; see report_path()
 * @target: the target, such as "pid=1 va=0x7f0000000000"; NULL for files that take none
 *
 * Return: as report_parse(), or the -errno of open(2), write(2) or read(2).
 */
int report_take(struct report *r, const char *file, const char *target)
{
	char *path = report_path(file);
	int fd, err;

	memset(r, 0, sizeof(*r));
	if (!path)
		return -ENOMEM;

	fd = open(path, (target ? O_RDWR : O_RDONLY) | O_CLOEXEC);
	err = fd < 0 ? -errno : 0;
	free(path);
	if (err)
		return err;

	if (target)
		err = write_target(fd, target);
	if (!err)
		err = report_read(r, fd);

	close(fd);
	return err;
}

/**
 * report_free() - free the memory of a report
 * @r: a report that one of the functions above filled, or zeroed memory
 */
void report_free(struct report *r)
{
	free(r->text);
	free(r->record);
	free(r->pair);
	memset(r, 0, sizeof(*r));
}

/* Nearly all words that are compared differ in their first letter. */
static bool same_word(const char *a, const char *b)
{
	return *a == *b && !strcmp(a, b);
}

/**
 * report_next() - iterate over the records of one name
 * @r:    the report
 * @name: name of the records, or NULL for all
 * @prev: the previous record, or NULL to begin
 *
 * Return: the next record in the order of the report, or NULL at its end.
 */
const struct record *report_next(const struct report *r, const char *name,
				 const struct record *prev)
{
	const struct record *rec = prev ? prev + 1 : r->record;
	const struct record *end;

	/* Then there may be no array either. */
	if (!r->nr_records)
		return NULL;
	end = r->record + r->nr_records;
	for (; rec < end; rec++)
		if (!name || same_word(rec->name, name))
			return rec;
	return NULL;
}

/**
 * report_count() - count the records of one name
 * @r:    the report
 * @name: name of the records, or NULL for all
 *
 * Return: how many there are.
 */
size_t report_count(const struct report *r, const char *name)
{
	const struct record *rec = NULL;
	size_t n = 0;

	while ((rec = report_next(r, name, rec)))
		n++;
	return n;
}

/**
 * record_get() - look up a key of a record
 * @rec: the record; NULL is a record without keys
 * @key: the key
 *
 * Return: its value, unescaped, or NULL if the record has no such key.
 */
const char *record_get(const struct record *rec, const char *key)
{
	size_t i;

	for (i = 0; rec && i < rec->nr_pairs; i++)
		if (same_word(rec->pair[i].key, key))
			return rec->pair[i].value;
	return NULL;
}

/**
 * record_text() - look up a key, for printing
 * @rec: the record; NULL is a record without keys
 * @key: the key
 *
 * Return: its value, unescaped, or "-" if the record has no such key.
 */
const char *record_text(const struct record *rec, const char *key)
{
	return record_get(rec, key) ?: "-";
}

/**
 * record_num() - look up a key whose value is a number
 * @rec: the record; NULL is a record without keys
 * @key: the key
 *
 * The number may be decimal, or hex with 0x. Text in parentheses may follow it, as in
 * flags=0x14(uptodate|dirty).
 *
 * Return: the number, or RECORD_NONE if the key is missing or its value is not a number.
 */
unsigned long long record_num(const struct record *rec, const char *key)
{
	const char *value = record_get(rec, key);
	unsigned long long num;
	char *end;

	if (!value || *value < '0' || *value > '9')
		return RECORD_NONE;
	errno = 0;
	num = strtoull(value, &end, 0);
	if (errno || (*end && *end != '('))
		return RECORD_NONE;
	return num;
}

/**
 * record_count() - look up a key whose value is a count
 * @rec: the record; NULL is a record without keys
 * @key: the key
 *
 * Return: the number, or 0 if the key is missing or its value is not a number.
 */
unsigned long long record_count(const struct record *rec, const char *key)
{
	unsigned long long num = record_num(rec, key);

	return num == RECORD_NONE ? 0 : num;
}
