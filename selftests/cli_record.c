// SPDX-License-Identifier: GPL-2.0
/* "rmapscope record": what it writes, and that scan can read it. Needs no module. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "child.h"
#include "recording.h"

#define SCAN_FIXTURE_NAME	cli_record
#include "scan_fixture.h"

#define FRAMES	"all maps visited verdicts"

static int load(const char *path, struct records *r)
{
	struct stat st;
	int fd = open(path, O_RDONLY);
	ssize_t n = -1;

	if (fd >= 0 && !fstat(fd, &st)) {
		r->bytes = malloc(st.st_size);
		n = read(fd, r->bytes, st.st_size);
		r->len = st.st_size;
	}
	close(fd);
	return n >= 0 && (size_t)n == r->len ? 0 : complain("%s: cannot be read", path);
}

/* Where the stream begins: behind the head, and the list of processes of a recording of frames. */
static size_t stream_offset(const struct records *file)
{
	const struct rms_rec *list = (const void *)(file->bytes + sizeof(struct recording_head));

	if (file->len < sizeof(struct recording_head) + sizeof(*list) ||
	    list->type != RECORDING_PROCESSES)
		return 0;
	return sizeof(struct recording_head) + list->size;
}

TEST_F(cli_record, recording_has_a_head_and_the_stream_as_it_was)
{
	struct records file = { 0 };
	const struct recording_head *head;

	records_frames_stream(&self->records, 3);
	ASSERT_OK(records_write(&self->records, self->scan_raw, strlen(FRAMES)));
	RUN_WELL("record", self->file, "--all");
	EXPECT_STREQ("3 pages, 0 mappings; 0 ns\n", self->run.out);
	ASSERT_OK(load(self->file, &file));
	head = (const void *)file.bytes;
	ASSERT_LE(sizeof(*head), file.len);
	EXPECT_EQ(RECORDING_HEAD, head->rec.type);
	EXPECT_STREQ(FRAMES, head->range);
	EXPECT_EQ(0, head->pid);
	EXPECT_EQ('Z', head->date[19]);
	ASSERT_EQ(stream_offset(&file) + self->records.len, file.len);
	EXPECT_EQ(0, memcmp(file.bytes + stream_offset(&file), self->records.bytes,
			    self->records.len));
	records_free(&file);
	RUN_WELL("scan", "-i", self->file, "--pages", "-r", "-n", "-o", "PFN");
	EXPECT_STREQ("0x0\n0x100\n0x200\n", self->run.out);
}

/* Larger than what is read at once. */
TEST_F(cli_record, long_stream_is_recorded_whole)
{
	struct records file = { 0 };

	records_frames_stream(&self->records, 40000);
	ASSERT_OK(records_write(&self->records, self->scan_raw, strlen("all maps kind=anon")));
	RUN_WELL("record", self->file, "--all", "--with", "maps", "--kind", "anon");
	ASSERT_OK(load(self->file, &file));
	ASSERT_EQ(stream_offset(&file) + self->records.len, file.len);
	EXPECT_EQ(0, memcmp(file.bytes + stream_offset(&file), self->records.bytes,
			    self->records.len));
	records_free(&file);
	RUN_WELL("scan", "-i", self->file, "-r", "-n", "-o", "PAGES");
	EXPECT_STREQ("40000\n", self->run.out);
}

TEST_F(cli_record, vmas_of_the_process_are_in_the_recording)
{
	char pid[16], range[64], row[64];
	unsigned long va = (unsigned long)own_page();

	snprintf(pid, sizeof(pid), "%d", getpid());
	snprintf(range, sizeof(range), "pid=%s maps visited verdicts", pid);
	records_head(&self->records, RMS_FORM_VA, ALL_OPTIONS, 0, 0x7ffffffff000);
	records_run(&self->records, RMS_FORM_VA, va, 1);
	PAGE(&self->records, .kind = RMS_KIND_ANON, .pfn = 1);
	END(&self->records, .pages = 1);
	ASSERT_OK(records_write(&self->records, self->scan_raw, strlen(range)));
	RUN_WELL("record", "-p", pid, self->file);
	unlink(self->scan_raw);
	RUN_WELL("scan", "-i", self->file, "-r", "-n", "-o", "RSS,NAME");
	EXPECT_OUT("[stack]\n");
	snprintf(row, sizeof(row), "4K ");
	EXPECT_OUT(row);
}

TEST_F(cli_record, recording_is_private)
{
	struct stat st;

	records_frames_stream(&self->records, 1);
	ASSERT_OK(records_write(&self->records, self->scan_raw, strlen("all")));
	RUN_WELL("record", self->file, "--all", "--with", "none");
	ASSERT_EQ(0, stat(self->file, &st));
	EXPECT_EQ(0600, st.st_mode & 07777);
}

TEST_F(cli_record, full_disk_is_reported)
{
	records_frames_stream(&self->records, 1);
	ASSERT_OK(records_write(&self->records, self->scan_raw, strlen(FRAMES)));
	RUN_BADLY(1, "record", "/dev/full", "--all");
	EXPECT_ERR("/dev/full: cannot be written: No space left");
	RUN_BADLY(1, "record", "/nonexistent/file", "--all");
	EXPECT_ERR("/nonexistent/file: cannot be written: No such file");
}

/* The limit for the size of files is reached in the middle of the stream. */
TEST_F(cli_record, recording_that_does_not_fit_is_reported)
{
	static const char program[] =
		"trap '' XFSZ; ulimit -f 100; exec rmapscope record \"$0\" --all";

	records_frames_stream(&self->records, 10000);
	ASSERT_OK(records_write(&self->records, self->scan_raw, strlen(FRAMES)));
	ASSERT_OK(command_run(&self->run, "sh", "-c", program, self->file, NULL));
	if (self->run.status == 127)
		SKIP(return, "no rmapscope in PATH");
	EXPECT_EQ(1, self->run.status);
	EXPECT_STREQ("", self->run.out);
	EXPECT_ERR("recording: cannot be written: File too large\n");
}

/* A file that is already there stays if the module gives nothing. */
TEST_F(cli_record, file_is_not_touched_if_the_module_refuses)
{
	struct records file = { 0 };

	records_frames_stream(&self->records, 1);
	RECORD();
	RUN_BADLY(1, "record", self->file, "--all");
	ASSERT_OK(load(self->file, &file));
	EXPECT_EQ(self->records.len, file.len);
	records_free(&file);
}

TEST_HARNESS_MAIN
