// SPDX-License-Identifier: GPL-2.0
/*
 * The text form of `rmapscope why`: what holds references to the page, and the verdicts.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "page.h"
#include "safe.h"
#include "why.h"
#include "words.h"

#define USERS_SHOWN	5
#define USERS_INDENT	"                       "

/* A key of the refs record. */
struct holder {
	const char *key;
	const char *name;
	const char *meaning;
};

static const struct holder holders[] = {
	{ "maps", "page tables", "one for each entry that maps it; a huge entry counts once" },
	{ "pagecache", "page cache", "it is in the page cache of its file" },
	{ "swapcache", "swap cache", "it is in the swap cache" },
	{ "private", "file system", "its file system keeps data with it" },
	{ "self", "this report", "rmapscope itself, while it made the report" },
	{ "unexplained", "unexplained", "the kernel does not record what holds these" },
	{ }
};

static long long count(const struct record *rec, const char *key)
{
	const char *value = record_get(rec, key);

	return value ? strtoll(value, NULL, 0) : 0;
}

static void print_holders(const struct record *refs)
{
	struct libscols_table *tb = table_new(&(struct table_style){ });
	const struct holder *h;

	table_column(tb, "HELD BY", false);
	table_column(tb, "REFERENCES", true);
	table_column(tb, "MEANING", false);
	for (h = holders; h->key; h++) {
		const char *value = record_get(refs, h->key);
		bool odd = !strcmp(h->key, "unexplained");

		if (count(refs, h->key))
			table_row(tb, (const char *[]){ h->name, value, h->meaning }, 3,
				  odd ? "bold" : NULL);
	}
	table_finish(tb);
	printf("The page has %lld references; the kernel accounts for %lld.\n",
	       count(refs, "total"),
	       count(refs, "total") - count(refs, "unexplained"));
}

static bool is_poisoned(const struct report *r)
{
	const struct record *verdict = report_next(r, "verdict", NULL);
	const char *why = verdict ? record_get(verdict, "why") : NULL;

	return why && !strcmp(why, "hwpoison");
}

/* Print what is known about the unexplained references, and warnings about the counts. */
static void print_unexplained(const struct report *r, const struct record *refs)
{
	long long unexplained = count(refs, "unexplained"), pins = count(refs, "pins");
	const struct record *walk = report_next(r, "walk", NULL);

	if (count(refs, "raced"))
		printf("RACED: a count changed while the report was made; ask again\n");
	if (count(refs, "mapcount_differs"))
		printf("MAPCOUNT DIFFERS: the walk finds %s, and the kernel counts %s, %s\n",
		       record_text(walk, "pte_maps"),
		       record_text(report_next(r, "page", NULL), "mapcount"),
		       "at each try: a driver maps it, or the kernel or rmapscope has a bug");
	if (count(refs, "maybe_pinned") && pins)
		printf("Pinned for DMA, probably %lld time%s: %s\n", pins, pins == 1 ? "" : "s",
		       "on a small page, any 1024 references look like one pin.");
	else if (count(refs, "maybe_pinned"))
		printf("It has so many references that the kernel treats it as pinned for DMA.\n");
	if (count(refs, "off_lru") && is_poisoned(r))
		printf("It is on no LRU list, and stays off them: %s\n",
		       "the kernel keeps a reference to broken memory forever.");
	else if (count(refs, "off_lru"))
		printf("It is on no LRU list%s: %s\n",
		       unexplained > 0 ? ", which accounts for one unexplained reference" : "",
		       "a CPU has it in a batch, or reclaim or migration has isolated it.");
}

/* pid=0: the owner is not in the reader's pid namespace, or the mm has no owner. */
static bool is_invisible(const char *pid)
{
	return !pid || !strcmp(pid, "0");
}

static bool is_user(const struct record *map)
{
	const char *state = record_get(map, "state"), *bits = record_get(map, "bits");

	return state && !strcmp(state, "mapped") && bits && strstr(bits, "|accessed");
}

static void print_name(const struct record *map, const char *key)
{
	safe_print(record_text(map, key));
}

/*
 * Print the processes whose entries have the accessed bit: the first few, as there may be
 * thousands. Several mappings of a process in a row count as one. Invisible processes have no pid
 * here, so their mappings are counted.
 */
static void print_users(const struct report *r)
{
	const struct record *map = NULL;
	const char *pid, *last = NULL;
	size_t shown = 0, more = 0, invisible = 0;

	while ((map = report_next(r, "map", map))) {
		pid = record_get(map, "pid");
		if (!is_user(map) || (last && pid && !strcmp(last, pid)))
			continue;
		if (is_invisible(pid)) {
			invisible++;
			continue;
		}
		last = pid;
		if (shown == USERS_SHOWN) {
			more++;
			continue;
		}
		printf("%s%s (", shown++ ? ", " : USERS_INDENT "by ", pid);
		print_name(map, "comm");
		putchar(')');
	}
	if (more)
		printf(" and %zu more", more);
	if (invisible)
		printf("%s%zu mapping%s of processes that are not visible here",
		       shown ? ", and " : USERS_INDENT "by ", invisible, invisible == 1 ? "" : "s");
	if (shown || invisible)
		putchar('\n');
}

/* Commas separate the notes; a colon and a number follow some. */
static void print_notes(const struct report *r, const char *note)
{
	for (; note && *note && strcmp(note, "-"); note += strspn(note, ",")) {
		const struct why_word *known = words_note(note);
		size_t len = strcspn(note, ",");

		if (known)
			printf("%17snote: %s\n", "", known->meaning);
		if (words_find_note(note) == RMS_NOTE_REFERENCED)
			print_users(r);
		if (!known)
			printf("%17snote: %.*s\n", "", (int)len, note);
		note += len;
	}
}

static bool is_same(const char *a, const char *b)
{
	return a && b && !strcmp(a, b);
}

/* Print the mapping that is in the way, if the verdict names one. */
static void print_who(const struct report *r, const struct record *verdict)
{
	const char *pid = record_get(verdict, "pid"), *va = record_get(verdict, "va");
	const struct record *map = NULL;
	const char *name;

	if (!pid || !va)
		return;
	while ((map = report_next(r, "map", map)))
		if (is_same(record_get(map, "pid"), pid) && is_same(record_get(map, "va"), va))
			break;
	printf("%17swho:  ", "");
	if (is_invisible(pid)) {
		printf("a process that is not visible here");
	} else {
		printf("process %s", pid);
		if (map) {
			printf(" (");
			print_name(map, "comm");
			putchar(')');
		}
	}
	printf(", at %s", va);
	name = record_get(map, "name");
	if (name && strcmp(name, "-")) {
		printf(" in ");
		safe_print(name);
	}
	putchar('\n');
}

static void print_verdict(const struct report *r, const struct record *verdict)
{
	const char *why = record_text(verdict, "why"), *func = record_get(verdict, "func");
	const struct why_word *known;

	printf("%-16s ", words_op(record_text(verdict, "op")));
	if (count(verdict, "ok")) {
		printf("yes\n");
	} else {
		known = words_reason(why);
		printf("NO, %s: %s\n", why,
		       known ? known->meaning : "see the module's documentation");
		print_who(r, verdict);
		if (known && known->advice)
			printf("%17stry:  %s\n", "", known->advice);
		if (func && strcmp(why, "order0"))
			printf("%17sin:   %s() of the kernel\n", "", func);
	}
	print_notes(r, record_get(verdict, "note"));
}

/**
 * why_print_text() - print what keeps a page where it is, as text
 * @r: the report on the page
 */
void why_print_text(const struct report *r)
{
	const struct record *refs = report_next(r, "refs", NULL), *verdict = NULL;

	page_print_head(r);
	putchar('\n');
	if (!refs) {
		puts("It is swapped out: no page is in memory, so there are no references to it.");
		return;
	}
	print_holders(refs);
	print_unexplained(r, refs);
	putchar('\n');
	while ((verdict = report_next(r, "verdict", verdict)))
		print_verdict(r, verdict);
}
