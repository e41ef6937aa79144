// SPDX-License-Identifier: GPL-2.0
/*
 * A page that stays locked, as it does while a server does not answer. The test is the server, of
 * a FUSE file system with one file.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <linux/fuse.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "command.h"
#include "each_frame.h"
#include "frame_flags.h"
#include "kernel_file.h"
#include "oracle.h"
#include "test.h"

#define PAGES	64
#define ROOM	(1 << 17)
/* A busy host can make the module's wait of a second expire early. */
#define TRIES	5
/* A request arrives at once or never. */
#define SECONDS	60

FIXTURE(locked_page)
{
	char path[32];
	char *map;
	/* Pipes to and from the server: to answer a request, and to say that one has arrived. */
	int answer, asked;
	pid_t server, reader;
	int next;
	uint64_t pfn;
	char target[32];
};

/* A read request that the server has not answered yet. */
struct serving {
	int fuse;
	uint64_t pending;
	bool waits;
};

static void reply(int fuse, uint64_t unique, int error, const void *data, size_t size)
{
	char room[sizeof(struct fuse_out_header) + 4096];
	struct fuse_out_header *head = (void *)room;

	memset(room, 0, sizeof(room));
	head->len = sizeof(*head) + size;
	head->error = error;
	head->unique = unique;
	if (data)
		memcpy(head + 1, data, size);
	/* The process that sent the request may be gone. */
	if (write(fuse, room, head->len) < 0 && errno != ENOENT)
		_exit(1);
}

/* Answers all requests at once, except reads of the contents. */
static void serve(struct serving *s, int news, const struct fuse_in_header *in)
{
	struct fuse_init_out init = { .major = FUSE_KERNEL_VERSION, .minor = 31,
				      .max_write = 4096 };
	struct fuse_attr_out attr = { .attr_valid = 1000, .attr = {
		.ino = 1, .size = PAGES * 4096, .mode = S_IFREG | 0644, .nlink = 1 } };
	struct fuse_open_out open = { .fh = 1 };

	switch (in->opcode) {
	case FUSE_INIT:
		reply(s->fuse, in->unique, 0, &init, sizeof(init));
		break;
	case FUSE_GETATTR:
		reply(s->fuse, in->unique, 0, &attr, sizeof(attr));
		break;
	case FUSE_OPEN:
		reply(s->fuse, in->unique, 0, &open, sizeof(open));
		break;
	case FUSE_READ:
		s->pending = in->unique;
		s->waits = true;
		if (write(news, "", 1) != 1)
			_exit(1);
		break;
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
	case FUSE_INTERRUPT:
		break;
	case FUSE_FLUSH:
	case FUSE_RELEASE:
		reply(s->fuse, in->unique, 0, NULL, 0);
		break;
	default:
		reply(s->fuse, in->unique, -EOPNOTSUPP, NULL, 0);
	}
}

static void server_main(int fuse, int orders, int news)
{
	static const char page[4096] = "the page";
	struct pollfd fds[2] = {
		{ .fd = fuse, .events = POLLIN }, { .fd = orders, .events = POLLIN },
	};
	struct serving s = { .fuse = fuse };
	char *room = malloc(ROOM), order;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (room && poll(fds, 2, -1) > 0) {
		if (fds[0].revents && read(fuse, room, ROOM) > 0)
			serve(&s, news, (void *)room);
		if (fds[0].revents & POLLERR)
			break;
		if (fds[1].revents && read(orders, &order, 1) != 1)
			break;
		if (fds[1].revents && s.waits) {
			s.waits = false;
			reply(fuse, s.pending, 0, page, sizeof(page));
		}
	}
	_exit(0);
}

static pid_t start_server(const char *path, int *answer, int *asked)
{
	int orders[2], news[2], fuse = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	char options[80];
	pid_t pid;

	if (fuse < 0 || pipe2(orders, O_CLOEXEC) || pipe2(news, O_CLOEXEC))
		return -1;
	snprintf(options, sizeof(options), "fd=%d,rootmode=100644,user_id=0,group_id=0", fuse);
	if (mount("locked", path, "fuse", 0, options)) {
		close(fuse);
		return -1;
	}
	pid = fork();
	if (!pid) {
		close(orders[1]);
		server_main(fuse, orders[0], news[1]);
	}
	close(fuse);
	close(orders[0]);
	close(news[1]);
	*answer = orders[1];
	*asked = news[0];
	return pid;
}

FIXTURE_SETUP(locked_page)
{
	struct stat st;
	int fd;

	NEEDS_MODULE();
	snprintf(self->path, sizeof(self->path), "/tmp/locked-XXXXXX");
	fd = mkstemp(self->path);
	ASSERT_LE(0, fd);
	close(fd);
	self->server = start_server(self->path, &self->answer, &self->asked);
	if (self->server < 0)
		SKIP(return, "no FUSE file system: %s", strerror(errno));
	fd = open(self->path, O_RDONLY | O_CLOEXEC);
	ASSERT_LE(0, fd);
	/* Otherwise the kernel takes the file for empty. */
	ASSERT_EQ(0, fstat(fd, &st));
	ASSERT_EQ(PAGES * 4096, st.st_size);
	self->map = mmap(NULL, PAGES * getpagesize(), PROT_READ, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, self->map);
	close(fd);
	/* One page at a time. */
	ASSERT_EQ(0, madvise(self->map, PAGES * getpagesize(), MADV_RANDOM));
}

static void end_process(pid_t *pid)
{
	if (*pid > 0) {
		kill(*pid, SIGKILL);
		waitpid(*pid, NULL, 0);
	}
	*pid = 0;
}

FIXTURE_TEARDOWN(locked_page)
{
	/* Ending the server aborts the file system, which ends the reader's wait. */
	end_process(&self->server);
	end_process(&self->reader);
	if (self->map)
		munmap(self->map, PAGES * getpagesize());
	umount2(self->path, MNT_DETACH);
	unlink(self->path);
}

struct search {
	uint64_t pfn;
	size_t nr;
};

static void note_locked(void *arg, uint64_t pfn, uint64_t flags, uint64_t count)
{
	struct search *search = arg;

	if (!(flags & 1ULL << KPF_LOCKED) || count ||
	    flags & (1ULL << KPF_ANON | FRAME_IS_KERNEL_MEMORY))
		return;
	search->pfn = pfn;
	search->nr++;
}

/* A process reads the next page and blocks. Finds its locked frame by kpageflags. */
static int lock_a_page(struct _test_data_locked_page *self)
{
	struct pollfd news = { .fd = self->asked, .events = POLLIN };
	struct search search = { };
	char byte;
	int try;

	self->reader = fork();
	if (!self->reader) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		(void)*(volatile char *)(self->map + self->next * getpagesize());
		_exit(0);
	}
	self->next++;
	if (self->reader < 0 || poll(&news, 1, SECONDS * 1000) != 1 ||
	    read(self->asked, &byte, 1) != 1)
		return complain("no read request has reached the FUSE server");
	for (try = 0; try < TRIES && search.nr != 1; try++) {
		memset(&search, 0, sizeof(search));
		if (each_frame(note_locked, &search))
			return -1;
	}
	if (search.nr != 1)
		return complain("%zu frames have the locked flag, not 1", search.nr);
	self->pfn = search.pfn;
	snprintf(self->target, sizeof(self->target), "pfn=%#" PRIx64, self->pfn);
	return 0;
}

static int unlock_it(struct _test_data_locked_page *self)
{
	int status;

	if (write(self->answer, "", 1) != 1 ||
	    waitpid(self->reader, &status, 0) != self->reader)
		return complain("the reader of the file does not end");
	self->reader = 0;
	return status ? complain("the reader of the file ended with status %#x", status) : 0;
}

static int64_t stat_of(const char *record, const char *key, const char *errno_name)
{
	const struct record *at = NULL;
	struct report report;
	int64_t value = -1;

	if (report_take(&report, "stats", NULL))
		return -1;
	while (value < 0 && (at = report_next(&report, record, at)))
		if (!errno_name || !strcmp(record_get(at, "errno"), errno_name))
			value = record_num(at, key);
	report_free(&report);
	return value;
}

static int try_report(const char *target)
{
	int fd = interface_open("page", O_RDWR), ret;

	if (fd < 0)
		return fd;
	ret = interface_write(fd, target);
	close(fd);
	return ret;
}

/* Opening the file would drop its pages. */
TEST_F(locked_page, file_of_fuse_is_not_opened_by_the_tool)
{
	struct command run = { };
	unsigned char there = 0;

	ASSERT_OK(lock_a_page(self));
	ASSERT_OK(unlock_it(self));
	ASSERT_OK(command_run(&run, "rmapscope", "page", "--file", self->path, NULL));
	if (run.status == 127)
		SKIP(return, "no rmapscope in PATH");
	EXPECT_EQ(1, run.status);
	EXPECT_NE(NULL, strstr(run.err, "a FUSE file")) TH_LOG("%s", run.err);
	ASSERT_EQ(0, mincore(self->map, getpagesize(), &there));
	EXPECT_EQ(1, there & 1);
	command_free(&run);
}

/* The report fails after about a second. After this wait it must not retry. */
TEST_F(locked_page, page_that_stays_locked_gives_eagain)
{
	int64_t retries;

	ASSERT_OK(lock_a_page(self));
	retries = stat_of("stats", "retries", NULL);
	EXPECT_EQ(-EAGAIN, try_report(self->target));
	EXPECT_EQ(retries, stat_of("stats", "retries", NULL));
	EXPECT_OK(unlock_it(self));
	EXPECT_EQ(0, try_report(self->target));
}

TEST_F(locked_page, tool_reports_that_the_page_stays_locked)
{
	struct command run;
	char pfn[32];

	ASSERT_OK(lock_a_page(self));
	snprintf(pfn, sizeof(pfn), "%#" PRIx64, self->pfn);
	ASSERT_OK(command_run(&run, "rmapscope", "page", "--pfn", pfn, NULL));
	EXPECT_OK(unlock_it(self));
	if (run.status == 127)
		SKIP(return, "no rmapscope in PATH");
	EXPECT_EQ(1, run.status);
	EXPECT_OK(text_has(run.err, ": the page stays locked "));
	EXPECT_OK(text_has(run.err, "; try again\n"));
	EXPECT_STREQ("", run.out);
	command_free(&run);
}

static pid_t fork_reader(const char *target)
{
	pid_t pid = fork();

	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		_exit(-try_report(target));
	}
	/* The process waits for the page, or has failed. */
	while (pid > 0 && !strchr("DZ", process_state(pid, NULL)))
		sched_yield();
	return pid;
}

TEST_F(locked_page, page_that_is_locked_for_a_moment_is_waited_for)
{
	int try, status = -1;
	pid_t reader;

	for (try = 0; status && try < TRIES; try++) {
		ASSERT_OK(lock_a_page(self));
		reader = fork_reader(self->target);
		ASSERT_LT(0, reader);
		EXPECT_OK(unlock_it(self));
		ASSERT_EQ(reader, waitpid(reader, &status, 0));
	}
	EXPECT_EQ(0, status);
}

TEST_F(locked_page, reader_that_waits_for_a_locked_page_can_be_killed)
{
	int64_t before, after = -1;
	int try, status;
	pid_t reader;

	ASSERT_OK(lock_a_page(self));
	before = stat_of("refusal", "count", "EINTR");
	for (try = 0; after <= before && try < TRIES; try++) {
		reader = fork_reader(self->target);
		ASSERT_LT(0, reader);
		ASSERT_EQ(0, kill(reader, SIGKILL));
		ASSERT_EQ(reader, waitpid(reader, &status, 0));
		after = stat_of("refusal", "count", "EINTR");
	}
	EXPECT_LT(before, after);
	EXPECT_OK(unlock_it(self));
}

TEST_HARNESS_MAIN
