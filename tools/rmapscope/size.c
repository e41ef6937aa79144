// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>

#include "size.h"

/**
 * size_format() - write a size with one letter for its unit and at most one decimal
 * @bytes: the size
 * @text: gets the text, such as 4K or 1.5M
 */
void size_format(unsigned long long bytes, char text[SIZE_TEXT])
{
	static const char units[] = "BKMGTPE";
	unsigned long long whole, tenths = 0;
	unsigned int unit = 0;

	while (unit < 6 && bytes >> (10 * (unit + 1)))
		unit++;
	whole = bytes >> (10 * unit);
	if (unit) {
		unsigned long long rest = bytes >> (10 * (unit - 1)) & 1023;

		tenths = (rest * 10 + 512) / 1024;
	}
	if (tenths == 10) {
		whole++;
		tenths = 0;
	}
	if (tenths)
		snprintf(text, SIZE_TEXT, "%llu.%llu%c", whole, tenths, units[unit]);
	else
		snprintf(text, SIZE_TEXT, "%llu%c", whole, units[unit]);
}

/**
 * size_text() - write a size as --bytes wants it
 * @bytes: the size
 * @exact: as a number of bytes
 * @text: gets the text
 */
void size_text(unsigned long long bytes, bool exact, char text[SIZE_TEXT])
{
	if (exact)
		snprintf(text, SIZE_TEXT, "%llu", bytes);
	else
		size_format(bytes, text);
}
