// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "complain.h"
#include "each_frame.h"
#include "live_report.h"
#include "page_report.h"

/**
 * sight_target() - what to write to an interface file
 * @sight: what to look at
 * @text: filled
 * @size: of @text
 */
void sight_target(const struct sight *sight, char *text, size_t size)
{
	const char *folio = sight->whole ? " folio" : "";

	if (sight->pid)
		snprintf(text, size, "pid=%d va=%#" PRIx64 "%s", sight->pid, sight->va, folio);
	else
		snprintf(text, size, "pfn=%#" PRIx64 "%s", sight->pfn, folio);
}

/* All processes of a line, as pagemaps know them; an mm without any has no pagemap. */
static int add_processes(struct sight *sight, const struct record *map, uint64_t va)
{
	const char *tgids = record_get(map, "tgids");

	if (!record_num(map, "pid"))
		return 0;
	while (*tgids) {
		char *end;
		pid_t pid = strtoul(tgids, &end, 10);

		if (end == tgids)
			return complain("tgids=%s", record_get(map, "tgids"));
		if (places_add(&sight->seen, pid, va))
			return -1;
		tgids = *end == ',' ? end + 1 : end;
	}
	return 0;
}

/* Of a folio, the lines that have the page which was meant. */
static int read_places(struct sight *sight, const struct look *look, const char *state)
{
	uint64_t index = sight->key - look->folio_pfn;
	const struct record *map = NULL;

	while ((map = look_map(look, map, state))) {
		uint64_t va = record_num(map, "va");

		if (sight->whole) {
			uint64_t first = record_num(map, "first");

			if (index < first || index - first >= record_num(map, "count"))
				continue;
			va += (index - first) * getpagesize();
		}
		if (add_processes(sight, map, va))
			return -1;
	}
	places_sort(&sight->seen);
	return 0;
}

static int read_report(struct sight *sight, struct look *look)
{
	sight->raced = record_num(look->walk, "raced");
	if (look_kind_is(look, "swap")) {
		sight->key = oracle_swap_key(record_num(look->page, "swap_type"),
					     record_num(look->page, "swap_offset"));
		return read_places(sight, look, "swapped");
	}
	sight->key = look->pfn;
	if (sight->whole) {
		uint64_t index = sight->pfn - look->folio_pfn;

		/* The address may lead to another folio by now. */
		if (index < 1ULL << record_num(look->page, "folio_order"))
			sight->key = sight->pfn;
		else
			sight->raced = true;
	}
	return read_places(sight, look, "mapped");
}

/**
 * sight_take() - take the look
 * @sight: says at what; the rest is filled. sight_free() must follow
 * @fd: the file "page", open
 */
void sight_take(struct sight *sight, int fd)
{
	struct look look = { .whole = sight->whole };
	char target[80];

	sight_target(sight, target, sizeof(target));
	sight->err = look_write(fd, target);
	if (sight->err)
		return;
	sight->err = report_read(&look.report, fd);
	if (sight->err)
		complain("reading: %s", strerror(-sight->err));
	else if (look_check(&look) || read_report(sight, &look))
		sight->err = -EPROTO;
	report_free(&look.report);
}

static bool has(const struct places *set, const struct place *place)
{
	size_t i;

	for (i = 0; i < set->nr; i++)
		if (set->v[i].pid == place->pid && set->v[i].va == place->va)
			return true;
	return false;
}

/* What a scan has at an address: 0 for nothing. False if it doesn't know the process. */
static bool find_entry(const struct oracle *all, const struct place *place, uint64_t *key)
{
	bool known = false;
	size_t i;

	*key = 0;
	for (i = 0; i < all->nr; i++) {
		const struct oracle_entry *entry = &all->v[i];

		known |= entry->place.pid == place->pid;
		if (entry->place.pid == place->pid && entry->place.va == place->va)
			*key = entry->pfn;
	}
	return known;
}

struct scans {
	const struct oracle *before, *after;
	/* Who has the page in each. */
	struct places first, last;
};

/*
 * Somebody may have come and gone between the scans, or have moved from one page to the next
 * and on to a third.
 */
static bool stood_still(const struct scans *scans, const struct place *place)
{
	uint64_t first, last;

	return find_entry(scans->before, place, &first) &&
	       find_entry(scans->after, place, &last) && first == last;
}

/* A refused frame that is mapped all the time must have no reverse map. */
static enum sight_verdict judge_refusal(const struct sight *sight, const struct scans *scans)
{
	bool lasting = false;
	uint64_t flags;
	size_t i;

	for (i = 0; i < scans->first.nr; i++) {
		const struct place *place = &scans->first.v[i];

		if ((!sight->pid || (place->pid == sight->pid && place->va == sight->va)) &&
		    has(&scans->last, place))
			lasting = true;
	}
	if (!lasting)
		return SIGHT_AGREES;
	/* What isn't present can be a marker, which leads to no page. */
	if (sight->err == -EAGAIN || sight->pfn & PM_SWAPPED)
		return SIGHT_MOVED;
	if ((sight->err == -EOPNOTSUPP || sight->err == -ENXIO) &&
	    !oracle_kpageflags(sight->pfn, &flags) &&
	    (flags & 1ULL << KPF_ZERO_PAGE || !(flags & FRAME_HAS_RMAP)))
		return SIGHT_AGREES;
	complain("pfn %#" PRIx64 " is mapped in %zu places: %s", sight->pfn, scans->first.nr,
		 strerror(-sight->err));
	return SIGHT_DIFFERS;
}

static enum sight_verdict judge_report(const struct sight *sight, const struct scans *scans)
{
	bool quiet = scans->first.nr == scans->last.nr;
	size_t i;

	if (sight->raced)
		return SIGHT_MOVED;
	for (i = 0; i < scans->first.nr; i++) {
		const struct place *place = &scans->first.v[i];

		if (!has(&scans->last, place)) {
			quiet = false;
		} else if (!has(&sight->seen, place)) {
			complain("key %#" PRIx64 ": the pagemap of pid %d has it at %#" PRIx64
				 ", the report has not (%zu against %zu)", sight->key, place->pid,
				 place->va, scans->first.nr, sight->seen.nr);
			return SIGHT_DIFFERS;
		}
	}
	for (i = 0; i < sight->seen.nr; i++) {
		const struct place *place = &sight->seen.v[i];

		if (has(&scans->first, place) || has(&scans->last, place))
			continue;
		if (!stood_still(scans, place))
			return SIGHT_MOVED;
		complain("key %#" PRIx64 ": the report has pid %d va %#" PRIx64
			 ", its pagemap has not (%zu against %zu)", sight->key, place->pid,
			 place->va, sight->seen.nr, scans->first.nr);
		return SIGHT_DIFFERS;
	}
	return quiet ? SIGHT_AGREES : SIGHT_MOVED;
}

/**
 * sight_judge() - does a look agree with the pagemaps?
 * @sight: the look
 * @before: a scan that ended before the look began
 * @after: a scan that began after its end
 *
 * What is in both scans must be in the report, and what is in neither must not.
 *
 * Return: SIGHT_DIFFERS with the reason in why[]; it may be that the page moved away and
 * came back between the scans.
 */
enum sight_verdict sight_judge(const struct sight *sight, const struct oracle *before,
			       const struct oracle *after)
{
	uint64_t key = sight->err ? sight->pfn : sight->key;
	struct scans scans = { .before = before, .after = after };
	enum sight_verdict verdict = SIGHT_MOVED;

	if (!oracle_find(before, key, &scans.first) && !oracle_find(after, key, &scans.last))
		verdict = sight->err ? judge_refusal(sight, &scans) :
				       judge_report(sight, &scans);
	places_free(&scans.first);
	places_free(&scans.last);
	return verdict;
}

/**
 * sight_free() - forget a look
 * @sight: the look
 */
void sight_free(struct sight *sight)
{
	places_free(&sight->seen);
}
