// SPDX-License-Identifier: GPL-2.0
/*
 * "rmapscope scan" while the stream is slow: ^C, streams that come in small pieces, and the
 * progress bar. A FIFO takes the place of a recording, and a terminal that of the module's file,
 * since its two directions are apart. Needs no module.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>

#include "json_part.h"
#include "recording.h"

#define SCAN_FIXTURE_NAME	cli_interrupt
#include "scan_fixture.h"

/* Begin to scan a FIFO, which @fd leads to. */
#define START(...)							\
	do {								\
		ASSERT_EQ(0, mkfifo(self->file, 0600));			\
		ASSERT_OK(command_start(&running, -1, "rmapscope", ##__VA_ARGS__, NULL)); \
		fd = open_fifo(self->file, running.pid);		\
		if (fd < 0)						\
			SKIP(return, "rmapscope does not read %s", self->file); \
	} while (0)

#define FINISH()							\
	do {								\
		command_free(&self->run);				\
		EXPECT_OK(wait_for_exit(running.pid));			\
		ASSERT_OK(command_finish(&running, &self->run));	\
		close(fd);						\
		unlink(self->file);					\
	} while (0)

/* A tool that still waits for records is killed. */
static int wait_for_exit(pid_t pid)
{
	siginfo_t info = { };
	int tries;

	for (tries = 0; tries < 10000; tries++) {
		if (!waitid(P_PID, pid, &info, WEXITED | WNOHANG | WNOWAIT) && info.si_pid)
			return 0;
		usleep(1000);
	}
	kill(pid, SIGKILL);
	return complain("the tool does not exit");
}

/* Open a FIFO for writing as soon as @pid has opened it, if it still runs. */
static int open_fifo(const char *path, pid_t pid)
{
	int tries, fd = -1;

	for (tries = 0; fd < 0 && tries < 10000; tries++) {
		siginfo_t info = { };

		fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
		if (fd < 0)
			usleep(1000);
		waitid(P_PID, pid, &info, WEXITED | WNOHANG | WNOWAIT);
		if (info.si_pid)
			break;
	}
	if (fd >= 0)
		fcntl(fd, F_SETFL, 0);
	return fd;
}

/* Write bytes, and wait until they were read. */
static int feed(int fd, const char *bytes, size_t len)
{
	int left = 1, tries;

	if (write(fd, bytes, len) != (ssize_t)len)
		return complain("the bytes cannot be written");
	for (tries = 0; left && tries < 10000; tries++) {
		if (ioctl(fd, FIONREAD, &left))
			return complain("FIONREAD fails");
		if (left)
			usleep(1000);
	}
	return left ? complain("%d bytes are not read", left) : 0;
}

/* The records up to the large pages at 0x400000. */
static size_t first_part(const struct records *r)
{
	return r->len - sizeof(struct rms_rec_end) - 2 * sizeof(struct rms_rec_map) -
	       sizeof(struct rms_rec_page) - sizeof(struct rms_rec_run);
}

TEST_F(cli_interrupt, interrupted_scan_shows_what_is_known)
{
	struct running running;
	int fd;

	records_process(&self->records);
	START("scan", "-i", self->file, "-r", "-b", "-o", "START,RSS,MAXVISITED");
	ASSERT_OK(feed(fd, self->records.bytes, first_part(&self->records)));
	kill(running.pid, SIGINT);
	FINISH();
	EXPECT_EQ(1, self->run.status);
	/* The run went up to the end of the second VMA. What comes then is unknown, not empty. */
	EXPECT_STREQ("START RSS MAXVISITED\n0x10000 49152 40\n0x20000 8192 1\n0x400000 - -\n"
		     "0x900000 - -\n", self->run.out);
	EXPECT_EQ(1, count_lines(self->run.err));
	EXPECT_ERR("rmapscope: interrupted at address 0x30000: the rest of the range is missing\n");
}

TEST_F(cli_interrupt, interrupted_why_shows_what_is_known)
{
	struct running running;
	int fd;

	records_process(&self->records);
	START("why", "-i", self->file);
	ASSERT_OK(feed(fd, self->records.bytes, first_part(&self->records)));
	kill(running.pid, SIGINT);
	FINISH();
	EXPECT_EQ(1, self->run.status);
	EXPECT_OUT("\n    2   8K extra_refs      1  42 user [heap]\n");
	EXPECT_OUT("\nUntil then, 2 pages (8K) can't be moved; the rows add up to that.\n");
	EXPECT_EQ(1, count_lines(self->run.err));
	EXPECT_ERR("rmapscope: interrupted at address 0x30000: the rest of the range is missing\n");
}

TEST_F(cli_interrupt, interrupted_strips_have_question_marks)
{
	struct running running;
	int fd;

	records_process(&self->records);
	START("scan", "-i", self->file, "--map", "-w", "16");
	ASSERT_OK(feed(fd, self->records.bytes, first_part(&self->records)));
	kill(running.pid, SIGINT);
	FINISH();
	EXPECT_EQ(1, self->run.status);
	EXPECT_OUT("[heap]\naaaaaaaakkww..ff\n");
	EXPECT_OUT("256K a character\n????????????????\n");
	EXPECT_OUT("\n? not read\n");
	EXPECT_OUT(" pages until then; incomplete\n");
}

TEST_F(cli_interrupt, interrupted_json_is_whole)
{
	static const char expected[] =
		"{ \"vma\": [ { \"rss\": 49152 }, {}, { \"rss\": null }, { \"rss\": null } ],\n"
		"  \"end\": { \"broken_off\": true, \"complete\": false } }";
	struct running running;
	int fd;

	records_process(&self->records);
	START("scan", "-i", self->file, "-J");
	/* In the middle of a record. */
	ASSERT_OK(feed(fd, self->records.bytes, first_part(&self->records) + 12));
	kill(running.pid, SIGINT);
	FINISH();
	EXPECT_EQ(1, self->run.status);
	EXPECT_OK(json_has_part(self->run.out, expected));
}

TEST_F(cli_interrupt, interrupt_before_the_first_record)
{
	struct running running;
	int fd;

	records_process(&self->records);
	START("scan", "-i", self->file);
	ASSERT_OK(feed(fd, self->records.bytes, 8));
	kill(running.pid, SIGINT);
	FINISH();
	EXPECT_EQ(1, self->run.status);
	EXPECT_STREQ("", self->run.out);
	EXPECT_STREQ("rmapscope: interrupted before the first record\n", self->run.err);
}

/* A pause of the tool, for instance by ^Z, doesn't matter. */
TEST_F(cli_interrupt, stopped_and_continued_scan_goes_on)
{
	size_t half;
	struct running running;
	int fd, status;

	records_process(&self->records);
	half = first_part(&self->records);
	START("scan", "-i", self->file, "-r", "-n", "-o", "RSS");
	ASSERT_OK(feed(fd, self->records.bytes, half));
	kill(running.pid, SIGSTOP);
	ASSERT_EQ(running.pid, waitpid(running.pid, &status, WUNTRACED));
	kill(running.pid, SIGCONT);
	ASSERT_OK(feed(fd, self->records.bytes + half, self->records.len - half));
	close(fd);
	FINISH();
	EXPECT_EQ(0, self->run.status);
	EXPECT_STREQ("48K\n8K\n2M\n0B\n", self->run.out);
	EXPECT_STREQ("", self->run.err);
}

TEST_F(cli_interrupt, stream_may_come_byte_by_byte)
{
	struct running running;
	size_t i;
	int fd;

	records_process(&self->records);
	START("scan", "-i", self->file, "--pages", "-O", "-r");
	for (i = 0; i < self->records.len; i++)
		ASSERT_OK(feed(fd, self->records.bytes + i, 1));
	close(fd);
	FINISH();
	EXPECT_EQ(0, self->run.status);
	EXPECT_OUT("\n0x400000 0x1000 512 2M anon 9 pmd 2 2 2 0 ok pinned ok - 42,44 - -\n");
	EXPECT_EQ(9, count_lines(self->run.out));
}

/* Make a terminal without any editing. Return: the side of the test. */
static int open_terminal(char *path, size_t size)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), slave;
	struct termios raw;

	if (master < 0 || grantpt(master) || unlockpt(master))
		return -1;
	snprintf(path, size, "%s", ptsname(master));
	slave = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0 || tcgetattr(slave, &raw))
		return -1;
	cfmakeraw(&raw);
	if (tcsetattr(slave, TCSANOW, &raw))
		return -1;
	/* It stays open, so that the settings last. */
	return master;
}

/* Begin a program that uses "scan_raw", and read what it asks for. */
#define START_LIVE(asked, ...)						\
	do {								\
		char terminal[64], text[256] = "";			\
									\
		fd = open_terminal(terminal, sizeof(terminal));		\
		if (fd < 0)						\
			SKIP(return, "no terminal");			\
		ASSERT_EQ(0, symlink(terminal, self->scan_raw));	\
		ASSERT_OK(command_start(&running, -1, "rmapscope", ##__VA_ARGS__, NULL)); \
		ASSERT_LT(0, read(fd, text, sizeof(text) - 1));		\
		EXPECT_STREQ(asked, text);				\
	} while (0)

/* Frames with one page each. */
static void add_frames(struct records *r)
{
	unsigned int i;

	records_head(r, RMS_FORM_PFN, 0, 0, 1024);
	for (i = 0; i < 2; i++) {
		records_run(r, RMS_FORM_PFN, 512 * i, 512);
		PAGE(r, .kind = RMS_KIND_ANON, .pfn = 512 * i);
	}
}

/* The module's file is read until the last record of the stream; then the tool is done. */
TEST_F(cli_interrupt, stream_of_the_module_ends_with_its_last_record)
{
	struct running running;
	int fd;

	add_frames(&self->records);
	END(&self->records, .pages = 2);
	START_LIVE("all", "scan", "--all", "-r", "-n", "-o", "KIND,PAGES");
	ASSERT_EQ((ssize_t)self->records.len,
		  write(fd, self->records.bytes, self->records.len));
	FINISH();
	EXPECT_EQ(0, self->run.status) TH_LOG("%s", self->run.err);
	EXPECT_STREQ("anon 2\n", self->run.out);
}

static void wait_for_size(const char *path, size_t size)
{
	struct stat st = { 0 };
	int tries;

	for (tries = 0; tries < 10000 && (size_t)st.st_size < size; tries++) {
		usleep(1000);
		stat(path, &st);
	}
}

/* Send SIGINT as soon as a recording has so much of a stream behind its list of processes. */
static int interrupt_when_there_is(const char *path, size_t size, pid_t pid)
{
	size_t head = sizeof(struct recording_head);
	struct rms_rec list = { 0 };
	int fd;

	wait_for_size(path, head + sizeof(list));
	fd = open(path, O_RDONLY);
	if (fd < 0 || pread(fd, &list, sizeof(list), head) != sizeof(list))
		return -1;
	close(fd);
	wait_for_size(path, head + list.size + size);
	return kill(pid, SIGINT);
}

TEST_F(cli_interrupt, interrupted_record_keeps_whole_records)
{
	struct running running;
	int fd;

	add_frames(&self->records);
	/* A part of a third run, which must not be in the recording. */
	records_run(&self->records, RMS_FORM_PFN, 512, 1);
	START_LIVE("all", "record", self->file, "--all", "--with", "none");
	ASSERT_EQ((ssize_t)self->records.len - 4,
		  write(fd, self->records.bytes, self->records.len - 4));
	/* The head is written before the stream is read, and the records when more is read. */
	ASSERT_EQ(0, interrupt_when_there_is(self->file, self->records.len - 24, running.pid));
	command_free(&self->run);
	ASSERT_OK(command_finish(&running, &self->run));
	close(fd);
	EXPECT_EQ(1, self->run.status);
	EXPECT_ERR("interrupted at pfn 0x400: the rest of the range is missing\n");
	RUN("scan", "-i", self->file, "--pages", "-r", "-n", "-o", "PFN");
	EXPECT_EQ(1, self->run.status);
	EXPECT_STREQ("0x0\n0x200\n", self->run.out);
	EXPECT_ERR("the recording was stopped at pfn 0x400 (interrupted); the rest of the range");
}

/* Read what a terminal got, without waiting. */
static void read_terminal(int fd, char *text, size_t size)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	size_t len = strlen(text);
	ssize_t n;

	while (len < size - 1 && poll(&poll_fd, 1, 0) > 0) {
		n = read(fd, text + len, size - 1 - len);
		if (n <= 0)
			return;
		len += n;
		text[len] = '\0';
	}
}

/* Runs come one by one until the bar appears. */
TEST_F(cli_interrupt, progress_is_shown_on_a_terminal)
{
	char path[64], text[65536] = "";
	int fd, tries, terminal = open_terminal(path, sizeof(path));
	struct records head = { 0 };
	struct running running;

	if (terminal < 0)
		SKIP(return, "no terminal");
	ASSERT_EQ(0, mkfifo(self->file, 0600));
	ASSERT_OK(command_start(&running, open(path, O_RDWR | O_NOCTTY | O_CLOEXEC), "rmapscope",
				"scan", "-i", self->file, "-r", "-n", "-o", "PAGES", NULL));
	fd = open_fifo(self->file, running.pid);
	if (fd < 0)
		SKIP(return, "rmapscope does not read the FIFO");
	records_recording(&head, "all", 0);
	records_head(&head, RMS_FORM_PFN, 0, 0, 1024);
	ASSERT_OK(feed(fd, head.bytes, head.len));
	for (tries = 0; tries < 1000 && !strstr(text, " s left"); tries++) {
		records_free(&self->records);
		records_run(&self->records, RMS_FORM_PFN, 0, 512);
		PAGE(&self->records, .kind = RMS_KIND_ANON, .pfn = 0);
		ASSERT_OK(feed(fd, self->records.bytes, self->records.len));
		usleep(10000);
		read_terminal(terminal, text, sizeof(text));
	}
	EXPECT_OK(text_has(text, "\r[###############               ]  50 %, "));
	EXPECT_OK(text_has(text, " pages/s, "));
	records_free(&self->records);
	END(&self->records, .pages = tries);
	ASSERT_OK(feed(fd, self->records.bytes, self->records.len));
	close(fd);
	FINISH();
	read_terminal(terminal, text, sizeof(text));
	/* It is gone at the end. */
	EXPECT_STREQ("\r\033[K", text + strlen(text) - 4);
	EXPECT_EQ(0, self->run.status);
	EXPECT_EQ(tries, atoi(self->run.out));
	close(terminal);
	records_free(&head);
}

TEST_HARNESS_MAIN
