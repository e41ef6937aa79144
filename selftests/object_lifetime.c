// SPDX-License-Identifier: GPL-2.0
/*
 * A report must not keep objects alive: mms, pid namespaces, files. Each test creates some, takes
 * reports in all ways, and removes them. Slab counts, limits or umount(2) tell whether they are
 * gone.
 */
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/syscall.h>

#include "child.h"
#include "kernel_file.h"
#include "ksm_orphan.h"
#include "oracle.h"
#include "page_actions.h"
#include "raw_stream.h"
#include "slab.h"
#include "target.h"
#include "test.h"

/* Repeats each step this often, so that a leak of one object each time shows. */
#define ROUNDS		24
/* The number of objects that the kernel may keep for a while. */
#define SLACK		8
/* RCU and work queues free objects with a delay. */
#define TRIES		150
#define WAIT_US		20000
/* More VMAs than the first buffer of a walk holds. */
#define CROWD		80

/* Writes a target and reads the report; the write may fail. */
static void try_target(const char *file, const char *target)
{
	int fd = interface_open(file, O_RDWR);
	char *text;

	if (fd < 0)
		return;
	if (!interface_write(fd, target)) {
		text = interface_read(fd);
		free(text);
	}
	close(fd);
}

/* Reads without a write, as cat(1) does. */
static void read_without_a_write(const char *file)
{
	int fd = interface_open(file, O_RDONLY);
	char *text = fd < 0 ? NULL : interface_read(fd);

	free(text);
	if (fd >= 0)
		close(fd);
}

/* The same for streams. */
static void stream_all(pid_t pid, unsigned long long va, unsigned long long pfn)
{
	static const char * const files[] = { "scan", "scan_raw" };
	char ranges[4][96];
	size_t f, i;

	snprintf(ranges[0], sizeof(ranges[0]), "pid=%d start=%#llx end=%#llx maps verdicts", pid,
		 va, va + 2 * getpagesize());
	snprintf(ranges[1], sizeof(ranges[1]), "pfn=%#llx count=1 maps", pfn);
	/* An address without a VMA, and an invalid range. */
	snprintf(ranges[2], sizeof(ranges[2]), "pid=%d start=0 end=4096", pid);
	snprintf(ranges[3], sizeof(ranges[3]), "pid=%d maps maps", pid);
	for (f = 0; f < ARRAY_SIZE(files); f++) {
		for (i = 0; i < ARRAY_SIZE(ranges); i++)
			try_target(files[f], ranges[i]);
		read_without_a_write(files[f]);
	}
}

/* Takes reports on a process in all ways, and also fails in all ways. */
static void report_all(pid_t pid, const char *page)
{
	static const char * const files[] = { "page", "tree" };
	unsigned long long va = (uintptr_t)page, end = va + getpagesize();
	char targets[6][80];
	uint64_t pfn = 0;
	size_t f, i;

	oracle_pfn(pid, va, &pfn);
	TARGET_AT(targets[0], pid, va);
	snprintf(targets[1], sizeof(targets[1]), "pid=%d va=%#llx folio", pid, va);
	snprintf(targets[2], sizeof(targets[2]), "pfn=%#" PRIx64, pfn);
	/* An untouched address, an address without a VMA, and an invalid target. */
	TARGET_AT(targets[3], pid, end);
	snprintf(targets[4], sizeof(targets[4]), "pid=%d va=0", pid);
	snprintf(targets[5], sizeof(targets[5]), "pid=%d va=%#llx va=0", pid, va);
	for (f = 0; f < ARRAY_SIZE(files); f++) {
		for (i = 0; i < ARRAY_SIZE(targets); i++)
			try_target(files[f], targets[i]);
		read_without_a_write(files[f]);
	}
	read_without_a_write("top");
	read_without_a_write("stats");
	stream_all(pid, va, pfn);
}

FIXTURE(object_lifetime)
{
	/* The first page is written to, the second is not touched. */
	char *pages;
};

FIXTURE_SETUP(object_lifetime)
{
	NEEDS_MODULE();
	self->pages = own_pages(2);
	ASSERT_NE(NULL, self->pages);
	self->pages[0] = 1;
}

FIXTURE_TEARDOWN(object_lifetime)
{
}

#define NEEDS_COUNT()							\
	do {								\
		if (slab_objects("mm_struct") < 0)			\
			SKIP(return, "mm_structs cannot be counted on this kernel");	\
	} while (0)

TEST_F(object_lifetime, mm_of_a_target_is_freed_with_its_process)
{
	int64_t before, after;
	struct child child;
	int i;

	NEEDS_COUNT();
	before = slab_at_rest("mm_struct");
	for (i = 0; i < ROUNDS; i++) {
		ASSERT_OK(child_fork(&child));
		ASSERT_OK(child_do(&child, CHILD_WRITE, self->pages));
		report_all(child.pid, self->pages);
		ASSERT_OK(child_end(&child));
	}
	after = slab_settles("mm_struct", before + SLACK);
	EXPECT_GE(before + SLACK, after);
}

/* The target is an address that is swapped out. */
TEST_F(object_lifetime, mm_of_a_swapped_out_target_is_freed_with_its_process)
{
	int64_t before, after;
	struct child child;
	int i;

	NEEDS_COUNT();
	if (!have_swap())
		SKIP(return, "no swap: /proc/swaps is empty");
	before = slab_at_rest("mm_struct");
	for (i = 0; i < ROUNDS; i++) {
		ASSERT_OK(child_fork(&child));
		ASSERT_OK(child_do(&child, CHILD_WRITE, self->pages));
		ASSERT_OK(drain_batches());
		ASSERT_OK(child_do(&child, CHILD_PAGEOUT, self->pages));
		report_all(child.pid, self->pages);
		ASSERT_OK(child_end(&child));
	}
	after = slab_settles("mm_struct", before + SLACK);
	EXPECT_GE(before + SLACK, after);
}

/*
 * All children have unmapped the page, so the first buffer is too small and the walk is repeated.
 */
TEST_F(object_lifetime, mms_of_a_repeated_walk_are_freed_with_their_processes)
{
	struct child children[CROWD];
	int64_t before, after;
	int i;

	NEEDS_COUNT();
	before = slab_at_rest("mm_struct");
	for (i = 0; i < CROWD; i++) {
		ASSERT_OK(child_fork(&children[i]));
		ASSERT_OK(child_do(&children[i], CHILD_WRITE, self->pages));
	}
	report_all(getpid(), self->pages);
	for (i = 0; i < CROWD; i++)
		ASSERT_OK(child_end(&children[i]));
	after = slab_settles("mm_struct", before + SLACK);
	EXPECT_GE(before + SLACK, after);
}

/* The search for KSM mappings visits all mms of the machine. */
TEST_F(object_lifetime, mms_of_a_ksm_search_are_freed_with_their_processes)
{
	struct child children[SLACK];
	struct ksm_orphan orphan = { };
	int64_t before, after;
	struct page_report report;
	int i, round;

	NEEDS_COUNT();
	if (access("/sys/kernel/mm/ksm/run", W_OK))
		SKIP(return, "no KSM");
	if (ksm_orphan_make(&orphan)) {
		EXPECT_OK(ksm_orphan_end(&orphan));
		SKIP(return, "%.200s", why);
	}
	before = slab_at_rest("mm_struct");
	for (round = 0; round < 3; round++) {
		for (i = 0; i < SLACK; i++)
			EXPECT_OK(child_fork(&children[i]));
		EXPECT_EQ(0, page_report_take(&report, "pfn=%#" PRIx64, orphan.pfn));
		EXPECT_EQ(1, record_num(report.walk, "unreached"));
		page_report_free(&report);
		for (i = 0; i < SLACK; i++)
			EXPECT_OK(child_end(&children[i]));
	}
	after = slab_settles("mm_struct", before + SLACK);
	EXPECT_GE(before + SLACK, after);
	EXPECT_OK(ksm_orphan_end(&orphan));
}

/* Runs as pid 1 of a new namespace. The test takes a report on it by its own pid; then it stays. */
static int check_from_namespace(const char *pages, int ready)
{
	report_all(getpid(), pages);
	if (write(ready, "", 1) != 1)
		return 1;
	for (;;)
		pause();
}

/* Forks pid 1 of a new namespace. At the limit, waits until an older namespace is freed. */
static pid_t fork_into_namespace(const char *pages, int ready)
{
	pid_t pid;
	int try;

	for (try = 0; try < TRIES; try++) {
		pid = syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, 0, 0, 0, 0);
		if (!pid)
			_exit(check_from_namespace(pages, ready));
		if (pid > 0 || errno != ENOSPC)
			return pid;
		usleep(WAIT_US);
	}
	return -1;
}

static int use_namespaces(const char *pages)
{
	int ready[2], i;
	char byte;
	pid_t pid;

	if (pipe(ready))
		return complain("pipe: %s", strerror(errno));
	for (i = 0; i < ROUNDS; i++) {
		pid = fork_into_namespace(pages, ready[1]);
		if (pid < 0)
			return complain("round %d: earlier objects are still there: %s", i,
					strerror(errno));
		if (read(ready[0], &byte, 1) != 1)
			return complain("pid %d does not answer", pid);
		report_all(pid, pages);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	return 0;
}

/*
 * A pid namespace lives as long as one of its processes has a pid, and as long as a file that was
 * opened in it. The target that was written last keeps one as well.
 */
TEST_F(object_lifetime, pid_namespaces_are_freed_with_their_processes_and_files)
{
	const char *limit = "/proc/sys/user/max_pid_namespaces";
	int64_t before = file_number(limit);
	char text[32];
	int ret;

	if (before < 0)
		SKIP(return, "no pid namespaces");
	ASSERT_OK(write_text(limit, "4"));
	ret = use_namespaces(self->pages);
	snprintf(text, sizeof(text), "%" PRId64, before);
	EXPECT_OK(write_text(limit, text));
	EXPECT_OK(ret);
}

/*
 * Private mappings of a page of a file, most of which have a copy. All are unmapped at the end.
 * Streams that have shown the file stay open.
 */
static int report_on_mappings(const char *path, int streams[2])
{
	size_t size = 2 * getpagesize();
	struct child children[CROWD];
	int fd, i, nr, ret = 0;
	char *pages, range[96];

	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || ftruncate(fd, size))
		return complain("%s: %s", path, strerror(errno));
	pages = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	close(fd);
	if (pages == MAP_FAILED)
		return complain("mmap: %s", strerror(errno));
	(void)*(volatile char *)pages;
	for (nr = 0; nr < CROWD && !ret; nr++) {
		ret = child_fork(&children[nr]);
		if (!ret)
			ret = child_do(&children[nr], CHILD_WRITE, pages);
	}
	if (!ret) {
		report_all(getpid(), pages);
		report_all(children[0].pid, pages);
		snprintf(range, sizeof(range), "pid=%d start=%p end=%p maps verdicts", getpid(),
			 pages, pages + size);
		streams[0] = stream_begin("scan", range, 1000);
		streams[1] = stream_begin("scan_raw", range, 200);
	}
	for (i = 0; i < nr; i++)
		child_end(&children[i]);
	munmap(pages, size);
	return ret;
}

TEST_F(object_lifetime, files_are_closed_with_their_last_mapping)
{
	char dir[] = "/tmp/lasting-XXXXXX", path[64];
	int try, err = 0, streams[2] = { -1, -1 };

	ASSERT_NE(NULL, mkdtemp(dir));
	if (mount("lasting", dir, "tmpfs", 0, NULL)) {
		rmdir(dir);
		SKIP(return, "no tmpfs: %s", strerror(errno));
	}
	snprintf(path, sizeof(path), "%s/file", dir);
	EXPECT_OK(report_on_mappings(path, streams));
	EXPECT_LE(0, streams[0]) TH_LOG("%s", why);
	EXPECT_LE(0, streams[1]) TH_LOG("%s", why);
	/* umount(2) fails as long as the file is open. */
	for (try = 0; umount(dir) && try < TRIES; try++) {
		err = errno;
		if (err != EBUSY)
			break;
		usleep(WAIT_US);
	}
	EXPECT_NE(TRIES, try) {
		TH_LOG("umount: %s", strerror(err));
		umount2(dir, MNT_DETACH);
	}
	EXPECT_EQ(0, rmdir(dir));
	close(streams[0]);
	close(streams[1]);
}

TEST_HARNESS_MAIN
