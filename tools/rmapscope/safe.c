// SPDX-License-Identifier: GPL-2.0
/* Text that users choose, printed so that it can do nothing to a terminal. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

#include "safe.h"

/**
 * safe_print() - print a name outside of a table, as tables do
 * @text: the name
 *
 * What can't be printed in the user's locale becomes \xNN, and so does a backslash
 * before an x, so that it can be told apart.
 */
void safe_print(const char *text)
{
	mbstate_t state = { };
	size_t left = strlen(text);

	while (left) {
		wchar_t wide;
		size_t len = mbrtowc(&wide, text, left, &state);
		bool whole = len != (size_t)-1 && len != (size_t)-2 && len;

		if (whole && iswprint(wide) && strncmp(text, "\\x", 2)) {
			fwrite(text, 1, len, stdout);
		} else {
			printf("\\x%02x", (unsigned char)*text);
			memset(&state, 0, sizeof(state));
			len = 1;
		}
		text += len;
		left -= len;
	}
}

/**
 * safe_print_json() - print a document of JSON
 * @text: the document, in which only strings have other than ASCII
 *
 * The control characters that JSON allows in a string are spelled like the others.
 */
void safe_print_json(const char *text)
{
	const unsigned char *at;

	for (at = (const unsigned char *)text; *at; at++) {
		if (*at == 0x7f)
			printf("\\u007f");
		else if (*at == 0xc2 && at[1] >= 0x80 && at[1] < 0xa0)
			printf("\\u%04x", *++at);
		else
			putchar(*at);
	}
}
