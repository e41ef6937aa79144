// SPDX-License-Identifier: GPL-2.0
/*
 * The options that name frames by something else than their numbers, and blocks of memory.
 */
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "exit_status.h"
#include "number.h"
#include "why_where.h"

#define BLOCKS	"/sys/devices/system/memory"

/**
 * where_add_block() - take the argument of --block
 * @w: zeroed before the first option
 * @arg: the argument: a block's directory in sysfs, or its number
 *
 * Return: RS_OK, or RS_USAGE after an error message.
 */
int where_add_block(struct where *w, const char *arg)
{
	const char *number = strncmp(arg, "memory", 6) ? arg : arg + 6;

	if (!*number || !number_only_digits(number) || strlen(number) > 9) {
		warnx("--block \"%s\": not a block of memory; write memoryN, as in %s", arg,
		      BLOCKS);
		return RS_USAGE;
	}
	if (w->nr_blocks == WHERE_MAX_BLOCKS) {
		warnx("--block %s: more than %d blocks; name a --zone or a --node", arg,
		      WHERE_MAX_BLOCKS);
		return RS_USAGE;
	}
	w->block[w->nr_blocks++] = number;
	return RS_OK;
}

/**
 * where_set_zone() - take the argument of --zone
 * @w: zeroed before the first option
 * @arg: the argument, which must stay
 *
 * Return: RS_OK, or RS_USAGE after an error message.
 */
int where_set_zone(struct where *w, const char *arg)
{
	if (w->zone) {
		warnx("--zone %s: given a second time; name one zone at a time", arg);
		return RS_USAGE;
	}
	w->zone = arg;
	return RS_OK;
}

/**
 * where_set_node() - take the argument of --node
 * @w: zeroed before the first option
 * @arg: the argument
 *
 * Return: RS_OK, or RS_USAGE after an error message.
 */
int where_set_node(struct where *w, const char *arg)
{
	unsigned long long node;

	if (w->has_node) {
		warnx("--node %s: given a second time; name one node at a time", arg);
		return RS_USAGE;
	}
	if (!number_only_digits(arg) || !number_parse(arg, false, &node) || node > 9999) {
		warnx("--node \"%s\": not the number of a node; see /sys/devices/system/node",
		      arg);
		return RS_USAGE;
	}
	w->node = node;
	w->has_node = true;
	return RS_OK;
}

/**
 * where_is_empty() - test if none of the options was given
 * @w: their arguments
 *
 * Return: true if none was.
 */
bool where_is_empty(const struct where *w)
{
	return !w->nr_blocks && !w->zone && !w->has_node && !w->dmesg;
}

/**
 * where_check() - check that the options go together
 * @w: their arguments
 *
 * Return: RS_OK, or RS_USAGE after an error message.
 */
int where_check(const struct where *w)
{
	if (!!w->nr_blocks + (w->zone || w->has_node) + w->dmesg <= 1)
		return RS_OK;
	warnx("why: use only one of --block, --zone with or without --node, --dmesg");
	return RS_USAGE;
}

static bool read_line(const char *path, char *text, size_t size)
{
	FILE *file = fopen(path, "re");
	bool ok = file && fgets(text, size, file);

	if (file)
		fclose(file);
	if (ok)
		text[strcspn(text, "\n")] = '\0';
	return ok;
}

static bool read_hex(const char *path, unsigned long long *num)
{
	char text[32];

	return read_line(path, text, sizeof(text)) && number_parse(text, true, num);
}

static int no_block(const char *number)
{
	if (access(BLOCKS, F_OK))
		warnx("--block memory%s: this kernel has no blocks of memory (%s)", number, BLOCKS);
	else
		warnx("--block memory%s: no such block; see %s", number, BLOCKS);
	return RS_NO_PAGE;
}

static int find_block(const char *number, struct places *places)
{
	unsigned long long size, index, pages;
	char path[96], state[32], name[64];

	snprintf(path, sizeof(path), BLOCKS "/memory%s/phys_index", number);
	if (!read_hex(path, &index) || !read_hex(BLOCKS "/block_size_bytes", &size))
		return no_block(number);
	pages = size / sysconf(_SC_PAGESIZE);
	snprintf(path, sizeof(path), BLOCKS "/memory%s/state", number);
	if (!read_line(path, state, sizeof(state)))
		snprintf(state, sizeof(state), "-");
	snprintf(name, sizeof(name), "memory%s (%s)", number, state);
	places_add(places, index * pages, (index + 1) * pages, name);
	return RS_OK;
}

/**
 * where_find() - find the frames
 * @w: the arguments of the options
 * @places: zeroed; filled. places_free() must follow
 *
 * Return: an exit status; after an error message it is not RS_OK.
 */
int where_find(const struct where *w, struct places *places)
{
	int status = RS_OK;
	size_t i;

	if (w->dmesg)
		return log_find(w->log, places);
	if (w->zone || w->has_node)
		return zones_find(w, places);
	for (i = 0; i < w->nr_blocks && !status; i++)
		status = find_block(w->block[i], places);
	return status;
}
