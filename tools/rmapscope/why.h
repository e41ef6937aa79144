/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The words of verdicts, in sentences.
 */
#ifndef RMAPSCOPE_WHY_H
#define RMAPSCOPE_WHY_H

#include "report.h"

/* What the module says in a word. */
struct why_word {
	const char *word;
	const char *meaning;
	const char *advice;	/* what to do about it; NULL: nothing */
};

const struct why_word *why_find(const char *word);
const struct why_word *why_find_note(const char *word);
void why_print_text(const struct report *r);

#endif
