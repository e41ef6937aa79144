// SPDX-License-Identifier: GPL-2.0
/*
 * The frames of zones and nodes, by /proc/zoneinfo.
 */
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "exit_status.h"
#include "why_where.h"

#define ZONEINFO	"/proc/zoneinfo"

/* What was read of a zone until now. Zones without memory have no start. */
struct zone {
	char name[32];
	unsigned int node;
	unsigned long long spanned, present;
};

/* What the options name, and what of it there is. */
struct search {
	const struct where *where;
	struct places *places;
	bool known;		/* there is such a zone or node, maybe without memory */
	char zones[128];	/* the names of all */
};

static bool wanted(const struct search *s, const struct zone *zone)
{
	const struct where *w = s->where;

	return (!w->zone || !strcasecmp(w->zone, zone->name)) &&
	       (!w->has_node || w->node == zone->node);
}

static void note_zone(struct search *s, const struct zone *zone)
{
	size_t len = strlen(s->zones);

	s->known = s->known || wanted(s, zone);
	if (!strstr(s->zones, zone->name))
		snprintf(s->zones + len, sizeof(s->zones) - len, " %s", zone->name);
}

/* The line with the start is the last one of a zone. */
static void add_zone(struct search *s, const struct zone *zone, unsigned long long start)
{
	char name[96];

	if (!zone->present || !wanted(s, zone))
		return;
	snprintf(name, sizeof(name), "zone %s of node %u", zone->name, zone->node);
	places_add(s->places, start, start + zone->spanned, name);
}

static void take_line(struct search *s, struct zone *zone, const char *line)
{
	unsigned long long number;
	struct zone next = { };

	if (sscanf(line, "Node %u, zone %31s", &next.node, next.name) == 2) {
		*zone = next;
		note_zone(s, zone);
	} else if (sscanf(line, " start_pfn: %llu", &number) == 1) {
		add_zone(s, zone, number);
	} else if (sscanf(line, " spanned %llu", &number) == 1) {
		zone->spanned = number;
	} else if (sscanf(line, " present %llu", &number) == 1) {
		zone->present = number;
	}
}

static int explain(const struct search *s)
{
	const struct where *w = s->where;
	char node[32] = "";

	if (w->has_node)
		snprintf(node, sizeof(node), "%snode %u", w->zone ? " of " : "", w->node);
	if (s->known)
		warnx("%s%s%s: there is no memory in it (%s)", w->zone ? "zone " : "",
		      w->zone ?: "", node, ZONEINFO);
	else if (w->zone)
		warnx("zone %s%s: there is no such zone; the zones here are:%s", w->zone, node,
		      s->zones);
	else
		warnx("%s: there is no such node; see /sys/devices/system/node", node);
	return RS_NO_PAGE;
}

/**
 * zones_find() - find the frames of zones
 * @w: the arguments of --zone and --node
 * @places: gets a range for each zone, from its first frame to its last
 *
 * Return: an exit status; after an error message it is not RS_OK.
 */
int zones_find(const struct where *w, struct places *places)
{
	struct search search = { .where = w, .places = places };
	FILE *file = fopen(ZONEINFO, "re");
	struct zone zone = { };
	char line[256];

	if (!file) {
		warn("%s", ZONEINFO);
		return RS_FAILED;
	}
	while (fgets(line, sizeof(line), file))
		take_line(&search, &zone, line);
	fclose(file);
	return places->nr ? RS_OK : explain(&search);
}
