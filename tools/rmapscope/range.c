// SPDX-License-Identifier: GPL-2.0
/*
 * The options that name a range, and the string that the module gets for them.
 */
#include <err.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "exit_status.h"
#include "number.h"
#include "range.h"
#include "words.h"

/* Options that ask for more, by their word. */
static const struct {
	const char *word;
	unsigned int option;
} wants[] = {
	{ "maps", RMS_OPTION_MAPS },
	{ "visited", RMS_OPTION_VISITED },
	{ "verdicts", RMS_OPTION_VERDICTS },
};

#define NR_WANTS	(sizeof(wants) / sizeof(wants[0]))

/*
 * Read START-END or START+COUNT. If one of two bounds is hex, so is the other, as in a line of
 * /proc/PID/maps.
 */
static bool parse_bounds(const char *arg, struct range *r, char *sign)
{
	char first[32] = "";
	size_t len = strcspn(arg, "-+");
	const char *second = arg + len + 1;
	bool hex;

	*sign = arg[len];
	if (!*sign || len >= sizeof(first))
		return false;
	memcpy(first, arg, len);
	hex = number_is_hex(first) || (*sign == '-' && number_is_hex(second));
	return number_parse(first, hex, &r->start) &&
	       number_parse(second, hex && *sign == '-', &r->end);
}

static int set_bounds(struct range *r, const char *option, const char *arg, bool frames)
{
	char sign;

	if (r->has_bounds) {
		warnx("%s%s: given a second time; name one range at a time", option, arg);
		return RS_USAGE;
	}
	if (!parse_bounds(arg, r, &sign)) {
		warnx("%s\"%s\": not a range; write START-END or START+COUNT, with 0x... for hex",
		      option, arg);
		return RS_USAGE;
	}
	if (sign == '+')
		r->end += r->start;
	if (r->start >= r->end) {
		warnx("%s%s: the end of the range is not behind its start", option, arg);
		return RS_USAGE;
	}
	r->has_bounds = true;
	r->frames = frames;
	return RS_OK;
}

/**
 * range_set_addresses() - take the argument START-END
 * @r: zeroed before the first option
 * @arg: the argument; addresses in the middle of a page stand for the whole page
 *
 * Return: RS_OK, or RS_USAGE after an error message.
 */
int range_set_addresses(struct range *r, const char *arg)
{
	unsigned long long mask = sysconf(_SC_PAGESIZE) - 1;
	int status = set_bounds(r, "", arg, false);

	r->start &= ~mask;
	if (r->end <= ULLONG_MAX - mask)
		r->end = (r->end + mask) & ~mask;
	return status;
}

/**
 * range_set_frames() - take the argument of --pfn
 * @r: zeroed before the first option
 * @arg: the argument; a single number is one frame
 *
 * Return: RS_OK, or RS_USAGE after an error message.
 */
int range_set_frames(struct range *r, const char *arg)
{
	unsigned long long pfn;

	if (!r->has_bounds && number_parse(arg, false, &pfn) && pfn < ULLONG_MAX) {
		r->start = pfn;
		r->end = pfn + 1;
		r->has_bounds = true;
		r->frames = true;
		return RS_OK;
	}
	return set_bounds(r, "--pfn ", arg, true);
}

/* Call @take for each word of a list with commas. */
static int each_word(const char *arg, struct range *r,
		     int (*take)(struct range *r, const char *word))
{
	char word[32];

	for (;;) {
		size_t len = strcspn(arg, ",");
		int status;

		snprintf(word, sizeof(word), "%.*s", len < sizeof(word) ? (int)len : 0, arg);
		status = take(r, word);
		if (status || !arg[len])
			return status;
		arg += len + 1;
	}
}

static int add_kind(struct range *r, const char *word)
{
	enum rms_kind kind = words_find_kind(word);

	if (kind >= RMS_NR_KINDS) {
		static const char * const kinds[] = RMS_KIND_WORDS;
		char all[256] = "";
		size_t i, len = 0;

		for (i = 0; i < RMS_NR_KINDS; i++)
			len += snprintf(all + len, sizeof(all) - len, " %s", kinds[i]);
		warnx("--kind: \"%s\" is no kind of page; choose from:%s", word, all);
		return RS_USAGE;
	}
	r->kinds |= 1U << kind;
	return RS_OK;
}

/**
 * range_set_kinds() - take the argument of --kind
 * @r: zeroed before the first option
 * @arg: the argument, words with commas between them
 *
 * Return: RS_OK, or RS_USAGE after an error message.
 */
int range_set_kinds(struct range *r, const char *arg)
{
	r->options |= RMS_OPTION_KINDS;
	return each_word(arg, r, add_kind);
}

/**
 * range_set_min_maps() - take the argument of --min-maps
 * @r: zeroed before the first option
 * @arg: the argument
 *
 * Return: RS_OK, or RS_USAGE after an error message.
 */
int range_set_min_maps(struct range *r, const char *arg)
{
	unsigned long long num;

	if (!number_only_digits(arg) || !number_parse(arg, false, &num) || num > INT_MAX) {
		warnx("--min-maps \"%s\": not a number of mappings", arg);
		return RS_USAGE;
	}
	r->min_maps = num;
	r->options |= RMS_OPTION_MIN_MAPS;
	return RS_OK;
}

static int add_option(struct range *r, const char *word)
{
	size_t i;

	for (i = 0; i < NR_WANTS; i++) {
		if (!strcmp(word, wants[i].word)) {
			r->options |= wants[i].option;
			return RS_OK;
		}
	}
	if (!strcmp(word, "none"))
		return RS_OK;
	warnx("--with: no such choice \"%s\"; choose from: maps visited verdicts none", word);
	return RS_USAGE;
}

/**
 * range_set_options() - take the argument of --with
 * @r: zeroed before the first option
 * @arg: the argument, words with commas between them
 *
 * Return: RS_OK, or RS_USAGE after an error message.
 */
int range_set_options(struct range *r, const char *arg)
{
	return each_word(arg, r, add_option);
}

/**
 * range_check() - check that exactly one range was named
 * @r: the range, after the last option
 * @command: the subcommand, for error messages
 *
 * Return: RS_OK, or RS_USAGE after an error message.
 */
int range_check(const struct range *r, const char *command)
{
	bool by_frame = r->has_bounds && r->frames;

	if (r->has_bounds && !r->frames && !r->has_pid)
		warnx("%s: the addresses 0x%llx-0x%llx need a process: add -p PID",
		      command, r->start, r->end);
	else if (r->has_pid + by_frame + r->all != 1)
		warnx("%s: name one range: -p PID [START-END], --pfn A-B or --all", command);
	else
		return RS_OK;
	return RS_USAGE;
}

static void format_kinds(unsigned int kinds, char *buf, size_t size)
{
	static const char * const words[] = RMS_KIND_WORDS;
	const char *separator = " kind=";
	size_t i, len = 0;

	for (i = 0; i < RMS_NR_KINDS; i++) {
		if (!(kinds & 1U << i))
			continue;
		len += snprintf(buf + len, size - len, "%s%s", separator, words[i]);
		separator = ",";
	}
}

/**
 * range_format() - write the range as the module wants it
 * @r:    a checked range
 * @buf:  gets the string
 * @size: of @buf; RANGE_MAX is enough
 */
void range_format(const struct range *r, char *buf, size_t size)
{
	char bounds[64] = "", kinds[128] = "", maps[32] = "", words[64] = "";
	size_t i, len = 0;

	if (r->has_bounds && r->frames)
		snprintf(bounds, sizeof(bounds), "pfn=0x%llx count=%llu", r->start,
			 r->end - r->start);
	else if (r->has_bounds)
		snprintf(bounds, sizeof(bounds), " start=0x%llx end=0x%llx", r->start, r->end);
	for (i = 0; i < NR_WANTS; i++)
		if (r->options & wants[i].option)
			len += snprintf(words + len, sizeof(words) - len, " %s", wants[i].word);
	if (r->options & RMS_OPTION_KINDS)
		format_kinds(r->kinds, kinds, sizeof(kinds));
	if (r->options & RMS_OPTION_MIN_MAPS)
		snprintf(maps, sizeof(maps), " min_maps=%u", r->min_maps);

	len = 0;
	if (r->has_pid)
		len = snprintf(buf, size, "pid=%llu", r->pid);
	snprintf(buf + len, size - len, "%s%s%s%s%s%s%s%s", bounds, r->all ? "all" : "", words,
		 r->options & RMS_OPTION_ORDERED ? " ordered" : "", kinds, maps,
		 r->options & RMS_OPTION_EXTRA_REFS ? " extra_refs" : "",
		 r->options & RMS_OPTION_STUCK ? " stuck" : "");
}

/**
 * range_name() - write the range as the beginning of an error message
 * @r:    a checked range
 * @buf:  gets the string
 * @size: of @buf; RANGE_MAX is enough
 */
void range_name(const struct range *r, char *buf, size_t size)
{
	if (r->all)
		snprintf(buf, size, "all frames");
	else if (r->frames)
		snprintf(buf, size, "pfn 0x%llx-0x%llx", r->start, r->end);
	else if (r->has_bounds)
		snprintf(buf, size, "pid %llu: 0x%llx-0x%llx", r->pid, r->start, r->end);
	else
		snprintf(buf, size, "pid %llu", r->pid);
}

/**
 * range_keeps() - test if the filters let a page pass, for recordings
 * @r: a checked range
 * @page: the page
 *
 * Return: true if the module would have a record of the page. A filter that needs what is not in
 * the record keeps no page.
 */
bool range_keeps(const struct range *r, const struct rms_rec_page *page)
{
	bool kind = page->kind < RMS_NR_KINDS && r->kinds & 1U << page->kind;
	bool extra = page->fields & RMS_PAGE_REFS && page->extra_refs > 0;
	bool stuck = page->fields & RMS_PAGE_JUDGED &&
		     page->verdicts[RMS_OP_MIGRATE] != RMS_WHY_NOTHING;

	return (kind || !(r->options & RMS_OPTION_KINDS)) &&
	       (extra || !(r->options & RMS_OPTION_EXTRA_REFS)) &&
	       (stuck || !(r->options & RMS_OPTION_STUCK)) &&
	       page->maps >= r->min_maps;
}
