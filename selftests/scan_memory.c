// SPDX-License-Identifier: GPL-2.0
/*
 * An open stream keeps no memory of a process, and its own memory is bounded and charged to the
 * reader.
 */
#include <inttypes.h>
#include <sys/mman.h>

#include "cgroup.h"
#include "child.h"
#include "frame_flags.h"
#include "kernel_file.h"
#include "many_mappings.h"
#include "oracle.h"
#include "page_actions.h"
#include "raw_stream.h"
#include "slab.h"
#include "test.h"

#define ROUNDS		24
/* The number of objects that the kernel may keep for a while. */
#define SLACK		8
#define TRIES		100
#define VMAS		20000
/*
 * A stream over a page with that many VMAs takes more than the first of these bytes, and any stream
 * less than the second: it keeps at most 65,536 mappings, some 100 bytes each.
 */
#define STREAM		(VMAS * 80)
#define STREAM_MOST	(65536 * 200)

FIXTURE(scan_memory)
{
	char *page;
	char small_range[128];
	struct cgroup group;
	bool made;
};

FIXTURE_SETUP(scan_memory)
{
	NEEDS_MODULE();
	self->page = own_page();
	ASSERT_NE(NULL, self->page);
	snprintf(self->small_range, sizeof(self->small_range), "pid=%d start=%p end=%p maps",
		 getpid(), self->page, self->page + getpagesize());
	self->made = !cgroup_make(&self->group, "stream");
}

FIXTURE_TEARDOWN(scan_memory)
{
	if (self->made)
		EXPECT_EQ(0, rmdir(self->group.path)) {
			TH_LOG("%s", strerror(errno));
		}
}

/* A page that is held stays anonymous when nothing maps it any more. */
static bool is_held(uint64_t pfn)
{
	int fd = open("/proc/kpagecount", O_RDONLY | O_CLOEXEC);
	uint64_t flags, count = 0;
	bool held;

	held = !oracle_kpageflags(pfn, &flags) && flags & 1ULL << KPF_ANON &&
	       pread(fd, &count, sizeof(count), pfn * sizeof(count)) == sizeof(count) && !count;
	close(fd);
	return held;
}

/* Neither the process, nor its memory, nor a page of it is kept. */
TEST_F(scan_memory, memory_of_an_exited_process_is_freed_although_its_stream_is_open)
{
	static const char * const files[] = { "scan", "scan_raw" };
	char range[64], text[4096];
	struct child child;
	uint64_t pfn;
	int fd, i, try;

	NEEDS_MODULE();
	for (i = 0; i < 4; i++) {
		ASSERT_OK(child_fork(&child));
		ASSERT_OK(child_do(&child, CHILD_WRITE, self->page));
		ASSERT_OK(oracle_pfn(child.pid, (uintptr_t)self->page, &pfn));
		if (i < 2)
			snprintf(range, sizeof(range), "pid=%d maps verdicts", child.pid);
		else
			snprintf(range, sizeof(range), "pfn=%#" PRIx64 " count=1000 maps", pfn);
		fd = stream_begin(files[i % 2], range, 400);
		ASSERT_LE(0, fd) TH_LOG("%s", why);
		ASSERT_OK(child_end(&child));
		/* The last user of an mm can be a worker, and that of a page the batch of a CPU. */
		for (try = 0; is_held(pfn) && try < TRIES; try++) {
			ASSERT_OK(drain_batches());
			usleep(10000);
		}
		EXPECT_LT(try, TRIES) TH_LOG("frame %#" PRIx64 " is held by %s", pfn, files[i % 2]);
		while (read(fd, text, sizeof(text)) > 0)
			;
		EXPECT_EQ(0, read(fd, text, sizeof(text)));
		close(fd);
	}
}

/* An open stream keeps the mm_struct of its process, and the file no longer than that. */
TEST_F(scan_memory, mm_of_a_stream_is_freed_with_its_file)
{
	int64_t before, after;
	struct child child;
	int fds[ROUNDS], i;
	char range[64];

	NEEDS_MODULE();
	if (slab_objects("mm_struct") < 0)
		SKIP(return, "mm_structs cannot be counted on this kernel");
	before = slab_at_rest("mm_struct");
	for (i = 0; i < ROUNDS; i++) {
		ASSERT_OK(child_fork(&child));
		snprintf(range, sizeof(range), "pid=%d maps %s", child.pid,
			 i % 2 ? "" : "verdicts");
		fds[i] = stream_begin("scan_raw", range, 1000);
		ASSERT_LE(0, fds[i]) TH_LOG("%s", why);
		ASSERT_OK(child_end(&child));
	}
	for (i = 0; i < ROUNDS; i++)
		close(fds[i]);
	after = slab_settles("mm_struct", before + SLACK);
	EXPECT_GE(before + SLACK, after);
}

/* A range with one page, which very many VMAs map. */
static int make_wide(struct many_mappings *wide, char *range, size_t size)
{
	if (many_mappings_map(wide, VMAS))
		return -1;
	snprintf(range, size, "pid=%d start=%p end=%p maps", getpid(), wide->at[0],
		 wide->at[0] + getpagesize());
	return 0;
}

/* Runs in the control group. Returns the line of the check that failed. */
static int hold_a_stream(const struct cgroup *group, const char *range)
{
	int64_t before, with, most = 0;
	struct raw_stream stream = { 0 };
	int fd, ret;

	if (cgroup_set(group, "cgroup.procs", "0"))
		return __LINE__;
	fd = interface_open("scan_raw", O_RDWR);
	before = cgroup_get(group, "memory.current");
	/* It fails with EINVAL as long as its buffer is too small. */
	if (fd < 0 || interface_write(fd, range) || raw_stream_read(&stream, fd, 8) != -EINVAL)
		return __LINE__;
	while ((ret = raw_stream_read(&stream, fd, 200)) == 0 && !stream.ended)
		;
	with = cgroup_get(group, "memory.current");
	if (ret || stream.mappings < VMAS || with < before + STREAM)
		return __LINE__;
	raw_stream_free(&stream);
	/* All memory of the machine takes no more. */
	if (interface_write(fd, "all maps"))
		return __LINE__;
	do {
		char records[65536];

		ret = read(fd, records, sizeof(records));
		with = cgroup_get(group, "memory.current") - before;
		if (with > most)
			most = with;
	} while (ret > 0);
	close(fd);
	if (ret || most > STREAM_MOST)
		return __LINE__;
	return cgroup_get(group, "memory.current") < before + STREAM / 2 ? 0 : __LINE__;
}

TEST_F(scan_memory, stream_is_charged_to_the_reader_and_bounded)
{
	struct many_mappings wide;
	char range[128];
	pid_t pid;

	NEEDS_CGROUP(self->made);
	ASSERT_OK(make_wide(&wide, range, sizeof(range)));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		_exit(hold_a_stream(&self->group, range));
	EXPECT_EQ(0, child_line(pid)) {
		TH_LOG("the number is the line of the failed check, or a signal");
	}
	EXPECT_OK(many_mappings_end(&wide));
}

static int stream_with_little_memory(const struct cgroup *group, const char *large,
				     const char *small)
{
	int fd = interface_open("scan_raw", O_RDWR), failures = 0, try, i;
	struct raw_stream stream = { 0 };
	ssize_t got = -1;
	char records[4096];

	if (fd < 0 || cgroup_set(group, "cgroup.procs", "0") || interface_write(fd, large))
		return __LINE__;
	/* There may be enough memory for the head and for the processes, but not for the run. */
	for (i = 0; i < 6; i++) {
		got = read(fd, records, sizeof(records));
		if (got > 0 ? raw_stream_add(&stream, records, got) : !got || errno != ENOMEM)
			return __LINE__;
		failures += got < 0;
	}
	if (failures < 3 || stream.mappings)
		return __LINE__;
	raw_stream_free(&stream);
	got = -1;
	/* A stream for which there is enough memory still succeeds. */
	for (try = 0; try < TRIES && got < 0; try++) {
		if (!interface_write(fd, small))
			got = raw_stream_read(&stream, fd, sizeof(records));
		if (got)
			raw_stream_free(&stream);
		usleep(10000);
	}
	return got ? __LINE__ : 0;
}

/* The read(2) fails with ENOMEM, and the OOM killer does not run. */
TEST_F(scan_memory, reader_with_little_memory_gets_enomem)
{
	char events[256] = "", path[160], range[128];
	struct many_mappings wide;
	pid_t pid;

	NEEDS_CGROUP(self->made);
	EXPECT_OK(cgroup_set(&self->group, "memory.max", "1M"));
	/* Locks the reader's own memory, so that none of it can be reclaimed. */
	cgroup_set(&self->group, "memory.swap.max", "0");
	ASSERT_OK(make_wide(&wide, range, sizeof(range)));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		_exit(stream_with_little_memory(&self->group, range, self->small_range));
	EXPECT_EQ(0, child_line(pid)) {
		TH_LOG("the number is the line of the failed check, or a signal");
	}
	snprintf(path, sizeof(path), "%s/memory.events", self->group.path);
	EXPECT_EQ(0, read_text(path, events, sizeof(events)));
	EXPECT_NE(NULL, strstr(events, "\noom_kill 0\n")) {
		TH_LOG("%s", events);
	}
	EXPECT_OK(many_mappings_end(&wide));
}

TEST_HARNESS_MAIN
