// SPDX-License-Identifier: GPL-2.0
#include <err.h>
#include <string.h>

#include "exit_status.h"
#include "method.h"

static const char * const words[] = {
	[METHOD_DEFAULT] = "rmap",
	[METHOD_RMAP] = "rmap",
	[METHOD_SCAN] = "scan",
	[METHOD_INDEX] = "index",
};

/**
 * method_parse() - take the argument of --method
 * @arg: the argument
 * @method: gets the method
 *
 * Return: RS_OK, or RS_USAGE after an error message.
 */
int method_parse(const char *arg, enum method *method)
{
	for (*method = METHOD_RMAP; *method <= METHOD_INDEX; ++*method)
		if (!strcmp(arg, words[*method]))
			return RS_OK;
	warnx("--method %s: no such method; choose from: rmap scan index", arg);
	return RS_USAGE;
}

/**
 * method_word() - the name of a method
 * @method: the method
 *
 * Return: the word that --method takes for it.
 */
const char *method_word(enum method method)
{
	return words[method];
}
