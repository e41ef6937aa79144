// SPDX-License-Identifier: GPL-2.0
/* Readers that stop halfway, are killed, or share an open file. */
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>

#include "child.h"
#include "many_mappings.h"
#include "module.h"
#include "oracle.h"
#include "target.h"
#include "test.h"

/* VMAs that map one page, so that a walk takes long. */
#define LONG_WALK	20000
#define DESCRIPTORS	1000

static void print_target(char *text, size_t size, const void *page)
{
	snprintf(text, size, "pid=%d va=%p", getpid(), page);
}

TEST(reader_continues_after_the_target_is_gone)
{
	char target[64], start[100], *rest, *whole;
	struct child child;
	char *page;
	int fd;

	NEEDS_MODULE();
	page = own_page();
	ASSERT_NE(NULL, page);
	ASSERT_OK(child_fork(&child));
	ASSERT_OK(child_do(&child, CHILD_WRITE, page));
	TARGET_AT(target, child.pid, page);
	fd = interface_open("page", O_RDWR);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, interface_write(fd, target));
	ASSERT_EQ((ssize_t)sizeof(start), read(fd, start, sizeof(start)));

	/* After the wait, the child's mm and pages are gone. */
	ASSERT_OK(child_end(&child));
	rest = interface_read(fd);
	ASSERT_NE(NULL, rest);
	ASSERT_EQ(0, lseek(fd, 0, SEEK_SET));
	whole = interface_read(fd);
	ASSERT_NE(NULL, whole);
	EXPECT_EQ(0, strncmp(whole, start, sizeof(start)));
	EXPECT_STREQ(whole + sizeof(start), rest);
	EXPECT_NE(NULL, strstr(whole, "\nwalk "));
	free(rest);
	free(whole);
	close(fd);
}

TEST(reader_that_closes_halfway_leaves_nothing_open)
{
	char target[64], byte;
	char *page;
	int fd, before;

	NEEDS_MODULE();
	page = own_page();
	ASSERT_NE(NULL, page);
	print_target(target, sizeof(target), page);
	before = module_users();
	ASSERT_LE(0, before);
	fd = interface_open("page", O_RDWR);
	ASSERT_LE(0, fd);
	EXPECT_EQ(before + 1, module_users());
	ASSERT_EQ(0, interface_write(fd, target));
	ASSERT_EQ(1, read(fd, &byte, 1));
	close(fd);
	EXPECT_EQ(before, module_users());
}

/* Writes targets until it is killed, and signals after each. */
static void report_until_killed(const char *target, int done)
{
	int fd = interface_open("page", O_RDWR);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (fd >= 0 && !interface_write(fd, target))
		if (write(done, "", 1) != 1)
			break;
	_exit(1);
}

static double seconds_since(const struct timespec *begin)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec - begin->tv_sec + (now.tv_nsec - begin->tv_nsec) / 1e9;
}

/* Returns the time in seconds until the process was gone; negative on error. */
static double kill_in_long_walk(const char *target, int after)
{
	struct timespec begin;
	int done[2], status;
	double seconds;
	char byte;
	pid_t pid;

	if (pipe(done))
		return -1;
	pid = fork();
	if (!pid)
		report_until_killed(target, done[1]);
	close(done[1]);
	while (after--)
		if (read(done[0], &byte, 1) != 1)
			return -1;
	clock_gettime(CLOCK_MONOTONIC, &begin);
	if (pid < 0 || kill(pid, SIGKILL) || waitpid(pid, &status, 0) != pid)
		return -1;
	seconds = seconds_since(&begin);
	close(done[0]);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL ? seconds : -1;
}

FIXTURE(long_walk)
{
};

FIXTURE_SETUP(long_walk)
{
}

FIXTURE_TEARDOWN(long_walk)
{
}

TEST_F_TIMEOUT(long_walk, killed_reader_leaves_the_locks_free, 400)
{
	double longest = 0;
	struct many_mappings wide;
	struct page_report report;
	char target[64];
	int i, before;
	pid_t pid;

	NEEDS_MODULE();
	before = module_users();
	ASSERT_OK(many_mappings_map(&wide, LONG_WALK));
	print_target(target, sizeof(target), wide.at[0]);
	for (i = 0; i < 8; i++) {
		double seconds = kill_in_long_walk(target, 1 + i % 2);

		ASSERT_LE(0, seconds);
		if (seconds > longest)
			longest = seconds;
	}
	/* The documentation has the figure for an idle machine. */
	TH_LOG("killed readers exited within %.3f s", longest);
	EXPECT_EQ(before, module_users());

	/* If the killed reader had left a lock held, this would block. */
	ASSERT_OK(page_report_at(&report, getpid(), (uintptr_t)wide.at[1]));
	EXPECT_EQ(LONG_WALK, report.mapped);
	page_report_free(&report);
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		_exit(many_mappings_unmap(&wide) ? 1 : 0);
	ASSERT_EQ(pid, waitpid(pid, &i, 0));
	EXPECT_EQ(0, i);
	EXPECT_OK(many_mappings_end(&wide));
}

/* Each read continues where the other process stopped. */
TEST(two_readers_of_one_open_file_get_the_report_once)
{
	char target[64], *whole, *together, *page;
	size_t size, nr = 0;
	int fd, status;

	NEEDS_MODULE();
	page = own_page();
	ASSERT_NE(NULL, page);
	print_target(target, sizeof(target), page);
	fd = interface_open("page", O_RDWR);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, interface_write(fd, target));
	whole = interface_read(fd);
	ASSERT_NE(NULL, whole);
	ASSERT_EQ(0, lseek(fd, 0, SEEK_SET));
	size = strlen(whole);
	together = mmap(NULL, size + 64, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			-1, 0);
	ASSERT_NE(MAP_FAILED, together);
	while (nr < size) {
		pid_t pid = fork();

		ASSERT_LE(0, pid);
		if (!pid)
			_exit(read(fd, together + nr, 17));
		ASSERT_EQ(pid, waitpid(pid, &status, 0));
		ASSERT_TRUE(WIFEXITED(status));
		nr += WEXITSTATUS(status);
		if (nr < size)
			nr += read(fd, together + nr, 23);
	}
	EXPECT_EQ(size, nr);
	EXPECT_EQ(0, memcmp(whole, together, size));
	free(whole);
	close(fd);
}

static int send_descriptor(int socket, int fd)
{
	char byte = 0, control[CMSG_SPACE(sizeof(fd))] = { 0 };
	struct iovec data = { &byte, 1 };
	struct msghdr message = {
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(header), &fd, sizeof(fd));
	return sendmsg(socket, &message, 0) == 1 ? 0 : -1;
}

static int receive_descriptor(int socket)
{
	char byte, control[CMSG_SPACE(sizeof(int))];
	struct iovec data = { &byte, 1 };
	struct msghdr message = {
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *header;
	int fd;

	if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC) != 1)
		return -1;
	header = CMSG_FIRSTHDR(&message);
	if (!header || header->cmsg_type != SCM_RIGHTS)
		return -1;
	memcpy(&fd, CMSG_DATA(header), sizeof(fd));
	return fd;
}

/* The child writes the target, sends the descriptor, and exits before the report is read. */
TEST(descriptor_sent_to_another_process_works_there)
{
	char target[64], *page, *text;
	int sockets[2], fd, status;
	pid_t pid;

	NEEDS_MODULE();
	page = own_page();
	ASSERT_NE(NULL, page);
	print_target(target, sizeof(target), page);
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, sockets));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		fd = interface_open("page", O_RDWR);
		_exit(interface_write(fd, target) || send_descriptor(sockets[1], fd));
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	ASSERT_EQ(0, status);
	fd = receive_descriptor(sockets[0]);
	ASSERT_LE(0, fd);
	text = interface_read(fd);
	ASSERT_NE(NULL, text);
	EXPECT_NE(NULL, strstr(text, " mapped=2 "));
	free(text);
	ASSERT_EQ(0, interface_write(fd, target));
	text = interface_read(fd);
	ASSERT_NE(NULL, text);
	EXPECT_NE(NULL, strstr(text, " mapped=1 "));
	free(text);
	close(fd);
}

static void allow_descriptors(rlim_t nr)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur >= nr)
		return;
	limit.rlim_cur = nr;
	if (limit.rlim_max < nr)
		limit.rlim_max = nr;
	setrlimit(RLIMIT_NOFILE, &limit);
}

TEST(thousand_descriptors_each_keep_a_report)
{
	static int fds[DESCRIPTORS];
	size_t size = getpagesize();
	struct report report;
	char *pages, target[64];
	uint64_t pfn;
	int i, before;

	NEEDS_MODULE();
	allow_descriptors(DESCRIPTORS + 100);
	before = module_users();
	pages = own_pages(DESCRIPTORS);
	ASSERT_NE(NULL, pages);
	for (i = 0; i < DESCRIPTORS; i++) {
		pages[i * size] = 1;
		fds[i] = interface_open("page", O_RDWR);
		ASSERT_LE(0, fds[i]);
		print_target(target, sizeof(target), pages + i * size);
		ASSERT_EQ(0, interface_write(fds[i], target));
	}
	EXPECT_EQ(before + DESCRIPTORS, module_users());
	for (i = 0; i < DESCRIPTORS; i++) {
		ASSERT_OK(oracle_pfn(getpid(), (uintptr_t)pages + i * size, &pfn));
		ASSERT_EQ(0, report_read(&report, fds[i]));
		EXPECT_EQ(pfn, record_num(report_next(&report, "page", NULL), "pfn"));
		report_free(&report);
		close(fds[i]);
	}
	EXPECT_EQ(before, module_users());
}

TEST_HARNESS_MAIN
