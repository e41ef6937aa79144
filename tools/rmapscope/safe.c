// SPDX-License-Identifier: GPL-2.0
/*
 * Printing of text that users choose, such as names of processes and files. Its control characters
 * must not reach a terminal.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

#include "safe.h"

/**
 * safe_print() - print a name outside of a table in the same way as in one
 * @text: the name
 *
 * Bytes that the locale cannot print become \xNN. So does a backslash before an x, which keeps the
 * output unambiguous.
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
 * @text: the document; json-c has escaped the control characters below 0x20
 *
 * JSON allows DEL and the control characters from U+0080 to U+009F in strings. They are escaped
 * here.
 */
void safe_print_json(const char *text)
{
	size_t span = strcspn(text, "\x7f\xc2");

	for (;;) {
		fwrite(text, 1, span, stdout);
		text += span;
		if (!*text)
			return;
		span = 1;
		if (*text == 0x7f) {
			printf("\\u007f");
			text++;
			span = 0;
		} else if ((text[1] & 0xe0) == 0x80) {
			printf("\\u%04x", (unsigned char)text[1]);
			text += 2;
			span = 0;
		}
		span += strcspn(text + span, "\x7f\xc2");
	}
}
