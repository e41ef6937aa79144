// SPDX-License-Identifier: GPL-2.0
/*
 * The words of the module's records, as listed in uapi/rmapscope.h: the tool knows what each of
 * them means, and interface.rst documents it. Needs no module.
 */
#include <uapi/rmapscope.h>

#include "test.h"
#include "words.h"

#define DOCUMENT	"../Documentation/interface.rst"

/* Words that stand for nothing. */
#define NOTHING		"-"

static const char * const kinds[] = RMS_KIND_WORDS;
static const char * const states[] = RMS_STATE_WORDS;
static const char * const reasons[] = RMS_WHY_WORDS;
static const char * const notes[] = RMS_NOTE_WORDS;

static const struct {
	const char *what;
	const char * const *words;
	size_t nr;
} lists[] = {
	{ "kind", kinds, ARRAY_SIZE(kinds) },
	{ "state", states, ARRAY_SIZE(states) },
	{ "why", reasons, ARRAY_SIZE(reasons) },
	{ "note", notes, ARRAY_SIZE(notes) },
};

TEST(each_list_has_a_word_for_each_value)
{
	size_t missing = 0, i, k;

	EXPECT_EQ(RMS_NR_KINDS, ARRAY_SIZE(kinds));
	EXPECT_EQ(RMS_NR_STATES, ARRAY_SIZE(states));
	EXPECT_EQ(RMS_NR_WHYS, ARRAY_SIZE(reasons));
	EXPECT_EQ(RMS_NR_NOTES, ARRAY_SIZE(notes));
	for (i = 0; i < ARRAY_SIZE(lists); i++)
		for (k = 0; k < lists[i].nr; k++)
			missing += !lists[i].words[k];
	EXPECT_EQ(0, missing);
}

TEST(tool_knows_each_kind)
{
	const struct kind_word *kind;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		kind = words_kind(kinds[i]);
		EXPECT_TRUE(kind && kind->meaning) TH_LOG("kind=%s", kinds[i]);
	}
}

TEST(tool_knows_each_state)
{
	const struct state_word *state;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(states); i++) {
		state = words_state(states[i]);
		EXPECT_TRUE(state && state->meaning) TH_LOG("state=%s", states[i]);
	}
}

TEST(tool_knows_each_reason)
{
	const struct why_word *reason;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(reasons); i++) {
		if (!strcmp(reasons[i], NOTHING))
			continue;
		reason = words_reason(reasons[i]);
		EXPECT_TRUE(reason && reason->meaning) TH_LOG("why=%s", reasons[i]);
	}
}

TEST(tool_knows_each_note)
{
	const struct why_word *note;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(notes); i++) {
		note = words_note(notes[i]);
		EXPECT_TRUE(note && note->meaning) TH_LOG("note=%s", notes[i]);
	}
}

/* In the document a word is in double backquotes, maybe with ":N" behind it. */
static bool is_documented(const char *document, const char *word)
{
	const char *at = document;
	size_t len = strlen(word);

	while ((at = strstr(at, word))) {
		if (at - document >= 2 && !strncmp(at - 2, "``", 2) &&
		    (at[len] == '`' || at[len] == ':'))
			return true;
		at += len;
	}
	return false;
}

TEST(document_has_each_word)
{
	static char document[1 << 20];
	FILE *file = fopen(DOCUMENT, "re");
	const char *word;
	size_t i, k;

	if (!file)
		SKIP(return, "%s: %s", DOCUMENT, strerror(errno));
	ASSERT_NE(0, fread(document, 1, sizeof(document) - 1, file));
	fclose(file);
	for (i = 0; i < ARRAY_SIZE(lists); i++)
		for (k = 0; k < lists[i].nr; k++) {
			word = lists[i].words[k];
			if (word && strcmp(word, NOTHING))
				EXPECT_TRUE(is_documented(document, word)) {
					TH_LOG("%s=%s", lists[i].what, word);
				}
		}
}

TEST_HARNESS_MAIN
