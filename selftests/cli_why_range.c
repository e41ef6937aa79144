// SPDX-License-Identifier: GPL-2.0
/*
 * "rmapscope why" of a range, on records that the test has made up: owners, reasons, sums, frames
 * that are no user memory, and where ranges come from. Needs no module.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "complain.h"
#include "json_part.h"
#include "memory_block.h"

#define SCAN_FIXTURE_NAME	cli_why_range
#include "scan_fixture.h"

#define FRAMES_RANGE	"pfn=0x1000 count=4096 maps verdicts"

/* Run why on the recording. */
#define WHY(...)							\
	do {								\
		RECORD();						\
		RUN("why", "-i", self->file, ##__VA_ARGS__);		\
	} while (0)

#define WHY_WELL(...)							\
	do {								\
		WHY(__VA_ARGS__);					\
		EXPECT_EQ(0, self->run.status);				\
		EXPECT_STREQ("", self->run.err);			\
	} while (0)

static struct rms_rec_page stuck(unsigned int first, unsigned int count, enum rms_why why)
{
	return (struct rms_rec_page){
		.first = first, .count = count, .pfn = 0x1000 + first, .maps = 1, .mms = 1,
		.visited = 1, .fields = PAGE_FIELDS, .kind = RMS_KIND_ANON,
		.verdicts = { RMS_WHY_NO_SWAP, why, RMS_WHY_ORDER0 },
	};
}

/*
 * Pages of process 7, of two processes that share them, of a process that is not visible, of a file
 * that no process maps, and one that isn't stuck.
 */
static void add_pages(struct records *r)
{
	struct rms_rec_page page;

	records_run(r, RMS_FORM_PFN, 0x1000, 512);
	records_page(r, stuck(0, 4, RMS_WHY_EXTRA_REFS));
	records_page(r, stuck(4, 1, RMS_WHY_NOTHING));
	records_page(r, stuck(8, 8, RMS_WHY_EXTRA_REFS));
	records_page(r, stuck(20, 1, RMS_WHY_PINNED));
	records_file(r, 1, "/var/lib/a b");
	page = stuck(30, 2, RMS_WHY_BUFFERS);
	page.kind = RMS_KIND_FILE;
	page.file = 1;
	page.verdicts[RMS_OP_RECLAIM] = RMS_WHY_DIRTY;
	records_page(r, page);
	records_mm(r, 1, 9, 0);
	records_mm(r, 2, 7, 0);
	records_mm(r, 3, 0, 0);
	records_map(r, 2, 0, 5, 0x70000);
	records_map(r, 1, 8, 8, 0x90000);
	/* The last two of the eight are shared. */
	records_map(r, 2, 14, 2, 0x76000);
	records_map(r, 3, 20, 1, 0x30000);
}

static void add_frames(struct records *r, unsigned int options)
{
	records_recording(r, FRAMES_RANGE, 0);
	records_head(r, RMS_FORM_PFN, options, 0x1000, 0x2000);
	add_pages(r);
	END(r, .pages = 16, .mappings = 4, .ns = 900,
	    .unmapped = { [RMS_UNMAPPED_FREE] = 4000, [RMS_UNMAPPED_SLAB] = 50 });
}

#define VERDICTS_MAPS	(RMS_OPTION_MAPS | RMS_OPTION_VERDICTS)

/* A page of several processes counts once, for the process with the lowest number. */
TEST_F(cli_why_range, frames_have_a_row_for_each_reason_and_owner)
{
	add_frames(&self->records, VERDICTS_MAPS);
	WHY_WELL("-r", "-O");
	EXPECT_STREQ("PAGES SIZE WHY NPROCS PID COMM PFN VA NAME\n"
		     "6 24K extra_refs 2 7 user 0x1000 0x70000 [anon]\n"
		     "6 24K extra_refs 1 9 user 0x1008 0x90000 [anon]\n"
		     "2 8K buffers 0 - - 0x101e - /var/lib/a\\x20b\n"
		     "1 4K pinned 1 0 user 0x1014 0x30000 [anon]\n", self->run.out);
	WHY_WELL("-n", "-b", "-o", "SIZE");
	EXPECT_STREQ("24576\n24576\n 8192\n 4096\n", self->run.out);
}

#define TEXT								\
	"frames, recorded 2026-01-31T12:00:00Z: pfn 0x1000-0x2000, 16M\n\n"	\
	"PAGES SIZE WHY        NPROCS PID COMM NAME\n"				\
	"    6  24K extra_refs      2   7 user [anon]\n"			\
	"    6  24K extra_refs      1   9 user [anon]\n"			\
	"    2   8K buffers         0   - -    /var/lib/a b\n"			\
	"    1   4K pinned          1   0 user [anon]\n\n"			\
	"extra_refs: it has references whose holders the kernel does not record\n" \
	"  try: look for pipes (vmsplice, splice), zero-copy sockets, direct I/O and drivers\n" \
	"buffers: its buffers are in use by a file system or its journal, or not yet written\n" \
	"  try: run sync; umount releases the blocks of a mounted file system\n" \
	"pinned: it is pinned for DMA, or has so many references that it looks pinned\n" \
	"  try: look for io_uring buffers, RDMA, VFIO and direct I/O\n\n"	\
	"Frames that are no user memory:\n"					\
	"KIND PAGES  SIZE STOPS MEANING\n"					\
	"free  4000 15.6M no    free\n"						\
	"slab    50  200K yes   kernel objects; drop_caches=2 may free some\n\n"	\
	"Frames that can be moved: 1. Frames that are no user memory: 4050.\n"	\
	"15 pages (60K) can't be moved; the rows add up to that.\n"

TEST_F(cli_why_range, text_has_the_range_the_reasons_the_other_frames_and_the_sum)
{
	add_frames(&self->records, VERDICTS_MAPS);
	WHY_WELL();
	EXPECT_STREQ(TEXT, self->run.out);
}

TEST_F(cli_why_range, operations_have_their_own_verdicts)
{
	add_frames(&self->records, VERDICTS_MAPS);
	WHY_WELL("--op", "reclaim", "-r", "-n", "-o", "PAGES,WHY,PID");
	EXPECT_STREQ("7 no_swap 7\n6 no_swap 9\n2 dirty -\n1 no_swap 0\n", self->run.out);
	WHY_WELL("--op", "migrate");
	EXPECT_STREQ(TEXT, self->run.out);
	/* Small pages aren't stopped, as there is nothing to do. */
	WHY_WELL("--op", "split");
	EXPECT_OUT("\n16 small pages have nothing to split.\n");
	EXPECT_OUT("\nNothing stops splitting here.\n");
	EXPECT_NOT_OUT("order0");
	EXPECT_NOT_OUT("STOPS");
}

TEST_F(cli_why_range, nothing_that_stops_is_said_plainly)
{
	records_recording(&self->records, FRAMES_RANGE, 0);
	records_head(&self->records, RMS_FORM_PFN, VERDICTS_MAPS, 0x1000, 0x2000);
	END(&self->records, .unmapped = { [RMS_UNMAPPED_FREE] = 4096 });
	WHY_WELL();
	EXPECT_OUT("\nNothing stops migration here.\n");
	EXPECT_NOT_OUT("PAGES SIZE WHY");
	WHY_WELL("-r");
	EXPECT_STREQ("", self->run.out);
	records_free(&self->records);
	records_recording(&self->records, FRAMES_RANGE, 0);
	records_head(&self->records, RMS_FORM_PFN, VERDICTS_MAPS, 0x1000, 0x2000);
	END(&self->records, .unmapped = { [RMS_UNMAPPED_RESERVED] = 3, [RMS_UNMAPPED_HOLE] = 9 });
	WHY_WELL();
	EXPECT_OUT("\nNothing that is user memory stops migration here, ");
	EXPECT_OUT(" here, but other frames may: 3.\n");
}

/* Whether frames without user memory stop offlining, as has_unmovable_pages() decides. */
TEST_F(cli_why_range, each_kind_of_frame_says_whether_it_stops)
{
	unsigned int i;
	struct rms_rec_end end = { .complete = 1, .nr_unmapped = RMS_NR_UNMAPPED };

	for (i = 0; i < RMS_NR_UNMAPPED; i++)
		end.unmapped[i] = 10 + i;
	records_recording(&self->records, FRAMES_RANGE, 0);
	records_head(&self->records, RMS_FORM_PFN, VERDICTS_MAPS, 0x1000, 0x2000);
	records_end(&self->records, end);
	WHY_WELL();
	EXPECT_OUT("\nhole        10  40K no    ");
	EXPECT_OUT("\noffline     11  44K no    ");
	EXPECT_OUT("\nreserved    12  48K yes   ");
	EXPECT_OUT("\nfree        13  52K no    ");
	EXPECT_OUT("\nslab        14  56K yes   ");
	EXPECT_OUT("\ntyped       15  60K most  ");
	EXPECT_OUT("\nkernel      16  64K most  ");
	EXPECT_OUT("\nzero        17  68K no    ");
	EXPECT_OUT("\nraw         18  72K yes   ");
	EXPECT_OUT("\nhwpoison    19  76K no    ");
	EXPECT_OUT("but other frames may: 75.\n");
}

TEST_F(cli_why_range, json_has_ranges_owners_reasons_and_sums)
{
	static const char expected[] =
		"{ \"rmapscope\": { \"abi\": 1, \"kernel\": \"6.1.0\" },\n"
		"  \"range\": [ { \"name\": \"frames, recorded 2026-01-31T12:00:00Z\",\n"
		"    \"start\": \"0x1000\", \"end\": \"0x2000\" } ],\n"
		"  \"blocker\": [ { \"pages\": 6, \"size\": 24576, \"why\": \"extra_refs\",\n"
		"    \"nprocs\": 2, \"pid\": 7, \"comm\": \"user\", \"pfn\": \"0x1000\",\n"
		"    \"va\": \"0x70000\", \"name\": \"[anon]\" }, { \"pid\": 9 },\n"
		"    { \"pid\": null, \"nprocs\": 0, \"name\": \"/var/lib/a b\" }, { \"pid\": 0 } ],\n"
		"  \"reason\": [ { \"why\": \"extra_refs\" }, { \"why\": \"buffers\" },\n"
		"    { \"why\": \"pinned\" } ],\n"
		"  \"unmapped\": [ { \"kind\": \"free\", \"pages\": 4000, \"size\": 16384000,\n"
		"    \"stops\": \"no\" }, { \"kind\": \"slab\", \"stops\": \"yes\" } ],\n"
		"  \"sum\": { \"op\": \"migrate\", \"pages\": 15, \"size\": 61440, \"frames\": 4096,\n"
		"    \"unmapped\": 4050, \"complete\": true, \"broken_off\": false } }";

	add_frames(&self->records, VERDICTS_MAPS);
	WHY_WELL("-J");
	EXPECT_OK(json_has_part(self->run.out, expected));
}

/* The process of the range owns its pages, although another one has a lower number. */
TEST_F(cli_why_range, process_owns_its_pages_by_vma)
{
	records_process(&self->records);
	WHY_WELL("-r", "-n", "-O");
	EXPECT_STREQ("512 2M pinned 2 42 user 0x1000 0x400000 [anon]\n"
		     "2 8K extra_refs 1 42 user 0x300 0x18000 [heap]\n", self->run.out);
	WHY_WELL();
	EXPECT_OUT("process 42, recorded 2026-01-31T12:00:00Z: all addresses\n");
	EXPECT_OUT("\n514 pages (2M) can't be moved; the rows add up to that.\n");
	EXPECT_NOT_OUT("no user memory");
}

/* Process 44 shares the large folio with process 42. */
TEST_F(cli_why_range, process_of_the_range_comes_first)
{
	records_recording(&self->records, "pid=44 maps visited verdicts", 44);
	records_maps(&self->records, PROCESS_MAPS);
	records_process_stream(&self->records, ALL_OPTIONS);
	WHY_WELL("-r", "-n", "-o", "PAGES,NPROCS,PID");
	EXPECT_STREQ("512 2 44\n2 1 42\n", self->run.out);
}

TEST_F(cli_why_range, reasons_of_one_process_have_rows_of_their_own)
{
	records_recording(&self->records, FRAMES_RANGE, 0);
	records_head(&self->records, RMS_FORM_PFN, VERDICTS_MAPS, 0x1000, 0x2000);
	records_run(&self->records, RMS_FORM_PFN, 0x1000, 512);
	records_page(&self->records, stuck(0, 2, RMS_WHY_PINNED));
	records_page(&self->records, stuck(2, 1, RMS_WHY_EXTRA_REFS));
	records_page(&self->records, stuck(3, 2, RMS_WHY_PINNED));
	records_mm(&self->records, 1, 7, 0);
	records_map(&self->records, 1, 0, 5, 0x70000);
	END(&self->records, .pages = 5);
	WHY_WELL("-r", "-n", "-o", "PAGES,WHY,PID");
	EXPECT_STREQ("4 pinned 7\n1 extra_refs 7\n", self->run.out);
}

TEST_F(cli_why_range, pages_of_a_record_are_divided_by_vma)
{
	records_recording(&self->records, "pid=42 maps verdicts", 42);
	records_maps(&self->records, PROCESS_MAPS);
	records_head(&self->records, RMS_FORM_VA, RMS_OPTION_VERDICTS, 0, 0x7ffffffff000);
	records_run(&self->records, RMS_FORM_VA, 0x1e000, 4);
	records_page(&self->records, stuck(0, 4, RMS_WHY_PINNED));
	END(&self->records, .pages = 4);
	WHY("-r", "-n", "-o", "PAGES,NPROCS,PID,PFN,VA,NAME");
	EXPECT_EQ(0, self->run.status);
	EXPECT_STREQ("2 - - 0x1002 0x20000 /lib/a\\x20b\n2 - - 0x1000 0x1e000 [heap]\n",
		     self->run.out);
	EXPECT_ERR("mappings were not recorded, so that owners are not known\n");
}

TEST_F(cli_why_range, recording_without_verdicts_is_refused)
{
	add_frames(&self->records, RMS_OPTION_MAPS);
	WHY();
	EXPECT_EQ(2, self->run.status);
	EXPECT_STREQ("", self->run.out);
	EXPECT_ERR("/recording: verdicts were not recorded; record with --with maps,verdicts\n");
	records_free(&self->records);
	add_frames(&self->records, VERDICTS_MAPS | RMS_OPTION_STUCK);
	WHY("--op", "reclaim");
	EXPECT_EQ(2, self->run.status);
	EXPECT_ERR("only pages that can't be migrated were recorded; record without --stuck\n");
	WHY_WELL();
	EXPECT_OUT("Frames that can be moved: 31. Frames that are no user memory: 4050.\n");
}

TEST_F(cli_why_range, recording_of_some_pages_says_so)
{
	add_frames(&self->records, VERDICTS_MAPS | RMS_OPTION_KINDS);
	WHY();
	EXPECT_EQ(0, self->run.status);
	EXPECT_ERR("not all pages were recorded, but those of \"" FRAMES_RANGE "\"\n");
	EXPECT_NOT_OUT("can be moved");
}

/* Each process has a page of the kernel. */
TEST_F(cli_why_range, pages_of_the_kernel_do_not_stop_a_process)
{
	records_recording(&self->records, "pid=42 start=0x10000 end=0x20000 maps verdicts", 42);
	records_maps(&self->records, PROCESS_MAPS);
	records_head(&self->records, RMS_FORM_VA, VERDICTS_MAPS, 0x10000, 0x20000);
	END(&self->records, .unmapped = { [RMS_UNMAPPED_RAW] = 1 });
	WHY_WELL();
	EXPECT_OUT("process 42, recorded 2026-01-31T12:00:00Z: addresses 0x10000-0x20000\n");
	EXPECT_OUT("\nAddresses that are no user memory:\n");
	EXPECT_OUT("\nNothing that is user memory stops migration here.\n");
}

/* A newer module has more reasons; a page may have no verdict. */
TEST_F(cli_why_range, unknown_reasons_and_missing_verdicts_are_shown)
{
	struct rms_rec_page page = stuck(3, 2, RMS_WHY_PINNED);

	page.fields = 0;
	records_recording(&self->records, FRAMES_RANGE, 0);
	records_head(&self->records, RMS_FORM_PFN, VERDICTS_MAPS, 0x1000, 0x2000);
	records_run(&self->records, RMS_FORM_PFN, 0x1000, 512);
	records_page(&self->records, stuck(0, 1, 200));
	records_page(&self->records, page);
	END(&self->records, .pages = 3);
	WHY_WELL();
	EXPECT_OUT("    1   4K ?        0   - -    [anon]\n");
	EXPECT_OUT("\n2 pages have no verdict.\n");
	EXPECT_OUT("\n1 page (4K) can't be moved; the rows add up to that.\n");
}

TEST_F(cli_why_range, recording_that_was_cut_off_shows_what_there_is)
{
	add_frames(&self->records, VERDICTS_MAPS);
	self->records.len -= sizeof(struct rms_rec_end);
	WHY();
	EXPECT_EQ(1, self->run.status);
	EXPECT_OUT("\nUntil then, 15 pages (60K) can't be moved; the rows add up to that.\n");
	EXPECT_ERR("ends at pfn 0x1200, before the end of the range; ");
	WHY("-J");
	EXPECT_OUT("\"broken_off\": true");
	EXPECT_OUT("\"complete\": false");
}

/* What the tool writes to the module, and the arguments of why for it. */
static const struct {
	const char *range;
	const char *args[4];
} requests[] = {
	{ "all maps verdicts stuck", { "--all" } },
	{ "all maps verdicts stuck", { "--all", "--op", "migrate" } },
	{ "all maps verdicts", { "--all", "--op", "reclaim" } },
	{ "all maps verdicts", { "--all", "--op", "split" } },
	{ "pfn=0x1000 count=512 maps verdicts stuck", { "--pfn", "0x1000-0x1200" } },
	{ "pfn=0x10 count=31 maps verdicts stuck", { "--pfn", "10-2f" } },
	{ "pfn=0xab count=10 maps verdicts stuck", { "--pfn", "ab+10" } },
};

TEST_F(cli_why_range, module_is_asked_for_what_is_stuck)
{
	char asked[512];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(requests); i++) {
		const char * const *args = requests[i].args;
		size_t len = strlen(requests[i].range);

		records_free(&self->records);
		records_head(&self->records, RMS_FORM_PFN, VERDICTS_MAPS, 0, 512);
		END(&self->records);
		ASSERT_OK(records_write(&self->records, self->scan_raw, len));
		RUN_WELL("why", args[0], args[1], args[2], args[3]);
		ASSERT_OK(fake_asked(&self->fake, "scan_raw", asked, sizeof(asked)));
		EXPECT_EQ(0, strncmp(asked, requests[i].range, len)) TH_LOG("%s", asked);
	}
}

/* Give the tool a stream of a range of frames with one pinned page. */
static int give_stream(struct records *r, const char *path, size_t request)
{
	records_free(r);
	records_head(r, RMS_FORM_PFN, VERDICTS_MAPS | RMS_OPTION_STUCK, 0x1000, 0x1001);
	records_run(r, RMS_FORM_PFN, 0x1000, 1);
	records_page(r, stuck(0, 1, RMS_WHY_PINNED));
	records_mm(r, 1, getpid(), 0);
	records_map(r, 1, 0, 1, (unsigned long)&path);
	END(r, .pages = 1, .unmapped = { [RMS_UNMAPPED_FREE] = 5, [RMS_UNMAPPED_HOLE] = 3 });
	return records_write(r, path, request);
}

TEST_F(cli_why_range, frames_of_a_live_process_have_the_name_of_their_vma)
{
	char row[64];

	snprintf(row, sizeof(row), "1 pinned %d [stack]\n", getpid());
	ASSERT_OK(give_stream(&self->records, self->scan_raw,
			      strlen("pfn=0x1000 count=1 maps verdicts stuck")));
	RUN_WELL("why", "--pfn", "0x1000+1", "-r", "-n", "-o", "PAGES,WHY,PID,NAME");
	EXPECT_STREQ(row, self->run.out);
}

/* Lines of Linux 6.1, 6.12 and 7.3, and one of older ones, after lines that have nothing to say. */
static const struct {
	const char *line;
	const char *range;
} lines[] = {
	{ "migrating pfn 1a2b failed ret:1", "pfn=0x1a2b count=1" },
	{ "failed to isolate pfn 1a2b", "pfn=0x1a2b count=1" },
	{ "page:00000000c8b6d8a2 refcount:3 mapcount:1 mapping:00 index:0x7f2 pfn:0x1a2b",
	  "pfn=0x1a2b count=1" },
	{ "page: refcount:3 mapcount:1 mapping:00 index:0x7f2 pfn:0x1a2b", "pfn=0x1a2b count=1" },
	{ "BUG: Bad page state in process a pfn:7  pfn:01a2b", "pfn=0x1a2b count=1" },
	{ "Memory failure: 0x1a2b: recovery action for dirty LRU page: Recovered",
	  "pfn=0x1a2b count=1" },
	{ "soft offline: 0x1a2b: page migration failed 1", "pfn=0x1a2b count=1" },
	{ "Soft offline: 0x1a2b: thp split failed", "pfn=0x1a2b count=1" },
	{ "cma_alloc(): memory range at pfn 0x1a2b 00000000c8b6d8a2 is busy, retrying",
	  "pfn=0x1a2b count=1" },
	{ "memory offlining [mem 0x140000000-0x147ffffff] failed due to signal backoff",
	  "pfn=0x140000 count=32768" },
	{ "alloc_contig_range: [1a00, 1a80) PFNs busy", "pfn=0x1a00 count=128" },
};

static int write_log(const char *path, const char *before, const char *line, const char *after)
{
	FILE *file = fopen(path, "we");

	if (!file)
		return complain("%s: %s", path, strerror(errno));
	fprintf(file, "[    1.000000] %s\n[    2.000000] %s\n[    3.000000] %s\n", before, line,
		after);
	return fclose(file) ? complain("%s: cannot be written", path) : 0;
}

TEST_F(cli_why_range, frames_are_taken_from_lines_of_the_kernel_log)
{
	char log[128], shown[256], asked[512], request[96];
	size_t i;

	snprintf(log, sizeof(log), "--dmesg=%s", self->file);
	for (i = 0; i < ARRAY_SIZE(lines); i++) {
		snprintf(request, sizeof(request), "%s maps verdicts stuck", lines[i].range);
		ASSERT_OK(give_stream(&self->records, self->scan_raw, strlen(request)));
		ASSERT_OK(write_log(self->file, "Linux version 6.1", lines[i].line, "pfn 12"));
		RUN_WELL("why", log);
		ASSERT_OK(fake_asked(&self->fake, "scan_raw", asked, sizeof(asked)));
		EXPECT_EQ(0, strncmp(asked, request, strlen(request))) TH_LOG("%s", asked);
		snprintf(shown, sizeof(shown), "\"[    2.000000] %s\": pfn 0x1", lines[i].line);
		EXPECT_EQ(0, strncmp(self->run.out, shown, strlen(shown)))
			TH_LOG("%s", self->run.out);
	}
}

/* A frame that several lines name is looked at once. The dump behind a line adds nothing. */
TEST_F(cli_why_range, each_frame_of_the_log_counts_once)
{
	char log[128];

	snprintf(log, sizeof(log), "--dmesg=%s", self->file);
	ASSERT_OK(give_stream(&self->records, self->scan_raw,
			      strlen("pfn=0x1a2b count=1 maps verdicts stuck")));
	ASSERT_OK(write_log(self->file, "failed to isolate pfn 1a2b",
			    "migrating pfn 1a2b failed ret:1",
			    "page: refcount:3 index:0x7f2 pfn:0x1a2b"));
	RUN_WELL("why", log);
	EXPECT_OUT("\n1 page (4K) can't be moved; ");
	EXPECT_NOT_OUT("page: refcount");
	/* Two frames are two ranges, whose pages are added up. */
	ASSERT_OK(give_stream(&self->records, self->scan_raw,
			      strlen("pfn=0x1a2b count=1 maps verdicts stuck")));
	ASSERT_OK(write_log(self->file, "migrating pfn 1a2b failed ret:1", "",
			    "migrating pfn 1b2b failed ret:1"));
	RUN_WELL("why", log);
	EXPECT_OUT("\n    2   8K pinned      1 ");
	EXPECT_OUT("\n2 pages (8K) can't be moved; ");
	EXPECT_OUT("\nhole     6  24K no    no memory");
	EXPECT_OUT("\nfree    10  40K no    free\n");
	/* Frames in a row are one range. */
	ASSERT_OK(give_stream(&self->records, self->scan_raw,
			      strlen("pfn=0x1a2b count=2 maps verdicts stuck")));
	ASSERT_OK(write_log(self->file, "migrating pfn 1a2b failed ret:1", "",
			    "migrating pfn 1a2c failed ret:1"));
	RUN_WELL("why", log);
	EXPECT_OUT("\n1 page (4K) can't be moved; ");
}

TEST_F(cli_why_range, log_without_frames_is_reported)
{
	char log[128];

	snprintf(log, sizeof(log), "--dmesg=%s", self->file);
	ASSERT_OK(write_log(self->file, "Linux version 6.1", "io pfn:12", "migrating pfn"));
	RUN_BADLY(3, "why", log);
	EXPECT_ERR("/recording: no line names frames");
	RUN_BADLY(1, "why", "--dmesg=/nonexistent");
	EXPECT_ERR("--dmesg=/nonexistent: No such file");
}

/* Read the first zone from /proc/zoneinfo. That has memory on every machine. */
static int first_zone(char *name, unsigned long long *start, unsigned long long *spanned)
{
	char text[16384], *at;
	FILE *file = fopen("/proc/zoneinfo", "re");
	size_t len = file ? fread(text, 1, sizeof(text) - 1, file) : 0;

	text[len] = '\0';
	if (file)
		fclose(file);
	at = strstr(text, "\n        spanned ");
	if (sscanf(text, "Node 0, zone %31s", name) != 1 || !at ||
	    sscanf(at, " spanned %llu", spanned) != 1)
		return complain("/proc/zoneinfo: no zone");
	at = strstr(at, "\n  start_pfn:");
	return at && sscanf(at, " start_pfn: %llu", start) == 1 ? 0 :
	       complain("/proc/zoneinfo: no start_pfn");
}

TEST_F(cli_why_range, zone_is_found_by_its_name)
{
	unsigned long long start, spanned;
	char zone[32], asked[512], request[96], shown[96];

	ASSERT_OK(first_zone(zone, &start, &spanned));
	snprintf(request, sizeof(request), "pfn=%#llx count=%llu maps verdicts stuck", start,
		 spanned);
	ASSERT_OK(give_stream(&self->records, self->scan_raw, strlen(request)));
	RUN_WELL("why", "--zone", zone, "--node", "0");
	ASSERT_OK(fake_asked(&self->fake, "scan_raw", asked, sizeof(asked)));
	EXPECT_EQ(0, strncmp(asked, request, strlen(request))) TH_LOG("%s", asked);
	snprintf(shown, sizeof(shown), "zone %s of node 0: pfn %#llx-%#llx, ", zone, start,
		 start + spanned);
	EXPECT_EQ(0, strncmp(self->run.out, shown, strlen(shown))) TH_LOG("%s", self->run.out);
	RUN_BADLY(3, "why", "--zone", "Nosuch");
	EXPECT_ERR("zone Nosuch: there is no such zone; the zones here are: ");
	EXPECT_ERR(zone);
	RUN_BADLY(3, "why", "--node", "9999");
	EXPECT_ERR("node 9999: there is no such node; see /sys/devices/system/node\n");
	RUN_BADLY(3, "why", "--block", "memory999999999");
	EXPECT_ERR("--block memory999999999: ");
}

/* Only to a whole block, a hole matters. A block that is named twice counts once. */
TEST_F(cli_why_range, block_is_found_by_its_number)
{
	unsigned long long pages = block_pages();
	char asked[512], request[96], shown[96];

	if (!pages || !block_exists(0))
		SKIP(return, "no blocks of memory");
	snprintf(request, sizeof(request), "pfn=0x0 count=%llu maps verdicts stuck", pages);
	ASSERT_OK(give_stream(&self->records, self->scan_raw, strlen(request)));
	RUN_WELL("why", "--block", "memory0", "--block", "0");
	ASSERT_OK(fake_asked(&self->fake, "scan_raw", asked, sizeof(asked)));
	EXPECT_EQ(0, strncmp(asked, request, strlen(request))) TH_LOG("%s", asked);
	snprintf(shown, sizeof(shown), "memory0 (online): pfn 0x0-%#llx, ", pages);
	EXPECT_EQ(0, strncmp(self->run.out, shown, strlen(shown))) TH_LOG("%s", self->run.out);
	EXPECT_OUT("\nhole     3  12K yes   no memory");
	EXPECT_OUT("\n1 page (4K) can't be moved; ");
}

TEST_F(cli_why_range, usage_errors_exit_2)
{
	RUN_BADLY(2, "why");
	RUN_BADLY(2, "why", "0x1000-0x2000");
	RUN_BADLY(2, "why", "-p", "1", "--all");
	RUN_BADLY(2, "why", "-p", "1", "0x2000-0x1000");
	RUN_BADLY(2, "why", "--pfn", "1", "0x1000-0x2000");
	RUN_BADLY(2, "why", "--pfn", "2+0");
	RUN_BADLY(2, "why", "--pfn", "1-2", "--pfn", "1-2");
	RUN_BADLY(2, "why", "--pfn", "1-2", "--pfn", "1");
	RUN_BADLY(2, "why", "--pfn", "1-2", "--folio");
	RUN_BADLY(2, "why", "--all", "--file", "/x");
	RUN_BADLY(2, "why", "--all", "--block", "1");
	RUN_BADLY(2, "why", "--block", "1", "--node", "0");
	RUN_BADLY(2, "why", "--block", "memory");
	RUN_BADLY(2, "why", "--block", "memoryx");
	RUN_BADLY(2, "why", "--zone", "DMA", "--zone", "DMA");
	RUN_BADLY(2, "why", "--node", "x");
	RUN_BADLY(2, "why", "--dmesg", "--zone", "DMA");
	RUN_BADLY(2, "why", "--all", "--op", "nosuch");
	RUN_BADLY(2, "why", "--all", "--op", "migrate,split");
	RUN_BADLY(2, "why", "--all", "-o", "NOSUCHCOLUMN");
	RUN_BADLY(2, "why", "--all", "-J", "-r");
	RUN_BADLY(2, "why", "-i", "x", "--all");
	/* A page has no table. */
	RUN_BADLY(2, "why", "--pfn", "1", "--op", "split");
	RUN_BADLY(2, "why", "--pfn", "1", "-b");
	RUN_BADLY(2, "why", "--pfn", "1", "-o", "PID");
	EXPECT_ERR("of a page there is no table");
}

TEST_HARNESS_MAIN
