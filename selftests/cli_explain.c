// SPDX-License-Identifier: GPL-2.0
/* Messages of the tool for addresses without a page, or with a page that has no reverse map. */
#include <linux/userfaultfd.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "child.h"
#include "command.h"
#include "frame_flags.h"
#include "kernel_file.h"
#include "ksm.h"
#include "oracle.h"
#include "page_actions.h"
#include "test.h"
#include "uapi_compat.h"

/* May be newer than the installed headers. */
#define FEATURE_WP_SHMEM	(1 << 12)
#define FEATURE_POISON		(1 << 14)

#define POOL	"/proc/sys/vm/nr_hugepages"

struct poison {
	struct uffdio_range range;
	uint64_t mode;
	int64_t updated;
};

#define POISON	_IOWR(UFFDIO, 0x08, struct poison)

FIXTURE(cli_explain)
{
	struct command run;
	char pid[16];
	char va[24];
	char *page;		/* not touched yet */
	size_t size;
};

FIXTURE_SETUP(cli_explain)
{
	NEEDS_MODULE();
	self->size = getpagesize();
	self->page = own_pages(1);
	ASSERT_NE(NULL, self->page);
	snprintf(self->pid, sizeof(self->pid), "%d", getpid());
}

FIXTURE_TEARDOWN(cli_explain)
{
	command_free(&self->run);
}

#define RUN_AT(address)							\
	do {								\
		snprintf(self->va, sizeof(self->va), "%p", (void *)(address)); \
		RUN("page", "-p", self->pid, "-a", self->va);		\
	} while (0)

/* The message is one line, and does not suggest to try again what would fail again. */
#define SAYS(code, text)						\
	do {								\
		EXPECT_EQ(code, self->run.status);			\
		EXPECT_EQ(1, count_lines(self->run.err));		\
		EXPECT_ERR(text);			\
		EXPECT_EQ(NULL, strstr(self->run.err, "try again"));	\
		EXPECT_NE(NULL, strstr(self->run.err, self->va));	\
	} while (0)

TEST_F(cli_explain, guard_page_is_explained)
{
	if (madvise(self->page, self->size, MADV_GUARD_INSTALL))
		SKIP(return, "no guard pages: %s", strerror(errno));
	RUN_AT(self->page);
	SAYS(3, "a guard page");
	SAYS(3, "SIGSEGV");
}

static int register_range(void *page, size_t size, uint64_t features, uint64_t mode)
{
	struct uffdio_api api = { .api = UFFD_API, .features = features };
	struct uffdio_register where = { .range = { (uintptr_t)page, size }, .mode = mode };
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);

	if (fd < 0 || ioctl(fd, UFFDIO_API, &api) || ioctl(fd, UFFDIO_REGISTER, &where))
		return -1;
	return fd;
}

TEST_F(cli_explain, userfaultfd_poison_is_explained)
{
	struct poison poison = { .range = { (uintptr_t)self->page, self->size } };
	int fd = register_range(self->page, self->size, FEATURE_POISON,
				UFFDIO_REGISTER_MODE_MISSING);

	if (fd < 0)
		SKIP(return, "no UFFDIO_POISON: %s", strerror(errno));
	ASSERT_EQ(0, ioctl(fd, POISON, &poison));
	RUN_AT(self->page);
	SAYS(3, "poisoned by userfaultfd");
	SAYS(3, "SIGBUS");
	close(fd);
}

/* pagemap shows poison of hugetlb as an empty entry. */
TEST_F(cli_explain, hugetlb_poison_is_not_ruled_out)
{
	size_t size = 2 << 20;
	struct poison poison = { };
	char *page = MAP_FAILED;
	int fd = -1;

	if (!write_text(POOL, "2"))
		page = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
	if (page != MAP_FAILED)
		fd = register_range(page, size, FEATURE_POISON, UFFDIO_REGISTER_MODE_MISSING);
	poison.range = (struct uffdio_range){ (uintptr_t)page, size };
	if (fd < 0 || ioctl(fd, POISON, &poison)) {
		write_text(POOL, "0");
		SKIP(return, "no UFFDIO_POISON of hugetlb");
	}
	RUN_AT(page);
	SAYS(3, "poisoned by userfaultfd");
	close(fd);
	munmap(page, size);
	write_text(POOL, "0");
}

TEST_F(cli_explain, write_protection_marker_is_explained)
{
	struct uffdio_writeprotect protect = { .mode = UFFDIO_WRITEPROTECT_MODE_WP };
	int file = memfd_create("protected", MFD_CLOEXEC), fd;
	char *page;

	ASSERT_EQ(0, ftruncate(file, self->size));
	page = mmap(NULL, self->size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	ASSERT_NE(MAP_FAILED, page);
	fd = register_range(page, self->size, FEATURE_WP_SHMEM, UFFDIO_REGISTER_MODE_WP);
	if (fd < 0)
		SKIP(return, "no write protection of shared memory: %s", strerror(errno));
	protect.range = (struct uffdio_range){ (uintptr_t)page, self->size };
	ASSERT_EQ(0, ioctl(fd, UFFDIO_WRITEPROTECT, &protect));
	RUN_AT(page);
	SAYS(3, "marker of write protection");
	close(fd);
	close(file);
}

TEST_F(cli_explain, address_registered_with_userfaultfd_is_explained)
{
	int fd = register_range(self->page, self->size, 0, UFFDIO_REGISTER_MODE_MISSING);

	if (fd < 0)
		SKIP(return, "no userfaultfd: %s", strerror(errno));
	RUN_AT(self->page);
	SAYS(3, "userfaultfd handles the fault");
	close(fd);
}

TEST_F(cli_explain, prot_none_address_is_explained)
{
	RUN_AT(self->page);
	SAYS(3, "never touched, or dropped again");
	EXPECT_EQ(NULL, strstr(self->run.err, "PROT_NONE"));
	ASSERT_EQ(0, mprotect(self->page, self->size, PROT_NONE));
	RUN_AT(self->page);
	SAYS(3, "PROT_NONE");
}

/* Follow the advice of the message. */
static bool advice(const char *message, char path[64], char offset[24])
{
	const char *words = strstr(message, "--file ");

	return words && sscanf(words, "--file %63s --offset %23s", path, offset) == 2;
}

TEST_F(cli_explain, page_only_in_other_processes_is_found_as_the_message_says)
{
	int fd = memfd_create("others", MFD_CLOEXEC);
	char path[64], offset[24], text[32], *here, *there;

	ASSERT_EQ(0, ftruncate(fd, 4 * self->size));
	there = mmap(NULL, 4 * self->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	here = mmap(NULL, 2 * self->size, PROT_READ, MAP_SHARED, fd, self->size);
	ASSERT_NE(MAP_FAILED, there);
	ASSERT_NE(MAP_FAILED, here);
	there[2 * self->size] = 1;
	RUN_AT(here + self->size);
	SAYS(3, "not mapped here");
	ASSERT_TRUE(advice(self->run.err, path, offset));
	RUN("page", "--file", path, "--offset", offset);
	snprintf(text, sizeof(text), "pfn %#llx ",
		 (unsigned long long)frame(there + 2 * self->size));
	EXPECT_OK(text_has(self->run.out, text));
	close(fd);
}

static bool ksmd_was_never_here(void)
{
	char text[256];

	if (!read_text("/proc/self/ksm_stat", text, sizeof(text)) &&
	    strstr(text, "ksm_zero_pages"))
		return true;
	return file_number(KSM "full_scans") <= 0 && file_number(KSM "use_zero_pages") <= 0;
}

TEST_F(cli_explain, ordinary_zero_page_is_not_attributed_to_ksmd)
{
	ASSERT_EQ(0, *(volatile char *)self->page);
	RUN_AT(self->page);
	SAYS(1, "the zero page (only read so far");
	if (!ksmd_was_never_here())
		SKIP(return, "this kernel does not mark zero pages of ksmd");
	EXPECT_EQ(NULL, strstr(self->run.err, "ksmd"));
}

TEST_F(cli_explain, zero_page_of_ksm_is_attributed_to_ksmd)
{
	size_t size = 8 * self->size;
	char *pages = own_pages(8);

	if (write_text(KSM "use_zero_pages", "1"))
		SKIP(return, "no KSM with zero pages");
	ASSERT_NE(NULL, pages);
	memset(pages, 0, size);
	madvise(pages, size, MADV_NOHUGEPAGE);
	ASSERT_EQ(0, madvise(pages, size, MADV_MERGEABLE));
	ASSERT_OK(ksm_settle());
	write_text(KSM "use_zero_pages", "0");
	if (!has_flag(frame(pages), KPF_ZERO_PAGE))
		SKIP(return, "ksmd has not merged the page with the zero page");
	RUN_AT(pages);
	SAYS(1, "ksmd put it there");
	munmap(pages, size);
	write_text(KSM "run", "0");
}

/* A child with its own name that mlocks the page and waits. */
static pid_t locker(char *page, size_t size, int ends[2])
{
	pid_t pid = fork();
	char byte = 'x';

	if (pid)
		return pid;
	close(ends[0]);
	prctl(PR_SET_NAME, "locker");
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (!mlock(page, size) && write(ends[1], &byte, 1) == 1)
		for (;;)
			pause();
	_exit(1);
}

TEST_F(cli_explain, process_that_mlocked_the_page_is_named)
{
	int ends[2], fd = memfd_create("locked", MFD_CLOEXEC);
	char pfn[24], who[96], byte, *page;
	pid_t pid;

	ASSERT_EQ(0, pipe(ends));
	ASSERT_EQ(0, ftruncate(fd, self->size));
	page = mmap(NULL, self->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, page);
	*page = 1;
	pid = locker(page, self->size, ends);
	close(ends[1]);
	ASSERT_EQ(1, read(ends[0], &byte, 1));
	ASSERT_OK(drain_batches());
	snprintf(pfn, sizeof(pfn), "%#llx", (unsigned long long)frame(page));
	RUN("why", "--pfn", pfn);
	snprintf(who, sizeof(who), "who:  process %d (locker), at %p", pid, page);
	EXPECT_OK(text_has(self->run.out, who));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(ends[0]);
	close(fd);
}

TEST_HARNESS_MAIN
