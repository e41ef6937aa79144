// SPDX-License-Identifier: GPL-2.0
/*
 * "rmapscope page" on reports that the test has written: each key is printed at its place, under
 * its heading and in its unit. Needs no module.
 */
#include <stdlib.h>
#include <sys/wait.h>

#include <json-c/json.h>

#include "json_part.h"
#include "param.h"

#define FAKE_FIXTURE_NAME	cli_report
#include "fake_fixture.h"

#define TARGET	"pfn=0x1a2b3"

#define PAGE								\
	"page pfn=0x1a2b3 paddr=0x1a2b3000 kind=anon folio_pfn=0x1a2b0 folio_order=2 "	\
	"index_in_folio=3 pgoff=0x7f0 mapcount=2 refcount=5 "				\
	"flags=0x5c0080014(uptodate|lru|owner_2|node=0|zone=1|lastcpupid=0x1fffff) "	\
	"memcg=/a\\040b node=1 zone=DMA32\n"

#define ANON_VMAS							\
	"anon_vma id=av0 root=av1 parent=av1 depth=1 "			\
	"num_children=3 num_active_vmas=4 refcount=5\n"			\
	"anon_vma id=av1 root=av1 parent=av1 depth=0 "			\
	"num_children=6 num_active_vmas=7 refcount=8\n"

#define MAPS								\
	"map state=mapped pid=10 tgids=10,11 comm=a\\040b va=0x7000 vma=0x6000-0x9000 perms=rw-p " \
	"vm_pgoff=0x6 level=pte pte=0x1a2b3867 bits=present|write|user anon_vma=av0 name=-\n"	\
	"map state=cowed pid=12 tgids=12 comm=c va=0x8000 vma=0x8000-0x9000 perms=r--p "	\
	"vm_pgoff=0x7 level=pmd pte=0x99865 bits=present|user now_pfn=0x99 anon_vma=- name=/x\n"

#define REFS								\
	"refs total=9 maps=2 pagecache=0 swapcache=4 private=0 self=1 unexplained=2 "	\
	"maybe_pinned=1 pins=0 off_lru=0 raced=0 mapcount_differs=0\n"

#define VERDICTS							\
	"verdict op=reclaim ok=0 why=mlocked func=folio_evictable pid=10 va=0x7000 note=raced\n" \
	"verdict op=migrate ok=1 why=- func=migrate_folio_unmap note=needs_move_all,writeback\n"

#define WALK(text)	"walk visited=2 mapped=1 absent=1 pte_maps=1 skipped=3 " text "\n"
#define QUIET		"complete=1 raced=0 truncated=0 ns=4567 lock_ns=890 unreached=0"
#define REPORT(walk)	FAKE_LINE("page") PAGE ANON_VMAS MAPS REFS VERDICTS WALK(walk)

#define RUN_PAGE(...)							\
	do {								\
		RUN("page", "--pfn", "0x1a2b3", ##__VA_ARGS__);		\
		EXPECT_EQ(0, self->run.status);				\
	} while (0)

TEST_F(cli_report, each_value_of_the_page_has_its_label)
{
	GIVE("page", TARGET, REPORT(QUIET));
	RUN_PAGE();
	EXPECT_STREQ("", self->run.err);
	EXPECT_OUT("page   pfn 0x1a2b3  anon  order 2  mapcount 2  refcount 5  pgoff 0x7f0\n");
	EXPECT_OUT("\nfolio  first pfn 0x1a2b0  this is page 3\n");
	EXPECT_OUT("\nmemory physical 0x1a2b3000  node 1  zone DMA32  memcg /a b\n");
	/*
	 * The kernel's name for this bit is owner_2. For an anonymous page it means
	 * anon_exclusive.
	 */
	EXPECT_OUT("\nflags  uptodate lru anon_exclusive (0x5c0080014)\n");
}

TEST_F(cli_report, small_page_has_no_line_on_its_folio)
{
	GIVE("page", TARGET, FAKE_LINE("page")
	     "page pfn=0x1a2b3 kind=file folio_pfn=0x1a2b3 folio_order=0 flags=0x1(owner_2) memcg=-\n"
	     WALK(QUIET));
	RUN_PAGE();
	EXPECT_EQ(NULL, strstr(self->run.out, "folio "));
	EXPECT_EQ(NULL, strstr(self->run.out, "memcg"));
	EXPECT_OUT("flags owner_2 (0x1)\n");
}

TEST_F(cli_report, table_has_the_documented_columns)
{
	GIVE("page", TARGET, REPORT(QUIET));
	RUN_PAGE("-r");
	EXPECT_STREQ("STATE PID COMM VA VMA PERMS LEVEL BITS NOW-PFN NAME\n"
		     "mapped 10 a\\x20b 0x7000 0x6000-0x9000 rw-p pte present|write|user - -\n"
		     "cowed 12 c 0x8000 0x8000-0x9000 r--p pmd present|user 0x99 /x\n",
		     self->run.out);
	EXPECT_STREQ("", self->run.err);
	RUN_PAGE("-r", "-n", "-o", "tgids,Vm_Pgoff,PTE,ANON-VMA");
	EXPECT_STREQ("10,11 0x6 0x1a2b3867 av0\n12 0x7 0x99865 -\n", self->run.out);
}

TEST_F(cli_report, folio_has_two_more_columns_and_the_counts_of_its_pages)
{
	ASSERT_OK(fake_report(&self->fake, "page", TARGET " folio", FAKE_LINE("page") PAGE
			      "map state=mapped first=1 count=3\n"
			      "mapcount first=0 count=1 found=2 kernel=3\n"
			      "mapcount first=1 count=3 found=4 kernel=5\n" WALK(QUIET)));
	RUN_PAGE("--folio", "-r");
	EXPECT_STREQ("STATE PID COMM VA VMA PERMS LEVEL FIRST COUNT BITS NOW-PFN NAME\n"
		     "mapped - - - - - - 1 3 - - -\n", self->run.out);
	RUN_PAGE("--folio");
	EXPECT_OUT("FIRST COUNT FOUND KERNEL\n"
		   "    0     1     2      3\n"
		   "    1     3     4      5\n");
}

TEST_F(cli_report, anon_vmas_have_a_table)
{
	GIVE("page", TARGET, REPORT(QUIET));
	RUN_PAGE();
	EXPECT_OUT("\nANON-VMA PARENT DEPTH CHILDREN ACTIVE-VMAS REFCOUNT\n"
		   "av0      av1        1        3           4        5\n"
		   "av1      av1        0        6           7        8\n");
}

TEST_F(cli_report, last_line_has_the_totals_and_times_with_units)
{
	static const struct {
		const char *walk, *line;
	} lines[] = {
		{ "visited=2 mapped=1 absent=1 pte_maps=1 ns=4567 lock_ns=890",
		  "2 VMAs visited: 1 maps the page (1 entry), 1 does not; 4.57 us, 890 ns of it" },
		{ "visited=1 mapped=1 absent=0 pte_maps=3 ns=1000 lock_ns=999",
		  "1 VMA visited: 1 maps the page (3 entries); 1.00 us, 999 ns" },
		{ "visited=1 mapped=1 absent=0 pte_maps=2 ns=999 lock_ns=0",
		  "1 VMA visited: 1 maps the page (2 entries); 999 ns, 0 ns" },
		{ "visited=9 mapped=5 absent=4 pte_maps=5 ns=2500000 lock_ns=1000000",
		  "9 VMAs visited: 5 map the page (5 entries), 4 do not; 2.50 ms, 1.00 ms of it" },
		{ "visited=2 mapped=0 absent=2 pte_maps=0 ns=1230000000 lock_ns=999999",
		  "2 VMAs visited: none maps the page, 2 do not; 1.23 s, 1000.00 us of it" },
	};
	char text[1024];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lines); i++) {
		snprintf(text, sizeof(text), FAKE_LINE("page") PAGE "walk %s complete=1\n",
			 lines[i].walk);
		GIVE("page", TARGET, text);
		RUN_PAGE();
		EXPECT_OUT(lines[i].line);
	}
}

/* Warnings go to stdout with the full output, and to stderr with only the table. */
TEST_F(cli_report, warnings_are_never_lost)
{
	static const char * const walks[] = {
		"visited=2000 mapped=1 truncated=1 raced=0 complete=0 unreached=0",
		"visited=2 mapped=1 truncated=0 raced=1 complete=1 unreached=0",
		"visited=9 mapped=1 truncated=0 raced=0 complete=1 unreached=7",
	};
	static const char * const warnings[] = {
		"CUT SHORT: 2 of 2000 VMAs are listed; raise /sys/module/rmapscope/parameters/max_v",
		"RACED: ",
		"UNREACHED: 7 of the mappings",
	};
	char text[2048];
	size_t i, k;

	for (i = 0; i < ARRAY_SIZE(walks); i++) {
		snprintf(text, sizeof(text), FAKE_LINE("page") PAGE MAPS "walk %s\n", walks[i]);
		GIVE("page", TARGET, text);
		RUN_PAGE();
		EXPECT_OUT(warnings[i]);
		EXPECT_STREQ("", self->run.err);
		for (k = 0; k < ARRAY_SIZE(walks); k++)
			EXPECT_EQ(i == k, !!strstr(self->run.out, warnings[k]));
		RUN_PAGE("-r");
		EXPECT_ERR(warnings[i]);
		EXPECT_EQ(3, count_lines(self->run.out));
		RUN_PAGE("-n");
		EXPECT_ERR(warnings[i]);
		EXPECT_EQ(1, count_lines(self->run.err));
		EXPECT_EQ(2, count_lines(self->run.out));
	}
	GIVE("page", TARGET, REPORT(QUIET));
	RUN_PAGE("-n");
	EXPECT_STREQ("", self->run.err);
}

/*
 * A report ends at max_vmas lines. One VMA can have several lines, so a higher max_visits would
 * not help.
 */
TEST_F(cli_report, report_cut_by_max_vmas_names_max_vmas)
{
	unsigned int max;

	if (param_get("max_vmas", &max) || param_set("max_vmas", 2))
		SKIP(return, "no module: %.200s", why);
	GIVE("page", TARGET, FAKE_LINE("page") PAGE MAPS
	     "walk visited=1 mapped=2 truncated=1 raced=0 complete=0\n");
	RUN_PAGE();
	param_set("max_vmas", max);
	EXPECT_OUT("CUT SHORT: the report ends at its limit of 2 lines; raise ");
	EXPECT_OUT("/max_vmas");
	RUN_PAGE();
	EXPECT_OUT("CUT SHORT: not all VMAs were visited; raise ");
}

TEST_F(cli_report, swapped_page_has_a_slot_and_its_processes)
{
	GIVE("page", TARGET, FAKE_LINE("page")
	     "page kind=swap swap_type=1 swap_offset=0x2f swap_count=3 pgoff=0x7\n"
	     "walk visited=3 mapped=0 absent=3 ns=100 lock_ns=10 complete=1\n");
	RUN_PAGE();
	EXPECT_OUT("swap  type 1  offset 0x2f  swap_count 3  pgoff 0x7\n");
	EXPECT_OUT("swapped out: ");
	EXPECT_OUT("\n3 VMAs of the anon_vma tree hold the swap slot; 100 ns\n");
	GIVE("page", TARGET, FAKE_LINE("page")
	     "page kind=swap swap_type=0 swap_offset=0x1 swap_count=1 pgoff=0x7\n"
	     "walk visited=1 ns=100\n");
	RUN_PAGE();
	EXPECT_OUT("\n1 VMA of the anon_vma tree holds the swap slot; ");
}

TEST_F(cli_report, kinds_that_need_an_explanation_have_one)
{
	static const struct {
		const char *kind, *name, *words;
	} kinds[] = {
		{ "ksm", "-", "ksmd has merged" },
		{ "shmem", "/dev/zero", "shared anonymous memory" },
		{ "shmem", "/SYSV00000000", "System V" },
		{ "shmem", "/memfd:x", "memfd" },
		{ "shmem", "/tmp/x", "tmpfs" },
	};
	char text[512];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		snprintf(text, sizeof(text),
			 FAKE_LINE("page") "page pfn=0x1 kind=%s\nmap state=mapped name=%s\nwalk\n",
			 kinds[i].kind, kinds[i].name);
		GIVE("page", TARGET, text);
		RUN_PAGE();
		EXPECT_OUT(kinds[i].words);
	}
}

TEST_F(cli_report, json_has_each_member_in_its_type)
{
	static const char expected[] =
		"{ \"rmapscope\": { \"abi\": 1, \"kernel\": \"6.1.0\" },\n"
		"  \"page\": { \"pfn\": \"0x1a2b3\", \"paddr\": \"0x1a2b3000\", \"kind\": \"anon\",\n"
		"    \"folio_pfn\": \"0x1a2b0\", \"folio_order\": 2, \"index_in_folio\": 3,\n"
		"    \"pgoff\": \"0x7f0\", \"mapcount\": 2, \"refcount\": 5, \"flags\": \"0x5c0080014\",\n"
		"    \"flag_names\": [ \"uptodate\", \"lru\", \"owner_2\" ], \"memcg\": \"/a b\",\n"
		"    \"node\": 1, \"zone\": \"DMA32\" },\n"
		"  \"anon_vma\": [ { \"id\": \"av0\", \"root\": \"av1\", \"parent\": \"av1\", \"depth\": 1,\n"
		"      \"num_children\": 3, \"num_active_vmas\": 4, \"refcount\": 5 },\n"
		"    { \"id\": \"av1\", \"depth\": 0 } ],\n"
		"  \"map\": [ { \"state\": \"mapped\", \"pid\": 10, \"tgids\": [ 10, 11 ],\n"
		"      \"comm\": \"a b\", \"va\": \"0x7000\", \"vma\": \"0x6000-0x9000\",\n"
		"      \"perms\": \"rw-p\", \"vm_pgoff\": \"0x6\", \"level\": \"pte\", \"first\": null,\n"
		"      \"count\": null, \"pte\": \"0x1a2b3867\",\n"
		"      \"bits\": [ \"present\", \"write\", \"user\" ], \"now_pfn\": null,\n"
		"      \"anon_vma\": \"av0\", \"name\": null },\n"
		"    { \"state\": \"cowed\", \"now_pfn\": \"0x99\", \"anon_vma\": null, \"name\": \"/x\" } ],\n"
		"  \"refs\": { \"total\": 9, \"maps\": 2, \"pagecache\": 0, \"swapcache\": 4,\n"
		"    \"private\": 0, \"self\": 1, \"unexplained\": 2, \"maybe_pinned\": true, \"pins\": 0,\n"
		"    \"off_lru\": false, \"raced\": false, \"mapcount_differs\": false },\n"
		"  \"verdict\": [ { \"op\": \"reclaim\", \"ok\": false, \"why\": \"mlocked\",\n"
		"      \"func\": \"folio_evictable\", \"pid\": 10, \"va\": \"0x7000\",\n"
		"      \"note\": [ \"raced\" ] },\n"
		"    { \"op\": \"migrate\", \"ok\": true, \"why\": null,\n"
		"      \"note\": [ \"needs_move_all\", \"writeback\" ] } ],\n"
		"  \"walk\": { \"visited\": 2, \"mapped\": 1, \"absent\": 1, \"pte_maps\": 1,\n"
		"    \"skipped\": 3, \"complete\": true, \"raced\": false, \"truncated\": false,\n"
		"    \"ns\": 4567, \"lock_ns\": 890, \"unreached\": 0 } }";

	GIVE("page", TARGET, REPORT(QUIET));
	RUN_PAGE("--json");
	EXPECT_OK(json_has_part(self->run.out, expected));
}

/* A key that is missing in a record is not a member. A negative number is still a number. */
TEST_F(cli_report, json_of_records_has_only_keys_of_the_report)
{
	static const char expected[] =
		"{ \"page\": { \"kind\": \"swap\", \"swap_type\": 1, \"swap_offset\": \"0x2f\",\n"
		"    \"swap_count\": 3 }, \"map\": [ ], \"refs\": { \"unexplained\": -2 } }";

	GIVE("page", TARGET, FAKE_LINE("page")
	     "page kind=swap swap_type=1 swap_offset=0x2f swap_count=3 pgoff=0x7\n"
	     "refs total=1 unexplained=-2 raced=1\nwalk visited=3\n");
	RUN_PAGE("--json");
	EXPECT_OK(json_has_part(self->run.out, expected));
	EXPECT_EQ(NULL, strstr(self->run.out, "refcount"));
	EXPECT_EQ(NULL, strstr(self->run.out, "memcg"));
	EXPECT_EQ(NULL, strstr(self->run.out, "lock_ns"));
}

TEST_F(cli_report, escapes_are_decoded_except_for_nul)
{
	static const char expected[] =
		"{ \"map\": [ { \"name\": \"/a\\\\b\u00e9\\\\000c\\\\1\\\\999\" } ] }";

	GIVE("page", TARGET, FAKE_LINE("page") "page pfn=0x1a2b3 kind=file\n"
	     "map state=mapped name=/a\\134b\\303\\251\\000c\\1\\999\nwalk\n");
	RUN_PAGE("--json");
	EXPECT_OK(json_has_part(self->run.out, expected));
}

/* Runs the tool with a terminal as its stdout. Returns what it has written. */
static char *text_on_terminal(char *text, size_t size)
{
	int terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), tty = -1;
	size_t len = 0;
	ssize_t n;
	pid_t pid;

	if (terminal >= 0 && !grantpt(terminal) && !unlockpt(terminal))
		tty = open(ptsname(terminal), O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (tty < 0)
		return NULL;
	pid = fork();
	if (!pid) {
		dup2(tty, STDOUT_FILENO);
		execlp("rmapscope", "rmapscope", "page", "--pfn", "0x1a2b3", NULL);
		_exit(127);
	}
	close(tty);
	/* EIO: all descriptors of the terminal are closed. */
	while (len < size - 1 && (n = read(terminal, text + len, size - 1 - len)) > 0)
		len += n;
	text[len] = '\0';
	close(terminal);
	waitpid(pid, NULL, 0);
	return text;
}

TEST_F(cli_report, lines_that_do_not_map_the_page_are_dim_on_a_terminal)
{
	static const char dim[] = "\033[2m";
	char text[8192], *line;

	GIVE("page", TARGET, REPORT(QUIET));
	setenv("TERM", "xterm", 1);
	unsetenv("NO_COLOR");
	if (!text_on_terminal(text, sizeof(text)))
		SKIP(return, "no pseudoterminal can be opened");
	line = strstr(text, "cowed ");
	if (!line)
		SKIP(return, "no rmapscope in PATH");
	EXPECT_LE(strlen(dim), line - text);
	EXPECT_EQ(0, strncmp(line - strlen(dim), dim, strlen(dim)));
	/* No other line is dim. */
	*line = '\0';
	EXPECT_EQ(line - strlen(dim), strstr(text, dim));
	EXPECT_EQ(NULL, strstr(line + 1, dim));
	/* An empty NO_COLOR does not switch colours off. */
	setenv("NO_COLOR", "", 1);
	text_on_terminal(text, sizeof(text));
	EXPECT_NE(NULL, strstr(text, dim));
	setenv("NO_COLOR", "1", 1);
	text_on_terminal(text, sizeof(text));
	EXPECT_EQ(NULL, strstr(text, "\033["));
	setenv("NO_COLOR", "", 1);
	setenv("TERM", "dumb", 1);
	text_on_terminal(text, sizeof(text));
	EXPECT_EQ(NULL, strstr(text, "\033["));
	unsetenv("NO_COLOR");
	RUN_PAGE();
	EXPECT_EQ(NULL, strstr(self->run.out, "\033["));
}

TEST_F(cli_report, output_that_cannot_be_written_is_a_failure)
{
	struct command run;

	GIVE("page", TARGET, REPORT(QUIET));
	ASSERT_OK(command_run(&run, "sh", "-c", "rmapscope page --pfn 0x1a2b3 >/dev/full", NULL));
	if (run.status == 127)
		SKIP(return, "no rmapscope in PATH");
	EXPECT_EQ(1, run.status);
	EXPECT_EQ(1, count_lines(run.err));
	command_free(&run);
}

TEST_HARNESS_MAIN
