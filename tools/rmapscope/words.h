/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the words of the module's reports mean. <uapi/rmapscope.h> has the lists of words.
 */
#ifndef RMAPSCOPE_WORDS_H
#define RMAPSCOPE_WORDS_H

#include <stdbool.h>
#include <uapi/rmapscope.h>

/* About a value of "kind=". */
struct kind_word {
	const char *meaning;
	const char *no_tree;	/* why its pages have no anon_vma tree; NULL: they have one */
	bool anon;
	bool plain;		/* the word needs no explanation beside it */
};

/* About a value of "state=". */
struct state_word {
	const char *meaning;	/* what a VMA has at the place of the page */
	bool page;		/* it is an entry for the page that was asked for */
};

/* About a value of "why=" or "note=". */
struct why_word {
	const char *meaning;
	const char *advice;	/* what may help; NULL: nothing */
};

enum rms_kind words_find_kind(const char *word);
enum rms_note words_find_note(const char *word);
enum rms_op words_find_op(const char *word);

const struct kind_word *words_kind(const char *word);
const struct state_word *words_state(const char *word);
const struct why_word *words_reason(const char *word);
const struct why_word *words_note(const char *word);
const char *words_op(const char *word);
void words_print_states(void);

#endif
