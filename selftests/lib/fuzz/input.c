// SPDX-License-Identifier: GPL-2.0
/* Generates input: from a grammar with occasional errors, and by changing earlier input. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "fuzz.h"

/**
 * fuzz_random_next() - generate 64 random bits (xorshift64*)
 * @random: the generator
 *
 * Return: the number.
 */
uint64_t fuzz_random_next(struct fuzz_random *random)
{
	uint64_t x = random->state;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	random->state = x;
	return x * 0x2545f4914f6cdd1dULL;
}

static uint64_t strange_number(struct fuzz_random *random)
{
	static const uint64_t odd[] = {
		0, 1, 2, 4095, 4096, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000,
		0x7ffffffff000, 0x800000000000, 0xffff800000000000, 0xffff888000000000,
		0xffffffff81000000, 0xffffffffff600000, 0x7fffffffffffffff, 0x8000000000000000,
		0xffffffffffffffff,
	};

	switch (fuzz_below(random, 4)) {
	case 0:
		return fuzz_random_next(random);
	case 1:
		return fuzz_random_next(random) >> fuzz_below(random, 64);
	default:
		return odd[fuzz_below(random, sizeof(odd) / sizeof(odd[0]))] +
		       (fuzz_one_in(random, 4) ? fuzz_below(random, 5) - 2 : 0);
	}
}

static uint64_t some_pid(struct fuzz_random *random, const struct fuzz_setup *setup)
{
	switch (fuzz_below(random, 10)) {
	case 0:
		return strange_number(random);
	case 1:
		return fuzz_below(random, 400);
	case 2:
	case 3:
		return setup->without[fuzz_below(random, setup->nr_without)];
	default:
		return setup->family[fuzz_below(random, setup->nr_family)];
	}
}

static uint64_t some_frame(struct fuzz_random *random, const struct fuzz_setup *setup)
{
	switch (fuzz_below(random, 6)) {
	case 0:
		return strange_number(random);
	case 1:
		return setup->end_pfn + fuzz_below(random, 1 << 20);
	case 2:
		return setup->end_pfn - 16 + fuzz_below(random, 32);
	default:
		return fuzz_below(random, setup->end_pfn);
	}
}

/* Appends to a text like snprintf(3), and cuts off what does not fit. */
static void __attribute__((format(printf, 2, 3)))
add(struct fuzz_input *input, const char *format, ...)
{
	size_t room = sizeof(input->bytes) - input->size;
	va_list args;
	int size;

	va_start(args, format);
	size = vsnprintf(input->bytes + input->size, room, format, args);
	va_end(args);
	if (size > 0)
		input->size += (size_t)size < room ? (size_t)size : room - 1;
}

/* Writes a number in each valid way, and in some invalid ones. */
static void add_number(struct fuzz_random *random, struct fuzz_input *input, uint64_t value)
{
	static const char * const wrong[] = {
		"", "-", "+", "0x", "0X", "0xg", "1x", "08", "-1", "++1", "1.0", "1e3", "''", "a",
		"18446744073709551616", "0x10000000000000000", "2000000000000000000000", "=1",
	};

	switch (fuzz_below(random, 16)) {
	case 0:
		add(input, "%s", wrong[fuzz_below(random, sizeof(wrong) / sizeof(wrong[0]))]);
		break;
	case 1:
	case 2:
		add(input, "0%" PRIo64, value);
		break;
	case 3:
		add(input, "+%" PRIu64, value);
		break;
	case 4:
		add(input, "0X%" PRIX64, value);
		break;
	case 5:
		add(input, "0x%0*" PRIx64, 16 + fuzz_below(random, 30), value);
		break;
	case 6:
	case 7:
	case 8:
	case 9:
		add(input, "%" PRIu64, value);
		break;
	default:
		add(input, "0x%" PRIx64, value);
	}
}

static void add_blanks(struct fuzz_random *random, struct fuzz_input *input)
{
	static const char * const blanks[] = { "  ", "\t", " \t ", "\n", ",", ";", "\r", "\v", "" };

	if (fuzz_below(random, 6))
		add(input, " ");
	else
		add(input, "%s", blanks[fuzz_below(random, sizeof(blanks) / sizeof(blanks[0]))]);
}

static void add_target(struct fuzz_random *random, const struct fuzz_setup *setup,
		       struct fuzz_input *input)
{
	const struct fuzz_range *place = &setup->places[fuzz_below(random, setup->nr_places)];
	uint64_t pid = place->pid, va = strange_number(random);

	if (fuzz_below(random, 8))
		va = place->start + fuzz_random_next(random) % (place->end - place->start);
	if (!pid || fuzz_one_in(random, 4))
		pid = some_pid(random, setup);
	if (fuzz_one_in(random, 2)) {
		add(input, "pid=");
		add_number(random, input, pid);
		add_blanks(random, input);
		add(input, "va=");
		add_number(random, input, va);
	} else {
		add(input, "va=");
		add_number(random, input, va);
		add_blanks(random, input);
		add(input, "pid=");
		add_number(random, input, pid);
	}
}

static void add_token(struct fuzz_random *random, const struct fuzz_setup *setup,
		      struct fuzz_input *input)
{
	static const char * const words[] = {
		"pid", "va", "pfn", "phys", "folio", "folio=", "folio=1", "PID=1", "x", "=", "=1",
		"Folio", "pid=1=2", "pidx=1", "p=1", "va==1", "abi=1",
	};

	switch (fuzz_below(random, 6)) {
	case 0:
		add_target(random, setup, input);
		break;
	case 1:
		add(input, "pfn=");
		add_number(random, input, some_frame(random, setup));
		break;
	case 2:
		add(input, "phys=");
		add_number(random, input,
			   (some_frame(random, setup) << 12) + fuzz_below(random, 4096));
		break;
	case 3:
		add(input, "%s", words[fuzz_below(random, sizeof(words) / sizeof(words[0]))]);
		break;
	default:
		add(input, "folio");
	}
}

/* A few pages of a process around a place with a known page. */
static void add_addresses(struct fuzz_random *random, const struct fuzz_setup *setup,
			  struct fuzz_input *input)
{
	const struct fuzz_range *place = &setup->places[fuzz_below(random, setup->nr_places)];
	uint64_t start = place->start + fuzz_below(random, 5 * 4096) - 2 * 4096;
	uint64_t size = fuzz_below(random, fuzz_one_in(random, 8) ? 4096 * 4096 : 8 * 4096);
	uint64_t pid = place->pid;

	if (!pid || fuzz_one_in(random, 4))
		pid = some_pid(random, setup);
	add(input, "pid=");
	add_number(random, input, pid);
	if (fuzz_one_in(random, 16))
		return;
	if (fuzz_one_in(random, 16))
		start = strange_number(random);
	add_blanks(random, input);
	add(input, "start=");
	add_number(random, input, start);
	add_blanks(random, input);
	add(input, "end=");
	add_number(random, input, fuzz_one_in(random, 16) ? strange_number(random) : start + size);
}

static void add_frames(struct fuzz_random *random, const struct fuzz_setup *setup,
		       struct fuzz_input *input)
{
	if (fuzz_one_in(random, 40)) {
		add(input, "all");
		return;
	}
	add(input, "pfn=");
	add_number(random, input, some_frame(random, setup));
	add_blanks(random, input);
	add(input, "count=");
	add_number(random, input, fuzz_one_in(random, 16) ? strange_number(random) :
		   fuzz_below(random, 600));
}

/* "kind=", mostly with words that exist. */
static void add_kinds(struct fuzz_random *random, struct fuzz_input *input)
{
	static const char * const words[] = { "anon", "file", "ksm", "shmem", "swap",
		"hugetlb-anon", "hugetlb-file", "orphaned", "anon,ksm", "swap,anon", "file,file",
		"shmem,", ",", "", "Anon", "anonymous", "anon=ksm",
	};

	add(input, "kind=%s", words[fuzz_below(random, sizeof(words) / sizeof(words[0]))]);
}

static void add_option(struct fuzz_random *random, struct fuzz_input *input)
{
	static const char * const words[] = { "maps", "maps", "maps", "maps", "visited", "visited",
		"verdicts", "extra_refs", "stuck", "ordered", "all", "maps=", "visited=1", "MAPS",
		"folio", "va=0x1000",
	};

	switch (fuzz_below(random, 8)) {
	case 0:
		add_kinds(random, input);
		break;
	case 1:
		add(input, "min_maps=");
		add_number(random, input, fuzz_below(random, 4));
		break;
	default:
		add(input, "%s", words[fuzz_below(random, sizeof(words) / sizeof(words[0]))]);
	}
}

static void add_range(struct fuzz_random *random, const struct fuzz_setup *setup,
		      struct fuzz_input *input)
{
	uint32_t options = fuzz_below(random, 3);

	if (fuzz_one_in(random, 3))
		add_frames(random, setup, input);
	else
		add_addresses(random, setup, input);
	for (; options; options--) {
		add_blanks(random, input);
		add_option(random, input);
	}
}

static void from_grammar(struct fuzz_random *random, const struct fuzz_setup *setup,
			 bool range, struct fuzz_input *input)
{
	uint32_t more = fuzz_below(random, 8);

	input->size = 0;
	if (range && fuzz_below(random, 32))
		add_range(random, setup, input);
	else if (fuzz_one_in(random, 3))
		add_token(random, setup, input);
	else
		add_target(random, setup, input);
	/* Most texts have one token, some have two, few have many. */
	for (more = more < 5 ? 0 : more < 7 ? 1 : fuzz_below(random, 20); more; more--) {
		add_blanks(random, input);
		if (range)
			add_option(random, input);
		else
			add_token(random, setup, input);
	}
	if (fuzz_one_in(random, 3))
		add(input, "\n");
	if (fuzz_one_in(random, 60)) {
		memset(input->bytes + input->size, ' ', sizeof(input->bytes) - input->size);
		input->size = 253 + fuzz_below(random, 5);
	}
}

static void change(struct fuzz_random *random, struct fuzz_input *input,
		   const struct fuzz_input *other)
{
	static const char odd[] = "\0\n\t =+-x0179afAF,\xff\x7f\x80";
	size_t at = input->size ? fuzz_below(random, input->size) : 0;
	size_t rest = input->size - at, n;

	switch (fuzz_below(random, 7)) {
	case 0:
		input->bytes[at] ^= 1 << fuzz_below(random, 8);
		break;
	case 1:
		input->bytes[at] = odd[fuzz_below(random, sizeof(odd))];
		break;
	case 2:
		input->bytes[at] = fuzz_random_next(random);
		break;
	case 3:	/* a further token */
		if (input->size == sizeof(input->bytes))
			break;
		memmove(input->bytes + at + 1, input->bytes + at, rest);
		input->bytes[at] = odd[fuzz_below(random, sizeof(odd))];
		input->size++;
		break;
	case 4:	/* cut short */
		n = rest ? 1 + fuzz_below(random, rest < 4 ? rest : 4) : 0;
		memmove(input->bytes + at, input->bytes + at + n, rest - n);
		input->size -= n;
		break;
	case 5:	/* continued with another text */
		n = other->size > at ? other->size - at : 0;
		memcpy(input->bytes + at, other->bytes + at, n);
		input->size = at + n;
		break;
	case 6:
		input->size = at;
		break;
	}
}

static const struct fuzz_input *an_earlier_one(struct fuzz_random *random,
					       const struct fuzz_corpus *corpus)
{
	if (corpus->nr_kept && fuzz_below(random, 3))
		return &corpus->kept[fuzz_below(random, corpus->nr_kept)];
	return &corpus->recent[fuzz_below(random, corpus->nr_recent)];
}

/**
 * fuzz_make() - generate an input
 * @random: source of random numbers
 * @setup: the processes and addresses to use
 * @corpus: earlier inputs; the new one is added
 * @range: a range, rather than a target
 * @input: filled
 */
void fuzz_make(struct fuzz_random *random, const struct fuzz_setup *setup,
	       struct fuzz_corpus *corpus, bool range, struct fuzz_input *input)
{
	uint32_t way = fuzz_below(random, 16), i;

	if (!corpus->nr_recent || way < 9) {
		from_grammar(random, setup, range, input);
	} else if (way == 9) {
		input->size = fuzz_below(random, fuzz_one_in(random, 8) ? FUZZ_MAX_BYTES : 24);
		for (i = 0; i < input->size; i++)
			input->bytes[i] = fuzz_random_next(random);
	} else {
		*input = *an_earlier_one(random, corpus);
		for (i = 1 + fuzz_below(random, 4); i; i--)
			change(random, input, an_earlier_one(random, corpus));
	}
	if (corpus->nr_recent < FUZZ_RECENT)
		corpus->recent[corpus->nr_recent++] = *input;
	else
		corpus->recent[fuzz_below(random, FUZZ_RECENT)] = *input;
}

/**
 * fuzz_keep() - keep an input that reached new code
 * @corpus: where to keep it
 * @input: the input
 */
void fuzz_keep(struct fuzz_corpus *corpus, const struct fuzz_input *input)
{
	if (corpus->nr_kept < FUZZ_MAX_KEPT)
		corpus->kept[corpus->nr_kept++] = *input;
}
