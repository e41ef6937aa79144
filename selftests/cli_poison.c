// SPDX-License-Identifier: GPL-2.0
/*
 * What the tool prints about poisoned memory, for all kinds of targets. The frames cannot be used
 * again until the machine reboots.
 */
#include <signal.h>
#include <sys/mman.h>

#include "child.h"
#include "command.h"
#include "kernel_file.h"
#include "oracle.h"
#include "page_actions.h"
#include "test.h"
#include "uapi_compat.h"

#define POOL		"/proc/sys/vm/nr_hugepages"
#define HUGE_SIZE	(2 << 20)

FIXTURE(cli_poison)
{
	struct command run;
	char pid[16];
	bool pool;
};

FIXTURE_SETUP(cli_poison)
{
	NEEDS_MODULE();
	snprintf(self->pid, sizeof(self->pid), "%d", getpid());
}

FIXTURE_TEARDOWN(cli_poison)
{
	command_free(&self->run);
	if (self->pool)
		write_text(POOL, "0");
}

/* The report, or the message in its place, says that the memory is poisoned. */
#define RUN_POISONED(...)						\
	do {								\
		RUN(__VA_ARGS__);					\
		EXPECT_TRUE(strstr(self->run.out, "hwpoison") ||	\
			    strstr(self->run.err, "hwpoison")) {	\
			TH_LOG("%s%s", self->run.out, self->run.err);	\
		}							\
		EXPECT_EQ(NULL, strstr(self->run.err, "try again"));	\
		EXPECT_EQ(NULL, strstr(self->run.err, "device"));	\
	} while (0)

#define RUN_AT_ADDRESS(command, address)				\
	do {								\
		char va[24];						\
									\
		snprintf(va, sizeof(va), "%p", (void *)(address));	\
		RUN_POISONED(command, "-p", self->pid, "-a", va);		\
	} while (0)

#define RUN_AT_FRAME(command, frame)					\
	do {								\
		char number[24];					\
									\
		snprintf(number, sizeof(number), "%#llx", (unsigned long long)(frame)); \
		RUN_POISONED(command, "--pfn", number);				\
	} while (0)

static void survive(int signal)
{
	(void)signal;
}

/* The kernel sends SIGBUS to a process that loses memory. Only a handler keeps it alive. */
static int break_memory(char *page, size_t size)
{
	struct sigaction action = { .sa_handler = survive };

	sigaction(SIGBUS, &action, NULL);
	return madvise(page, size, MADV_HWPOISON);
}

TEST_F(cli_poison, anonymous_page)
{
	char *page = own_page();
	uint64_t pfn;

	ASSERT_NE(NULL, page);
	pfn = frame(page);
	if (break_memory(page, getpagesize()))
		SKIP(return, "no MADV_HWPOISON: %s", strerror(errno));
	RUN_AT_ADDRESS("page", page);
	RUN_AT_ADDRESS("why", page);
	RUN_AT_FRAME("page", pfn);
	RUN_AT_FRAME("why", pfn);
}

TEST_F(cli_poison, page_of_a_memfd)
{
	int fd = memfd_create("broken", MFD_CLOEXEC);
	char path[64], *page;
	uint64_t pfn;

	ASSERT_EQ(0, ftruncate(fd, getpagesize()));
	page = mmap(NULL, getpagesize(), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, page);
	*page = 1;
	pfn = frame(page);
	if (break_memory(page, getpagesize()))
		SKIP(return, "no MADV_HWPOISON: %s", strerror(errno));
	snprintf(path, sizeof(path), "/proc/%d/fd/%d", getpid(), fd);
	RUN_POISONED("page", "--file", path);
	EXPECT_EQ(1, self->run.status);
	RUN_AT_FRAME("page", pfn);
	RUN_AT_ADDRESS("page", page);
	close(fd);
}

TEST_F(cli_poison, huge_page_of_a_memfd)
{
	char path[64], *page;
	uint64_t pfn;
	int fd;

	self->pool = !write_text(POOL, "4") && file_number(POOL) >= 2;
	fd = self->pool ? memfd_create("broken", MFD_CLOEXEC | MFD_HUGETLB) : -1;
	if (fd < 0)
		SKIP(return, "no hugetlb");
	ASSERT_EQ(0, ftruncate(fd, HUGE_SIZE));
	page = mmap(NULL, HUGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, page);
	*page = 1;
	pfn = frame(page);
	if (break_memory(page, getpagesize()))
		SKIP(return, "no MADV_HWPOISON: %s", strerror(errno));
	snprintf(path, sizeof(path), "/proc/%d/fd/%d", getpid(), fd);
	RUN_POISONED("page", "--file", path);
	EXPECT_EQ(1, self->run.status);
	RUN_AT_ADDRESS("page", page);
	RUN_AT_ADDRESS("why", page);
	RUN_AT_FRAME("page", pfn);
	RUN_AT_FRAME("page", pfn + 3);
	close(fd);
}

TEST_F(cli_poison, offline_poisoned_frame)
{
	char *page = own_page();
	uint64_t pfn;

	ASSERT_NE(NULL, page);
	pfn = frame(page);
	if (madvise(page, getpagesize(), MADV_SOFT_OFFLINE))
		SKIP(return, "no MADV_SOFT_OFFLINE: %s", strerror(errno));
	ASSERT_NE(pfn, frame(page));
	/* There may be a report, as the kernel does not clear a frame that it takes out of use. */
	RUN_AT_FRAME("page", pfn);
	RUN_AT_FRAME("why", pfn);
}

TEST_HARNESS_MAIN
