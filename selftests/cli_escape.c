// SPDX-License-Identifier: GPL-2.0
/* Names of processes, files and groups must not control the terminal when the tool prints them. */
#include <inttypes.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include <json-c/json.h>

#include "cgroup.h"
#include "child.h"
#include "command.h"
#include "kernel_file.h"
#include "test.h"

#define PROGRAM		"rmapscope"
/* These move the cursor, end the line, end a quoted text, and contain 8-bit control characters. */
#define COMM		"a\033[2J\n\"b\177\302\2332\xff"
#define FILE_NAME	"/tmp/f\"\033]0;x\a\n\r\177\302\2331m\xff \\x41"
#define GROUP_NAME	"g\"\033[2J\r\177\302\2331m\xff"

/* A private page of a file. It is mlocked, so that a verdict names the process. */
FIXTURE(cli_escape)
{
	char *page;
	char pid[16];
	char va[24];
	struct cgroup group;
	bool in_group;
	struct command run;
};

FIXTURE_SETUP(cli_escape)
{
	int fd;

	NEEDS_MODULE();
	snprintf(self->group.path, sizeof(self->group.path), "/sys/fs/cgroup/" GROUP_NAME);
	write_text("/sys/fs/cgroup/cgroup.subtree_control", "+memory");
	self->in_group = !mkdir(self->group.path, 0755) &&
			 !cgroup_set(&self->group, "cgroup.procs", "0");
	fd = open(FILE_NAME, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, ftruncate(fd, getpagesize()));
	self->page = mmap(NULL, getpagesize(), PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	ASSERT_NE(MAP_FAILED, self->page);
	close(fd);
	self->page[0] = 1;
	ASSERT_EQ(0, mlock(self->page, getpagesize()));
	ASSERT_EQ(0, prctl(PR_SET_NAME, COMM));
	snprintf(self->pid, sizeof(self->pid), "%d", getpid());
	snprintf(self->va, sizeof(self->va), "%p", self->page);
}

FIXTURE_TEARDOWN(cli_escape)
{
	command_free(&self->run);
	munmap(self->page, getpagesize());
	unlink(FILE_NAME);
	if (self->in_group) {
		write_text("/sys/fs/cgroup/cgroup.procs", "0");
		rmdir(self->group.path);
	}
}

/* Checks that a text is UTF-8 without control characters, 7-bit or 8-bit, except newlines. */
static int check_output(const char *text)
{
	const unsigned char *at;

	for (at = (const unsigned char *)text; *at; at++) {
		if ((*at < ' ' && *at != '\n' && *at != '\t') || *at == 0x7f ||
		    *at == 0xff || (*at == 0xc2 && at[1] >= 0x80 && at[1] < 0xa0))
			return complain("control character %#x before: %.60s", *at,
					(const char *)at + 1);
	}
	return 0;
}

#define RUN_ESCAPED(...)						\
	do {								\
		RUN(__VA_ARGS__);					\
		EXPECT_EQ(0, self->run.status) {			\
			TH_LOG("%s", self->run.err);			\
		}							\
		EXPECT_OK(check_output(self->run.out));			\
		EXPECT_OK(check_output(self->run.err));			\
	} while (0)

#define ALL_COLUMNS "PID,COMM,NAME"

TEST_F(cli_escape, page_prints_no_control_characters)
{
	NEEDS_MODULE();
	RUN_ESCAPED("page", "-p", self->pid, "-a", self->va);
	RUN_ESCAPED("page", "-p", self->pid, "-a", self->va, "-n", "-o", ALL_COLUMNS);
	EXPECT_EQ(1, count_lines(self->run.out));
	RUN_ESCAPED("page", "-p", self->pid, "-a", self->va, "-r", "-n", "-o", ALL_COLUMNS);
	EXPECT_EQ(1, count_lines(self->run.out));
}

TEST_F(cli_escape, tree_prints_no_control_characters)
{
	NEEDS_MODULE();
	RUN_ESCAPED("tree", "-p", self->pid, "-a", self->va);
	RUN_ESCAPED("tree", "-p", self->pid, "-a", self->va, "-r");
	RUN_ESCAPED("tree", "-p", self->pid, "-a", self->va, "--dot");
}

TEST_F(cli_escape, why_prints_no_control_characters)
{
	NEEDS_MODULE();
	RUN_ESCAPED("why", "-p", self->pid, "-a", self->va);
	/* The output must still name the process that locked the page, and the file. */
	EXPECT_NE(NULL, strstr(self->run.out, "\\x1b[2J"));
	EXPECT_NE(NULL, strstr(self->run.out, "/tmp/f\"\\x1b"));
}

TEST_F(cli_escape, top_prints_no_control_characters)
{
	NEEDS_MODULE();
	RUN_ESCAPED("top", "-r");
	RUN_ESCAPED("top");
}

static const char *first_text(struct json_object *document, const char *list, const char *key)
{
	struct json_object *array = NULL, *value = NULL;

	json_object_object_get_ex(document, list, &array);
	if (array && json_object_array_length(array))
		json_object_object_get_ex(json_object_array_get_idx(array, 0), key, &value);
	return value ? json_object_get_string(value) : "nothing";
}

/* Bytes that are not UTF-8 cannot be in JSON unchanged, but all others are. */
TEST_F(cli_escape, json_has_the_names_as_they_are)
{
	struct json_object *document;

	NEEDS_MODULE();
	RUN_ESCAPED("tree", "-p", self->pid, "-a", self->va, "-J");
	RUN_ESCAPED("why", "-p", self->pid, "-a", self->va, "-J");
	RUN_ESCAPED("top", "-J");
	RUN_ESCAPED("page", "-p", self->pid, "-a", self->va, "-J");
	document = json_tokener_parse(self->run.out);
	ASSERT_NE(NULL, document);
	EXPECT_STREQ("a\033[2J\n\"b\177\302\2332\\xff", first_text(document, "map", "comm"));
	EXPECT_STREQ("/tmp/f\"\033]0;x\a\n\r\177\302\2331m\\xff \\x41",
		     first_text(document, "map", "name"));
	json_object_put(document);
}

TEST_HARNESS_MAIN
