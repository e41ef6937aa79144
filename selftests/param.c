// SPDX-License-Identifier: GPL-2.0
/* The module's parameters, by name. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "param.h"
#include "why.h"

static FILE *param_open(const char *name, const char *mode)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/module/rmapscope/parameters/%s", name);
	return fopen(path, mode);
}

/**
 * param_get() - read a number
 * @name: of the parameter
 * @value: out
 *
 * Return: 0 or -1.
 */
int param_get(const char *name, unsigned int *value)
{
	FILE *file = param_open(name, "r");
	int got;

	if (!file)
		return complain("parameter %s: %s", name, strerror(errno));
	got = fscanf(file, "%u", value);
	fclose(file);
	return got == 1 ? 0 : complain("parameter %s is no number", name);
}

/**
 * param_set() - write a number
 * @name: of the parameter
 * @value: its new value
 *
 * Return: 0 or -1.
 */
int param_set(const char *name, unsigned int value)
{
	FILE *file = param_open(name, "w");

	if (!file)
		return complain("parameter %s: %s", name, strerror(errno));
	fprintf(file, "%u", value);
	return fclose(file) ? complain("parameter %s = %u: %s", name, value, strerror(errno)) : 0;
}
