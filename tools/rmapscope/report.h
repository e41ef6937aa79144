/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reports of the rmapscope module: taking one, and finding one's way in it.
 *
 * A report is text: one record a line, a name followed by key=value pairs.
 * Everything here is found by name, so that records and keys that a newer
 * module adds are passed over in silence.
 */
#ifndef RMAPSCOPE_REPORT_H
#define RMAPSCOPE_REPORT_H

#include <stddef.h>

/* The only version of the text format that this reader knows. */
#define REPORT_ABI	1

/* What record_num() says of a key that is missing or holds no number. */
#define RECORD_NONE	(~0ULL)

struct report_pair {
	const char *key;
	const char *value;		/* unescaped */
};

struct record {
	const char *name;
	const struct report_pair *pair;
	size_t nr_pairs;
};

struct report {
	char *text;			/* names, keys and values live in here */
	struct record *record;
	size_t nr_records;
	struct report_pair *pair;	/* of all records, in their order */
	size_t nr_pairs;
};

char *report_path(const char *file);

int report_take(struct report *r, const char *file, const char *target);
int report_read(struct report *r, int fd);
int report_parse(struct report *r, const char *text, size_t len);
void report_free(struct report *r);
void report_unescape(char *s);

const struct record *report_next(const struct report *r, const char *name,
				 const struct record *prev);
size_t report_count(const struct report *r, const char *name);

const char *record_get(const struct record *rec, const char *key);
unsigned long long record_num(const struct record *rec, const char *key);
unsigned long long record_count(const struct record *rec, const char *key);

#endif
