/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Prints the pieces of a line into a seq_file. Reports have up to hundreds of thousands of lines,
 * and seq_printf() takes a hundred instructions for each conversion only to interpret the format.
 */
#ifndef _RMAPSCOPE_TEXT_H
#define _RMAPSCOPE_TEXT_H

#include <linux/seq_file.h>
#include <linux/string.h>
#include <linux/types.h>

/*
 * Room for @size more bytes in the seq_file's buffer. NULL if there is none: like
 * seq_set_overflow(), this makes seq_file print the line again into a larger buffer.
 */
static __always_inline char *rms_reserve(struct seq_file *m, size_t size)
{
	char *at = m->buf + m->count;

	if (unlikely(size > m->size - m->count)) {
		m->count = m->size;
		return NULL;
	}
	m->count += size;
	return at;
}

static __always_inline void rms_put_bytes(struct seq_file *m, const char *text, size_t size)
{
	char *at = rms_reserve(m, size);

	if (at)
		memcpy(at, text, size);
}

/* Prints a string constant. The compiler knows its length, and copies it without a call. */
#define rms_puts(m, text)	rms_put_bytes(m, "" text, sizeof(text) - 1)

void rms_dec(struct seq_file *m, long long value);
void rms_hex(struct seq_file *m, unsigned long long value);

static __always_inline void rms_put_text_dec(struct seq_file *m, const char *text, size_t size,
					     long long value)
{
	rms_put_bytes(m, text, size);
	rms_dec(m, value);
}

static __always_inline void rms_put_text_hex(struct seq_file *m, const char *text, size_t size,
					     unsigned long long value)
{
	rms_put_bytes(m, text, size);
	rms_hex(m, value);
}

/* Prints a string constant, and a number behind it, with 0x if that is hexadecimal. */
#define rms_put_dec(m, text, value)	rms_put_text_dec(m, "" text, sizeof(text) - 1, value)
#define rms_put_hex(m, text, value)	rms_put_text_hex(m, text "0x", sizeof(text "0x") - 1, value)

void rms_word(struct seq_file *m, const char *word);
void rms_escape(struct seq_file *m, const char *text);
size_t rms_escaped_size(const char *text);
void rms_escape_to(char *to, const char *text);

#endif /* _RMAPSCOPE_TEXT_H */
