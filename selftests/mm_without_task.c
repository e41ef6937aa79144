// SPDX-License-Identifier: GPL-2.0
/*
 * An mm that outlives its process. Its pages are still mapped and the kernel's walk finds them,
 * but no process has the mm.
 *
 * A reader in process_vm_readv() keeps the mm: it waits for a page that userfaultfd does not
 * deliver.
 */
#include <inttypes.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "child.h"
#include "test.h"
#include "uffd.h"

FIXTURE(mm_without_task) {
	char *page;	/* shared by all three processes */
	char *missing;	/* the page that blocks the reader */
	pid_t victim;
	pid_t reader;
	int uffd;	/* userfaultfd of the victim's mm */
};

/* Writes the number of its userfaultfd to @answers, and stays. */
static void victim_main(void *missing, int answers)
{
	int uffd = uffd_register(missing);

	if (write(answers, &uffd, sizeof(uffd)) != sizeof(uffd))
		_exit(1);
	for (;;)
		pause();
}

static void reader_main(pid_t victim, void *missing, int uffd)
{
	char byte;
	struct iovec local = { &byte, 1 }, remote = { missing, 1 };

	/*
	 * The last close of the userfaultfd ends the wait, so this process must not keep it open.
	 */
	close(uffd);
	process_vm_readv(victim, &local, 1, &remote, 1, 0);
	_exit(0);
}

FIXTURE_SETUP(mm_without_task)
{
	int answers[2], theirs = -1, pidfd;

	self->uffd = -1;
	NEEDS_MODULE();
	self->page = own_page();
	self->missing = mmap(NULL, getpagesize(), PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(NULL, self->page);
	ASSERT_NE(MAP_FAILED, self->missing);
	ASSERT_EQ(0, pipe(answers));

	self->victim = fork();
	ASSERT_LE(0, self->victim);
	if (!self->victim)
		victim_main(self->missing, answers[1]);
	ASSERT_EQ((ssize_t)sizeof(theirs), read(answers[0], &theirs, sizeof(theirs)));
	if (theirs < 0)
		SKIP(return, "this kernel has no userfaultfd");

	pidfd = syscall(__NR_pidfd_open, self->victim, 0);
	self->uffd = syscall(__NR_pidfd_getfd, pidfd, theirs, 0);
	ASSERT_LE(0, self->uffd);
	close(pidfd);

	self->reader = fork();
	ASSERT_LE(0, self->reader);
	if (!self->reader)
		reader_main(self->victim, self->missing, self->uffd);

	/* The reader has the mm now, so it outlives the victim. */
	ASSERT_EQ(0, uffd_await(self->uffd));
	ASSERT_EQ(0, kill(self->victim, SIGKILL));
	ASSERT_EQ(self->victim, waitpid(self->victim, NULL, 0));
}

FIXTURE_TEARDOWN(mm_without_task)
{
	if (self->uffd >= 0)
		close(self->uffd);
	if (self->reader > 0) {
		kill(self->reader, SIGKILL);
		waitpid(self->reader, NULL, 0);
	}
}

TEST_F(mm_without_task, mm_without_a_task_is_listed_without_a_process)
{
	const struct record *map;
	struct page_report report;

	ASSERT_EQ(0, page_report_at(&report, getpid(), (uintptr_t)self->page)) TH_LOG("%s", why);
	EXPECT_EQ(3, report.visited);
	EXPECT_EQ(3, report.mapped);
	EXPECT_NE(NULL, page_report_map_at(&report, getpid(), (uintptr_t)self->page));
	EXPECT_NE(NULL, page_report_map_at(&report, self->reader, (uintptr_t)self->page));
	EXPECT_EQ(NULL, page_report_map_at(&report, self->victim, (uintptr_t)self->page));

	map = page_report_map_at(&report, 0, (uintptr_t)self->page);
	ASSERT_NE(NULL, map);
	EXPECT_STREQ("mapped", record_get(map, "state"));
	EXPECT_STREQ("-", record_get(map, "comm"));
	EXPECT_STREQ("0", record_get(map, "tgids"));
	page_report_free(&report);
}

TEST_F(mm_without_task, mm_without_a_task_is_no_target)
{
	struct page_report report;

	EXPECT_EQ(-ESRCH, page_report_at(&report, self->victim, (uintptr_t)self->page));
}

TEST_F(mm_without_task, mm_without_a_task_is_freed_with_its_last_user)
{
	struct page_report report;

	close(self->uffd);	/* wakes the reader */
	self->uffd = -1;
	ASSERT_EQ(self->reader, waitpid(self->reader, NULL, 0));
	self->reader = 0;

	ASSERT_EQ(0, page_report_at(&report, getpid(), (uintptr_t)self->page)) TH_LOG("%s", why);
	EXPECT_EQ(1, report.visited);
	EXPECT_EQ(NULL, page_report_map_at(&report, 0, (uintptr_t)self->page));
	page_report_free(&report);
}

TEST_HARNESS_MAIN
