// SPDX-License-Identifier: GPL-2.0
/* The pieces of a line: numbers, words, and text that users choose. */
#include <linux/bitops.h>
#include <linux/kernel.h>

#include "text.h"

/* Larger numbers are rare, and left to the kernel. */
#define RMS_MAX_SHORT	99999

/* The length of a backslash and three octal digits, in place of one character. */
#define RMS_ESCAPE_SIZE	4

/*
 * Prints a number of several digits, or a negative one. The kernel's function first writes the
 * digits into a buffer of its own.
 */
static noinline void rms_long_dec(struct seq_file *m, long long value)
{
	unsigned int rest = value, digits;
	char *at;

	if (value < 0 || value > RMS_MAX_SHORT) {
		seq_put_decimal_ll(m, NULL, value);
		return;
	}
	digits = 2 + (rest > 99) + (rest > 999) + (rest > 9999);
	at = rms_reserve(m, digits);
	if (!at)
		return;
	at += digits;
	do {
		*--at = '0' + rest % 10;
		rest /= 10;
	} while (rest);
}

/**
 * rms_dec - print a decimal number
 * @m: where to
 * @value: the number
 *
 * Context: any.
 */
void rms_dec(struct seq_file *m, long long value)
{
	char *at;

	if (value < 0 || value > 9) {
		rms_long_dec(m, value);
		return;
	}
	at = rms_reserve(m, 1);
	if (at)
		*at = '0' + value;
}

/**
 * rms_hex - print a hexadecimal number, without 0x
 * @m: where to
 * @value: the number
 *
 * As seq_put_hex_ll(), which modules can't call.
 *
 * Context: any.
 */
void rms_hex(struct seq_file *m, unsigned long long value)
{
	unsigned int digits = value ? DIV_ROUND_UP(fls64(value), 4) : 1;
	char *at = rms_reserve(m, digits);

	if (!at)
		return;
	at += digits;
	do {
		*--at = "0123456789abcdef"[value & 15];
		value >>= 4;
	} while (value);
}

/**
 * rms_word - print text that isn't a constant, and that no user chose
 * @m: where to
 * @word: the text
 *
 * Context: any.
 */
void rms_word(struct seq_file *m, const char *word)
{
	char *at = m->buf + m->count, *end = m->buf + m->size;

	while (*word && at < end)
		*at++ = *word++;
	m->count = *word ? m->size : at - m->buf;
}

/*
 * Whether a character of text that users choose is escaped: a blank would end a value, a control
 * character would end a line or confuse a terminal. The backslash begins an escape.
 */
static bool rms_is_escaped(unsigned char c)
{
	return c <= ' ' || c == '\\' || c == 0x7f;
}

/* The character at @to, escaped if it must be. Returns the place behind it. */
static char *rms_escape_char(char *to, unsigned char c)
{
	if (!rms_is_escaped(c)) {
		*to++ = c;
		return to;
	}
	*to++ = '\\';
	*to++ = '0' + (c >> 6);
	*to++ = '0' + ((c >> 3) & 7);
	*to++ = '0' + (c & 7);
	return to;
}

/**
 * rms_escape - print text that users choose, as one value
 * @m: where to
 * @text: the text
 *
 * Context: any.
 */
void rms_escape(struct seq_file *m, const char *text)
{
	char *at = m->buf + m->count, *end = m->buf + m->size;

	for (; *text && at < end; text++) {
		if (likely(!rms_is_escaped(*text)))
			*at++ = *text;
		else if (end - at >= RMS_ESCAPE_SIZE)
			at = rms_escape_char(at, *text);
		else
			break;
	}
	m->count = *text ? m->size : at - m->buf;
}

/**
 * rms_escaped_size - the room that rms_escape_to() needs
 * @text: the text
 *
 * Context: any.
 * Return: bytes, with the final NUL.
 */
size_t rms_escaped_size(const char *text)
{
	size_t size = 1;

	for (; *text; text++)
		size += rms_is_escaped(*text) ? RMS_ESCAPE_SIZE : 1;
	return size;
}

/**
 * rms_escape_to - copy text that users choose, as rms_escape() prints it
 * @to: where to; rms_escaped_size() bytes
 * @text: the text
 *
 * Context: any.
 */
void rms_escape_to(char *to, const char *text)
{
	for (; *text; text++)
		to = rms_escape_char(to, *text);
	*to = '\0';
}
