// SPDX-License-Identifier: GPL-2.0
/*
 * Records of reports as JSON, by json-c.
 *
 * libsmartcols prints JSON as well, but only one flat table for each document, and without a check
 * of the bytes in names. Here a document holds several records, lists are arrays, "-" is null, and
 * the text is always valid UTF-8.
 */
#include <err.h>
#include <errno.h>
#include <iconv.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "exit_status.h"
#include "safe.h"

static void *must(void *p)
{
	if (!p)
		errx(RS_FAILED, "not enough memory for the JSON");
	return p;
}

/**
 * json_add() - add a member to an object
 * @obj:   the object, which has no member of this name
 * @key:   name of the member, which is not copied
 * @value: its value, which the object then owns; NULL is null
 */
void json_add(struct json_object *obj, const char *key,
	      struct json_object *value)
{
	if (json_object_object_add_ex(obj, key, value,
				      JSON_C_OBJECT_ADD_KEY_IS_NEW | JSON_C_OBJECT_KEY_IS_CONSTANT))
		must(NULL);
}

static void append(struct json_object *array, struct json_object *value)
{
	if (json_object_array_add(array, must(value)))
		must(NULL);
}

/* Copy @s. Bytes that are not valid UTF-8 become \xNN, as in tables. */
static char *to_utf8(const char *s)
{
	size_t in_left = strlen(s), out_left = in_left * 4;
	char *in = (char *)s, *buf = must(malloc(out_left + 1)), *out = buf;
	iconv_t cd = iconv_open("UTF-8", "UTF-8");

	if (cd == (iconv_t)-1)
		errx(RS_FAILED, "the C library cannot check UTF-8");

	while (iconv(cd, &in, &in_left, &out, &out_left) == (size_t)-1) {
		int n = sprintf(out, "\\x%02x", (unsigned char)*in);

		in++;
		in_left--;
		out += n;
		out_left -= n;
	}
	*out = '\0';
	iconv_close(cd);
	return buf;
}

static bool is_ascii(const char *s)
{
	while (*s > 0)
		s++;
	return !*s;
}

static struct json_object *json_text(const char *s)
{
	struct json_object *value;
	char *utf8;

	if (is_ascii(s))
		return must(json_object_new_string(s));

	utf8 = to_utf8(s);
	value = must(json_object_new_string(utf8));
	free(utf8);
	return value;
}

/* A value that is not a number becomes a string. */
static struct json_object *json_number(const char *s)
{
	char *end;
	unsigned long long num;

	errno = 0;
	if (*s == '-') {
		long long neg = strtoll(s, &end, 0);

		if (end != s && !*end && !errno)
			return must(json_object_new_int64(neg));
		return json_text(s);
	}
	num = strtoull(s, &end, 0);
	/* The text stays as it is: the number is only used by programs that link json-c. */
	if (end != s && *end == '.' && end[1 + strspn(end + 1, "0123456789")] == '\0')
		return must(json_object_new_double_s(strtod(s, NULL), s));
	if (end == s || *end || errno)
		return json_text(s);
	return must(json_object_new_uint64(num));
}

/* Split @s at any of @separators. With @plain, leave out words with '='. */
static struct json_object *json_list(const char *s, const char *separators,
				     bool numbers, bool plain)
{
	struct json_object *array = must(json_object_new_array());
	char *copy = must(strdup(s)), *save, *word;

	for (word = strtok_r(copy, separators, &save); word;
	     word = strtok_r(NULL, separators, &save))
		if (!plain || !strchr(word, '='))
			append(array, numbers ? json_number(word) : json_text(word));
	free(copy);
	return array;
}

/* 0x14(uptodate|node=0) becomes "0x14" and ["uptodate"]. */
static void add_flags(struct json_object *obj, const char *key, const char *s)
{
	size_t len = strcspn(s, "(");
	struct json_object *names = json_list(s + len, "(|)", false, true);

	json_add(obj, key, must(json_object_new_string_len(s, len)));
	json_add(obj, "flag_names", names);
}

/* Return: a new value, or NULL, which is null, for "-". */
static struct json_object *json_value(enum value_type type, const char *s)
{
	if (!strcmp(s, "-"))
		return NULL;
	switch (type) {
	case VALUE_NUMBER:
		return json_number(s);
	case VALUE_BOOLEAN:
		return must(json_object_new_boolean(strcmp(s, "0")));
	case VALUE_NUMBERS:
		return json_list(s, ",", true, false);
	case VALUE_NAMES:
		return json_list(s, "|", false, false);
	default:
		return json_text(s);
	}
}

/*
 * What a column had in the record before. Most records have much in common with their neighbours,
 * and json-c counts the users of each value.
 */
struct last_value {
	const char *text;
	struct json_object *value;	/* lives as long as the array of all records */
};

static void add_value(struct json_object *obj, const struct column *col, const char *s,
		      struct last_value *last)
{
	if (col->type == VALUE_FLAGS && strcmp(s, "-")) {
		add_flags(obj, col->key, s);
		return;
	}
	if (last->text && !strcmp(last->text, s)) {
		json_add(obj, col->key, json_object_get(last->value));
		return;
	}
	last->text = s;
	last->value = json_value(col->type, s);
	json_add(obj, col->key, last->value);
}

/**
 * json_record() - make an object of a record
 * @rec:  the record; NULL makes an empty object
 * @list: the members; those that the record lacks are left out
 *
 * Return: a new object.
 */
struct json_object *json_record(const struct record *rec,
				const struct column_list *list)
{
	struct json_object *obj = must(json_object_new_object());
	size_t i;

	for (i = 0; i < list->n; i++) {
		const char *value = record_get(rec, list->column[i]->key);

		if (value)
			add_value(obj, list->column[i], value, &(struct last_value){ });
	}
	return obj;
}

/**
 * json_records() - make an array of objects of all records of one name
 * @r:      the report
 * @record: name of the records
 * @list:   the members; those that a record lacks are null
 *
 * Return: a new array.
 */
struct json_object *json_records(const struct report *r, const char *record,
				 const struct column_list *list)
{
	struct json_object *array = must(json_object_new_array());
	struct last_value last[MAX_COLUMNS] = { };
	const struct record *rec = NULL;
	size_t i;

	while ((rec = report_next(r, record, rec))) {
		struct json_object *obj = must(json_object_new_object());

		for (i = 0; i < list->n; i++)
			add_value(obj, list->column[i],
				  record_text(rec, list->column[i]->key), &last[i]);
		append(array, obj);
	}
	return array;
}

/**
 * json_add_one() - add a record that a report has once, as an object
 * @doc: the object to add it to
 * @r: the report
 * @set: the columns of the record; its name is the name of the member
 */
void json_add_one(struct json_object *doc, const struct report *r,
		  const struct column_set *set)
{
	struct column_list list;

	columns_all(&list, set);
	json_add(doc, set->record, json_record(report_next(r, set->record, NULL), &list));
}

/**
 * json_add_all() - add all records of one name, as an array of objects
 * @doc: the object to add it to
 * @r: the report
 * @set: the columns of the records; their name is the name of the member
 */
void json_add_all(struct json_object *doc, const struct report *r,
		  const struct column_set *set)
{
	struct column_list list;

	columns_all(&list, set);
	json_add(doc, set->record, json_records(r, set->record, &list));
}

/**
 * json_print() - print a document and free it
 * @doc: the document
 */
void json_print(struct json_object *doc)
{
	int flags = JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
		    JSON_C_TO_STRING_NOSLASHESCAPE;
	const char *text = json_object_to_json_string_ext(doc, flags);

	safe_print_json(must((void *)text));
	putchar('\n');
	json_object_put(doc);
}
