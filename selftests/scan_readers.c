// SPDX-License-Identifier: GPL-2.0
/*
 * Readers of streams that are killed, stopped, interrupted or slow, or that share an open file.
 * Between two reads a stream must hold nothing.
 */
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "child.h"
#include "module.h"
#include "raw_stream.h"
#include "test.h"

#define PAGES	512

/* Memory that many processes could share; here it is this one and a child that does nothing. */
FIXTURE(scan_readers)
{
	char *pages;
	struct child child;
	char range[96];
	int users;	/* of the module */
};

FIXTURE_SETUP(scan_readers)
{
	NEEDS_MODULE();
	self->users = module_users();
	self->pages = own_pages(PAGES);
	ASSERT_NE(NULL, self->pages);
	memset(self->pages, 1, PAGES * getpagesize());
	ASSERT_OK(child_fork(&self->child));
	snprintf(self->range, sizeof(self->range), "pid=%d start=%p end=%p maps verdicts",
		 self->child.pid, self->pages, self->pages + PAGES * getpagesize());
}

FIXTURE_TEARDOWN(scan_readers)
{
	if (!self->pages)
		return;
	EXPECT_OK(child_end(&self->child));
	munmap(self->pages, PAGES * getpagesize());
	EXPECT_EQ(self->users, module_users());
}

/* Writes a range and reads all of it until the process is killed, and signals after each read. */
static void read_until_killed(const char *range, int done)
{
	int fd = interface_open("scan_raw", O_RDWR);
	char bytes[4096];
	ssize_t got = 1;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* The test closes its end of the pipe after a while. */
	signal(SIGPIPE, SIG_IGN);
	while (fd >= 0 && got >= 0 && !interface_write(fd, range))
		while ((got = read(fd, bytes, sizeof(bytes))) > 0)
			if (write(done, "", 1) != 1 && errno != EPIPE)
				break;
	_exit(1);
}

/* Forks a reader, and waits until it has read for @after times. */
static pid_t start_reader(const char *range, int after)
{
	int done[2];
	char byte;
	pid_t pid;

	if (pipe(done))
		return -1;
	pid = fork();
	if (!pid) {
		close(done[0]);
		read_until_killed(range, done[1]);
	}
	close(done[1]);
	while (pid > 0 && after-- && read(done[0], &byte, 1) == 1)
		;
	close(done[0]);
	return pid;
}

static uint64_t references(const char *page)
{
	struct page_report report;
	uint64_t refs = 0;

	if (!page_report_at(&report, getpid(), (uintptr_t)page))
		refs = record_num(report.page, "refcount");
	page_report_free(&report);
	return refs;
}

TEST_F(scan_readers, killed_reader_leaves_nothing_held)
{
	uint64_t refs = references(self->pages);
	struct raw_stream stream = { .stable = self->child.pid };
	int i, status;
	pid_t pid;

	NEEDS_MODULE();
	for (i = 0; i < 40; i++) {
		pid = start_reader(i % 2 ? "all maps" : self->range, i % 5);
		ASSERT_LT(0, pid);
		ASSERT_EQ(0, kill(pid, SIGKILL));
		ASSERT_EQ(pid, waitpid(pid, &status, 0));
		ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	}
	EXPECT_EQ(self->users, module_users());
	EXPECT_EQ(refs, references(self->pages));
	/* All locks are free. */
	ASSERT_OK(child_do(&self->child, CHILD_UNMAP, self->pages));
	ASSERT_OK(raw_stream_take(&stream, "%s", self->range));
	EXPECT_EQ(PAGES - 1, stream.pages);
	raw_stream_free(&stream);
}

/* A stop ends the read as any signal does. So the memory can be changed meanwhile. */
TEST_F(scan_readers, stopped_reader_holds_nothing)
{
	struct child other;
	int i, status;
	pid_t pid;

	NEEDS_MODULE();
	for (i = 0; i < 10; i++) {
		pid = start_reader(i % 2 ? "all maps verdicts" : self->range, i % 3);
		ASSERT_LT(0, pid);
		ASSERT_EQ(0, kill(pid, SIGSTOP));
		ASSERT_EQ(pid, waitpid(pid, &status, WUNTRACED));
		ASSERT_TRUE(WIFSTOPPED(status));
		/* These need the mmap_lock of both processes, and the lock of their tree. */
		ASSERT_OK(child_fork(&other));
		ASSERT_OK(child_do(&other, CHILD_UNMAP, self->pages));
		ASSERT_OK(child_do(&self->child, CHILD_DONTNEED, self->pages + i * getpagesize()));
		EXPECT_EQ(0, mprotect(self->pages, getpagesize(), PROT_READ));
		EXPECT_EQ(0, mprotect(self->pages, getpagesize(), PROT_READ | PROT_WRITE));
		ASSERT_OK(child_end(&other));
		ASSERT_EQ(0, kill(pid, SIGKILL));
		ASSERT_EQ(pid, waitpid(pid, &status, 0));
	}
}

static void nothing(int sig)
{
}

static void interrupt_every(unsigned int us)
{
	struct sigaction action = { .sa_handler = nothing };

	sigaction(SIGALRM, &action, NULL);
	ualarm(us, us);
}

/* Each signal ends a read(2) with what there is, or with EINTR, and the next read(2) goes on. */
TEST_F(scan_readers, interrupted_reader_gets_the_whole_stream)
{
	static const char * const ranges[] = { "all maps", "all stuck", NULL };
	int fd = interface_open("scan_raw", O_RDWR), i, err, interrupted = 0;

	NEEDS_MODULE();
	ASSERT_LE(0, fd);
	/* A signal may always come while there is something to return. */
	for (i = 0; i < 3 || (i < 90 && !interrupted); i++) {
		const char *frames = ranges[i % 3];
		struct raw_stream stream = { .stable = frames ? 0 : self->child.pid };
		int busy = 200;

		ASSERT_EQ(0, interface_write(fd, frames ?: self->range));
		interrupt_every(3000);
		while ((err = raw_stream_read(&stream, fd, 1 << 20)) == -EINTR) {
			interrupted++;
			if (!--busy)
				ualarm(0, 0);
		}
		ualarm(0, 0);
		EXPECT_EQ(0, err) TH_LOG("%s", err == -1 ? why : strerror(-err));
		if (!frames) {
			EXPECT_EQ(PAGES, stream.pages);
			EXPECT_EQ(2 * PAGES, stream.mappings);
		}
		raw_stream_free(&stream);
	}
	EXPECT_LT(0, interrupted);
	close(fd);
}

/* A reader that takes one record at a time, while the process changes what comes next. */
TEST_F(scan_readers, slow_reader_holds_nothing)
{
	struct raw_stream stream = { 0 };
	int fd = stream_begin("scan_raw", self->range, sizeof(struct rms_rec_head)), i = 0;
	char record[4096], *place;
	ssize_t got;

	NEEDS_MODULE();
	ASSERT_LE(0, fd);
	stream.begun = true;
	stream.head = (struct rms_rec_head){
		.options = RMS_OPTION_MAPS | RMS_OPTION_VERDICTS, .end = -1ULL,
	};
	do {
		/* The head of a mapping is the shortest that always fits. */
		got = read(fd, record, sizeof(struct rms_rec_end));
		ASSERT_LE(0, got);
		ASSERT_OK(raw_stream_add(&stream, record, got));
		place = self->pages + i++ % PAGES * getpagesize();
		ASSERT_OK(child_do(&self->child, i % 2 ? CHILD_WRITE : CHILD_DONTNEED, place));
	} while (got);
	EXPECT_TRUE(stream.ended);
	raw_stream_free(&stream);
	close(fd);
}

/* What two processes have read together of one open file, in memory that they share. */
struct together {
	volatile uint64_t pages[2], mappings[2];
	struct rms_rec_end end;
	volatile int ends;
};

static int read_a_share(int fd, struct together *t, int who)
{
	char bytes[1024];
	ssize_t got, at;

	while ((got = read(fd, bytes, sizeof(bytes))) > 0) {
		for (at = 0; at < got; at += ((struct rms_rec *)(bytes + at))->size) {
			const struct rms_rec *rec = (void *)(bytes + at);

			if (got - at < (ssize_t)sizeof(*rec) || rec->size < sizeof(*rec) ||
			    rec->size > got - at)
				return 1;
			if (rec->type == RMS_REC_PAGE)
				t->pages[who] += ((struct rms_rec_page *)rec)->count;
			else if (rec->type == RMS_REC_MAP)
				t->mappings[who] += ((struct rms_rec_map *)rec)->count;
			if (rec->type != RMS_REC_END)
				continue;
			t->end = *(struct rms_rec_end *)rec;
			__sync_fetch_and_add(&t->ends, 1);
		}
		/* Otherwise one of them might read all of it. */
		sched_yield();
	}
	return got < 0;
}

TEST_F(scan_readers, two_readers_of_one_open_file_get_each_record_once)
{
	struct together *t = mmap(NULL, sizeof(*t), PROT_READ | PROT_WRITE,
				  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int fd = stream_begin("scan_raw", "all maps", sizeof(struct rms_rec_head)), status;
	pid_t pid;

	NEEDS_MODULE();
	ASSERT_NE(MAP_FAILED, t);
	ASSERT_LE(0, fd);
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		_exit(read_a_share(fd, t, 1));
	EXPECT_EQ(0, read_a_share(fd, t, 0));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	EXPECT_EQ(1, t->ends);
	EXPECT_LT(0, t->pages[0]);
	EXPECT_EQ(t->end.pages, t->pages[0] + t->pages[1]);
	EXPECT_EQ(t->end.mappings, t->mappings[0] + t->mappings[1]);
	munmap(t, sizeof(*t));
	close(fd);
}

/* Each read(2) gives whole records of one stream, whenever another process begins the next. */
TEST_F(scan_readers, reader_of_a_file_that_another_writes_gets_whole_records)
{
	int fd = stream_begin("scan_raw", self->range, sizeof(struct rms_rec_head)), i, heads = 0;
	char bytes[4096];
	ssize_t got, at;
	pid_t pid;

	NEEDS_MODULE();
	ASSERT_LE(0, fd);
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		for (;;)
			interface_write(fd, rand() % 4 ? self->range : "nonsense");
	for (i = 0; i < 1000 || heads < 20; i++) {
		got = read(fd, bytes, sizeof(bytes));
		if (got < 0) {
			EXPECT_EQ(ENODATA, errno);
			continue;
		}
		for (at = 0; at < got; at += ((struct rms_rec *)(bytes + at))->size) {
			const struct rms_rec *rec = (void *)(bytes + at);

			ASSERT_LE(sizeof(*rec), rec->size);
			ASSERT_GE(got - at, (ssize_t)rec->size);
			heads += rec->type == RMS_REC_HEAD;
			EXPECT_TRUE(rec->type != RMS_REC_HEAD || !at);
		}
	}
	EXPECT_LT(0, heads);
	ASSERT_EQ(0, kill(pid, SIGKILL));
	ASSERT_EQ(pid, waitpid(pid, NULL, 0));
	close(fd);
}

TEST_HARNESS_MAIN
