// SPDX-License-Identifier: GPL-2.0
/*
 * Rows of a table that the tool itself computes.
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "exit_status.h"
#include "rows.h"
#include "size.h"

static void must(bool ok)
{
	if (!ok)
		errx(RS_FAILED, "not enough memory for the rows");
}

/* The opposite of report_unescape(). */
static void escape(struct rows *r, const char *text)
{
	for (; *text; text++) {
		if (strchr(" \t\n\\", *text))
			fprintf(r->file, "\\%03o", *text);
		else
			fputc(*text, r->file);
	}
}

/**
 * rows_want() - test if a value is wanted in the row that is being written
 * @r: the rows
 * @key: its key
 *
 * Return: false if it would be left out.
 */
bool rows_want(const struct rows *r, const char *key)
{
	size_t i;

	if (!r->columns)
		return true;
	for (i = 0; i < r->columns->n; i++)
		if (!strcmp(r->columns->column[i]->key, key))
			return true;
	return false;
}

/**
 * rows_begin() - begin to write rows
 * @r: filled; rows_end() must follow
 * @kernel: release of the kernel that the rows are about
 * @bytes: print sizes as numbers of bytes
 */
void rows_begin(struct rows *r, const char *kernel, bool bytes)
{
	*r = (struct rows){ .bytes = bytes };
	r->file = open_memstream(&r->text, &r->len);
	must(r->file);
	fprintf(r->file, "rmapscope abi=%d", REPORT_ABI);
	rows_text(r, "kernel", kernel);
}

/**
 * rows_record() - begin a row
 * @r: the rows
 * @name: name of the record
 * @columns: the keys that are wanted; NULL: all
 */
void rows_record(struct rows *r, const char *name, const struct column_list *columns)
{
	fprintf(r->file, "\n%s", name);
	r->columns = columns;
	r->nr++;
}

/**
 * rows_text() - write a text
 * @r: the rows
 * @key: its key
 * @value: the text; NULL or an empty text is not known
 */
void rows_text(struct rows *r, const char *key, const char *value)
{
	if (!value || !*value || !rows_want(r, key))
		return;
	fprintf(r->file, " %s=", key);
	escape(r, value);
}

/**
 * rows_number() - write a number
 * @r: the rows
 * @key: its key
 * @value: the number
 */
void rows_number(struct rows *r, const char *key, long long value)
{
	if (rows_want(r, key))
		fprintf(r->file, " %s=%lld", key, value);
}

/**
 * rows_hex() - write an address or a frame
 * @r: the rows
 * @key: its key
 * @value: the number
 */
void rows_hex(struct rows *r, const char *key, unsigned long long value)
{
	if (rows_want(r, key))
		fprintf(r->file, " %s=0x%llx", key, value);
}

/**
 * rows_size() - write a size
 * @r: the rows
 * @key: its key
 * @value: the size in bytes
 */
void rows_size(struct rows *r, const char *key, unsigned long long value)
{
	char text[SIZE_TEXT];

	if (!rows_want(r, key))
		return;
	size_text(value, r->bytes, text);
	rows_text(r, key, text);
}

/**
 * rows_hundredths() - write a number with two decimals
 * @r: the rows
 * @key: its key
 * @value: 100 times the number
 */
void rows_hundredths(struct rows *r, const char *key, unsigned long long value)
{
	if (rows_want(r, key))
		fprintf(r->file, " %s=%llu.%02llu", key, value / 100, value % 100);
}

/**
 * rows_end() - make a report of the rows
 * @r: the rows, whose memory is freed
 * @report: filled; report_free() must follow
 */
void rows_end(struct rows *r, struct report *report)
{
	must(!fclose(r->file));
	r->file = NULL;
	must(!report_parse(report, r->text, r->len));
	free(r->text);
	r->text = NULL;
}

/**
 * rows_free() - free rows of which no report is made
 * @r: the rows; nothing is done after rows_end()
 */
void rows_free(struct rows *r)
{
	if (r->file)
		fclose(r->file);
	free(r->text);
	*r = (struct rows){ };
}
