// SPDX-License-Identifier: GPL-2.0
/* The files of the module: their state per open file, reading in pieces, and who may open them. */
#include <ctype.h>
#include <sys/mman.h>
#include <sys/utsname.h>

#include "child.h"
#include "oracle.h"
#include "page_actions.h"
#include "target.h"
#include "test.h"

FIXTURE(interface)
{
	/* Two pages, and a target for each. */
	char *page[2];
	char target[2][96];
	int fd[2];
};

FIXTURE_SETUP(interface)
{
	int i;

	for (i = 0; i < 2; i++) {
		self->page[i] = own_page();
		ASSERT_NE(NULL, self->page[i]);
		TARGET_AT(self->target[i], getpid(), self->page[i]);
		self->fd[i] = interface_open("page", O_RDWR);
	}
}

FIXTURE_TEARDOWN(interface)
{
	int i;

	for (i = 0; i < 2; i++)
		if (self->fd[i] >= 0)
			close(self->fd[i]);
}

/* Is @text a whole report on @page? */
static bool is_about(const char *text, const void *page)
{
	struct report report;
	uint64_t pfn;
	bool same;

	if (!text || oracle_pfn(getpid(), (uintptr_t)page, &pfn))
		return false;
	same = !report_parse(&report, text, strlen(text)) &&
	       report_next(&report, "walk", NULL) &&
	       record_num(report_next(&report, "page", NULL), "pfn") == pfn;
	report_free(&report);
	return same;
}

TEST_F(interface, info_tells_version_symbols_and_support)
{
	const struct record *head, *record = NULL;
	struct report report;
	struct utsname uts;
	bool walk = false;
	int fd;

	NEEDS_MODULE();
	fd = interface_open("info", O_RDONLY);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, report_read(&report, fd));
	close(fd);
	head = report_next(&report, NULL, NULL);
	ASSERT_NE(NULL, head);
	ASSERT_EQ(0, uname(&uts));
	EXPECT_STREQ("rmapscope", head->name);
	EXPECT_STREQ("info", record_get(head, "file"));
	EXPECT_STREQ(uts.release, record_get(head, "kernel"));
	while ((record = report_next(&report, "symbol", record)))
		if (!strcmp(record_get(record, "name"), "rmap_walk"))
			walk = record_num(record, "resolved") == 1;
	EXPECT_TRUE(walk);
	record = report_next(&report, "support", NULL);
	ASSERT_NE(NULL, record);
	EXPECT_NE(NULL, strstr(record_get(record, "targets"), "pfn"));
	EXPECT_NE(NULL, strstr(record_get(record, "kinds"), "anon"));
	report_free(&report);
}

/* Finds sixteen hexadecimal digits in a row, which could be an address. */
static bool shows_kernel_address(const char *text)
{
	size_t digits = 0;

	for (; *text; text++) {
		digits = isxdigit((unsigned char)*text) ? digits + 1 : 0;
		if (digits >= 16 && !strncmp(text - digits + 1, "ffff", 4))
			return true;
	}
	return false;
}

TEST_F(interface, no_kernel_address_is_shown)
{
	char *text;
	int fd;

	NEEDS_MODULE();
	fd = interface_open("info", O_RDONLY);
	ASSERT_LE(0, fd);
	text = interface_read(fd);
	ASSERT_NE(NULL, text);
	EXPECT_FALSE(shows_kernel_address(text)) TH_LOG("%s", text);
	free(text);
	close(fd);

	ASSERT_EQ(0, interface_write(self->fd[0], self->target[0]));
	text = interface_read(self->fd[0]);
	ASSERT_NE(NULL, text);
	EXPECT_FALSE(shows_kernel_address(text)) TH_LOG("%s", text);
	free(text);
}

TEST_F(interface, info_cannot_be_written)
{
	NEEDS_MODULE();
	/* Root can open the file for writing, but the write must fail. */
	int fd = interface_open("info", O_WRONLY);

	if (fd >= 0) {
		EXPECT_GT(0, interface_write(fd, "pfn=1"));
		close(fd);
	}
}

TEST_F(interface, each_descriptor_keeps_its_own_report)
{
	char first[2][16] = { "", "" }, *text;
	int i;

	NEEDS_MODULE();
	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, interface_write(self->fd[i], self->target[i]));
	for (i = 0; i < 2; i++)
		ASSERT_EQ(10, read(self->fd[i], first[i], 10));
	for (i = 1; i >= 0; i--) {
		EXPECT_STREQ("rmapscope ", first[i]);
		ASSERT_EQ(0, lseek(self->fd[i], 0, SEEK_SET));
		text = interface_read(self->fd[i]);
		EXPECT_TRUE(is_about(text, self->page[i]));
		free(text);
	}
}

TEST_F(interface, target_written_by_another_is_read_without_a_write)
{
	char *text;
	int fd;

	NEEDS_MODULE();
	ASSERT_EQ(0, interface_write(self->fd[0], self->target[0]));
	ASSERT_EQ(0, interface_write(self->fd[1], self->target[1]));
	close(self->fd[1]);
	self->fd[1] = -1;
	fd = interface_open("page", O_RDONLY);
	ASSERT_LE(0, fd);
	text = interface_read(fd);
	EXPECT_TRUE(is_about(text, self->page[1]));
	free(text);
	close(fd);
}

TEST_F(interface, failed_write_does_not_become_the_last_target)
{
	char *text, in_vain[32];
	int fd;

	NEEDS_MODULE();
	ASSERT_EQ(0, interface_write(self->fd[0], self->target[0]));
	ASSERT_EQ(-ESRCH, interface_write(self->fd[1], "pid=0 va=0x1000"));
	ASSERT_EQ(-EINVAL, interface_write(self->fd[1], "nonsense"));
	/* This target is well-formed, but has no page either. */
	snprintf(in_vain, sizeof(in_vain), "pid=%d va=0", getpid());
	ASSERT_EQ(-EFAULT, interface_write(self->fd[1], in_vain));
	fd = interface_open("page", O_RDONLY);
	ASSERT_LE(0, fd);
	text = interface_read(fd);
	EXPECT_TRUE(is_about(text, self->page[0]));
	free(text);
	close(fd);
}

TEST_F(interface, read_without_a_write_returns_the_errors_of_the_report)
{
	struct child child;
	char target[96], byte;
	int fd;

	NEEDS_MODULE();
	ASSERT_OK(child_fork(&child));
	TARGET_AT(target, child.pid, self->page[0]);
	ASSERT_EQ(0, interface_write(self->fd[0], target));
	ASSERT_OK(child_end(&child));
	fd = interface_open("page", O_RDONLY);
	ASSERT_LE(0, fd);
	ASSERT_EQ(-1, read(fd, &byte, 1));
	EXPECT_EQ(ESRCH, errno);
	close(fd);
}

TEST_F(interface, read_after_a_failed_write_gives_enodata)
{
	char byte;

	NEEDS_MODULE();
	ASSERT_EQ(0, interface_write(self->fd[0], self->target[0]));
	ASSERT_EQ(1, read(self->fd[0], &byte, 1));
	ASSERT_EQ(-EINVAL, interface_write(self->fd[0], "nonsense"));
	ASSERT_EQ(-1, read(self->fd[0], &byte, 1));
	EXPECT_EQ(ENODATA, errno);
	ASSERT_EQ(0, interface_write(self->fd[0], self->target[0]));
	ASSERT_EQ(1, read(self->fd[0], &byte, 1));
	EXPECT_EQ('r', byte);
}

/* Whatever is wrong with the target. Each failure follows a write that succeeded. */
TEST_F(interface, each_failed_write_discards_the_report)
{
	static char too_long[257];
	char *nowhere = mmap(NULL, getpagesize(), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	const struct {
		const void *from;
		size_t size;
		int err;
	} wrong[] = {
		{ too_long, 256, E2BIG },
		{ nowhere, 10, EFAULT },
		{ "pfn=1\0", 6, EINVAL },
		{ "nonsense", 8, EINVAL },
		{ "", 0, EINVAL },
		{ "pid=0 va=0", 10, ESRCH },
		{ "pfn=0xffffffffffff", 18, ENXIO },
	};
	size_t i;
	char byte;

	NEEDS_MODULE();
	ASSERT_NE(MAP_FAILED, nowhere);
	memset(too_long, ' ', sizeof(too_long));
	memcpy(too_long, self->target[0], strlen(self->target[0]));
	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		ASSERT_EQ(0, interface_write(self->fd[0], self->target[0]));
		EXPECT_EQ(-1, write(self->fd[0], wrong[i].from, wrong[i].size));
		EXPECT_EQ(wrong[i].err, errno);
		EXPECT_EQ(-1, read(self->fd[0], &byte, 1)) {
			TH_LOG("the report is still there after errno %d", wrong[i].err);
		}
		EXPECT_EQ(ENODATA, errno);
	}
}

/*
 * Even without an earlier report of its own, it does not read the target that another wrote last.
 */
TEST_F(interface, read_after_a_first_write_that_failed_gives_enodata)
{
	char byte;

	NEEDS_MODULE();
	ASSERT_EQ(0, interface_write(self->fd[0], self->target[0]));
	ASSERT_EQ(-EINVAL, interface_write(self->fd[1], "nonsense"));
	EXPECT_EQ(-1, read(self->fd[1], &byte, 1));
	EXPECT_EQ(ENODATA, errno);
}

TEST_F(interface, target_written_to_one_file_is_read_from_the_other)
{
	struct report report;
	int fd;

	NEEDS_MODULE();
	fd = interface_open("tree", O_RDWR);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, interface_write(self->fd[0], self->target[0]));
	ASSERT_EQ(0, interface_write(fd, self->target[1]));
	close(fd);
	fd = interface_open("page", O_RDONLY);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, report_read(&report, fd));
	EXPECT_EQ(frame(self->page[1]), record_num(report_next(&report, "page", NULL), "pfn"));
	report_free(&report);
	close(fd);
	ASSERT_EQ(0, interface_write(self->fd[0], self->target[0]));
	fd = interface_open("tree", O_RDONLY);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, report_read(&report, fd));
	EXPECT_EQ(frame(self->page[0]), record_num(report_next(&report, "page", NULL), "pfn"));
	report_free(&report);
	close(fd);
}

TEST_F(interface, reads_of_one_byte_give_the_same_text)
{
	char *whole, *pieces;
	size_t size, i;

	NEEDS_MODULE();
	ASSERT_EQ(0, interface_write(self->fd[0], self->target[0]));
	whole = interface_read(self->fd[0]);
	ASSERT_NE(NULL, whole);
	size = strlen(whole);
	pieces = calloc(1, size + 1);
	ASSERT_NE(NULL, pieces);
	ASSERT_EQ(0, lseek(self->fd[0], 0, SEEK_SET));
	for (i = 0; i < size; i++)
		ASSERT_EQ(1, read(self->fd[0], pieces + i, 1));
	EXPECT_EQ(0, read(self->fd[0], pieces + i, 1));
	EXPECT_STREQ(whole, pieces);
	free(whole);
	free(pieces);
}

TEST_F(interface, pread_gives_any_part_and_keeps_the_offset)
{
	size_t size, at;
	char *whole, part[8];

	NEEDS_MODULE();
	ASSERT_EQ(0, interface_write(self->fd[0], self->target[0]));
	whole = interface_read(self->fd[0]);
	ASSERT_NE(NULL, whole);
	size = strlen(whole);
	ASSERT_EQ(0, lseek(self->fd[0], 0, SEEK_SET));
	for (at = size - 8; at >= 13; at -= 13) {
		ASSERT_EQ(8, pread(self->fd[0], part, 8, at));
		EXPECT_EQ(0, memcmp(part, whole + at, 8));
	}
	EXPECT_EQ(0, pread(self->fd[0], part, 8, size));
	EXPECT_EQ(0, pread(self->fd[0], part, 8, size + 100000));
	ASSERT_EQ(8, read(self->fd[0], part, 8));
	EXPECT_EQ(0, memcmp(part, whole, 8));
	free(whole);
}

TEST_F(interface, snapshot_stays_when_mappings_change)
{
	char *before, *after;
	struct child child;

	NEEDS_MODULE();
	ASSERT_EQ(0, interface_write(self->fd[0], self->target[0]));
	before = interface_read(self->fd[0]);
	ASSERT_NE(NULL, before);
	ASSERT_OK(child_fork(&child));
	ASSERT_EQ(0, lseek(self->fd[0], 0, SEEK_SET));
	after = interface_read(self->fd[0]);
	ASSERT_NE(NULL, after);
	EXPECT_STREQ(before, after);
	free(before);
	free(after);
	ASSERT_OK(child_end(&child));
}

TEST_F(interface, second_write_takes_a_new_report_and_rewinds)
{
	struct report report;
	struct child child;
	char some[20];

	NEEDS_MODULE();
	ASSERT_EQ(0, interface_write(self->fd[0], self->target[0]));
	ASSERT_EQ(20, read(self->fd[0], some, 20));
	ASSERT_OK(child_fork(&child));
	ASSERT_EQ(0, interface_write(self->fd[0], self->target[0]));
	ASSERT_EQ(0, report_read(&report, self->fd[0]));
	EXPECT_EQ(2, report_count(&report, "map"));
	report_free(&report);
	ASSERT_OK(child_end(&child));
}

/* The rest of a half-read line of the old report must not appear in the new one. */
TEST_F(interface, read_after_a_second_write_begins_with_the_first_line)
{
	char *text, *again, some[200];

	NEEDS_MODULE();
	ASSERT_EQ(0, interface_write(self->fd[0], self->target[0]));
	ASSERT_EQ(200, read(self->fd[0], some, sizeof(some)));
	ASSERT_EQ(0, interface_write(self->fd[0], self->target[1]));
	text = interface_read(self->fd[0]);
	ASSERT_EQ(0, lseek(self->fd[0], 0, SEEK_SET));
	again = interface_read(self->fd[0]);
	ASSERT_NE(NULL, text);
	ASSERT_NE(NULL, again);
	EXPECT_STREQ(again, text);
	free(text);
	free(again);
}

TEST_HARNESS_MAIN
