/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The words that the module's reports use for kinds of pages, states of VMAs, and what stops
 * reclaim, migration or a split; and what each of them means.
 */
#ifndef RMAPSCOPE_WORDS_H
#define RMAPSCOPE_WORDS_H

#include <stdbool.h>

/* A value of "kind=". */
struct kind_word {
	const char *word;
	const char *meaning;
	const char *no_tree;	/* why its pages have no anon_vma tree; NULL: they have one */
	bool anon;
	bool plain;		/* the word needs no explanation beside it */
};

/* A value of "state=". */
struct state_word {
	const char *word;
	const char *meaning;	/* what a VMA has at the place of the page */
	bool page;		/* it is an entry for the page that was asked for */
};

/* A value of "why=" or "note=". */
struct why_word {
	const char *word;
	const char *meaning;
	const char *advice;	/* what may help; NULL: nothing */
};

const struct kind_word *words_kind(const char *word);
const struct state_word *words_state(const char *word);
const struct why_word *words_reason(const char *word);
const struct why_word *words_note(const char *word);
void words_print_states(void);

#endif
