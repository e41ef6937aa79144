// SPDX-License-Identifier: GPL-2.0
/*
 * The file "stats" counts what this test does. No other test may run at the same time, as its
 * reports would be counted, too.
 */
#include <inttypes.h>
#include <linux/capability.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "child.h"
#include "exercise.h"
#include "param.h"
#include "privilege.h"
#include "target.h"
#include "test.h"

FIXTURE(stats)
{
	char *page;
	char target[64];
	struct report before, after;
};

FIXTURE_SETUP(stats)
{
	NEEDS_MODULE();
	self->page = own_page();
	ASSERT_NE(NULL, self->page);
	TARGET_AT(self->target, getpid(), self->page);
	ASSERT_EQ(0, report_take(&self->before, "stats", NULL));
}

FIXTURE_TEARDOWN(stats)
{
	report_free(&self->before);
	report_free(&self->after);
}

static uint64_t counter(const struct report *report, const char *key)
{
	return record_num(report_next(report, "stats", NULL), key);
}

static uint64_t refusals(const struct report *report, const char *errno_name)
{
	const struct record *record = NULL;

	while ((record = report_next(report, "refusal", record)))
		if (!strcmp(record_get(record, "errno"), errno_name))
			return record_num(record, "count");
	return RECORD_NONE;
}

/* How much a counter has grown since the start of the test. */
#define MORE(key)	more(&self->before, &self->after, key)
#define REFUSED(name)	more_refusals(&self->before, &self->after, name)

static uint64_t more(const struct report *before, const struct report *after, const char *key)
{
	return counter(after, key) - counter(before, key);
}

static uint64_t more_refusals(const struct report *before, const struct report *after,
			      const char *errno_name)
{
	return refusals(after, errno_name) - refusals(before, errno_name);
}

static int refused(const char *file, const char *target)
{
	int fd = interface_open(file, O_RDWR), ret;

	if (fd < 0)
		return fd;
	ret = interface_write(fd, target);
	close(fd);
	return ret;
}

static int wait_well(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid || status)
		return complain("child: status %#x: %s", status, why);
	return 0;
}

TEST_F(stats, reports_walks_and_mappings_are_counted)
{
	struct report report;
	int i;

	for (i = 0; i < 5; i++) {
		ASSERT_EQ(0, report_take(&report, "page", self->target));
		report_free(&report);
	}
	ASSERT_EQ(0, report_take(&report, "tree", self->target));
	report_free(&report);
	ASSERT_EQ(0, report_take(&report, "top", NULL));
	report_free(&report);
	ASSERT_EQ(0, report_take(&self->after, "stats", NULL));
	EXPECT_EQ(7, MORE("looks"));
	EXPECT_EQ(5, MORE("mappings"));
	/* Each report except those of "top" takes one walk, and one more for each retry. */
	EXPECT_LE(6, MORE("walks"));
	EXPECT_GE(6 + MORE("retries"), MORE("walks"));
	EXPECT_LE(MORE("walks"), MORE("visited"));
	EXPECT_EQ(0, MORE("refusals"));
	EXPECT_EQ(0, MORE("truncations"));
	EXPECT_EQ(0, MORE("mapcount_differs"));
}

/* The page has ten VMAs and is mapped in seven, so each walk of it counts as much. */
TEST_F(stats, visits_and_mappings_are_those_of_the_walks)
{
	struct report report;
	struct child children[9];
	int i;

	for (i = 0; i < 9; i++)
		ASSERT_OK(child_fork(&children[i]));
	for (i = 0; i < 3; i++)
		ASSERT_OK(child_do(&children[i], CHILD_WRITE, self->page));
	report_free(&self->before);
	ASSERT_EQ(0, report_take(&self->before, "stats", NULL));
	ASSERT_EQ(0, report_take(&report, "page", self->target));
	report_free(&report);
	ASSERT_EQ(0, report_take(&report, "tree", self->target));
	EXPECT_EQ(10, report_count(&report, "vma"));
	report_free(&report);
	ASSERT_EQ(0, report_take(&self->after, "stats", NULL));
	EXPECT_EQ(2, MORE("looks"));
	EXPECT_EQ(2 + MORE("retries"), MORE("walks"));
	EXPECT_EQ(10 * MORE("walks"), MORE("visited"));
	EXPECT_EQ(7, MORE("mappings"));
	EXPECT_EQ(0, MORE("raced"));
	for (i = 0; i < 9; i++)
		EXPECT_OK(child_end(&children[i]));
}

/* The first buffers are too small for this many. */
TEST_F(stats, retries_with_larger_buffers_are_counted)
{
	struct exercise run;
	struct report report;
	char target[64];

	ASSERT_OK(exercise_start(&run, "fork", "--children", "300", NULL));
	TARGET_AT(target, run.pid, run.pages[0].mapped.v[0].va);
	report_free(&self->before);
	ASSERT_EQ(0, report_take(&self->before, "stats", NULL));
	ASSERT_EQ(0, report_take(&report, "tree", target));
	EXPECT_EQ(301, report_count(&report, "vma"));
	report_free(&report);
	ASSERT_EQ(0, report_take(&self->after, "stats", NULL));
	EXPECT_LE(1, MORE("retries"));
	EXPECT_EQ(1 + MORE("retries"), MORE("walks"));
	EXPECT_EQ(301 * MORE("walks"), MORE("visited"));
	EXPECT_EQ(0, MORE("mappings"));
	EXPECT_OK(exercise_stop(&run));
}

/* All names in the order of interface.rst, on one line, and one line for each errno. */
TEST_F(stats, lines_match_the_documentation)
{
	static const char * const keys[] = {
		"looks", "walks", "visited", "mappings", "retries", "raced", "truncations",
		"mapcount_differs", "refusals", "max_lock_ns",
	};
	static const char * const errnos[] = {
		"EINVAL", "E2BIG", "ESRCH", "EFAULT", "ENODATA", "ENXIO", "EOPNOTSUPP", "EPERM",
		"EAGAIN", "EINTR", "ENOMEM", "other",
	};
	const struct record *stats = report_next(&self->before, "stats", NULL);
	const struct record *refusal = NULL;
	uint64_t sum = 0;
	size_t i;

	ASSERT_NE(NULL, stats);
	for (i = 0; i < ARRAY_SIZE(keys); i++) {
		EXPECT_STREQ(keys[i], stats->pair[i].key);
		EXPECT_NE(RECORD_NONE, record_num(stats, keys[i]));
	}
	for (i = 0; i < ARRAY_SIZE(errnos); i++)
		EXPECT_NE(RECORD_NONE, refusals(&self->before, errnos[i]));
	while ((refusal = report_next(&self->before, "refusal", refusal)))
		sum += record_num(refusal, "count");
	EXPECT_EQ(sum, record_num(stats, "refusals"));
}

TEST_F(stats, longest_time_under_the_lock_is_that_of_a_walk)
{
	const struct record *walk;
	struct report report;
	uint64_t longest;

	ASSERT_EQ(0, report_take(&report, "page", self->target));
	walk = report_next(&report, "walk", NULL);
	ASSERT_EQ(0, report_take(&self->after, "stats", NULL));
	longest = counter(&self->after, "max_lock_ns");
	EXPECT_LE(counter(&self->before, "max_lock_ns"), longest);
	EXPECT_LE(record_num(walk, "lock_ns"), longest);
	EXPECT_LT(0, longest);
	report_free(&report);
}

/* A short walk after a long one does not change the maximum. */
TEST_F(stats, longest_time_under_the_lock_stays)
{
	struct child children[40];
	struct report report;
	uint64_t longest;
	int i;

	for (i = 0; i < 40; i++)
		ASSERT_OK(child_fork(&children[i]));
	ASSERT_EQ(0, report_take(&report, "page", self->target));
	report_free(&report);
	ASSERT_EQ(0, report_take(&self->after, "stats", NULL));
	longest = counter(&self->after, "max_lock_ns");
	report_free(&self->after);
	for (i = 0; i < 40; i++)
		ASSERT_OK(child_end(&children[i]));
	for (i = 0; i < 20; i++) {
		ASSERT_EQ(0, report_take(&report, "page", self->target));
		report_free(&report);
		ASSERT_EQ(0, report_take(&self->after, "stats", NULL));
		EXPECT_LE(longest, counter(&self->after, "max_lock_ns"));
		longest = counter(&self->after, "max_lock_ns");
		report_free(&self->after);
	}
	memset(&self->after, 0, sizeof(self->after));
}

TEST_F(stats, refusals_are_counted_by_reason)
{
	EXPECT_EQ(-EINVAL, refused("page", "nonsense"));
	EXPECT_EQ(-EINVAL, refused("tree", "nonsense"));
	EXPECT_EQ(-ESRCH, refused("page", "pid=2147483647 va=0"));
	EXPECT_EQ(-ENXIO, refused("page", "pfn=0xffffffffffff"));
	ASSERT_EQ(0, report_take(&self->after, "stats", NULL));
	EXPECT_EQ(2, REFUSED("EINVAL"));
	EXPECT_EQ(1, REFUSED("ESRCH"));
	EXPECT_EQ(1, REFUSED("ENXIO"));
	EXPECT_EQ(0, REFUSED("other"));
	EXPECT_EQ(4, MORE("refusals"));
	EXPECT_EQ(0, MORE("looks"));
}

/* Refusals count in whichever call they occur. */
TEST_F(stats, refusals_of_every_call_are_counted)
{
	char *nowhere = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct report report;
	char text[4096];
	int fd;

	ASSERT_NE(MAP_FAILED, nowhere);
	EXPECT_EQ(-EINVAL, refused("top", self->target));
	memset(text, 'a', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	EXPECT_EQ(-E2BIG, refused("page", text));
	fd = interface_open("page", O_RDWR);
	ASSERT_LE(0, fd);
	EXPECT_EQ(0, interface_write(fd, self->target));
	EXPECT_EQ(-1, read(fd, nowhere, 100));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(-1, write(fd, nowhere, 100));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(-1, read(fd, text, 100));
	EXPECT_EQ(ENODATA, errno);
	close(fd);
	ASSERT_EQ(0, report_take(&self->after, "stats", NULL));
	EXPECT_EQ(1, REFUSED("EINVAL"));
	EXPECT_EQ(1, REFUSED("E2BIG"));
	EXPECT_EQ(2, REFUSED("EFAULT"));
	EXPECT_EQ(1, REFUSED("ENODATA"));
	EXPECT_EQ(5, MORE("refusals"));
	EXPECT_EQ(0, report_take(&report, "page", self->target));
	report_free(&report);
}

/* A stream counts as one report, and each call that fails as one refusal. */
TEST_F(stats, streams_are_counted)
{
	int fd = interface_open("scan", O_RDWR);
	char range[96], text[65536];

	ASSERT_LE(0, fd);
	snprintf(range, sizeof(range), "pid=%d maps", getpid());
	ASSERT_EQ(0, interface_write(fd, range));
	EXPECT_EQ(-1, read(fd, text, 1));
	EXPECT_EQ(EINVAL, errno);
	while (read(fd, text, sizeof(text)) > 0)
		;
	EXPECT_EQ(-EINVAL, interface_write(fd, "nonsense"));
	EXPECT_EQ(-ESRCH, interface_write(fd, "pid=2"));
	EXPECT_EQ(-1, read(fd, text, sizeof(text)));
	EXPECT_EQ(ENODATA, errno);
	close(fd);
	ASSERT_EQ(0, report_take(&self->after, "stats", NULL));
	EXPECT_EQ(1, MORE("looks"));
	EXPECT_EQ(2, REFUSED("EINVAL"));
	EXPECT_EQ(1, REFUSED("ESRCH"));
	EXPECT_EQ(1, REFUSED("ENODATA"));
	EXPECT_EQ(4, MORE("refusals"));
}

/* The sum over all errnos is the number of refusals. */
TEST_F(stats, each_errno_of_the_contract_has_a_line)
{
	static const char * const names[] = {
		"EINVAL", "E2BIG", "ESRCH", "EFAULT", "ENODATA", "ENXIO", "EOPNOTSUPP", "EPERM",
		"EAGAIN", "EINTR", "ENOMEM", "other",
	};
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		EXPECT_NE(RECORD_NONE, refusals(&self->before, names[i])) {
			TH_LOG("no line for %s", names[i]);
		}
		sum += refusals(&self->before, names[i]);
	}
	EXPECT_EQ(counter(&self->before, "refusals"), sum);
	EXPECT_EQ(ARRAY_SIZE(names), report_count(&self->before, "refusal"));
}

/* Each refusal counts for its errno only. */
TEST_F(stats, refusals_are_counted_by_errno)
{
	char target[64], *pages = own_pages(2);
	pid_t pid;

	ASSERT_NE(NULL, pages);
	TARGET_AT(target, getpid(), pages);
	EXPECT_EQ(-ENODATA, refused("page", target));
	ASSERT_EQ(0, *(volatile char *)pages);
	EXPECT_EQ(-EOPNOTSUPP, refused("page", target));
	EXPECT_EQ(-EOPNOTSUPP, refused("tree", target));
	snprintf(target, sizeof(target), "pid=%d va=0", getpid());
	EXPECT_EQ(-EFAULT, refused("page", target));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		_exit(drop_capability(CAP_SYS_ADMIN) || interface_open("page", O_RDWR) != -EPERM);
	EXPECT_OK(wait_well(pid));
	ASSERT_EQ(0, report_take(&self->after, "stats", NULL));
	EXPECT_EQ(1, REFUSED("ENODATA"));
	EXPECT_EQ(2, REFUSED("EOPNOTSUPP"));
	EXPECT_EQ(1, REFUSED("EFAULT"));
	EXPECT_EQ(1, REFUSED("EPERM"));
	EXPECT_EQ(0, REFUSED("EINVAL"));
	EXPECT_EQ(0, REFUSED("EAGAIN"));
	EXPECT_EQ(5, MORE("refusals"));
	EXPECT_EQ(0, MORE("looks"));
}

TEST_F(stats, truncations_are_counted)
{
	unsigned int before;
	struct report report;

	ASSERT_OK(param_get("max_vmas", &before));
	EXPECT_OK(param_set("max_vmas", 0));
	EXPECT_EQ(0, report_take(&report, "page", self->target));
	report_free(&report);
	EXPECT_EQ(0, report_take(&report, "tree", self->target));
	report_free(&report);
	EXPECT_OK(param_set("max_vmas", before));
	ASSERT_EQ(0, report_take(&self->after, "stats", NULL));
	EXPECT_EQ(2, MORE("truncations"));
	EXPECT_EQ(2, MORE("looks"));
}

TEST_F(stats, each_descriptor_keeps_its_own_snapshot)
{
	int fd = interface_open("stats", O_RDONLY);
	char *first, *again;
	struct report report;

	ASSERT_LE(0, fd);
	first = interface_read(fd);
	ASSERT_NE(NULL, first);
	ASSERT_EQ(0, report_take(&report, "page", self->target));
	report_free(&report);
	ASSERT_EQ(0, lseek(fd, 0, SEEK_SET));
	again = interface_read(fd);
	ASSERT_NE(NULL, again);
	EXPECT_STREQ(first, again);
	free(first);
	free(again);
	close(fd);
}

TEST_HARNESS_MAIN
