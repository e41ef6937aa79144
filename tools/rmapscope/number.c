// SPDX-License-Identifier: GPL-2.0
/*
 * Numbers on the command line.
 *
 * /proc/PID/maps prints addresses as hex without 0x. A number with letters from a to f, such as
 * 7f2a4c000000, is therefore taken as hex. 00400000 could be octal or hex and is refused. Other
 * numbers are hex with 0x and decimal without it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "number.h"

static bool has_prefix(const char *arg)
{
	return arg[0] == '0' && (arg[1] == 'x' || arg[1] == 'X');
}

/**
 * number_only_digits() - test if a text has only decimal digits
 * @arg: the text
 *
 * Return: true if it has; also if it is empty.
 */
bool number_only_digits(const char *arg)
{
	return arg[strspn(arg, "0123456789")] == '\0';
}

/**
 * number_is_hex() - test if a number shows by itself that it is hex
 * @arg: the number
 *
 * Return: true if it begins with 0x or has one of the letters from a to f.
 */
bool number_is_hex(const char *arg)
{
	return has_prefix(arg) || strpbrk(arg, "abcdefABCDEF");
}

/**
 * number_parse() - read a number
 * @arg: the number
 * @hex: take it as hex, even if it doesn't show that by itself
 * @num: filled
 *
 * Return: true if it is a number of 64 bits, and neither negative nor octal.
 */
bool number_parse(const char *arg, bool hex, unsigned long long *num)
{
	const char *digits = has_prefix(arg) ? arg + 2 : arg;
	const char *all;

	hex = hex || number_is_hex(arg);
	all = hex ? "0123456789abcdefABCDEF" : "0123456789";
	if (!*digits || digits[strspn(digits, all)])
		return false;
	if (!hex && digits[0] == '0' && digits[1])
		return false;

	errno = 0;
	*num = strtoull(digits, NULL, hex ? 16 : 10);
	return !errno;
}
