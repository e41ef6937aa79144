// SPDX-License-Identifier: GPL-2.0
/* The memory of a report is charged to the control group of the process that takes it. */
#include <inttypes.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "cgroup.h"
#include "child.h"
#include "kernel_file.h"
#include "many_mappings.h"
#include "oracle.h"
#include "target.h"
#include "test.h"

/* A report on this many VMAs takes more than this many bytes. */
#define VMAS		20000
#define REPORT		(VMAS * 100)
#define TRIES		100
/* With this many reports, a leak of a few dozen bytes each exceeds what a CPU keeps in stock. */
#define LOOKS		1000
#define SET_ASIDE	24576
/* More VMAs and anon_vmas than the first buffers of a walk hold. Each child has one of each. */
#define CROWD		64
/* Slow reports are taken only once in this many rounds. */
#define SELDOM		4

FIXTURE(memcg_charge)
{
	struct many_mappings wide;
	struct cgroup group;
	char wide_target[64];
	char small_target[64];
	bool made;
};

FIXTURE_SETUP(memcg_charge)
{
	void *page = own_page();

	NEEDS_MODULE();
	ASSERT_NE(NULL, page);
	ASSERT_OK(many_mappings_map(&self->wide, VMAS));
	TARGET_AT(self->wide_target, getpid(), self->wide.at[0]);
	TARGET_AT(self->small_target, getpid(), page);
	self->made = !cgroup_make(&self->group, "charge");
}

FIXTURE_TEARDOWN(memcg_charge)
{
	if (self->made)
		EXPECT_EQ(0, rmdir(self->group.path)) {
			TH_LOG("%s", strerror(errno));
		}
	EXPECT_OK(many_mappings_end(&self->wide));
}

/* Runs in the control group. Returns the line of the check that failed. */
static int hold_a_report(const struct cgroup *group, const char *target)
{
	int64_t before, with, after;
	int fd;
	char *text;

	if (cgroup_set(group, "cgroup.procs", "0"))
		return __LINE__;
	fd = interface_open("page", O_RDWR);
	if (fd < 0)
		return __LINE__;
	before = cgroup_get(group, "memory.current");
	if (interface_write(fd, target))
		return __LINE__;
	with = cgroup_get(group, "memory.current");
	if (with < before + REPORT)
		return __LINE__;
	/*
	 * The report stays charged after it was read. Most of the text is in this program's own
	 * memory.
	 */
	text = interface_read(fd);
	if (!text || cgroup_get(group, "memory.current") < before + REPORT)
		return __LINE__;
	free(text);
	close(fd);
	after = cgroup_get(group, "memory.current");
	return after < with - REPORT / 2 ? 0 : __LINE__;
}

/* The exit status is the line number modulo 256, which is unique in this file. */
TEST_F(memcg_charge, report_is_charged_to_the_reader_as_long_as_it_is_held)
{
	pid_t pid;

	NEEDS_CGROUP(self->made);
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		_exit(hold_a_report(&self->group, self->wide_target));
	EXPECT_EQ(0, child_line(pid)) {
		TH_LOG("the number is the line of the failed check, or a signal");
	}
}

/* Another CPU may keep freed charges in stock for a moment. */
static int report_until_enough(int fd, const char *target)
{
	int try, err = -ENOMEM;

	for (try = 0; try < TRIES && err == -ENOMEM; try++) {
		err = interface_write(fd, target);
		usleep(10000);
	}
	return err;
}

static int report_with_little_memory(const struct cgroup *group, const char *large,
				     const char *small)
{
	int fd = interface_open("page", O_RDWR);
	char byte;

	if (fd < 0 || cgroup_set(group, "cgroup.procs", "0"))
		return __LINE__;
	if (interface_write(fd, large) != -ENOMEM)
		return __LINE__;
	if (read(fd, &byte, 1) != -1 || errno != ENODATA)
		return __LINE__;
	/* A report for which there is enough memory still succeeds. */
	return report_until_enough(fd, small) ? __LINE__ : 0;
}

/* The report fails with ENOMEM, and the OOM killer does not run. */
TEST_F(memcg_charge, reader_with_little_memory_gets_enomem)
{
	char events[256] = "", path[256];
	pid_t pid;
	int fd;

	NEEDS_CGROUP(self->made);
	EXPECT_OK(cgroup_set(&self->group, "memory.max", "2M"));
	/* Locks the reader's own memory, so that none of it can be reclaimed. */
	cgroup_set(&self->group, "memory.swap.max", "0");
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		_exit(report_with_little_memory(&self->group, self->wide_target,
						self->small_target));
	EXPECT_EQ(0, child_line(pid)) {
		TH_LOG("the number is the line of the failed check, or a signal");
	}
	snprintf(path, sizeof(path), "%s/memory.events", self->group.path);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	EXPECT_LT(0, read(fd, events, sizeof(events) - 1));
	close(fd);
	EXPECT_NE(NULL, strstr(events, "\noom_kill 0\n")) {
		TH_LOG("%s", events);
	}
}

/* Kernel memory charged to the control group. */
static int64_t kernel_memory(const struct cgroup *group)
{
	static const char * const keys[] = { "slab_reclaimable", "slab_unreclaimable", "vmalloc" };
	int64_t sum = 0;
	char path[256];
	size_t i;

	snprintf(path, sizeof(path), "%s/memory.stat", group->path);
	for (i = 0; i < ARRAY_SIZE(keys); i++)
		sum += file_number_after(path, keys[i]);
	return sum;
}

/* Begins streams of some of the targets, and reads some of these to the end. */
static int stream_repeatedly(char (*targets)[80], size_t nr)
{
	static const char * const files[] = { "scan", "scan_raw" };
	char range[128], bytes[4096];
	unsigned long long va, pid;
	size_t f, i;

	for (f = 0; f < ARRAY_SIZE(files); f++) {
		int fd = interface_open(files[f], O_RDWR);

		if (fd < 0)
			return -1;
		for (i = 1; i < nr; i++) {
			if (sscanf(targets[i], "pid=%llu va=%llx", &pid, &va) == 2)
				snprintf(range, sizeof(range), "pid=%llu start=%#llx end=%#llx %s",
					 pid, va, va + 4096, i % 2 ? "maps" : "maps verdicts");
			else
				snprintf(range, sizeof(range), "%s count=1 maps", targets[i]);
			/* Some of the ranges are refused. */
			interface_write(fd, range);
			while (read(fd, bytes, sizeof(bytes)) > 0 && i % 3)
				;
		}
		close(fd);
	}
	return 0;
}

/* Opens each file, writes each target and reads the reports, @times times. */
static int report_repeatedly(char (*targets)[80], size_t nr, int times)
{
	static const char * const files[] = { "page", "tree", "top", "stats" };
	size_t f, i;
	char byte;
	int fd;

	for (; times > 0; times--) {
		if (stream_repeatedly(targets, nr))
			return __LINE__;
		for (f = 0; f < ARRAY_SIZE(files); f++) {
			/* The report of all trees. */
			if (f == 2 && times % (2 * SELDOM))
				continue;
			fd = interface_open(files[f], f < 2 ? O_RDWR : O_RDONLY);
			if (fd < 0)
				return __LINE__;
			/* The first target is the page with many children. */
			for (i = !!(times % SELDOM); i < nr && f < 2; i++) {
				/* Some of the targets are refused. */
				interface_write(fd, targets[i]);
				if (read(fd, &byte, 1) != 1 && errno != ENODATA)
					return __LINE__;
			}
			if (f >= 2 && read(fd, &byte, 1) != 1)
				return __LINE__;
			close(fd);
		}
	}
	return 0;
}

/*
 * A page that each of many children has copied, so that a walk visits many VMAs and finds one
 * mapping. The memory around it is never used, so no other page shares its tree.
 */
static char *copied_page(struct child *children)
{
	size_t size = getpagesize();
	char *page = own_pages(3);
	int i;

	if (!page || mprotect(page, size, PROT_NONE) || mprotect(page + 2 * size, size, PROT_NONE))
		return NULL;
	page += size;
	*page = 1;
	for (i = 0; i < CROWD; i++)
		if (child_fork(&children[i]) || child_do(&children[i], CHILD_WRITE, page))
			return NULL;
	return page;
}

/* Waits until the memory of the group is at most this. */
static int64_t memory_settles(const struct cgroup *group, int64_t most)
{
	int64_t now = kernel_memory(group);
	int try;

	for (try = 0; now >= most && try < TRIES; try++) {
		usleep(20000);
		now = kernel_memory(group);
	}
	return now;
}

static int report_often(const struct cgroup *group)
{
	int i, ret, fd = memfd_create("charge", MFD_CLOEXEC);
	char targets[7][80], *processes, *page, *shared;
	struct child children[CROWD] = { };
	int64_t before, after;
	uint64_t pfn;

	if (cgroup_set(group, "cgroup.procs", "0") || fd < 0 || ftruncate(fd, getpagesize()))
		return __LINE__;
	processes = copied_page(children);
	page = own_page();
	shared = mmap(NULL, getpagesize(), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (shared == MAP_FAILED || !processes || !page ||
	    oracle_pfn(getpid(), (uintptr_t)page, &pfn))
		return __LINE__;
	*shared = 1;
	sprintf(targets[0], "pid=%d va=%p", getpid(), processes);
	sprintf(targets[1], "pid=%d va=%p", getpid(), page);
	sprintf(targets[2], "pid=%d va=%p folio", getpid(), page);
	sprintf(targets[3], "pfn=%#" PRIx64, pfn);
	sprintf(targets[4], "pid=%d va=%p", getpid(), shared);
	/* An address without a VMA, and an invalid target. */
	sprintf(targets[5], "pid=%d va=0", getpid());
	sprintf(targets[6], "pfn=1 va=0");
	ret = report_repeatedly(targets, ARRAY_SIZE(targets), LOOKS / 20);
	before = kernel_memory(group);
	if (!ret)
		ret = report_repeatedly(targets, ARRAY_SIZE(targets), LOOKS / slowness());
	after = memory_settles(group, before + SET_ASIDE);
	for (i = 0; i < CROWD; i++)
		child_end(&children[i]);
	if (!ret && after < before + SET_ASIDE)
		return 0;
	fprintf(stderr, "# %" PRId64 " bytes more than before\n", after - before);
	return ret ?: __LINE__;
}

TEST_F(memcg_charge, memory_of_each_report_is_freed)
{
	pid_t pid;

	NEEDS_CGROUP(self->made);
	/* A child without the test's mappings is enough. */
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		_exit(report_often(&self->group));
	EXPECT_EQ(0, child_line(pid)) {
		TH_LOG("the number is the line of the failed check, modulo 256, or a signal");
	}
}

TEST_HARNESS_MAIN
