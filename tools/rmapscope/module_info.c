// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "module_info.h"
#include "report.h"

/* Test if a list "A,B,C" has a word. */
static bool has_word(const char *list, const char *word)
{
	size_t len = strlen(word);
	bool has = false;

	for (; list && !has; list = strchr(list, ','), list += !!list)
		has = !strncmp(list, word, len) && (list[len] == ',' || !list[len]);
	return has;
}

/* Test if a record of the file "info" has a word in the list of a key. */
static bool info_has(const char *record, const char *key, const char *word)
{
	struct report info;
	bool has = false;

	if (!report_take(&info, "info", NULL))
		has = has_word(record_get(report_next(&info, record, NULL), key), word);
	report_free(&info);
	return has;
}

/**
 * module_lacks() - test if the module lacks a part on this kernel
 * @part: a word as in missing= of "info"
 *
 * Return: true if a module is loaded that knows this part and can't offer it.
 */
bool module_lacks(const char *part)
{
	return info_has("support", "missing", part);
}

/**
 * module_scans() - test if the module knows an option of a range
 * @option: the word
 *
 * Return: true if a module is loaded that knows it.
 */
bool module_scans(const char *option)
{
	return info_has("scan", "options", option);
}
