// SPDX-License-Identifier: GPL-2.0
/* Parses a range as interface.rst defines it, and knows which results it can have. */
#include <limits.h>
#include <string.h>

#include "parse.h"

#define END_OF_USER	0x7ffffffff000ULL

enum {
	KEY_PID, KEY_START, KEY_END, KEY_PFN, KEY_COUNT, KEY_MIN_MAPS, NR_NUMBERS,
	KEY_KIND = NR_NUMBERS, KEY_ALL, KEY_MAPS, KEY_VISITED, KEY_VERDICTS, KEY_EXTRA_REFS,
	KEY_STUCK, KEY_ORDERED, NR_KEYS,
};

static const char * const keys[NR_KEYS] = {
	"pid", "start", "end", "pfn", "count", "min_maps", "kind", "all", "maps", "visited",
	"verdicts", "extra_refs", "stuck", "ordered",
};

static const uint32_t options[NR_KEYS] = {
	[KEY_MIN_MAPS] = RMS_OPTION_MIN_MAPS,
	[KEY_KIND] = RMS_OPTION_KINDS,
	[KEY_MAPS] = RMS_OPTION_MAPS,
	[KEY_VISITED] = RMS_OPTION_VISITED,
	[KEY_VERDICTS] = RMS_OPTION_VERDICTS,
	[KEY_EXTRA_REFS] = RMS_OPTION_EXTRA_REFS,
	[KEY_STUCK] = RMS_OPTION_STUCK,
	[KEY_ORDERED] = RMS_OPTION_ORDERED,
};

static const char * const kinds[RMS_NR_KINDS] = RMS_KIND_WORDS;

/* Words between commas. */
static bool parse_kinds(const struct fuzz_token *token, uint64_t *found)
{
	const char *at = token->value, *end = at + token->value_size;

	for (;;) {
		const char *comma = at;
		unsigned int i = 0;

		while (comma < end && *comma != ',')
			comma++;
		while (i < RMS_NR_KINDS && (strlen(kinds[i]) != (size_t)(comma - at) ||
					    memcmp(kinds[i], at, comma - at)))
			i++;
		if (i == RMS_NR_KINDS)
			return false;
		*found |= 1ULL << i;
		if (comma == end)
			return true;
		at = comma + 1;
	}
}

static bool take(const struct fuzz_token *token, unsigned int *seen, uint64_t *values,
		 uint64_t *kind_bits)
{
	unsigned int key = 0;

	while (key < NR_KEYS && !fuzz_key_is(token, keys[key]))
		key++;
	if (key == NR_KEYS || *seen & 1 << key)
		return false;
	*seen |= 1 << key;
	if (key < NR_NUMBERS)
		return token->value && fuzz_number(token->value, token->value_size, &values[key]);
	if (key == KEY_KIND)
		return token->value && parse_kinds(token, kind_bits);
	return !token->value;
}

static bool parse_tokens(const char *at, const char *end, unsigned int *seen, uint64_t *values,
			 uint64_t *kind_bits)
{
	struct fuzz_token token;
	const char *byte;

	for (byte = at; byte < end; byte++)
		if ((unsigned char)*byte < ' ' && *byte != '\t')
			return false;
	while (fuzz_next_token(&at, end, &token))
		if (!take(&token, seen, values, kind_bits))
			return false;
	return true;
}

/**
 * fuzz_parse_range() - parse a range
 * @bytes: what was written
 * @size: number of bytes
 * @target: filled
 *
 * Return: false if it is malformed; @target says so, too.
 */
bool fuzz_parse_range(const char *bytes, size_t size, struct fuzz_scan_range *target)
{
	uint64_t values[NR_NUMBERS] = { 0 };
	unsigned int seen = 0, key;

	*target = (struct fuzz_scan_range){ .form = FUZZ_MALFORMED };
	if (size && bytes[size - 1] == '\n')
		size--;
	if (!parse_tokens(bytes, bytes + size, &seen, values, &target->kinds))
		return false;
	for (key = 0; key < NR_KEYS; key++)
		target->options |= seen & 1 << key ? options[key] : 0;
	target->min_maps = values[KEY_MIN_MAPS] < UINT_MAX ? values[KEY_MIN_MAPS] : UINT_MAX;
	target->pid = values[KEY_PID];
	target->start = values[KEY_START];
	target->end = values[KEY_END];
	target->bounded = seen & (1 << KEY_START | 1 << KEY_PFN);
	seen &= 1 << KEY_PID | 1 << KEY_START | 1 << KEY_END | 1 << KEY_PFN | 1 << KEY_COUNT |
		1 << KEY_ALL;
	if (seen == 1 << KEY_PID || (seen == (1 << KEY_PID | 1 << KEY_START | 1 << KEY_END) &&
				     target->start < target->end)) {
		target->form = FUZZ_BY_PID;
	} else if (seen == 1 << KEY_ALL) {
		target->form = FUZZ_BY_PFN;
	} else if (seen == (1 << KEY_PFN | 1 << KEY_COUNT) && values[KEY_COUNT]) {
		target->form = FUZZ_BY_PFN;
		target->start = values[KEY_PFN];
	}
	return target->form != FUZZ_MALFORMED;
}

/* Whether a page that is known to be mapped is among the addresses. */
static bool has_known_page(const struct fuzz_setup *setup, const struct fuzz_scan_range *target,
			   bool own)
{
	size_t i;

	for (i = 0; i < setup->nr_places; i++) {
		const struct fuzz_range *place = &setup->places[i];

		if ((place->pid ? target->pid == (uint64_t)place->pid : own) &&
		    place->start < target->end && place->end > target->start &&
		    !fuzz_is_among(EFAULT, place->page))
			return true;
	}
	return false;
}

static fuzz_answers of_process(const struct fuzz_setup *setup,
			       const struct fuzz_scan_range *target)
{
	bool own = fuzz_is_pid(target->pid, setup->family, setup->nr_family);
	bool beyond = target->bounded && target->start >= END_OF_USER;

	if (!target->pid || target->pid > INT_MAX ||
	    fuzz_is_pid(target->pid, setup->without, setup->nr_without))
		return FUZZ_BIT(ESRCH) | (beyond ? FUZZ_BIT(EFAULT) : 0);
	if (beyond || (target->bounded && target->end <= 4096))
		return FUZZ_BIT(EFAULT) | (own ? 0 : FUZZ_BIT(ESRCH));
	if (own && (!target->bounded || has_known_page(setup, target, own)))
		return FUZZ_OK;
	return FUZZ_OK | (target->bounded ? FUZZ_BIT(EFAULT) : 0) | (own ? 0 : FUZZ_BIT(ESRCH));
}

/**
 * fuzz_range_answers() - the allowed results of writing a range
 * @setup: the setup
 * @target: the range
 *
 * Return: the set of results.
 */
fuzz_answers fuzz_range_answers(const struct fuzz_setup *setup,
				const struct fuzz_scan_range *target)
{
	switch (target->form) {
	case FUZZ_BY_PID:
		return of_process(setup, target);
	case FUZZ_BY_PFN:
		if (target->start >= setup->end_pfn)
			return FUZZ_BIT(ENXIO);
		return FUZZ_OK | (target->bounded ? FUZZ_BIT(ENXIO) : 0);
	default:
		return FUZZ_BIT(EINVAL);
	}
}
