// SPDX-License-Identifier: GPL-2.0
/* "rmapscope tree" and "rmapscope top" on reports that the test has written. Needs no module. */
#include <json-c/json.h>

#include "json_part.h"

#define FAKE_FIXTURE_NAME	cli_trees
#include "fake_fixture.h"

#define TARGET	"pfn=0x1"
#define PAGE	"page pfn=0x1 kind=anon pgoff=0x77 folio_order=0\n"

#define AV(id, parent, depth)						\
	"anon_vma id=" id " root=av1 parent=" parent " depth=" depth	\
	" num_children=3 num_active_vmas=4 refcount=5\n"
#define VMA(id, pid, own)						\
	"vma id=" id " pid=" pid " tgids=98,99 comm=user"			\
	" vma=0x1000-0x2000 perms=rw-p vm_pgoff=0x6 own=" own " name=/f\n"
#define AVC(av, vma, covers)	"avc anon_vma=" av " vma=" vma " covers_page=" covers "\n"

/*
 * The page belongs to av0, a child of the root av1. There is a second branch. Only vma1 covers
 * the page.
 */
#define GRAPH								\
	AV("av0", "av1", "1") AV("av1", "av1", "0") AV("av2", "av1", "1") AV("av3", "av2", "2") \
	VMA("vma0", "10", "av1") VMA("vma1", "11", "av0") VMA("vma2", "12", "av3")	\
	VMA("vma3", "13", "-")							\
	AVC("av1", "vma0", "0") AVC("av0", "vma1", "1") AVC("av1", "vma1", "1")	\
	AVC("av3", "vma2", "0") AVC("av2", "vma2", "0") AVC("av1", "vma2", "0")	\
	AVC("av1", "vma3", "0")
#define TOTAL(vmas, truncated)						\
	"tree vmas=" vmas " anon_vmas=4 avcs=7 depth=2 processes=3 truncated=" truncated	\
	" ns=4560 lock_ns=1230\n"

#define TREE(records, ...)						\
	do {								\
		GIVE("tree", TARGET, FAKE_LINE("tree") PAGE records);	\
		RUN("tree", "--pfn", "1", ##__VA_ARGS__);		\
	} while (0)

TEST_F(cli_trees, each_row_is_below_its_parent)
{
	TREE(GRAPH TOTAL("4", "0"), "-r", "-n", "-o", "OBJECT,PAGE,PARENT,OWN,PID");
	EXPECT_EQ(0, self->run.status);
	EXPECT_STREQ("", self->run.err);
	EXPECT_STREQ("av1 - av1 - -\nvma0 - - av1 10\n"
		     "av0 own av1 - -\nvma1 covers - av0 11\n"
		     "av2 - av1 - -\nav3 - av2 - -\nvma2 - - av3 12\n"
		     "vma3 - - - 13\n", self->run.out);
}

TEST_F(cli_trees, each_column_has_its_value)
{
	TREE(GRAPH TOTAL("4", "0"), "-r");
	EXPECT_OUT("OBJECT PAGE PID COMM VMA PERMS CHILDREN ACTIVE-VMAS REFCOUNT NAME\n");
	EXPECT_OUT("\nav1 - - - - - 3 4 5 -\n");
	EXPECT_OUT("\nvma1 covers 11 user 0x1000-0x2000 rw-p - - - /f\n");
	TREE(GRAPH TOTAL("4", "0"), "-r", "-o", "OBJECT,TGIDS,VM-PGOFF,DEPTH");
	EXPECT_OUT("\nav3 - - 2\n");
	EXPECT_OUT("\nvma0 98,99 0x6 -\n");
}

TEST_F(cli_trees, last_line_has_the_totals)
{
	TREE(GRAPH TOTAL("4", "0"));
	EXPECT_OUT("\n4 VMAs, 3 processes, 4 anon_vmas, 7 anon_vma_chains, depth 2; ");
	EXPECT_OUT("; 4.56 us, 1.23 us of it");
	EXPECT_OUT("page pfn 0x1  anon  order 0  pgoff 0x77\n");
	EXPECT_STREQ("", self->run.err);
}

TEST_F(cli_trees, truncated_report_is_reported_on_stderr)
{
	static const char warning[] =
		"CUT SHORT: 4 of 4000 VMAs are listed; raise /sys/module/rmapscope/";

	TREE(GRAPH TOTAL("4000", "1"));
	EXPECT_EQ(0, self->run.status);
	EXPECT_ERR(warning);
	TREE(GRAPH TOTAL("4000", "1"), "-r");
	EXPECT_ERR(warning);
	TREE(TOTAL("0", "0"));
	EXPECT_ERR("mapped nowhere");
}

static size_t count(const char *text, const char *word)
{
	size_t n = 0;

	for (; (text = strstr(text, word)); text += strlen(word))
		n++;
	return n;
}

TEST_F(cli_trees, dot_marks_only_what_covers_the_page)
{
	TREE(GRAPH TOTAL("4", "0"), "--dot");
	EXPECT_EQ(0, self->run.status);
	EXPECT_EQ(2, count(self->run.out, "-> vma1 [dir=none, color=firebrick];"));
	EXPECT_EQ(2, count(self->run.out, "dir=none, color=firebrick"));
	EXPECT_EQ(5, count(self->run.out, "dir=none, style=dotted"));
	EXPECT_EQ(1, count(self->run.out, "style=\"rounded,bold\""));
	EXPECT_EQ(3, count(self->run.out, "style=\"rounded\""));
	EXPECT_EQ(1, count(self->run.out, "\tpage -> av0 "));
	/* The order is from parents to children. */
	EXPECT_EQ(3, count(self->run.out, "[penwidth=2]"));
	EXPECT_OUT("\tav1 -> av0 [penwidth=2];\n");
	EXPECT_OUT("\tav1 -> av2 [penwidth=2];\n");
	EXPECT_OUT("\tav2 -> av3 [penwidth=2];\n");
	EXPECT_OUT("\\nchildren 3\\nactive VMAs 4\\nrefcount 5\"];");
	EXPECT_OUT("label=\"VMA vma1\\nuser 11\\n0x1000-0x2000\\nrw-p /f\"];");
	EXPECT_OUT("label=\"page\\nanon\\npfn 0x1\\npgoff 0x77\"];");
	EXPECT_EQ('\n', self->run.out[strlen(self->run.out) - 1]);
	EXPECT_OUT("\n}\n");
}

TEST_F(cli_trees, names_do_not_end_a_label_of_dot)
{
	TREE(AV("av1", "av1", "0"), "--dot");
	EXPECT_EQ(1, self->run.status);
	TREE("anon_vma id=av0 root=av0 parent=av0 depth=0\n"
	     "vma id=vma0 pid=1 comm=a\"b\\134c\\033 own=av0 name=-\n", "--dot");
	EXPECT_EQ(0, self->run.status);
	EXPECT_OUT("label=\"VMA vma0\\na\\\"b\\\\c\\\\x1b 1\"];");
}

TEST_F(cli_trees, json_has_each_member_in_its_type)
{
	static const char expected[] =
		"{ \"rmapscope\": { \"abi\": 1 }, \"page\": { \"pgoff\": \"0x77\", \"folio_order\": 0 },\n"
		"  \"anon_vma\": [ { \"id\": \"av0\", \"root\": \"av1\", \"parent\": \"av1\",\n"
		"    \"depth\": 1, \"num_children\": 3, \"num_active_vmas\": 4, \"refcount\": 5 },\n"
		"    {}, {}, {} ],\n"
		"  \"vma\": [ {}, { \"id\": \"vma1\", \"pid\": 11, \"tgids\": [ 98, 99 ],\n"
		"    \"comm\": \"user\", \"vma\": \"0x1000-0x2000\", \"perms\": \"rw-p\",\n"
		"    \"vm_pgoff\": \"0x6\", \"own\": \"av0\", \"name\": \"/f\" }, {},\n"
		"    { \"own\": null } ],\n"
		"  \"avc\": [ {}, { \"anon_vma\": \"av0\", \"vma\": \"vma1\", \"covers_page\": true },\n"
		"    {}, { \"covers_page\": false }, {}, {}, {} ],\n"
		"  \"tree\": { \"vmas\": 4, \"anon_vmas\": 4, \"avcs\": 7, \"depth\": 2,\n"
		"    \"processes\": 3, \"truncated\": true, \"ns\": 4560, \"lock_ns\": 1230 } }";

	TREE(GRAPH TOTAL("4", "1"), "--json");
	EXPECT_OK(json_has_part(self->run.out, expected));
}

/* Invalid reports: two roots, a cycle, a missing parent, ids out of order. */
TEST_F(cli_trees, report_that_is_no_tree_is_refused)
{
	static const char * const graphs[] = {
		AV("av0", "av0", "0") AV("av1", "av1", "0"),
		AV("av0", "av1", "1") AV("av1", "av0", "1"),
		AV("av0", "av0", "0") AV("av1", "av2", "1") AV("av2", "av1", "1"),
		AV("av0", "av9", "1") AV("av1", "av1", "0"),
		AV("av1", "av1", "0") AV("av0", "av1", "1"),
		AV("av0", "av0", "0") VMA("vma1", "10", "av0"),
	};
	char text[1024];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(graphs); i++) {
		snprintf(text, sizeof(text), FAKE_LINE("tree") PAGE "%s" TOTAL("1", "0"),
			 graphs[i]);
		ASSERT_OK(fake_report(&self->fake, "tree", TARGET, text));
		RUN("tree", "--pfn", "1");
		EXPECT_EQ(1, self->run.status) TH_LOG("graph %zu", i);
		EXPECT_STREQ("", self->run.out);
		EXPECT_EQ(1, count_lines(self->run.err));
	}
}

#define TREE_LINE							\
	"tree id=tree%u vmas=%u anon_vmas=2 avcs=8 bytes=9 depth=3 processes=4 pages=5 pid=6 " \
	"comm=c%u pid_pages=7 va=0x8000\n"

/* Trees with fewer and fewer VMAs. */
static void make_forest(char *text, size_t size, unsigned int trees, const char *total)
{
	size_t len = snprintf(text, size, "%s", FAKE_LINE("top"));
	unsigned int i;

	for (i = 0; i < trees; i++)
		len += snprintf(text + len, size - len,
				TREE_LINE, i, 100 - i, i);
	snprintf(text + len, size - len, "total %s\n", total);
}

#define TOP(trees, total, ...)						\
	do {								\
		char report[8192];					\
									\
		make_forest(report, sizeof(report), trees, total);	\
		ASSERT_OK(fake_report(&self->fake, "top", NULL, report)); \
		RUN("top", ##__VA_ARGS__);				\
		EXPECT_EQ(0, self->run.status);				\
	} while (0)

#define SUMS	"vmas=2200 unforked=1501 avcs=3000 bytes=215040 processes=90 "
#define WHOLE	"trees=25 shown=25 " SUMS "skipped=0 truncated=0 ns=1500000"
#define CUT	"trees=99 shown=25 " SUMS "skipped=2 truncated=1 ns=1500000"
/* Of a module that doesn't know the newer keys. */
#define OLD	"trees=25 shown=25 vmas=2200 processes=90 skipped=0 truncated=0 ns=1500000"

TEST_F(cli_trees, top_shows_twenty_trees_or_as_many_as_asked_for)
{
	TOP(25, WHOLE, "-r");
	EXPECT_OUT("VMAS ANON-VMAS DEPTH PROCESSES PAGES PID COMM PID-PAGES VA\n"
		   "100 2 3 4 5 6 c0 7 0x8000\n99 ");
	EXPECT_EQ(21, count_lines(self->run.out));
	EXPECT_OUT("\n81 2 3 4 5 6 c19 7 0x8000\n");
	TOP(25, WHOLE, "-n", "-r", "-N", "2", "-o", "TREE,VMAS");
	EXPECT_STREQ("tree0 100\ntree1 99\n", self->run.out);
	TOP(25, WHOLE, "-n", "-r", "-N", "1", "-o", "+AVCS,BYTES");
	EXPECT_STREQ("100 2 3 4 5 6 c0 7 0x8000 8 9\n", self->run.out);
	TOP(25, WHOLE, "-n", "-N0");
	EXPECT_EQ(25, count_lines(self->run.out));
	TOP(25, WHOLE, "-n", "-N", "30");
	EXPECT_EQ(25, count_lines(self->run.out));
	EXPECT_STREQ("", self->run.err);
}

TEST_F(cli_trees, top_ends_with_the_total_and_warns_of_what_is_missing)
{
	static const char warning[] =
		"lists 25 of 99 trees; raise /sys/module/rmapscope/parameters/max_trees\n";

	TOP(25, WHOLE);
	EXPECT_OUT("\n20 of 25 trees; 2200 VMAs in 90 processes; 1.50 ms\n1501 VMAs unforked ");
	EXPECT_OUT(" unforked (68 %); 3000 anon_vma_chains; they and the anon_vmas take 210K\n");
	EXPECT_STREQ("", self->run.err);
	TOP(25, OLD);
	EXPECT_OUT("\n20 of 25 trees; 2200 VMAs in 90 processes; 1.50 ms\n");
	EXPECT_EQ(0, count(self->run.out, "unforked"));
	TOP(25, CUT);
	EXPECT_OUT("\n20 of 99 trees; 2200 VMAs in 90 processes, ");
	EXPECT_OUT(", 2 of which exited during the scan; ");
	/* No warning, as there are as many trees as were asked for. */
	EXPECT_STREQ("", self->run.err);
	TOP(25, CUT, "-N", "25");
	EXPECT_STREQ("", self->run.err);
	TOP(25, CUT, "-N", "26");
	EXPECT_ERR(warning);
	TOP(25, CUT, "-N0", "-r");
	EXPECT_ERR(warning);
	TOP(0, "trees=0 shown=0 vmas=0 processes=0 truncated=0 ns=1");
	EXPECT_OUT("\n0 of 0 trees; ");
}

TEST_F(cli_trees, top_has_all_trees_in_json_unless_told_otherwise)
{
	static const char expected[] =
		"{ \"rmapscope\": { \"abi\": 1, \"kernel\": \"6.1.0\" },\n"
		"  \"tree\": [ { \"id\": \"tree0\", \"vmas\": 100, \"anon_vmas\": 2, \"avcs\": 8,\n"
		"    \"bytes\": 9, \"depth\": 3, \"processes\": 4, \"pages\": 5, \"pid\": 6,\n"
		"    \"comm\": \"c0\", \"pid_pages\": 7, \"va\": \"0x8000\" } ],\n"
		"  \"total\": { \"trees\": 99, \"shown\": 25, \"vmas\": 2200, \"unforked\": 1501,\n"
		"    \"avcs\": 3000, \"bytes\": 215040, \"processes\": 90, \"skipped\": 2,\n"
		"    \"truncated\": true, \"ns\": 1500000 } }";

	TOP(1, CUT, "-J");
	EXPECT_OK(json_has_part(self->run.out, expected));
	TOP(25, WHOLE, "-J");
	EXPECT_EQ(25, count(self->run.out, "\"id\": \"tree"));
	TOP(25, WHOLE, "-J", "-N", "3");
	EXPECT_EQ(3, count(self->run.out, "\"id\": \"tree"));
}

TEST_HARNESS_MAIN
