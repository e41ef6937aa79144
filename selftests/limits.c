// SPDX-License-Identifier: GPL-2.0
/* Limits of a report: the module's parameter max_vmas, and other users of an open file. */
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "child.h"
#include "exercise.h"
#include "kernel_file.h"
#include "module.h"
#include "page_actions.h"
#include "target.h"
#include "uffd.h"

#define LIMIT_FIXTURE_NAME	max_vmas
#include "limit_fixture.h"

static size_t count_maps(const struct report *report)
{
	const struct record *map = NULL;
	size_t maps = 0;

	while ((map = report_next(report, "map", map)))
		maps++;
	return maps;
}

/* 40 children share the page and 10 more have unmapped it: 51 VMAs to visit. */
static void cut_at(struct __test_metadata *_metadata, const struct exercise *run,
		   unsigned int limit)
{
	const struct mapping *first = &run->pages[0].mapped.v[0];
	const struct record *walk, *verdict = NULL;
	struct report report;
	char target[64];
	size_t kept = limit < 51 ? limit : 51;

	TARGET_AT(target, first->pid, first->va);
	/* No ASSERT here: in some harnesses it would skip the teardown. */
	EXPECT_OK(param_set(LIMIT_PARAMETER, limit));
	EXPECT_EQ(0, report_take(&report, "page", target));
	walk = report_next(&report, "walk", NULL);
	EXPECT_NE(NULL, walk);
	EXPECT_EQ(kept, count_maps(&report));
	EXPECT_EQ(51, record_num(walk, "visited"));
	EXPECT_EQ(41, record_num(walk, "mapped"));
	EXPECT_EQ(10, record_num(walk, "absent"));
	EXPECT_EQ(limit < 51, record_num(walk, "truncated"));
	EXPECT_EQ(limit >= 51, record_num(walk, "complete"));
	while ((verdict = report_next(&report, "verdict", verdict)))
		EXPECT_EQ(limit < 51, note_among(verdict, "truncated"));
	report_free(&report);
}

TEST_F(max_vmas, report_is_truncated_at_the_limit)
{
	static const unsigned int limits[] = { 0, 1, 32, 50, 51, 52, -1U };
	struct exercise run;
	size_t i;

	ASSERT_OK(exercise_start(&run, "cow-child", "--children", "50", "--writers", "10",
				 NULL));
	for (i = 0; i < sizeof(limits) / sizeof(*limits); i++)
		cut_at(_metadata, &run, limits[i]);
	EXPECT_OK(exercise_stop(&run));
}

struct reading {
	int fd;
	char *missing;
};

static void *read_and_stick(void *arg)
{
	struct reading *reading = arg;

	/* A stream has no position. Of other files, the VFS locks the position in a read(2). */
	if (pread(reading->fd, reading->missing, getpagesize(), 0) < 0 &&
	    (errno != ESPIPE || read(reading->fd, reading->missing, getpagesize()) < 0))
		perror("read");
	return NULL;
}

FIXTURE(stuck_reader)
{
};

FIXTURE_VARIANT(stuck_reader)
{
	const char *file;
};

FIXTURE_VARIANT_ADD(stuck_reader, page) { "page" };
FIXTURE_VARIANT_ADD(stuck_reader, scan) { "scan" };
FIXTURE_VARIANT_ADD(stuck_reader, scan_raw) { "scan_raw" };

FIXTURE_SETUP(stuck_reader)
{
}

FIXTURE_TEARDOWN(stuck_reader)
{
}

/* The reader blocks in a read(2) into memory that faults. */
TEST_F(stuck_reader, writer_behind_it_can_be_killed)
{
	struct reading reading;
	pthread_t reader;
	pid_t writer;
	int uffd;
	char *page, target[96];

	NEEDS_MODULE();
	page = own_page();
	reading.missing = mmap(NULL, getpagesize(), PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(NULL, page);
	ASSERT_NE(MAP_FAILED, reading.missing);
	uffd = uffd_register(reading.missing);
	if (uffd < 0)
		SKIP(return, "this kernel has no userfaultfd");
	reading.fd = interface_open(variant->file, O_RDWR);
	ASSERT_LE(0, reading.fd);
	if (strcmp(variant->file, "page"))
		snprintf(target, sizeof(target), "pid=%d start=%p end=%p maps", getpid(), page,
			 page + getpagesize());
	else
		TARGET_AT(target, getpid(), page);
	ASSERT_EQ(0, interface_write(reading.fd, target));
	ASSERT_EQ(0, pthread_create(&reader, NULL, read_and_stick, &reading));
	ASSERT_EQ(0, uffd_await(uffd));

	writer = fork();
	ASSERT_LE(0, writer);
	if (!writer) {
		interface_write(reading.fd, target);
		_exit(0);
	}
	while (process_state(writer, NULL) != 'D')
		sched_yield();
	ASSERT_EQ(0, kill(writer, SIGKILL));
	ASSERT_EQ(writer, waitpid(writer, NULL, 0));

	close(uffd);	/* wakes the reader */
	ASSERT_EQ(0, pthread_join(reader, NULL));
	close(reading.fd);
}

/* The parameters in interface.rst. Only root can read and write them. */
static const struct {
	const char *name;
	unsigned int value;
} parameters[] = {
	{ "max_vmas", 262144 },
	{ "max_name_bytes", 4194304 },
	{ "max_search", 10 },
	{ "max_visits", 1048576 },
	{ "max_trees", 1000 },
};

TEST(parameters_begin_with_the_documented_values)
{
	unsigned int value;
	char path[128];
	struct stat st;
	size_t i;

	NEEDS_MODULE();
	if (access(module_path(), R_OK))
		SKIP(return, "no module at %s: set RMAPSCOPE_KO", module_path());
	ASSERT_EQ(0, module_unload());
	ASSERT_EQ(0, module_load(""));
	for (i = 0; i < ARRAY_SIZE(parameters); i++) {
		EXPECT_OK(param_get(parameters[i].name, &value));
		EXPECT_EQ(parameters[i].value, value) TH_LOG("%s", parameters[i].name);
		snprintf(path, sizeof(path), "/sys/module/rmapscope/parameters/%s",
			 parameters[i].name);
		EXPECT_EQ(0, stat(path, &st));
		EXPECT_EQ(0600, st.st_mode & 07777) TH_LOG("%s", path);
		/* A written value can be read back. */
		EXPECT_OK(param_set(parameters[i].name, 7));
		EXPECT_OK(param_get(parameters[i].name, &value));
		EXPECT_EQ(7, value);
		EXPECT_OK(param_set(parameters[i].name, parameters[i].value));
	}
	/* The parameter with an address is not readable. */
	EXPECT_NE(0, access("/sys/module/rmapscope/parameters/kallsyms_lookup_name", F_OK));
}

TEST_HARNESS_MAIN
