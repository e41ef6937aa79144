// SPDX-License-Identifier: GPL-2.0
/* The modes of the files, and which processes an opener in a pid namespace sees. */
#include <sched.h>
#include <sys/stat.h>

#include "child.h"
#include "target.h"
#include "test.h"
#include "tree_report.h"

static int mode_of(const char *file)
{
	int fd = interface_open(file, O_RDONLY);
	struct stat st;
	int ret = fd < 0 || fstat(fd, &st) ? -1 : (int)(st.st_mode & 07777);

	if (fd >= 0)
		close(fd);
	return ret;
}

TEST(modes_are_those_of_the_contract)
{
	NEEDS_MODULE();
	EXPECT_EQ(0444, mode_of("info"));
	EXPECT_EQ(0600, mode_of("page"));
	EXPECT_EQ(0600, mode_of("tree"));
	EXPECT_EQ(0400, mode_of("top"));
	EXPECT_EQ(0400, mode_of("stats"));
}

/* Runs as pid 1 of a new namespace. Returns the line of the check that failed. */
static int check_from_namespace(void *page)
{
	const struct record *map = NULL;
	bool self = false, outsider = false, named = false;
	struct page_report report;

	if (getpid() != 1)
		return __LINE__;
	if (page_report_at(&report, 1, (uintptr_t)page))
		return __LINE__;
	if (report.mapped != 2)
		return __LINE__;
	while ((map = page_report_map(&report, map, "mapped"))) {
		self |= record_num(map, "pid") == 1;
		if (record_num(map, "pid") != 0)
			continue;
		outsider = true;
		/* For a process outside of the namespace, all else is hidden as well. */
		named |= strcmp(record_get(map, "comm"), "-") ||
			 strcmp(record_get(map, "tgids"), "0");
	}
	page_report_free(&report);
	if (!self || named)
		return __LINE__;
	return outsider ? 0 : __LINE__;
}

/* The same for its tree. */
static int see_tree_from_within(void *page)
{
	bool self = false, outsider = false;
	struct tree_report tree;
	size_t i;

	if (tree_report_at(&tree, 1, page))
		return __LINE__;
	for (i = 0; i < tree.nr_vmas; i++) {
		self |= tree.vmas[i].pid == 1;
		outsider |= tree.vmas[i].pid == 0;
		if (tree.vmas[i].pid > 1)
			return __LINE__;
	}
	tree_report_free(&tree);
	if (!self)
		return __LINE__;
	return outsider ? 0 : __LINE__;
}

TEST(pids_are_those_of_the_openers_namespace)
{
	int status, lines[2], line = -1;
	void *page;
	pid_t pid;

	NEEDS_MODULE();
	page = own_page();
	ASSERT_NE(NULL, page);
	ASSERT_EQ(0, pipe(lines));
	if (unshare(CLONE_NEWPID))
		SKIP(return, "no pid namespaces: %s", strerror(errno));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		line = check_from_namespace(page);
		if (!line)
			line = see_tree_from_within(page);
		if (write(lines[1], &line, sizeof(line)) != sizeof(line))
			_exit(1);
		_exit(0);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	ASSERT_EQ(0, status);
	ASSERT_EQ((ssize_t)sizeof(line), read(lines[0], &line, sizeof(line)));
	ASSERT_EQ(0, line) {
		TH_LOG("the check on line %d failed", line);
	}
}

/* A descriptor that is passed into a new namespace still uses the namespace of its opener. */
TEST(descriptor_keeps_the_namespace_of_its_opener)
{
	char *page, *text, target[64], expected[32];
	int status, fd, outer = getpid();
	pid_t pid;

	NEEDS_MODULE();
	page = own_page();
	ASSERT_NE(NULL, page);
	fd = interface_open("page", O_RDWR);
	ASSERT_LE(0, fd);
	TARGET_AT(target, outer, page);
	snprintf(expected, sizeof(expected), " pid=%d ", outer);
	if (unshare(CLONE_NEWPID))
		SKIP(return, "no pid namespaces: %s", strerror(errno));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		if (getpid() != 1 || interface_write(fd, target))
			_exit(1);
		text = interface_read(fd);
		_exit(text && strstr(text, expected) && !strstr(text, " pid=1 ") ? 0 : 2);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	close(fd);
}

TEST(pid_of_the_outer_namespace_is_unknown_inside)
{
	int status, outer = getpid();
	pid_t pid;

	NEEDS_MODULE();
	if (unshare(CLONE_NEWPID))
		SKIP(return, "no pid namespaces: %s", strerror(errno));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		char target[64];
		int fd = interface_open("page", O_RDWR);

		/* The namespace only has pid 1, and the outer pid is larger. */
		TARGET_AT(target, outer, &status);
		_exit(interface_write(fd, target) == -ESRCH ? 0 : 1);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
}

TEST_HARNESS_MAIN
