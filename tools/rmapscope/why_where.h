/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Ranges of frames by what they are called: blocks of memory, zones, nodes, and what the kernel log
 * names.
 */
#ifndef RMAPSCOPE_WHY_WHERE_H
#define RMAPSCOPE_WHY_WHERE_H

#include <stdbool.h>
#include <stddef.h>

#define WHERE_MAX_BLOCKS	64

/* The arguments of the options. */
struct where {
	const char *block[WHERE_MAX_BLOCKS];
	size_t nr_blocks;
	const char *zone;
	bool has_node;
	unsigned int node;
	bool dmesg;
	const char *log;		/* a file; NULL: the log of this kernel */
};

/* A range of frames. */
struct place {
	unsigned long long start, end;
	char *name;			/* what it was found by */
};

struct places {
	struct place *place;
	size_t nr;
};

int where_add_block(struct where *w, const char *arg);
int where_set_zone(struct where *w, const char *arg);
int where_set_node(struct where *w, const char *arg);
bool where_is_empty(const struct where *w);
int where_check(const struct where *w);
int where_find(const struct where *w, struct places *places);

/* why_places.c */
void places_add(struct places *p, unsigned long long start, unsigned long long end,
		const char *name);
void places_merge(struct places *to, const struct places *from);
bool places_have(const struct places *p, unsigned long long start, unsigned long long end);
void places_free(struct places *p);

/* why_zones.c */
int zones_find(const struct where *w, struct places *places);

/* why_log.c */
int log_find(const char *path, struct places *places);

#endif
