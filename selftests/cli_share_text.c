// SPDX-License-Identifier: GPL-2.0
/*
 * "rmapscope share": its tables, JSON and messages, on records that the test has made up. Needs no
 * module.
 */
#include <stdlib.h>
#include <string.h>

#include "json_part.h"
#include "recording.h"

#define SCAN_FIXTURE_NAME	cli_share_text
#include "scan_fixture.h"

#define SHARE(...)							\
	do {								\
		RECORD();						\
		RUN("share", "-i", self->file, ##__VA_ARGS__);		\
	} while (0)

#define SHARE_WELL(...)							\
	do {								\
		SHARE(__VA_ARGS__);					\
		EXPECT_EQ(0, self->run.status);				\
		EXPECT_STREQ("", self->run.err);			\
	} while (0)

#define SHARE_BADLY(code, ...)						\
	do {								\
		RECORD();						\
		RUN_BADLY(code, "share", "-i", self->file, ##__VA_ARGS__); \
	} while (0)

/* Frames of three processes: what each has, and what each two share. */
static void frames_stream(struct records *r)
{
	records_head(r, RMS_FORM_PFN, RMS_OPTION_MAPS, 0, 0x10000);
	records_mm(r, 1, 10, 0);
	records_mm(r, 2, 20, 0);
	records_mm(r, 3, 30, 0);
	records_file(r, 1, "/lib/libc.so");
	records_run(r, RMS_FORM_PFN, 0, 512);
	/* 8 pages of 10 alone, of which 20 shares the last 4. */
	PAGE(r, .first = 0, .count = 4, .pfn = 0, .kind = RMS_KIND_ANON);
	PAGE(r, .first = 4, .count = 4, .pfn = 4, .kind = RMS_KIND_ANON, .maps = 2);
	/* 16 pages of a file: all three map the first 8, and no process the rest. */
	PAGE(r, .first = 16, .count = 8, .pfn = 16, .kind = RMS_KIND_FILE, .maps = 3, .file = 1);
	PAGE(r, .first = 24, .count = 8, .pfn = 24, .kind = RMS_KIND_FILE, .maps = 0, .file = 1);
	/* A KSM page that 30 maps three times. */
	PAGE(r, .first = 40, .pfn = 40, .kind = RMS_KIND_KSM, .maps = 3);
	records_map(r, 1, 0, 8, 0x10000);
	records_map(r, 2, 4, 4, 0x14000);
	records_map(r, 1, 16, 8, 0x100000);
	records_map(r, 2, 16, 8, 0x100000);
	records_map(r, 3, 16, 8, 0x100000);
	records_map(r, 3, 40, 1, 0x40000);
	records_map(r, 3, 40, 1, 0x41000);
	records_map(r, 3, 40, 1, 0x42000);
	END(r, .pages = 25, .mappings = 8);
}

static void frames(struct records *r)
{
	records_recording(r, "all maps", 0);
	frames_stream(r);
}

TEST_F(cli_share_text, summary_of_a_process_is_one_screen_that_adds_up)
{
	records_process(&self->records);
	SHARE_WELL("-b");
	EXPECT_STREQ("pid 42 (user)\n\n"
		"in memory        2162688 what page tables map (RSS)\n"
		"  unique           49152 nothing else maps it (USS)\n"
		"    anonymous      32768 freed if it ends\n"
		"    of files       16384 stays as long as the file, or shared memory, does\n"
		"  shared         2113536 others map it, too\n"
		"    through fork 2113536 anonymous pages, the same since a fork\n"
		"proportional     1094997 each page divided by the number of its mappings (PSS)\n"
		"saved by KSM        8192 less than without merging\n"
		"\n"
		"PID COMM  SHARED    FORK CACHE SHMEM KSM\n"
		" 44 user 2105344 2105344     0     0   0\n"
		" 50 user   16384   16384     0     0   0\n"
		"  - user    8192    8192     0     0   0\n"
		"\n"
		"2 mappings are of pages that it maps at another address as well.\n"
		"2 pages moved meanwhile, or have no mapping here, and are left out.\n"
		"526 pages = 10 unique + 516 shared\n", self->run.out);
}

TEST_F(cli_share_text, each_process_has_a_row_by_size)
{
	frames(&self->records);
	SHARE_WELL();
	EXPECT_STREQ("PID COMM RSS UNIQUE SHARED   PSS SWAP WITH THROUGH\n"
		" 10 user 64K    16K    48K 34.7K    -   20 cache\n"
		" 20 user 48K     0B    48K 18.7K    -   10 cache\n"
		" 30 user 44K    12K    32K 14.7K    -   10 cache\n"
		"\n"
		"union: 17 pages = 5 unique to one row + 12 shared, each counted once\n",
		self->run.out);
	SHARE_WELL("-r", "-n", "-o", "PID", "--sort", "pid");
	EXPECT_STREQ("10\n20\n30\n", self->run.out);
	SHARE_WELL("-r", "-n", "-o", "PID,UNIQUE", "--sort", "Unique");
	EXPECT_STREQ("10 16K\n30 12K\n20 0B\n", self->run.out);
	SHARE_WELL("-n", "-N", "1", "-o", "PID");
	EXPECT_STREQ(" 10\n", self->run.out);
	SHARE_WELL("-N", "1");
	EXPECT_OUT("and 2 more; --lines 0 shows all\n");
}

TEST_F(cli_share_text, each_column_has_its_value)
{
	frames(&self->records);
	SHARE_WELL("-r", "-b", "-o",
		   "PID,MMS,PRIVATE,ANON,FORK,CACHE,SHMEM,KSM,SAVED,HUGETLB,OWNSWAP");
	EXPECT_STREQ("PID MMS PRIVATE ANON FORK CACHE SHMEM KSM SAVED HUGETLB OWNSWAP\n"
		"10 1 16384 16384 16384 32768 0 0 0 0 -\n"
		"20 1 0 0 16384 32768 0 0 0 0 -\n"
		"30 1 0 4096 0 32768 0 0 8192 0 -\n", self->run.out);
}

TEST_F(cli_share_text, a_process_of_several_has_its_partners)
{
	frames(&self->records);
	SHARE_WELL("-r", "-p", "20");
	EXPECT_STREQ("PID COMM SHARED FORK CACHE SHMEM KSM\n"
		"10 user 48K 16K 32K 0B 0B\n"
		"30 user 32K 0B 32K 0B 0B\n", self->run.out);
	SHARE_WELL("-r", "-n", "-p", "30", "-p", "10", "-o", "PID,UNIQUE");
	EXPECT_STREQ("10 16K\n30 12K\n", self->run.out);
}

static int parts(const char *text, const char *part)
{
	int nr = 0;

	while ((text = strstr(text, part))) {
		text += strlen(part);
		nr++;
	}
	return nr;
}

#define PAIRS "{ \"pairs\": ["						\
	"{ \"pid\": 10, \"with\": 20, \"shared\": 49152, \"cache\": 32768 },"	\
	"{ \"pid\": 10, \"with\": 30, \"shared\": 32768, \"fork\": 0 },"	\
	"{ \"pid\": 20, \"with\": 10, \"shared\": 49152 },"		\
	"{ \"pid\": 20, \"with\": 30, \"shared\": 32768 },"		\
	"{ \"pid\": 30, \"with\": 10, \"shared\": 32768 },"		\
	"{ \"pid\": 30, \"with\": 20, \"shared\": 32768 } ] }"
#define ALL "{ \"all\": { \"rss\": 69632, \"unique\": 69632, \"shared\": 0 }," \
	"\"partners\": [], \"broken_off\": false, \"pages_left_out\": 0 }"
#define PROCESSES "{ \"processes\": [ { \"pid\": 10, \"rss\": 65536,"	\
	"\"unique\": 16384, \"shared\": 49152, \"pss\": 35498, \"swap\": null," \
	"\"with\": 20, \"through\": \"cache\" }, { \"pid\": 20 }, { \"pid\": 30 } ] }"

TEST_F(cli_share_text, matrix_is_symmetric)
{
	frames(&self->records);
	SHARE_WELL("--matrix", "-r");
	EXPECT_STREQ("SHARED 10 20 30\n"
		"10\\x20user 64K 48K 32K\n"
		"20\\x20user 48K 48K 32K\n"
		"30\\x20user 32K 32K 36K\n", self->run.out);
	SHARE_WELL("--matrix", "-J");
	EXPECT_EQ(6, parts(self->run.out, "\"with_comm\":"));
	EXPECT_OK(json_has_part(self->run.out, PAIRS));
}

TEST_F(cli_share_text, each_file_has_a_row)
{
	frames(&self->records);
	SHARE_WELL("--file", "-r");
	EXPECT_STREQ("RSS UNIQUE SHARED PSS FILE\n"
		"36K 36K 0B 36K [anonymous]\n"
		"32K 32K 0B 32K /lib/libc.so\n", self->run.out);
	SHARE_WELL("--file", "-r", "-n", "-p", "10");
	EXPECT_STREQ("32K 16K 16K 24K [anonymous]\n"
		"32K 0B 32K 10.7K /lib/libc.so\n", self->run.out);
}

TEST_F(cli_share_text, each_vma_with_pages_has_a_row)
{
	records_process(&self->records);
	SHARE_WELL("--vma", "-r");
	EXPECT_STREQ("START SIZE RSS UNIQUE SHARED PSS SWAP MOST NAME\n"
		"0x10000 64K 48K 32K 16K 33.3K 0B 3 [heap]\n"
		"0x20000 64K 8K 8K 0B 8K 0B 1 /lib/a\\x20b\n"
		"0x400000 4M 2M 0B 2M 1M 0B 2 -\n", self->run.out);
}

TEST_F(cli_share_text, json_has_all_sums)
{
	frames(&self->records);
	SHARE_WELL("-J");
	EXPECT_OK(json_has_part(self->run.out, ALL));
	EXPECT_OK(json_has_part(self->run.out, PROCESSES));
}

TEST_F(cli_share_text, list_of_processes_gives_names_groups_and_swap)
{
	static const char list[] =
		"1 0 0 init /\n"
		"10 1 8192 server /web/a\n"
		"20 10 -1 wor\\040ker /web/a\n"
		"30 20 4096 worker /web/b\n";

	records_recording(&self->records, "all maps", 0);
	records_text(&self->records, RECORDING_PROCESSES, list);
	frames_stream(&self->records);
	SHARE_WELL("-r", "-n", "-o", "PID,SWAP", "--descendants", "20");
	EXPECT_STREQ("20 -\n30 4K\n", self->run.out);
	SHARE_WELL("-r", "-n", "-o", "PID", "--cgroup", "/web/a");
	EXPECT_STREQ("10\n20\n", self->run.out);
	SHARE_WELL("-r", "-n", "-o", "PID", "--cgroup", "/sys/fs/cgroup/web/");
	EXPECT_STREQ("10\n20\n30\n", self->run.out);
	SHARE_WELL("-r", "-n", "-o", "PID", "--comm", "wor*");
	EXPECT_STREQ("20\n30\n", self->run.out);
	SHARE_WELL("-r", "-n", "-o", "PID,COMM,MMS,RSS,UNIQUE", "--cgroup", "/web/a", "--cgroup",
		   "/web/b");
	EXPECT_STREQ("- cgroup\\x20/web/a 2 64K 32K\n30 user 1 44K 12K\n", self->run.out);
	/* The lines of the tree depend on it. */
	setenv("LC_ALL", "C", 1);
	SHARE_WELL("--tree", "-o", "COMM,PID");
	EXPECT_OUT("user      10\n`-user    20\n  `-user  30\n");
	SHARE_BADLY(3, "--comm", "nobody");
	EXPECT_ERR("no process matches comm nobody");
}

TEST_F(cli_share_text, what_a_recording_lacks_is_said)
{
	records_process(&self->records);
	SHARE_BADLY(1, "-p", "43");
	EXPECT_ERR("is a recording of process 42 alone");
	records_free(&self->records);
	frames(&self->records);
	SHARE_BADLY(1, "--vma");
	EXPECT_ERR("needs a recording of a process");
	SHARE_BADLY(1, "--tree");
	EXPECT_ERR("has no list of processes");
	SHARE_BADLY(3, "-p", "99");
	EXPECT_ERR("none of the processes has a page in memory");
	records_free(&self->records);
	records_recording(&self->records, "all", 0);
	records_head(&self->records, RMS_FORM_PFN, 0, 0, 1);
	END(&self->records);
	SHARE_BADLY(1);
	EXPECT_ERR("record with --with maps");
}

TEST_F(cli_share_text, wrong_usage_is_named)
{
	RUN_BADLY(2, "share");
	EXPECT_ERR("name processes");
	RUN_BADLY(2, "share", "-p", "x");
	EXPECT_ERR("-p \"x\": not a process ID");
	RUN_BADLY(2, "share", "-p", "1", "--all");
	EXPECT_ERR("--all has all processes");
	RUN_BADLY(2, "share", "-p", "1", "--vma", "--matrix");
	EXPECT_ERR("use only one of");
	RUN_BADLY(2, "share", "--cgroup", "a");
	EXPECT_ERR("not a path from the root");
	RUN_BADLY(2, "share", "--all", "--watch", "1");
	EXPECT_ERR("--watch needs --fork");
	RUN_BADLY(2, "share", "--all", "--file", "--method=index");
	EXPECT_ERR("--file needs the module: --method=index does not find files");
	RUN_BADLY(2, "share", "--all", "--fork");
	EXPECT_ERR("--fork needs the parent");
	frames(&self->records);
	SHARE_BADLY(2, "-p", "10", "--fork", "--vma");
	EXPECT_ERR("--fork of a recording has no --vma");
	SHARE_BADLY(1, "-p", "10", "--fork");
	EXPECT_ERR("has no list of processes");
	SHARE_BADLY(2, "--sort", "COMM");
	EXPECT_ERR("--sort COMM: no column of numbers");
	SHARE_BADLY(2, "-o", "NAME");
}

TEST_HARNESS_MAIN
