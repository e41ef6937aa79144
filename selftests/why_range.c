// SPDX-License-Identifier: GPL-2.0
/* "rmapscope why" of a range names the pages that this test has made stuck, and their owners. */
#include <inttypes.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "child.h"
#include "command.h"
#include "page_actions.h"
#include "test.h"

#define PAGES	4

/* A few pages, of which the second one is in a pipe. */
FIXTURE(why_range)
{
	struct command run;
	char *pages, *page;
	uint64_t pfn;
	int pipe[2];
	char pid[16];
	char bounds[48];		/* the addresses of all of them */
	char frames[48];		/* frames around the one in the pipe */
};

FIXTURE_SETUP(why_range)
{
	size_t size = PAGES * getpagesize();

	self->pipe[0] = -1;
	self->pipe[1] = -1;
	NEEDS_MODULE();
	self->pages = own_pages(PAGES);
	ASSERT_NE(NULL, self->pages);
	memset(self->pages, 1, size);
	self->page = self->pages + getpagesize();
	self->pfn = frame(self->page);
	ASSERT_NE(0, self->pfn);
	snprintf(self->pid, sizeof(self->pid), "%d", getpid());
	snprintf(self->bounds, sizeof(self->bounds), "%p-%p", self->pages, self->pages + size);
	snprintf(self->frames, sizeof(self->frames), "%#" PRIx64 "+512",
		 self->pfn & ~(uint64_t)511);
	ASSERT_OK(drain_batches());
	ASSERT_OK(put_into_pipe(self->page, self->pipe));
}

FIXTURE_TEARDOWN(why_range)
{
	close_pipe(self->pipe);
	command_free(&self->run);
}

#define ROWS	"-r", "-n", "-o", "PAGES,WHY,NPROCS,PID,COMM,PFN,VA"

/* Write the row of @page, which is stuck for one reason. */
static void write_row(char row[128], const char *why, unsigned int processes, const void *page)
{
	snprintf(row, 128, "1 %s %u %d why_range %#" PRIx64 " %p\n", why, processes, getpid(),
		 frame(page), page);
}

TEST_F(why_range, page_in_a_pipe_is_named_until_it_is_let_go)
{
	char row[128];

	NEEDS_MODULE();
	write_row(row, "extra_refs", 1, self->page);
	RUN_WELL("why", "-p", self->pid, self->bounds, ROWS);
	EXPECT_STREQ(row, self->run.out);
	RUN_WELL("why", "-p", self->pid, ROWS);
	EXPECT_OUT(row);
	RUN_WELL("why", "--pfn", self->frames, ROWS);
	EXPECT_OUT(row);
	RUN_WELL("why", "-p", self->pid, self->bounds);
	EXPECT_OUT("\n1 page (4K) can't be moved; the rows add up to that.\n");

	close_pipe(self->pipe);
	RUN_WELL("why", "-p", self->pid, self->bounds);
	EXPECT_OUT("\nNothing stops migration here.\n");
	RUN_WELL("why", "--pfn", self->frames, ROWS);
	EXPECT_NOT_OUT(row);
}

TEST_F(why_range, mlocked_page_stops_reclaim_and_no_migration)
{
	char *locked = self->pages + 2 * getpagesize(), row[128];

	NEEDS_MODULE();
	ASSERT_EQ(0, mlock(locked, getpagesize()));
	ASSERT_OK(drain_batches());
	write_row(row, "mlocked", 1, locked);
	RUN_WELL("why", "-p", self->pid, self->bounds, "--op", "reclaim", ROWS);
	EXPECT_OUT(row);
	RUN_WELL("why", "--pfn", self->frames, ROWS);
	EXPECT_NOT_OUT("mlocked");
	RUN_WELL("why", "-p", self->pid, self->bounds, "--op", "migrate", ROWS);
	EXPECT_NOT_OUT("mlocked");
	ASSERT_EQ(0, munlock(locked, getpagesize()));
	RUN_WELL("why", "-p", self->pid, self->bounds, "--op", "reclaim", ROWS);
	EXPECT_NOT_OUT("mlocked");
}

TEST_F(why_range, page_of_two_processes_counts_once)
{
	struct child child;
	char row[128], pid[16];

	NEEDS_MODULE();
	ASSERT_OK(child_fork(&child));
	write_row(row, "extra_refs", 2, self->page);
	RUN_WELL("why", "--pfn", self->frames, ROWS);
	if (child.pid > getpid())
		EXPECT_OUT(row);
	RUN_WELL("why", "-p", self->pid, self->bounds, ROWS);
	EXPECT_STREQ(row, self->run.out);
	/* Asked for the child, the page is the child's. */
	snprintf(pid, sizeof(pid), "%d", child.pid);
	RUN_WELL("why", "-p", pid, self->bounds, "-r", "-n", "-o", "PAGES,NPROCS,PID");
	snprintf(row, sizeof(row), "1 2 %s\n", pid);
	EXPECT_STREQ(row, self->run.out);
	EXPECT_OK(child_end(&child));
}

TEST_F(why_range, huge_page_in_a_pipe_cannot_be_split)
{
	char *huge = own_thp(), row[128], bounds[48];
	size_t pages = thp_size() / getpagesize();
	int ends[2];

	NEEDS_MODULE();
	if (!huge)
		SKIP(return, "no huge pages");
	ASSERT_OK(drain_batches());
	snprintf(bounds, sizeof(bounds), "%p-%p", huge, huge + thp_size());
	RUN_WELL("why", "-p", self->pid, bounds, "--op", "split");
	EXPECT_OUT("\nNothing stops splitting here.\n");
	ASSERT_OK(put_into_pipe(huge, ends));
	RUN_WELL("why", "-p", self->pid, bounds, "--op", "split", "-r", "-n", "-o",
		 "PAGES,WHY,PID,VA");
	snprintf(row, sizeof(row), "%zu extra_refs %s %p\n", pages, self->pid, huge);
	EXPECT_STREQ(row, self->run.out);
	close(ends[0]);
	close(ends[1]);
}

/* A recording has all that the module gives. */
TEST_F(why_range, recording_gives_the_same_rows)
{
	char file[] = "/tmp/why-range.XXXXXX", rows[512];
	int fd = mkstemp(file);

	NEEDS_MODULE();
	ASSERT_LE(0, fd);
	close(fd);
	RUN_WELL("why", "-p", self->pid, self->bounds, "-r", "-O");
	snprintf(rows, sizeof(rows), "%s", self->run.out);
	RUN_WELL("record", file, "-p", self->pid, self->bounds, "--with", "maps,verdicts");
	ASSERT_EQ(0, setenv("RMAPSCOPE_DEBUGFS", "/nonexistent", 1));
	RUN_WELL("why", "-i", file, "-r", "-O");
	EXPECT_STREQ(rows, self->run.out);
	EXPECT_EQ(2, count_lines(self->run.out));
	unsetenv("RMAPSCOPE_DEBUGFS");
	unlink(file);
}

static uint64_t number(struct json_object *object, const char *key)
{
	struct json_object *value;

	return json_object_object_get_ex(object, key, &value) ? json_object_get_int64(value) : 0;
}

TEST_F(why_range, rows_of_the_machine_add_up)
{
	struct json_object *document, *rows, *sum;
	uint64_t pages = 0;
	size_t i;

	NEEDS_MODULE();
	RUN_WELL("why", "--all", "-J");
	document = json_tokener_parse(self->run.out);
	ASSERT_TRUE(json_object_object_get_ex(document, "blocker", &rows));
	ASSERT_TRUE(json_object_object_get_ex(document, "sum", &sum));
	for (i = 0; i < json_object_array_length(rows); i++)
		pages += number(json_object_array_get_idx(rows, i), "pages");
	EXPECT_LE(1, pages);
	EXPECT_EQ(pages, number(sum, "pages"));
	EXPECT_LT(pages + number(sum, "unmapped"), number(sum, "frames"));
	json_object_put(document);
}

TEST_F(why_range, missing_processes_and_frames_exit_3)
{
	NEEDS_MODULE();
	RUN_BADLY(3, "why", "-p", "2147483647");
	EXPECT_ERR("pid 2147483647: no such process");
	RUN_BADLY(3, "why", "-p", self->pid, "0x1000-0x2000");
	EXPECT_ERR("nothing is mapped there");
	RUN_BADLY(3, "why", "--pfn", "0xfffffff000+16");
	EXPECT_ERR("no such frames");
}

TEST_HARNESS_MAIN
