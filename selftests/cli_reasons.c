// SPDX-License-Identifier: GPL-2.0
/*
 * "rmapscope why" on reports that the test has written: each reason and each note has a sentence,
 * and the right process is named. Needs no module.
 */
#include <json-c/json.h>

#include "json_part.h"

#define FAKE_FIXTURE_NAME	cli_reasons
#include "fake_fixture.h"

#define TARGET		"pid=7 va=0x5000"
#define PAGE		"page pfn=0x1 kind=anon flags=0x1(lru)\n"
#define NO_REFS		"refs total=2 maps=1 pagecache=0 swapcache=0 private=0 self=1 unexplained=0\n"

/* Runs why on a report with some records between the page and the end. */
#define WHY(records, ...)						\
	do {								\
		GIVE("page", TARGET, FAKE_LINE("page") PAGE records);	\
		RUN_WELL("why", "-p", "7", "-a", "0x5000", ##__VA_ARGS__); \
	} while (0)

TEST_F(cli_reasons, references_are_listed_by_holder_and_summed)
{
	WHY("refs total=40 maps=2 pagecache=3 swapcache=4 private=5 self=1 unexplained=25\n");
	EXPECT_OUT("\npage tables          2 ");
	EXPECT_OUT("\npage cache           3 ");
	EXPECT_OUT("\nswap cache           4 ");
	EXPECT_OUT("\nfile system          5 ");
	EXPECT_OUT("\nthis report          1 ");
	EXPECT_OUT("\nunexplained         25 ");
	EXPECT_OUT("\nThe page has 40 references; the kernel accounts for 15.\n");
	/* Kinds of references with a count of 0 have no row. */
	WHY(NO_REFS);
	EXPECT_NOT_OUT("page cache");
	EXPECT_NOT_OUT("swap cache");
	EXPECT_NOT_OUT("file system");
	EXPECT_NOT_OUT("unexplained");
	EXPECT_OUT("\nThe page has 2 references; the kernel accounts for 2.\n");
	EXPECT_NOT_OUT("RACED");
	EXPECT_NOT_OUT("MAPCOUNT");
	EXPECT_NOT_OUT("inned");
	EXPECT_NOT_OUT("LRU list");
}

TEST_F(cli_reasons, unexplained_references_are_interpreted)
{
	WHY("refs total=3 self=1 unexplained=2 raced=1\n");
	EXPECT_OUT("RACED: ");
	WHY("refs total=3 self=1 unexplained=2 mapcount_differs=1\n");
	EXPECT_OUT("MAPCOUNT DIFFERS: ");
	EXPECT_NOT_OUT("RACED: ");
	WHY("refs total=3 self=1 unexplained=2 maybe_pinned=1 pins=1\n");
	EXPECT_OUT("Pinned for DMA, probably 1 time: ");
	WHY("refs total=3 self=1 unexplained=2 maybe_pinned=1 pins=2\n");
	EXPECT_OUT("Pinned for DMA, probably 2 times: ");
	WHY("refs total=3 self=1 unexplained=2 maybe_pinned=1 pins=0\n");
	EXPECT_OUT("treats it as pinned");
	EXPECT_NOT_OUT("probably");
	WHY("refs total=3 self=1 unexplained=2 off_lru=1\n");
	EXPECT_OUT("on no LRU list, which accounts for one unexplained reference: ");
	WHY("refs total=3 self=1 unexplained=0 off_lru=1\n");
	EXPECT_OUT("on no LRU list: ");
}

/* A reason or a note of the module, and what the tool's sentence must contain. */
struct word {
	const char *word;
	const char *about;
	const char *advice;	/* what the advice must contain; NULL if there is no advice */
};

/* All reasons in interface.rst. */
static const struct word reasons[] = {
	{ "hwpoison", "memory is broken", NULL },
	{ "hugetlb", "hugetlb page", "nr_hugepages" },
	{ "not_on_lru", "driver's page", NULL },
	{ "mlocked", "mlock", "munlock()" },
	{ "unevictable", "must stay in memory", "SHM_UNLOCK" },
	{ "writeback", "being written", "ask again" },
	{ "redirtied", "MADV_FREE", "try again" },
	{ "unreached", "ksmd", "wait for ksmd" },
	{ "orphaned", "cut off from its file", "last reference" },
	{ "buffers", "its buffers are in use", "umount" },
	{ "pinned", "pinned for DMA", "io_uring" },
	{ "extra_refs", "holders the kernel does not record", "pipes" },
	{ "no_swap", "go to swap", "memory.swap.max" },
	{ "dirty", "does not write pages to files", "fsync()" },
	{ "unmovable", "let its pages move", NULL },
	{ "no_migrate_op", "no function that moves it", "sync" },
	{ "order0", "small page", NULL },
	{ "unmapped", "no process maps it", NULL },
	{ "min_order", "at least this size", NULL },
	{ "private", "has data with it", "fsync()" },
};

/* Each reason has a sentence of its own, for each operation. */
TEST_F(cli_reasons, each_reason_has_a_sentence_and_the_function)
{
	static const char * const ops[] = { "reclaim", "migrate", "split" };
	char text[512], line[64], sentence[160];
	const struct word *word;
	const char *found;
	size_t i;

	for (i = 0; i < 3 * ARRAY_SIZE(reasons); i++) {
		word = &reasons[i / 3];
		snprintf(text, sizeof(text), FAKE_LINE("page") PAGE NO_REFS
			 "verdict op=%s ok=0 why=%s func=some_function note=-\n", ops[i % 3],
			 word->word);
		ASSERT_OK(fake_report(&self->fake, "page", "pfn=0x1", text));
		command_free(&self->run);
		ASSERT_OK(command_run(&self->run, "rmapscope", "why", "--pfn", "1", NULL));
		snprintf(line, sizeof(line), " NO, %s: ", word->word);
		found = strstr(self->run.out, line);
		ASSERT_NE(NULL, found) TH_LOG("%s: %s", word->word, self->run.out);
		found += strlen(line);
		snprintf(sentence, sizeof(sentence), "%.*s", (int)strcspn(found, "\n"), found);
		EXPECT_OK(text_has(sentence, word->about));
		found = strstr(self->run.out, "try:  ");
		EXPECT_EQ(!!word->advice, !!found) TH_LOG("%s: %s", word->word, self->run.out);
		if (word->advice && found)
			EXPECT_OK(text_has(found, word->advice));
		/* For a small page the function is not printed. */
		EXPECT_EQ(!!strcmp(word->word, "order0"),
			  !!strstr(self->run.out, "in:   some_function() of the kernel\n"));
		EXPECT_NOT_OUT("note:");
	}
}

TEST_F(cli_reasons, unknown_reason_is_printed_unchanged)
{
	WHY(NO_REFS "verdict op=jump ok=0 why=new_word func=f note=new_note,raced\n");
	EXPECT_OUT("\njump             NO, new_word: see the module's documentation\n");
	EXPECT_OUT("note: new_note\n");
	EXPECT_OUT("note: counts changed");
}

TEST_F(cli_reasons, each_verdict_has_its_title)
{
	WHY(NO_REFS "verdict op=reclaim ok=1 why=- func=f note=-\n"
	    "verdict op=migrate ok=1 why=- func=f note=-\n"
	    "verdict op=split ok=1 why=- func=f note=-\n");
	EXPECT_OUT("\ncan be reclaimed yes\ncan be moved     yes\ncan be split     yes\n");
}

/* All notes in interface.rst. */
static const struct word notes[] = {
	{ "referenced:3", "accessed bits", NULL },
	{ "madvise_skips_shared", "MADV_PAGEOUT", NULL },
	{ "page_only", "only the entries of this page", NULL },
	{ "needs_move_all", "MPOL_MF_MOVE_ALL", NULL },
	{ "expected:1", "expects more references", NULL },
	{ "writeback", "migration that may wait", NULL },
	{ "looks_pinned", "cannot tell them from a pin", NULL },
	{ "batched", "which the kernel drains first", NULL },
	{ "maybe_batched", "that of a CPU's batch", NULL },
	{ "truncated", "not all VMAs were visited", NULL },
	{ "raced", "ask again", NULL },
};

static size_t count_text(const char *text, const char *part)
{
	size_t n = 0;

	while ((text = strstr(text, part))) {
		text += strlen(part);
		n++;
	}
	return n;
}

TEST_F(cli_reasons, each_note_has_a_sentence)
{
	char all[512] = "", text[1024];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(notes); i++) {
		snprintf(text, sizeof(text), FAKE_LINE("page") PAGE NO_REFS
			 "verdict op=migrate ok=1 why=- func=f note=%s\n", notes[i].word);
		ASSERT_OK(fake_report(&self->fake, "page", "pfn=0x1", text));
		command_free(&self->run);
		ASSERT_OK(command_run(&self->run, "rmapscope", "why", "--pfn", "1", NULL));
		EXPECT_EQ(1, count_text(self->run.out, "note: "));
		EXPECT_OUT(notes[i].about);
		strcat(strcat(all, i ? "," : ""), notes[i].word);
	}
	/* A verdict with all notes has one line for each. */
	snprintf(text, sizeof(text), FAKE_LINE("page") PAGE NO_REFS
		 "verdict op=migrate ok=1 why=- func=f note=%s\n", all);
	ASSERT_OK(fake_report(&self->fake, "page", "pfn=0x1", text));
	command_free(&self->run);
	ASSERT_OK(command_run(&self->run, "rmapscope", "why", "--pfn", "1", NULL));
	EXPECT_EQ(ARRAY_SIZE(notes), count_text(self->run.out, "note: "));
	for (i = 0; i < ARRAY_SIZE(notes); i++)
		EXPECT_OUT(notes[i].about);
}

#define MAP(state, pid, comm, va, bits, name)				\
	"map state=" state " pid=" pid " comm=" comm " va=" va " bits=" bits " name=" name "\n"

TEST_F(cli_reasons, recent_users_are_those_with_accessed_entries)
{
	WHY(MAP("mapped", "1", "one", "0x1000", "present|user", "-")
	    MAP("mapped", "2", "two", "0x1000", "present|user|accessed", "-")
	    MAP("cowed", "3", "three", "0x1000", "present|accessed", "-")
	    MAP("mapped", "4", "four", "0x1000", "present|accessed|dirty", "-")
	    NO_REFS "verdict op=reclaim ok=1 why=- func=f note=referenced:2\n");
	EXPECT_OUT("note: used recently");
	EXPECT_OUT("\n                       by 2 (two), 4 (four)\n");
}

TEST_F(cli_reasons, only_the_first_five_users_are_named)
{
#define USER(n) MAP("mapped", n, "u", "0x1000", "present|accessed", "-")
	WHY(USER("1") USER("2") USER("3") USER("4") USER("5")
	    NO_REFS "verdict op=reclaim ok=1 why=- func=f note=referenced:5\n");
	EXPECT_OUT("4 (u), 5 (u)\n");
	WHY(USER("1") USER("2") USER("3") USER("4") USER("5") USER("6") USER("7")
	    NO_REFS "verdict op=reclaim ok=1 why=- func=f note=referenced:7\n");
	EXPECT_OUT("4 (u), 5 (u) and 2 more\n");
}

/* Not the first process that maps the page, nor one with only the same address or the same pid. */
TEST_F(cli_reasons, process_that_stops_the_operation_is_named_by_pid_and_address)
{
	WHY(MAP("mapped", "41", "first", "0x1000", "present", "/first")
	    MAP("mapped", "42", "other", "0x2000", "present", "/other")
	    MAP("mapped", "43", "wrong", "0x1000", "present", "/wrong")
	    MAP("mapped", "43", "locker", "0x2000", "present", "/right")
	    NO_REFS "verdict op=reclaim ok=0 why=mlocked func=f pid=43 va=0x2000 note=-\n");
	EXPECT_OUT("who:  process 43 (locker), at 0x2000 in /right\n");
	EXPECT_OUT("try:  munlock() there");
	WHY(MAP("mapped", "43", "locker", "0x2000", "present", "-")
	    NO_REFS "verdict op=reclaim ok=0 why=mlocked func=f pid=43 va=0x2000 note=-\n");
	EXPECT_OUT("who:  process 43 (locker), at 0x2000\n");
	/* A process without a line in the report. */
	WHY(MAP("mapped", "43", "locker", "0x3000", "present", "-")
	    NO_REFS "verdict op=reclaim ok=0 why=mlocked func=f pid=43 va=0x2000 note=-\n");
	EXPECT_OUT("who:  process 43, at 0x2000\n");
	WHY(NO_REFS "verdict op=reclaim ok=0 why=mlocked func=f note=-\n");
	EXPECT_NOT_OUT("who:");
}

TEST_F(cli_reasons, page_that_is_swapped_out_has_no_verdicts)
{
	command_free(&self->run);
	ASSERT_OK(fake_report(&self->fake, "page", "pfn=0x1", FAKE_LINE("page")
			      "page kind=swap swap_type=0 swap_offset=0x1\nwalk\n"));
	ASSERT_OK(command_run(&self->run, "rmapscope", "why", "--pfn", "1", NULL));
	EXPECT_EQ(0, self->run.status);
	EXPECT_OUT("It is swapped out");
	EXPECT_NOT_OUT("can be");
}

TEST_F(cli_reasons, json_has_the_references_and_all_verdicts)
{
	static const char expected[] =
		"{ \"rmapscope\": { \"abi\": 1 }, \"page\": { \"pfn\": \"0x1\",\n"
		"  \"flag_names\": [ \"lru\" ] },\n"
		"  \"refs\": { \"total\": 2, \"maps\": 1, \"unexplained\": 0 },\n"
		"  \"verdict\": [ { \"op\": \"reclaim\", \"ok\": false, \"why\": \"mlocked\",\n"
		"    \"func\": \"f\", \"pid\": 43, \"va\": \"0x2000\", \"note\": null },\n"
		"  { \"op\": \"split\", \"ok\": true, \"why\": null, \"func\": \"g\", \"pid\": null,\n"
		"    \"va\": null, \"note\": [ \"batched\", \"raced\" ] } ] }";

	WHY(MAP("mapped", "1", "u", "0x1000", "present", "-") NO_REFS
	    "verdict op=reclaim ok=0 why=mlocked func=f pid=43 va=0x2000 note=-\n"
	    "verdict op=split ok=1 why=- func=g note=batched,raced\nwalk visited=1\n", "-J");
	EXPECT_OK(json_has_part(self->run.out, expected));
}

TEST_HARNESS_MAIN
