// SPDX-License-Identifier: GPL-2.0
/*
 * What is printed before and behind the table of what stops an operation in a range.
 */
#include <stdio.h>

#include "safe.h"
#include "size.h"
#include "why_range.h"
#include "words.h"

static const char * const why_words[] = RMS_WHY_WORDS;

/* What an operation is called. */
static const char * const ops[RMS_NR_OPS] = {
	[RMS_OP_RECLAIM] = "reclaim",
	[RMS_OP_MIGRATE] = "migration",
	[RMS_OP_SPLIT] = "splitting",
};

static const char * const done[RMS_NR_OPS] = {
	[RMS_OP_RECLAIM] = "reclaimed",
	[RMS_OP_MIGRATE] = "moved",
	[RMS_OP_SPLIT] = "split",
};

static void print_size(const struct why_range *w, unsigned long long pages)
{
	unsigned long long bytes = pages * w->head.page_size;
	char size[SIZE_TEXT];

	size_format(bytes, size);
	if (w->o->bytes)
		printf("%llu bytes", bytes);
	else
		fputs(size, stdout);
}

static void print_frames(const struct why_range *w, unsigned long long start,
			 unsigned long long end)
{
	printf(": pfn 0x%llx-0x%llx, ", start, end);
	print_size(w, end - start);
	putchar('\n');
}

/**
 * why_print_range_head() - print which memory was looked at
 * @w: the range
 */
void why_print_range_head(const struct why_range *w)
{
	size_t i;

	for (i = 0; i < w->places.nr; i++) {
		const struct place *place = &w->places.place[i];

		/* A line of the log. */
		fputs(w->o->where.dmesg ? "\"" : "", stdout);
		safe_print(place->name);
		fputs(w->o->where.dmesg ? "\"" : "", stdout);
		print_frames(w, place->start, place->end);
	}
	if (w->places.nr)
		return;
	safe_print(w->title);
	if (w->head.form == RMS_FORM_PFN)
		print_frames(w, w->head.start, w->head.end);
	else if (w->whole)
		puts(": all addresses");
	else
		printf(": addresses 0x%llx-0x%llx\n", w->head.start, w->head.end);
}

static void print_reason(const struct why_range *w, enum rms_why why)
{
	const char *word = why < RMS_NR_WHYS ? why_words[why] : "?";
	const struct why_word *known = words_reason(word);

	printf("%s: %s\n", word, known ? known->meaning : "see the module's documentation");
	if (known && known->advice)
		printf("  try: %s\n", known->advice);
	if (why == RMS_WHY_HWPOISON && w->op == RMS_OP_MIGRATE)
		puts("  offlining leaves it where it is and goes on; alloc_contig_range() fails");
}

/* Each reason once, in the order of the table. */
static void print_reasons(const struct why_range *w)
{
	size_t i, k;

	for (i = 0; i < w->owners.nr; i++) {
		enum rms_why why = w->owners.owner[i]->why;

		for (k = 0; k < i && w->owners.owner[k]->why != why; k++)
			;
		if (k == i)
			print_reason(w, why);
	}
}

static void print_nothing(const struct why_range *w)
{
	unsigned long long others = frames_that_stop(w);

	printf("Nothing%s stops %s here%s", others ? " that is user memory" : "", ops[w->op],
	       w->broken_off ? ", as far as it was looked at" : "");
	/* What a process has of the kernel, as each has its vDSO, isn't the process's to move. */
	if (others && w->head.form == RMS_FORM_PFN)
		printf(", but other frames may: %llu", others);
	puts(".");
}

/* The rows and the records were counted separately. */
static void print_sum(const struct why_range *w)
{
	unsigned long long rows = 0;
	size_t i;

	for (i = 0; i < w->owners.nr; i++)
		rows += w->owners.owner[i]->pages;
	printf("%s%llu page%s (", w->broken_off ? "Until then, " : "", w->stopped,
	       w->stopped == 1 ? "" : "s");
	print_size(w, w->stopped);
	printf(") can't be %s; ", done[w->op]);
	if (rows == w->stopped)
		puts("the rows add up to that.");
	else
		printf("the rows have %llu: this is a bug of rmapscope.\n", rows);
}

/* Pages that aren't stopped. If there are only records of the others, these are what is left. */
static unsigned long long count_free_to_go(const struct why_range *w)
{
	unsigned long long known = w->stopped + w->small + w->unjudged, all = w->end.pages;

	if (w->head.options & RMS_OPTION_STUCK)
		all = w->frames - scan_count_unmapped(&w->end) - w->end.skipped;
	return all > known ? all - known : 0;
}

static void print_others(const struct why_range *w)
{
	if (w->small)
		printf("%llu small pages have nothing to split.\n", w->small);
	if (w->unjudged)
		printf("%llu pages have no verdict.\n", w->unjudged);
	if (w->head.form == RMS_FORM_VA || w->broken_off || w->filtered)
		return;
	printf("Frames that can be %s: %llu. Frames that are no user memory: %llu.\n",
	       done[w->op], count_free_to_go(w), scan_count_unmapped(&w->end));
}

/**
 * why_print_range_tail() - print what the reasons mean, what else there is, and the sum
 * @w: the range
 */
void why_print_range_tail(const struct why_range *w)
{
	if (w->owners.nr) {
		putchar('\n');
		print_reasons(w);
	}
	frames_print(w);
	putchar('\n');
	print_others(w);
	if (w->owners.nr)
		print_sum(w);
	else
		print_nothing(w);
}
