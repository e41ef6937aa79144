// SPDX-License-Identifier: GPL-2.0
/*
 * Parses a target as interface.rst defines it, from left to right and byte by byte. Uses no
 * function of the C library that the kernel has as well, so it shares nothing with the module's
 * parser.
 */
#include "parse.h"

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 99;
}

/**
 * fuzz_number() - parse a number
 * @s: its text
 * @size: of the text
 * @value: filled
 *
 * Accepts what kstrtoull() accepts with base 0, except for a newline at the end.
 *
 * Return: false if it is malformed.
 */
bool fuzz_number(const char *s, size_t size, uint64_t *value)
{
	unsigned int base = 10;
	const char *end = s + size;

	if (s < end && *s == '+')
		s++;
	if (s < end && *s == '0') {
		base = 8;
		if (end - s > 2 && (s[1] == 'x' || s[1] == 'X') && digit_of(s[2]) < 16) {
			base = 16;
			s += 2;
		}
	}
	if (s == end)
		return false;
	for (*value = 0; s < end; s++) {
		unsigned int digit = digit_of(*s);

		if (digit >= base || __builtin_mul_overflow(*value, base, value) ||
		    __builtin_add_overflow(*value, digit, value))
			return false;
	}
	return true;
}

/**
 * fuzz_key_is() - compare the key of a token
 * @token: the token
 * @key: what to compare with
 *
 * Return: true if they are equal.
 */
bool fuzz_key_is(const struct fuzz_token *token, const char *key)
{
	size_t i;

	for (i = 0; i < token->key_size; i++)
		if (token->key[i] != key[i])
			return false;
	return !key[i];
}

/**
 * fuzz_next_token() - find the next token
 * @at: where to begin; moved behind the token
 * @end: of the text
 * @token: filled
 *
 * Return: false at the end.
 */
bool fuzz_next_token(const char **at, const char *end, struct fuzz_token *token)
{
	const char *s = *at;

	while (s < end && (*s == ' ' || *s == '\t'))
		s++;
	*token = (struct fuzz_token){ .key = s };
	while (s < end && *s != ' ' && *s != '\t') {
		if (*s == '=' && !token->value) {
			token->key_size = s - token->key;
			token->value = s + 1;
		}
		s++;
	}
	*at = s;
	if (token->value)
		token->value_size = s - token->value;
	else
		token->key_size = s - token->key;
	return s > token->key;
}

/*
 * Returns the bit of a key. Returns 0 if the key is unknown, or its value is missing, or a key
 * without value has one.
 */
static unsigned int take(const struct fuzz_token *token, uint64_t values[4])
{
	static const char * const keys[] = { "pid", "va", "pfn", "phys" };
	unsigned int i;

	if (fuzz_key_is(token, "folio"))
		return token->value ? 0 : 16;
	for (i = 0; i < 4; i++)
		if (fuzz_key_is(token, keys[i]))
			return token->value && fuzz_number(token->value, token->value_size,
							   &values[i]) ? 1 << i : 0;
	return 0;
}

/**
 * fuzz_parse() - parse a target
 * @bytes: what was written
 * @size: number of bytes
 * @target: filled
 *
 * Return: false if it is malformed; @target says so, too.
 */
bool fuzz_parse(const char *bytes, size_t size, struct fuzz_target *target)
{
	const char *end = bytes + size, *at;
	unsigned int seen = 0, one;
	uint64_t values[4] = { 0 };
	struct fuzz_token token;

	*target = (struct fuzz_target){ .form = FUZZ_MALFORMED };
	if (size && end[-1] == '\n')
		end--;
	for (at = bytes; at < end; at++)
		if (!*at || *at == '\n')
			return false;
	for (at = bytes; fuzz_next_token(&at, end, &token); seen |= one) {
		one = take(&token, values);
		if (!one || (seen & one))
			return false;
	}
	target->folio = seen & 16;
	seen &= ~16;
	target->pid = values[0];
	target->va = values[1];
	target->pfn = seen == 8 ? values[3] >> 12 : values[2];
	if (seen == 3)
		target->form = FUZZ_BY_PID;
	else if (seen == 4 || seen == 8)
		target->form = FUZZ_BY_PFN;
	return target->form != FUZZ_MALFORMED;
}
