// SPDX-License-Identifier: GPL-2.0
/*
 * "rmapscope share": the sums are those of /proc/PID/smaps_rollup, to the page, and the pairs are
 * those of all pagemaps.
 */
#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "child.h"
#include "command.h"
#include "exercise.h"
#include "test.h"

FIXTURE(cli_share)
{
	struct exercise exercise;
	struct command run;
	struct json_object *doc;
};

FIXTURE_VARIANT(cli_share)
{
	const char *scenario;
};

#define SCENARIO(id, text)						\
	FIXTURE_VARIANT_ADD(cli_share, id) { .scenario = text }

SCENARIO(fork, "fork");
SCENARIO(cow_child, "cow-child");
SCENARIO(deep, "deep");
SCENARIO(wide, "wide");
SCENARIO(mremap, "mremap");
SCENARIO(clone_vm, "clone-vm");
SCENARIO(shared_anon, "shared-anon");
SCENARIO(memfd, "memfd");
SCENARIO(file_shared, "file-shared");
SCENARIO(file_private_cow, "file-private-cow");
SCENARIO(ksm, "ksm");
SCENARIO(thp, "thp");
SCENARIO(thp_partial, "thp-partial");
SCENARIO(hugetlb, "hugetlb");
SCENARIO(hugetlb_shared, "hugetlb-shared");
SCENARIO(swap, "swap");
SCENARIO(swap_out, "swap-out");
SCENARIO(zero, "zero");

/* What smaps_rollup says of a process, in bytes. */
struct rollup {
	long long rss, pss, shared, private, swap, hugetlb;
};

static int read_rollup(pid_t pid, struct rollup *r)
{
	char path[64], line[256], key[64];
	long long kib;
	FILE *file;

	memset(r, 0, sizeof(*r));
	snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", pid);
	file = fopen(path, "r");
	if (!file)
		return -1;
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%63[^:]: %lld kB", key, &kib) != 2)
			continue;
		if (!strcmp(key, "Rss"))
			r->rss += kib * 1024;
		else if (!strcmp(key, "Pss"))
			r->pss += kib * 1024;
		else if (!strcmp(key, "Swap"))
			r->swap += kib * 1024;
		else if (!strcmp(key, "Shared_Clean") || !strcmp(key, "Shared_Dirty"))
			r->shared += kib * 1024;
		else if (!strcmp(key, "Private_Clean") || !strcmp(key, "Private_Dirty"))
			r->private += kib * 1024;
		else if (!strcmp(key, "Shared_Hugetlb") || !strcmp(key, "Private_Hugetlb"))
			r->hugetlb += kib * 1024;
	}
	fclose(file);
	return 0;
}

static long long number(struct json_object *object, const char *key)
{
	struct json_object *value;

	if (!json_object_object_get_ex(object, key, &value) || !value)
		return -1;
	return json_object_get_int64(value);
}

static int parse(struct json_object **doc, const char *text)
{
	if (*doc)
		json_object_put(*doc);
	*doc = json_tokener_parse(text);
	return *doc ? 0 : -1;
}

static struct json_object *find(struct json_object *doc, const char *list, pid_t pid)
{
	struct json_object *array;
	size_t i;

	if (!json_object_object_get_ex(doc, list, &array))
		return NULL;
	for (i = 0; i < json_object_array_length(array); i++) {
		struct json_object *element = json_object_array_get_idx(array, i);

		if (number(element, "pid") == pid)
			return element;
	}
	return NULL;
}

/* Return: 0 if all is equal, else the text says what differs. */
static int compare(struct json_object *row, pid_t pid, char *text, size_t size)
{
	struct rollup r;
	size_t i;

	if (!row || read_rollup(pid, &r)) {
		snprintf(text, size, "pid %d: no row", pid);
		return -1;
	}
	const struct {
		const char *key;
		long long value;
	} pair[] = {
		{ "rss", r.rss }, { "private", r.private }, { "hugetlb", r.hugetlb },
		{ "swap", r.swap }, { "shared", r.rss - number(row, "unique") },
	};

	for (i = 0; i < ARRAY_SIZE(pair); i++) {
		if (number(row, pair[i].key) == pair[i].value)
			continue;
		snprintf(text, size, "pid %d: %s: %lld, smaps %lld", pid, pair[i].key,
			 number(row, pair[i].key), pair[i].value);
		return -1;
	}
	/* The kernel rounds it down to KiB. */
	if (number(row, "pss") / 1024 * 1024 != r.pss) {
		snprintf(text, size, "pid %d: pss: %lld, smaps %lld", pid, number(row, "pss"),
			 r.pss);
		return -1;
	}
	return 0;
}

/* A test maps pages of libraries when it first needs them, which must not be in between. */
static int map_libraries(struct command *run, struct json_object **doc)
{
	char pid[16], text[128];

	snprintf(pid, sizeof(pid), "%d", getpid());
	if (command_run(run, "rmapscope", "share", "-J", "-p", pid, NULL))
		return -1;
	if (run->status)
		return 0;
	if (parse(doc, run->out))
		return -1;
	compare(find(*doc, "processes", getpid()), getpid(), text, sizeof(text));
	return 0;
}

FIXTURE_SETUP(cli_share)
{
	int err = exercise_start(&self->exercise, variant->scenario, NULL);

	if (err == EXERCISE_UNSUPPORTED)
		SKIP(return, "this kernel lacks what %s needs", variant->scenario);
	ASSERT_EQ(0, err);
	ASSERT_OK(map_libraries(&self->run, &self->doc));
}

FIXTURE_TEARDOWN(cli_share)
{
	if (self->doc)
		json_object_put(self->doc);
	command_free(&self->run);
	exercise_stop(&self->exercise);
}

TEST_F(cli_share, sums_of_each_process_are_those_of_smaps)
{
	char pid[16], text[128] = "";
	size_t i;

	for (i = 0; i < self->exercise.nr_processes; i++) {
		pid_t p = self->exercise.processes[i].pid;

		snprintf(pid, sizeof(pid), "%d", p);
		RUN_WELL("share", "-J", "-p", pid);
		ASSERT_EQ(0, parse(&self->doc, self->run.out));
		EXPECT_EQ(0, compare(find(self->doc, "processes", p), p, text, sizeof(text)))
			TH_LOG("%s", text);
	}
}

/* Pages that are in both streams count once. */
TEST_F(cli_share, sums_of_two_processes_are_those_of_smaps)
{
	const struct exercise_process *p = self->exercise.processes;
	char pid[2][16], text[128] = "";
	struct json_object *row;
	size_t i;

	if (self->exercise.nr_processes < 2)
		return;
	for (i = 0; i < 2; i++)
		snprintf(pid[i], sizeof(pid[i]), "%d", p[i].pid);
	RUN_WELL("share", "-J", "-p", pid[0], "-p", pid[1]);
	ASSERT_EQ(0, parse(&self->doc, self->run.out));
	for (i = 0; i < 2; i++) {
		row = find(self->doc, "processes", p[i].pid);
		if (!row)
			continue;	/* it shares an mm with the other one */
		EXPECT_EQ(0, compare(row, p[i].pid, text, sizeof(text))) TH_LOG("%s", text);
	}
}

TEST_F(cli_share, sums_of_all_processes_are_those_of_smaps)
{
	struct json_object *array, *row;
	char text[128] = "";
	size_t i;

	RUN_WELL("share", "-J", "--all");
	ASSERT_EQ(0, parse(&self->doc, self->run.out));
	for (i = 0; i < self->exercise.nr_processes; i++) {
		pid_t p = self->exercise.processes[i].pid;

		row = find(self->doc, "processes", p);
		if (!row)
			continue;	/* it shares an mm with another one */
		EXPECT_EQ(0, compare(row, p, text, sizeof(text))) TH_LOG("%s", text);
	}
	ASSERT_TRUE(json_object_object_get_ex(self->doc, "processes", &array));
	EXPECT_LT(0, json_object_array_length(array));
}

TEST(shared_memory_that_is_swapped_out_is_counted)
{
	size_t size = 64 * getpagesize();
	struct json_object *doc = NULL;
	struct command run = { };
	struct rollup r;
	char pid[16];
	int fd = memfd_create("rmapscope-test", 0);
	char *memory;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, ftruncate(fd, size));
	memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, memory);
	memset(memory, 1, size);
	madvise(memory, size, MADV_PAGEOUT);
	ASSERT_EQ(0, read_rollup(getpid(), &r));
	if (!r.swap)
		SKIP(return, "there is no swap, or the kernel did not use it");
	snprintf(pid, sizeof(pid), "%d", getpid());
	ASSERT_OK(command_run(&run, "rmapscope", "share", "-J", "-p", pid, NULL));
	if (run.status == 127)
		SKIP(return, "no rmapscope in PATH");
	ASSERT_EQ(0, parse(&doc, run.out));
	EXPECT_EQ(r.swap, number(find(doc, "processes", getpid()), "swap"));
	command_free(&run);
	ASSERT_OK(command_run(&run, "rmapscope", "share", "-J", "--all", NULL));
	ASSERT_EQ(0, parse(&doc, run.out));
	EXPECT_EQ(r.swap, number(find(doc, "processes", getpid()), "swap"));
	json_object_put(doc);
	command_free(&run);
	munmap(memory, size);
	close(fd);
}

/* The kernel counts each mapping of a page, and so does PSS; a group has the page once. */
TEST(page_that_two_processes_map_twice_is_counted_as_in_smaps)
{
	size_t size = 16 * getpagesize(), i, k;
	struct json_object *doc = NULL;
	struct command run = { };
	struct child child;
	char pid[16], text[128] = "", *memory[2];
	int fd = memfd_create("rmapscope-test", 0);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, ftruncate(fd, size));
	for (i = 0; i < 2; i++) {
		memory[i] = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		ASSERT_NE(MAP_FAILED, memory[i]);
		memset(memory[i], 1, size);
	}
	ASSERT_OK(child_fork(&child));
	for (i = 0; i < 2; i++)
		for (k = 0; k < size; k += getpagesize())
			ASSERT_OK(child_do(&child, CHILD_READ, memory[i] + k));
	ASSERT_EQ(0, map_libraries(&run, &doc));
	if (run.status == 127)
		SKIP(child_end(&child); return, "no rmapscope in PATH");
	command_free(&run);
	snprintf(pid, sizeof(pid), "%d", child.pid);
	ASSERT_OK(command_run(&run, "rmapscope", "share", "-J", "-p", pid, NULL));
	ASSERT_EQ(0, parse(&doc, run.out));
	EXPECT_EQ(0, compare(find(doc, "processes", child.pid), child.pid, text, sizeof(text)))
		TH_LOG("%s", text);
	EXPECT_OK(child_end(&child));
	json_object_put(doc);
	command_free(&run);
	close(fd);
}

/* The pages of a server and its worker. */
#define PAGES		80
#define SERVER_PAGES	64		/* before the fork */
#define SERVER_WRITES	4		/* behind those that the worker writes */
#define WORKER_WRITES	16
#define WORKER_ADDS	8

FIXTURE(share_fork)
{
	struct command run;
	struct json_object *doc;
	struct child worker;
	char *memory;
	size_t size;
};

FIXTURE_SETUP(share_fork)
{
	size_t i;

	self->size = getpagesize();
	self->memory = own_pages(PAGES);
	ASSERT_NE(NULL, self->memory);
	for (i = 0; i < SERVER_PAGES; i++)
		self->memory[i * self->size] = 1;
	ASSERT_OK(child_fork(&self->worker));
	for (i = 0; i < WORKER_WRITES; i++)
		ASSERT_OK(child_do(&self->worker, CHILD_WRITE, self->memory + i * self->size));
	for (i = 0; i < WORKER_ADDS; i++)
		ASSERT_OK(child_do(&self->worker, CHILD_WRITE,
				   self->memory + (SERVER_PAGES + i) * self->size));
	for (i = 0; i < SERVER_WRITES; i++)
		self->memory[(WORKER_WRITES + i) * self->size] = 2;
}

FIXTURE_TEARDOWN(share_fork)
{
	if (self->doc)
		json_object_put(self->doc);
	command_free(&self->run);
	child_end(&self->worker);
}

static struct json_object *find_vma(struct json_object *doc, const char *start)
{
	struct json_object *array, *value;
	size_t i;

	if (!json_object_object_get_ex(doc, "children", &array))
		return NULL;
	for (i = 0; i < json_object_array_length(array); i++) {
		struct json_object *element = json_object_array_get_idx(array, i);

		if (json_object_object_get_ex(element, "start", &value) && value &&
		    !strcmp(json_object_get_string(value), start))
			return element;
	}
	return NULL;
}

TEST_F(share_fork, pages_are_shared_copied_or_new)
{
	char pid[16], start[32];
	struct json_object *row;

	snprintf(pid, sizeof(pid), "%d", getpid());
	snprintf(start, sizeof(start), "0x%lx", (unsigned long)self->memory);
	RUN_WELL("share", "--fork", "--vma", "-J", "-p", pid);
	ASSERT_EQ(0, parse(&self->doc, self->run.out));
	row = find_vma(self->doc, start);
	ASSERT_NE(NULL, row);
	EXPECT_EQ(self->worker.pid, number(row, "pid"));
	EXPECT_EQ((SERVER_PAGES - WORKER_WRITES - SERVER_WRITES) * self->size,
		  number(row, "still"));
	EXPECT_EQ((WORKER_WRITES + SERVER_WRITES) * self->size, number(row, "copied"));
	EXPECT_EQ(WORKER_ADDS * self->size, number(row, "new"));
	EXPECT_EQ((SERVER_PAGES + WORKER_ADDS) * self->size, number(row, "anon"));
	EXPECT_EQ(69, number(row, "percent"));
	RUN_WELL("share", "--fork", "--vma", "-p", pid);
	EXPECT_OUT(start);
}

/* The worker's row: what it has of each fate. */
struct fates {
	long long anon, still, copied, new;
};

#define READ_FATES(to, ...)						\
	do {								\
		struct json_object *row;				\
									\
		RUN_WELL("share", "--fork", "-J", "-p", pid, ##__VA_ARGS__); \
		ASSERT_EQ(0, parse(&self->doc, self->run.out));		\
		row = find(self->doc, "children", self->worker.pid);	\
		ASSERT_NE(NULL, row);					\
		*(to) = (struct fates){ number(row, "anon"), number(row, "still"), \
					   number(row, "copied"), number(row, "new") }; \
	} while (0)

/* This process is the server, and writes to its memory now and then. */
TEST_F(share_fork, recording_has_the_same_as_the_live_processes)
{
	char pid[16], file[] = "/tmp/share_fork.XXXXXX";
	struct fates live, recorded;
	int fd = mkstemp(file), try;

	ASSERT_LE(0, fd);
	close(fd);
	snprintf(pid, sizeof(pid), "%d", getpid());
	for (try = 0; try < 5; try++) {
		READ_FATES(&live);
		RUN_WELL("record", "--all", "--with", "maps", file);
		READ_FATES(&recorded, "-i", file);
		if (!memcmp(&live, &recorded, sizeof(live)))
			break;
	}
	EXPECT_EQ(live.anon, recorded.anon);
	EXPECT_EQ(live.still, recorded.still);
	EXPECT_EQ(live.copied, recorded.copied);
	EXPECT_EQ(live.new, recorded.new);
	EXPECT_LE((SERVER_PAGES - WORKER_WRITES - SERVER_WRITES) * self->size, recorded.still);
	EXPECT_LE((WORKER_WRITES + SERVER_WRITES) * self->size, recorded.copied);
	EXPECT_LE(WORKER_ADDS * self->size, recorded.new);
	unlink(file);
}

TEST_F(share_fork, process_without_children_has_no_rows)
{
	char pid[16];

	snprintf(pid, sizeof(pid), "%d", self->worker.pid);
	RUN_WELL("share", "--fork", "-p", pid);
	EXPECT_OUT("has no children with memory");
}

TEST_HARNESS_MAIN
