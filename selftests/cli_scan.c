// SPDX-License-Identifier: GPL-2.0
/*
 * "rmapscope scan": what it asks the module for, its tables, JSON and messages, on records that the
 * test has made up. Needs no module.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "json_part.h"
#include "child.h"

#define SCAN_FIXTURE_NAME	cli_scan
#include "scan_fixture.h"

#define KINDS_HEADING	\
	"KIND PAGES SIZE EXCL SHARED LARGE EXTRA STUCK MAPPINGS MAXMAPS MAXVISITED RATIO\n"
#define HEADING	"START END SIZE RSS EXCL SHARED KSM HUGE PTEHUGE EXTRA SWAP MAXVISITED RATIO PERMS NAME\n"

TEST_F(cli_scan, each_vma_has_a_row_with_its_sums)
{
	records_process(&self->records);
	SCAN_WELL("-r", "-b");
	EXPECT_STREQ(HEADING
		"0x10000 0x20000 65536 49152 24576 24576 8192 0 8192 8192 8192 40 5.18 rw-p [heap]\n"
		"0x20000 0x30000 65536 8192 8192 0 0 0 8192 0 0 1 1.00 r-xp /lib/a\\x20b\n"
		"0x400000 0x800000 4194304 2097152 0 2097152 0 2097152 0 0 0 2 1.00 rw-p -\n"
		"0x900000 0x901000 4096 0 0 0 0 0 0 0 0 - - ---p [guard]\n", self->run.out);
}

TEST_F(cli_scan, sizes_have_units_as_in_lsblk)
{
	records_process(&self->records);
	SCAN_WELL("-r", "-n", "-o", "SIZE,RSS,SWAP");
	EXPECT_STREQ("64K 48K 8K\n64K 8K 0B\n4M 2M 0B\n4K 0B 0B\n", self->run.out);
	records_free(&self->records);
	records_recording(&self->records, "pid=1", 1);
	records_maps(&self->records, "1000000-1180000 rw-p 00000000 00:00 0\n"
		     "2000000-2003ff000 rw-p 00000000 00:00 0\n");
	records_head(&self->records, RMS_FORM_VA, 0, 0, ~0ULL >> 1);
	END(&self->records);
	SCAN_WELL("-r", "-n", "-o", "SIZE");
	EXPECT_STREQ("1.5M\n8G\n", self->run.out);
}

TEST_F(cli_scan, each_column_has_its_value)
{
	records_process(&self->records);
	SCAN_WELL("-r", "-b", "-o", "ANON,FILE,SHMEM,HUGETLB,LARGE,STUCK,MAPPINGS,MAXMAPS");
	EXPECT_OUT("ANON FILE SHMEM HUGETLB LARGE STUCK MAPPINGS MAXMAPS\n"
		   "32768 8192 0 0 8192 8192 22 3\n"
		   "0 8192 0 0 8192 0 2 1\n"
		   "2097152 0 0 0 2097152 2097152 1024 2\n"
		   "0 0 0 0 0 0 0 -\n");
	SCAN_WELL("-O", "-r");
	EXPECT_OUT(" HUGETLB ");
	SCAN_WELL("-r", "-o", "+STUCK");
	EXPECT_OUT(" PERMS NAME STUCK\n");
}

TEST_F(cli_scan, last_line_has_the_totals)
{
	records_process(&self->records);
	SCAN_WELL();
	EXPECT_OUT("\n528 pages, 9 mappings; 1.50 ms\n");
	EXPECT_OUT("/lib/a b\n");
}

/* What the module was not asked for, or doesn't know, is never 0. */
TEST_F(cli_scan, unknown_values_are_dashes)
{
	records_recording(&self->records, "pid=42", 42);
	records_maps(&self->records, PROCESS_MAPS);
	records_head(&self->records, RMS_FORM_VA, 0, 0, 0x7ffffffff000);
	records_run(&self->records, RMS_FORM_VA, 0x10000, 16);
	PAGE(&self->records, .kind = RMS_KIND_ANON, .pfn = 1, .fields = 0);
	END(&self->records, .pages = 1);
	SCAN_WELL("-r", "-n", "-o", "RSS,HUGE,PTEHUGE,EXTRA,STUCK,MAXVISITED,RATIO,KSM");
	EXPECT_OUT("4K - - - - - - 0B\n");
	SCAN_WELL("-r", "-n", "--pages", "-O");
	EXPECT_STREQ("0x10000 0x1 1 4K anon 0 - 1 - - - - - - - - - [heap]\n", self->run.out);
	SCAN_WELL("-J", "-o", "HUGE,RSS");
	EXPECT_OUT("\"huge\": null");
}

TEST_F(cli_scan, pages_have_a_row_for_each_run_in_a_vma)
{
	records_process(&self->records);
	SCAN_WELL("-r", "--pages");
	EXPECT_STREQ("VA PFN PAGES KIND ORDER LEVEL MAPS EXTRA NAME\n"
		"0x10000 0x100 4 anon 0 pte 1 0 [heap]\n"
		"0x14000 0x200 4 anon 0 pte 3 0 [heap]\n"
		"0x18000 0x300 2 ksm 0 pte 2 1 [heap]\n"
		"0x1a000 - 2 swap 0 pte 1 0 [heap]\n"
		"0x1e000 0x400 2 file 2 pte 1 0 [heap]\n"
		"0x20000 0x402 2 file 2 pte 1 0 /lib/a\\x20b\n"
		"0x400000 0x1000 512 anon 9 pmd 2 0 -\n", self->run.out);
	SCAN_WELL("-r", "-n", "--pages", "-o", "SIZE,MMS,VISITED,RECLAIM,MIGRATE,SPLIT,SLOT,FILE");
	EXPECT_OUT("8K 1 40 unreached extra_refs order0 - -\n");
	SCAN_WELL("-r", "-n", "--pages", "-o", "SLOT,SPLIT,FILE");
	EXPECT_OUT("\n1:0x50 ok -\n");
	EXPECT_OUT("\n- ok /lib/a\\x20b\n");
}

/* Pages of one record can have different users. */
TEST_F(cli_scan, pids_are_those_that_map_each_page)
{
	records_process(&self->records);
	SCAN_WELL("-r", "-n", "--pages", "-o", "VA,PFN,PAGES,PIDS");
	EXPECT_STREQ("0x10000 0x100 4 42\n"
		"0x14000 0x200 2 42,43,44,50\n"
		"0x16000 0x202 2 0,42,43,50\n"
		"0x18000 0x300 2 42\n"
		"0x1a000 - 2 -\n"
		"0x1e000 0x400 2 42\n"
		"0x20000 0x402 2 42\n"
		"0x400000 0x1000 512 42,44\n", self->run.out);
}

/* Without --raw, all rows must be known before the first one is printed. */
TEST_F(cli_scan, raw_rows_are_the_same_however_many_there_are)
{
	unsigned int i;

	records_recording(&self->records, "all", 0);
	records_head(&self->records, RMS_FORM_PFN, 0, 0, 20000);
	for (i = 0; i < 10000; i++) {
		records_run(&self->records, RMS_FORM_PFN, 2 * i, 1);
		PAGE(&self->records, .kind = RMS_KIND_ANON, .pfn = 2 * i);
	}
	END(&self->records, .pages = 10000);
	SCAN_WELL("-r", "--pages", "-o", "PFN,KIND");
	EXPECT_EQ(10001, count_lines(self->run.out));
	EXPECT_EQ(0, strncmp(self->run.out, "PFN KIND\n0x0 anon\n0x2 anon\n", 27));
	EXPECT_OUT("\n0x4e1e anon\n");
	EXPECT_EQ(NULL, strstr(self->run.out + 1, "PFN"));
}

static void add_frames(struct records *r)
{
	records_recording(r, "pfn=0x1000 count=4096 visited", 0);
	records_head(r, RMS_FORM_PFN, RMS_OPTION_VISITED, 0x1000, 0x2000);
	records_run(r, RMS_FORM_PFN, 0x1000, 512);
	PAGE(r, .first = 0, .count = 2, .pfn = 0x1000, .kind = RMS_KIND_ANON);
	PAGE(r, .first = 2, .count = 8, .pfn = 0x1002, .kind = RMS_KIND_ANON, .maps = 4, .order = 3,
	     .visited = 9);
	records_file(r, 1, "/x");
	PAGE(r, .first = 100, .count = 1, .pfn = 0x1064, .kind = RMS_KIND_SHMEM, .file = 1,
	     .extra_refs = 2);
	END(r, .pages = 11, .ns = 900,
	    .unmapped = { [RMS_UNMAPPED_FREE] = 4000, [RMS_UNMAPPED_SLAB] = 85 });
}

TEST_F(cli_scan, frames_have_a_row_for_each_kind)
{
	add_frames(&self->records);
	SCAN_WELL("-r", "-O");
	EXPECT_STREQ(KINDS_HEADING
		"anon 10 40K 8K 32K 32K 0B 0B 34 4 9 2.18\n"
		"shmem 1 4K 4K 0B 0B 4K 0B 1 1 1 1.00\n"
		"free 4000 15.6M - - - - - - - - -\n"
		"slab 85 340K - - - - - - - - -\n", self->run.out);
	SCAN_WELL();
	EXPECT_OUT("\n11 pages, 4085 without a reverse map (free 4000, slab 85); 900 ns\n");
	SCAN_WELL("--pages", "-r", "-n");
	EXPECT_STREQ("- 0x1000 2 anon 0 pte 1 0 -\n- 0x1002 8 anon 3 pte 4 0 -\n"
		     "- 0x1064 1 shmem 0 pte 1 2 /x\n", self->run.out);
}

TEST_F(cli_scan, json_has_each_member_in_its_type)
{
	static const char expected[] =
		"{ \"rmapscope\": { \"abi\": 1, \"kernel\": \"6.1.0\" },\n"
		"  \"range\": { \"asked\": \"" PROCESS_RANGE "\", \"pid\": 42,\n"
		"    \"start\": \"0x0\", \"end\": \"0x7ffffffff000\",\n"
		"    \"page_size\": 4096,\n"
		"    \"date\": \"2026-01-31T12:00:00Z\" },\n"
		"  \"vma\": [ { \"start\": \"0x10000\", \"end\": \"0x20000\", \"size\": 65536,\n"
		"    \"rss\": 49152, \"max_visited\": 40, \"ratio\": 5.18, \"perms\": \"rw-p\",\n"
		"    \"name\": \"[heap]\" }, { \"name\": \"/lib/a b\" }, { \"name\": null },\n"
		"    { \"rss\": 0, \"max_visited\": null, \"ratio\": null } ],\n"
		"  \"end\": { \"pages\": 528, \"mappings\": 9, \"visited\": 50, \"raced\": 0,\n"
		"    \"skipped\": 0, \"complete\": true, \"broken_off\": false,\n"
		"    \"vmas_changed\": false, \"ns\": 1500000, \"free\": 0 } }";

	static const char pages[] =
		"{ \"page\": [ { \"va\": \"0x10000\", \"pids\": [ 42 ] },\n"
		"  { \"pids\": [ 42, 43, 44, 50 ] }, { \"pids\": [ 0, 42, 43, 50 ] }, {},\n"
		"  { \"pids\": null }, {}, {}, {} ] }";

	records_process(&self->records);
	SCAN_WELL("-J");
	EXPECT_OK(json_has_part(self->run.out, expected));
	SCAN_WELL("-J", "--pages", "-o", "va,pids,slot");
	EXPECT_OUT("\"slot\": \"1:0x50\"");
	EXPECT_OK(json_has_part(self->run.out, pages));
}

TEST_F(cli_scan, filters_leave_out_pages_of_a_recording)
{
	records_process(&self->records);
	SCAN_WELL("--pages", "-r", "-n", "-o", "PFN", "--kind", "ksm,file");
	EXPECT_STREQ("0x300\n0x400\n0x402\n", self->run.out);
	SCAN_WELL("--pages", "-r", "-n", "-o", "PFN", "--min-maps", "3");
	EXPECT_STREQ("0x200\n", self->run.out);
	SCAN_WELL("--pages", "-r", "-n", "-o", "PFN", "--extra-refs");
	EXPECT_STREQ("0x300\n", self->run.out);
	SCAN_WELL("--pages", "-r", "-n", "-o", "PFN", "--stuck");
	EXPECT_STREQ("0x300\n0x1000\n", self->run.out);
	SCAN_WELL("--stuck", "--kind", "anon");
	EXPECT_OUT("\n512 pages; ");
	records_free(&self->records);
	add_frames(&self->records);
	SCAN("--stuck");
	EXPECT_EQ(2, self->run.status);
	EXPECT_ERR("record with --with verdicts\n");
}

/* What the tool writes to the module, and the arguments of scan for it. */
static const struct {
	const char *range;
	const char *args[6];
} requests[] = {
	{ "all", { "--all" } },
	{ "all visited", { "--all", "-o", "+RATIO" } },
	{ "all verdicts", { "--all", "-o", "STUCK" } },
	{ "all maps", { "--all", "--pages", "-o", "PIDS" } },
	{ "all maps visited", { "--all", "--pages", "-o", "PIDS,MMS" } },
	{ "all maps visited verdicts", { "--all", "--pages", "-O" } },
	{ "all", { "--all", "--pages", "-J" } },
	{ "all", { "--all", "--map" } },
	{ "pfn=0x1000 count=512", { "--pfn", "0x1000-0x1200" } },
	{ "pfn=0x1000 count=512", { "--pfn", "0x1000+512" } },
	{ "pfn=0x10 count=16", { "--pfn", "0x10-20" } },
	{ "pfn=0x10 count=31", { "--pfn", "10-2f" } },
	{ "pfn=0xab count=10", { "--pfn", "ab+10" } },
	{ "pfn=0x64 count=1", { "--pfn", "100" } },
	{ "all kind=anon,swap", { "--all", "--kind", "swap,anon,swap" } },
	{ "all min_maps=2", { "--all", "--min-maps", "2" } },
	{ "all extra_refs stuck", { "--all", "--stuck", "--extra-refs" } },
	{ "all verdicts kind=ksm min_maps=7 stuck",
	  { "--all", "-o+STUCK", "--kind=ksm", "--min-maps=7", "--stuck" } },
};

TEST_F(cli_scan, module_is_asked_for_what_the_columns_need)
{
	char asked[512];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(requests); i++) {
		const char * const *args = requests[i].args;
		size_t len = strlen(requests[i].range);

		records_free(&self->records);
		records_head(&self->records, RMS_FORM_PFN, 0, 0, 512);
		END(&self->records);
		ASSERT_OK(records_write(&self->records, self->scan_raw, len));
		RUN("scan", args[0], args[1], args[2], args[3], args[4], args[5]);
		EXPECT_EQ(0, self->run.status) TH_LOG("%s: %s", requests[i].range, self->run.err);
		ASSERT_OK(fake_asked(&self->fake, "scan_raw", asked, sizeof(asked)));
		EXPECT_EQ(0, strncmp(asked, requests[i].range, len)) TH_LOG("%s", asked);
	}
}

/* Make records for the range that scan is going to write for this process. */
#define LIVE(range, ...)						\
	do {								\
		char text[256];						\
									\
		snprintf(text, sizeof(text), range, getpid(), ##__VA_ARGS__); \
		ASSERT_OK(records_write(&self->records, self->scan_raw, strlen(text))); \
	} while (0)

TEST_F(cli_scan, process_is_shown_with_its_own_vmas)
{
	char *page = own_page(), pid[16], bounds[64], row[128], asked[512];
	unsigned long va = (unsigned long)page;

	ASSERT_NE(NULL, page);
	snprintf(pid, sizeof(pid), "%d", getpid());
	snprintf(bounds, sizeof(bounds), "%lx-%lx", va, va + 4096);
	records_head(&self->records, RMS_FORM_VA, RMS_OPTION_VISITED, va, va + 4096);
	records_run(&self->records, RMS_FORM_VA, va, 1);
	PAGE(&self->records, .kind = RMS_KIND_ANON, .pfn = 1);
	END(&self->records, .pages = 1);
	LIVE("pid=%d start=0x%lx end=0x%lx visited", va, va + 4096);
	RUN_WELL("scan", "-p", pid, bounds, "-r", "-n", "-o", "START,END,RSS,MAXVISITED,PERMS");
	snprintf(row, sizeof(row), "0x%lx 0x%lx 4K 1 rw-p\n", va, va + 4096);
	EXPECT_STREQ(row, self->run.out);
	/* Addresses in the middle of pages. */
	snprintf(bounds, sizeof(bounds), "0x%lx-0x%lx", va + 1, va + 2);
	LIVE("pid=%d start=0x%lx end=0x%lx", va, va + 4096);
	RUN_WELL("scan", "-p", pid, bounds, "-r", "-n", "-o", "RSS");
	EXPECT_STREQ("4K\n", self->run.out);
	ASSERT_OK(fake_asked(&self->fake, "scan_raw", asked, sizeof(asked)));
	snprintf(row, sizeof(row), "pid=%s start=0x%lx end=0x%lx", pid, va, va + 4096);
	EXPECT_EQ(0, strncmp(asked, row, strlen(row))) TH_LOG("%s", asked);
}

TEST_F(cli_scan, incomplete_scan_is_reported_on_stderr)
{
	records_process(&self->records);
	self->records.len -= sizeof(struct rms_rec_end);
	END(&self->records, .pages = 528, .skipped = 3, .raced = 2, .complete = 0);
	SCAN();
	EXPECT_EQ(0, self->run.status);
	EXPECT_OUT(", 2 raced, 3 skipped; ");
	EXPECT_ERR("incomplete: 3 pages kept changing and were skipped; scan again\n");
	SCAN("-r");
	EXPECT_ERR("incomplete: 3 pages");
	SCAN("-J");
	EXPECT_OUT("\"complete\": false");
	EXPECT_OUT("\"skipped\": 3");
}

/* Pages can lie in VMAs that appeared after the list was made. */
TEST_F(cli_scan, changed_vmas_are_reported)
{
	records_recording(&self->records, "pid=42", 42);
	records_maps(&self->records, PROCESS_MAPS);
	records_head(&self->records, RMS_FORM_VA, 0, 0, 0x7ffffffff000);
	records_run(&self->records, RMS_FORM_VA, 0x8ff000, 4);
	PAGE(&self->records, .kind = RMS_KIND_ANON, .pfn = 1, .count = 4);
	END(&self->records, .pages = 4);
	records_maps(&self->records, PROCESS_MAPS "a00000-a10000 rw-p 00000000 00:00 0\n");
	SCAN("-r", "-n", "-o", "START,RSS,NAME");
	EXPECT_EQ(0, self->run.status);
	EXPECT_OUT("\n0x900000 4K [guard]\n- 12K [in\\x20no\\x20VMA\\x20of\\x20the\\x20list]\n");
	EXPECT_ERR("pid 42: its VMAs changed during the scan");
}

TEST_F(cli_scan, usage_errors_exit_2)
{
	RUN_BADLY(2, "scan");
	RUN_BADLY(2, "scan", "0x1000-0x2000");
	RUN_BADLY(2, "scan", "-p", "1", "--all");
	RUN_BADLY(2, "scan", "--all", "--pfn", "1");
	RUN_BADLY(2, "scan", "-p", "1", "0x2000-0x1000");
	RUN_BADLY(2, "scan", "-p", "1", "0x2000-0x2000");
	RUN_BADLY(2, "scan", "-p", "1", "0x2000");
	RUN_BADLY(2, "scan", "-p", "1", "00400000-00500000");
	RUN_BADLY(2, "scan", "-p", "1", "1-2", "superfluous");
	RUN_BADLY(2, "scan", "--pfn", "2+0");
	RUN_BADLY(2, "scan", "--pfn", "-5");
	RUN_BADLY(2, "scan", "--pfn", "0xffffffffffffffff+2");
	RUN_BADLY(2, "scan", "--pfn", "1-2", "--pfn", "1-2");
	RUN_BADLY(2, "scan", "--all", "--kind", "anon,nosuch");
	RUN_BADLY(2, "scan", "--all", "--kind", "");
	RUN_BADLY(2, "scan", "--all", "--min-maps", "-1");
	RUN_BADLY(2, "scan", "--all", "--map=nosuch");
	RUN_BADLY(2, "scan", "--all", "--map", "-J");
	RUN_BADLY(2, "scan", "--all", "--map", "--pages");
	RUN_BADLY(2, "scan", "--all", "-w", "80");
	RUN_BADLY(2, "scan", "--all", "--map", "-w", "0");
	RUN_BADLY(2, "scan", "--all", "-J", "-r");
	RUN_BADLY(2, "scan", "--all", "-o", "NOSUCHCOLUMN");
	RUN_BADLY(2, "scan", "-i", "x", "--all");
	RUN_BADLY(2, "record", "--all");
	RUN_BADLY(2, "record", "file");
	RUN_BADLY(2, "record", "file", "--all", "--with", "nosuch");
}

TEST_F(cli_scan, missing_file_is_explained)
{
	char page[96];

	RUN_BADLY(1, "scan", "--all");
	EXPECT_ERR("scan_raw: no such file; load the module");
	snprintf(page, sizeof(page), "%s/page", self->fake.dir);
	close(open(page, O_CREAT | O_WRONLY, 0600));
	RUN_BADLY(1, "scan", "--all");
	EXPECT_ERR("the module has no file \"scan_raw\": it is older than this tool");
	RUN_BADLY(1, "scan", "-i", "/nonexistent");
	EXPECT_ERR("/nonexistent: No such file");
}

TEST_HARNESS_MAIN
