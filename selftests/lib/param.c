// SPDX-License-Identifier: GPL-2.0
/* Reads and writes the module's parameters. */
#include <stdio.h>

#include "complain.h"
#include "kernel_file.h"
#include "param.h"

#define PATH_OF		"/sys/module/rmapscope/parameters/%s"

/**
 * param_get() - read a number
 * @name: of the parameter
 * @value: result
 *
 * Return: 0 or -1.
 */
int param_get(const char *name, unsigned int *value)
{
	char path[128];
	int64_t number;

	snprintf(path, sizeof(path), PATH_OF, name);
	number = file_number(path);
	if (number < 0)
		return complain("%s has no number or does not exist", path);
	*value = number;
	return 0;
}

/**
 * param_set() - write a number
 * @name: of the parameter
 * @value: its new value
 *
 * Return: 0 or -errno, with the reason in why[].
 */
int param_set(const char *name, unsigned int value)
{
	char path[128], text[16];

	snprintf(path, sizeof(path), PATH_OF, name);
	snprintf(text, sizeof(text), "%u", value);
	return write_text(path, text);
}
