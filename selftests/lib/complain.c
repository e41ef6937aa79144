// SPDX-License-Identifier: GPL-2.0
#include <stdarg.h>
#include <stdio.h>

#include "complain.h"

char why[1024];

/**
 * complain() - store why a helper failed
 * @format: as for printf(3)
 *
 * Return: -1, so that a helper can end with "return complain(...)".
 */
int complain(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(why, sizeof(why), format, args);
	va_end(args);
	return -1;
}
