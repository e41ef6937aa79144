/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_FUZZ_PARSE_H
#define RMAPSCOPE_SELFTEST_FUZZ_PARSE_H

#include "fuzz.h"

/* "key=value" or "key" */
struct fuzz_token {
	const char *key;
	size_t key_size;
	const char *value;	/* NULL if the token has no '=' */
	size_t value_size;
};

bool fuzz_number(const char *s, size_t size, uint64_t *value);
bool fuzz_key_is(const struct fuzz_token *token, const char *key);
bool fuzz_next_token(const char **at, const char *end, struct fuzz_token *token);

#endif
