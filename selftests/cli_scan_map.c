// SPDX-License-Identifier: GPL-2.0
/* "rmapscope scan --map": the strips of characters. Needs no module. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>

#define SCAN_FIXTURE_NAME	cli_scan_map
#include "scan_fixture.h"

#define KIND_LEGEND							\
	"\na anonymous, k KSM, f file, s shared memory, h hugetlb, w swapped out,\n"	\
	"o cut off from its file, x unknown, . nothing (what most of its pages are);\n"	\
	"capital: mapped by a huge entry\n"

TEST_F(cli_scan_map, each_vma_has_a_strip_by_kind)
{
	records_process(&self->records);
	SCAN_WELL("--map", "-w", "64");
	EXPECT_STREQ("0x10000-0x20000 rw-p 64K, 4K a character [heap]\n"
		"aaaaaaaakkww..ff\n"
		"0x20000-0x30000 r-xp 64K, 4K a character /lib/a b\n"
		"ff..............\n"
		"0x400000-0x800000 rw-p 4M, 64K a character\n"
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA................................\n"
		"0x900000-0x901000 ---p 4K, 4K a character [guard]\n"
		".\n" KIND_LEGEND
		"\n528 pages, 9 mappings; 1.50 ms\n", self->run.out);
}

TEST_F(cli_scan_map, character_is_the_kind_of_most_of_its_pages)
{
	records_process(&self->records);
	/* 3 pages a character: 6 characters for 16 pages. */
	SCAN_WELL("--map=kind", "-w", "6");
	EXPECT_OUT("12K a character [heap]\naaawff\n");
	SCAN_WELL("--map=kind", "-w", "1");
	EXPECT_OUT("64K a character [heap]\na\n");
}

TEST_F(cli_scan_map, strip_by_sharers_has_the_most_of_the_pages)
{
	records_process(&self->records);
	SCAN_WELL("--map=sharers", "-w", "64");
	EXPECT_OUT("\n1111333322ww..11\n");
	EXPECT_OUT("\n22222222222222222222222222222222................................\n");
	EXPECT_OUT("\n1-9 mapped so often, + more often (the most of its pages), 0 by no entry,");
	SCAN_WELL("--map=sharers", "-w", "6");
	EXPECT_OUT("\n133211\n");
}

TEST_F(cli_scan_map, filters_apply)
{
	records_process(&self->records);
	SCAN_WELL("--map", "-w", "16", "--kind", "ksm,swap");
	EXPECT_OUT("[heap]\n........kkww....\n");
}

TEST_F(cli_scan_map, all_kinds_and_many_sharers)
{
	unsigned int kind;

	records_recording(&self->records, "all", 0);
	records_head(&self->records, RMS_FORM_PFN, 0, 0, 16);
	records_run(&self->records, RMS_FORM_PFN, 0, 16);
	for (kind = 0; kind <= RMS_NR_KINDS; kind++)
		PAGE(&self->records, .first = kind, .kind = kind, .maps = 2 * kind);
	END(&self->records);
	SCAN_WELL("--map", "-w", "16");
	EXPECT_OUT("0x0-0x10 64K, 4K a character\nakfshhwox.......\n");
	SCAN_WELL("--map=sharers", "-w", "16");
	EXPECT_OUT("\n02468+w++.......\n");
}

/* A large range of frames is cut into strips. Those without pages are left out. */
TEST_F(cli_scan_map, frames_are_in_several_strips)
{
	records_recording(&self->records, "all", 0);
	records_head(&self->records, RMS_FORM_PFN, 0, 0, 100000);
	records_run(&self->records, RMS_FORM_PFN, 1000, 512);
	PAGE(&self->records, .kind = RMS_KIND_FILE, .count = 512);
	records_run(&self->records, RMS_FORM_PFN, 99999, 1);
	PAGE(&self->records, .kind = RMS_KIND_SHMEM, .count = 1);
	END(&self->records);
	/* 16 * 32 characters for 100000 frames: 256 each. */
	SCAN_WELL("--map", "-w", "16");
	EXPECT_OUT("0x0-0x1000 16M, 1M a character\n...fff..........\n"
		   "0x18000-0x186a0 6.6M, 1M a character\n......s\n");
	EXPECT_EQ(2 * 2 + 6, count_lines(self->run.out));
}

/* The width is that of the terminal. */
TEST_F(cli_scan_map, terminal_says_how_wide)
{
	struct winsize size = { .ws_row = 25, .ws_col = 8 };
	int master = posix_openpt(O_RDWR | O_NOCTTY), slave;
	struct running running;
	const char *program = "exec rmapscope scan --map -i \"$0\" >&2";
	char text[512] = "";
	ssize_t n, len = 0;

	ASSERT_LE(0, master);
	ASSERT_EQ(0, grantpt(master) | unlockpt(master));
	slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	ASSERT_LE(0, slave);
	ASSERT_EQ(0, ioctl(slave, TIOCSWINSZ, &size));
	records_process(&self->records);
	RECORD();
	/* The shell makes the terminal its standard output. */
	ASSERT_OK(command_start(&running, slave, "sh", "-c", program, self->file, NULL));
	ASSERT_OK(command_finish(&running, &self->run));
	if (self->run.status == 127)
		SKIP(return, "no rmapscope in PATH");
	while ((size_t)len < sizeof(text) - 1 &&
	       (n = read(master, text + len, sizeof(text) - 1 - len)) > 0)
		len += n;
	close(master);
	EXPECT_OK(text_has(text, "8K a character [heap]\r\naaaakw.f\r\n"));
}

TEST_HARNESS_MAIN
