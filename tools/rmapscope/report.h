/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reports of the rmapscope module: how to take one, and how to look things up in it.
 *
 * A report is text: one record a line, a name followed by key=value pairs. Records and keys are
 * looked up by name, and what a newer module adds is ignored.
 */
#ifndef RMAPSCOPE_REPORT_H
#define RMAPSCOPE_REPORT_H

#include <stddef.h>
#include <uapi/rmapscope.h>

/* The only version of the text format that this reader knows. */
#define REPORT_ABI	RMAPSCOPE_ABI

/* What record_num() returns if the key is missing or its value is not a number. */
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
	char *text;			/* names, keys and values point into it */
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
const char *record_text(const struct record *rec, const char *key);
unsigned long long record_num(const struct record *rec, const char *key);
unsigned long long record_count(const struct record *rec, const char *key);

#endif
