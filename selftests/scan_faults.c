// SPDX-License-Identifier: GPL-2.0
/*
 * Makes each allocation and each copy from or to user memory fail, one at a time, while a stream is
 * opened, begun and read. The call that fails returns the right errno, the stream then goes on and
 * is complete, and nothing leaks.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "child.h"
#include "exercise.h"
#include "fail_nth.h"
#include "kernel_memory.h"
#include "module.h"
#include "oracle.h"
#include "page_actions.h"
#include "raw_stream.h"
#include "test.h"

/* A stream that still hits the fault after this many is a bug. */
#define MAX_PLACES	5000
#define ROOM		(64 << 12)

#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT 900

FIXTURE(scan_faults)
{
	bool ready;
	struct exercise run;
	void *page;
	char range[128];
	char *path;
	char *buffer;
	size_t length;	/* of what the last stream has left there */
	size_t whole;	/* of a stream without a fault */
	int status;	/* what failed, as errno; 0 if nothing did */
};

FIXTURE_VARIANT(scan_faults)
{
	const char *file;
	const char *scenario;	/* the range is its first page; NULL for a page of this process */
	bool by_pfn;
	const char *options;
	const char *name;
};

#define VARIANT(name_, ...)						\
	FIXTURE_VARIANT_ADD(scan_faults, name_) { __VA_ARGS__, .name = #name_ }

VARIANT(text, "scan", .options = "maps");
VARIANT(text_of_file, "scan", "file-shared", .options = "maps");
VARIANT(anon, "scan_raw", .options = "maps");
VARIANT(anon_pfn, "scan_raw", .by_pfn = true, .options = "maps");
VARIANT(without_maps, "scan_raw", .options = "visited");
VARIANT(verdicts, "scan_raw", .options = "maps verdicts");
VARIANT(shared_by_some, "scan_raw", "deep", .options = "maps");
VARIANT(threads, "scan_raw", "threads", .options = "maps");
VARIANT(ksm, "scan_raw", "ksm", .options = "maps");
VARIANT(file, "scan_raw", "file-shared", .options = "maps");
VARIANT(file_pfn, "scan_raw", "file-shared", .by_pfn = true, .options = "maps");
VARIANT(thp, "scan_raw", "thp", .options = "maps");
VARIANT(hugetlb, "scan_raw", "hugetlb", .options = "maps");
VARIANT(swap, "scan_raw", "swap-out", .options = "maps");

/* The harness chooses the names of these two types. */
#define faults_data	FIXTURE_DATA(scan_faults)
#define faults_variant	FIXTURE_VARIANT(scan_faults)

static int make_range(faults_data *self, const faults_variant *variant)
{
	struct mapping own = { .pid = getpid(), .va = (uintptr_t)self->page };
	const struct mapping *place = &own;
	uint64_t pfn;
	int ret;

	if (variant->scenario) {
		ret = exercise_start_at(&self->run, variant->scenario, &place);
		if (ret)
			return ret;
	}
	snprintf(self->range, sizeof(self->range), "pid=%d start=%#" PRIx64 " end=%#" PRIx64 " %s",
		 place->pid, place->va, place->va + getpagesize(), variant->options);
	if (!variant->by_pfn)
		return 0;
	if (oracle_pfn(place->pid, place->va, &pfn))
		return -1;
	snprintf(self->range, sizeof(self->range), "pfn=%#" PRIx64 " count=1 %s", pfn,
		 variant->options);
	return 0;
}

FIXTURE_SETUP(scan_faults)
{
	int ret;

	NEEDS_MODULE();
	if (!fail_nth_setup())
		SKIP(return, "%s", why);
	self->ready = true;
	/* A page fault would count as an allocation, so all memory is present before. */
	ASSERT_EQ(0, mlockall(MCL_CURRENT | MCL_FUTURE));
	self->page = own_page();
	self->buffer = own_pages(ROOM / getpagesize());
	self->path = report_path(variant->file);
	ASSERT_NE(NULL, self->page);
	ASSERT_NE(NULL, self->buffer);
	ASSERT_NE(NULL, self->path);
	ret = make_range(self, variant);
	if (ret == EXERCISE_UNSUPPORTED)
		SKIP(return, "this machine has no %s", variant->scenario);
	ASSERT_OK(ret);
	/* Otherwise a page may leave the batch of a CPU, and its record be another one. */
	ASSERT_OK(drain_batches());
}

FIXTURE_TEARDOWN(scan_faults)
{
	if (self->ready)
		fail_nth_restore();
	exercise_stop(&self->run);
	free(self->path);
}

/* Reads to the end, also if one read(2) fails. Returns 0 or -1. */
static int read_all(faults_data *self, int fd)
{
	ssize_t got;

	for (self->length = 0;; self->length += got) {
		got = read(fd, self->buffer + self->length, ROOM - self->length);
		if (!got)
			return 0;
		if (got > 0)
			continue;
		if (self->status)
			return -1;
		self->status = errno;
		got = 0;
	}
}

/* Everything that a fault can hit. Each call is repeated if it fails. Allocates nothing itself. */
static int whole_life(faults_data *self)
{
	size_t size = strlen(self->range);
	int fd = -1, ret, tries;

	self->status = 0;
	for (tries = 0; fd < 0 && tries < 2; tries++) {
		fd = open(self->path, O_RDWR | O_CLOEXEC);
		if (fd < 0)
			self->status = errno;
	}
	if (fd < 0)
		return -1;
	if (write(fd, self->range, size) != (ssize_t)size) {
		self->status = errno;
		/* Without a stream there is nothing to read. */
		if (read(fd, self->buffer, ROOM) != -1 || errno != ENODATA ||
		    write(fd, self->range, size) != (ssize_t)size) {
			close(fd);
			return -1;
		}
	}
	ret = read_all(self, fd);
	close(fd);
	return ret;
}

/* Whether the last stream was well-formed. The last number of a text is its time. */
static int check(faults_data *self, const faults_variant *variant)
{
	struct raw_stream stream = { 0 };
	int ret;

	if (!strcmp(variant->file, "scan")) {
		char *end = memmem(self->buffer, self->length, "\nend ", 5);

		self->length = end ? end - self->buffer : 0;
		return end ? 0 : complain("there is no end line");
	}
	ret = raw_stream_add(&stream, self->buffer, self->length);
	if (!ret && !(stream.ended && stream.pages && stream.end.complete))
		ret = complain("the stream is incomplete");
	raw_stream_free(&stream);
	return ret;
}

/* One stream with a fault. */
static int fail_at(faults_data *self, const faults_variant *variant, unsigned int nth, bool *hit)
{
	unsigned int left;
	int ret;

	if (fail_nth_arm(nth))
		return -1;
	ret = whole_life(self);
	if (fail_nth_disarm(&left))
		return -1;
	*hit = !left;
	if (ret)
		return complain("a second error: %s, after %s", strerror(errno),
				strerror(self->status));
	if (self->status && (!*hit || (self->status != ENOMEM && self->status != EFAULT)))
		return complain("%s%s", strerror(self->status), *hit ? "" : " without a fault");
	ret = check(self, variant);
	if (!ret && self->whole && self->length != self->whole)
		ret = complain("%zu bytes, not %zu", self->length, self->whole);
	return ret;
}

TEST_F(scan_faults, each_fault_is_handled_and_leaks_nothing)
{
	struct cgroup none = { "" };
	struct kernel_memory before, after;
	unsigned int nth, failures = 0;
	bool hit = true;
	int users;

	NEEDS_MODULE();
	ASSERT_OK(fail_at(self, variant, MAX_PLACES, &hit));
	ASSERT_FALSE(hit);
	self->whole = self->length;
	users = module_users();
	ASSERT_OK(kernel_memory_read(&before, &none));
	for (nth = 1, hit = true; hit && nth < MAX_PLACES; nth++) {
		ASSERT_EQ(0, fail_at(self, variant, nth, &hit)) {
			TH_LOG("fault %u: %s", nth, why);
		}
		failures += !!self->status;
	}
	EXPECT_LT(nth, MAX_PLACES);
	/* The copies of the range and of the stream, and what open(2) and write(2) allocate. */
	EXPECT_LT(8, failures);
	printf("# %s: %u faults injected, %u of them caused an error\n", variant->name, nth - 2,
	       failures);
	fflush(stdout);
	EXPECT_EQ(users, module_users());
	ASSERT_OK(kernel_memory_read(&after, &none));
	EXPECT_OK(kernel_memory_same(&before, &after));
}

TEST_HARNESS_MAIN
