// SPDX-License-Identifier: GPL-2.0
/*
 * Text that users choose, in every report: names of processes, files and control groups. It must
 * not end a value or a line, nor contain control characters, and unescaping must give the
 * original.
 */
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "cgroup.h"
#include "child.h"
#include "kernel_file.h"
#include "target.h"
#include "test.h"

/* Names of processes have at most 15 bytes. */
static const char * const texts[] = {
	"plain",
	"two words ",
	" ",
	"new\nline",
	"\nmap pid=1",
	"\t\r\v\f\b\a",
	"\033[31m\033]0;x\a",
	"\001\037\177",
	"back\\slash",
	"\\040\\012",
	"\\",
	"\"'`$(x)",
	"a=b,c|d",
	"#x (deleted)",
	"-",
	"\u00fcmlaut \u6f22",
	"\302\23331m",
	"cut \xe6\xbc",
	"\xff\xfe\x80",
	"%s%n%p",
};

#define NR_TEXTS (sizeof(texts) / sizeof(*texts))

FIXTURE(escape)
{
	char *page;	/* anonymous, in a VMA that cannot merge with another */
};

FIXTURE_SETUP(escape)
{
	size_t size = getpagesize();

	self->page = own_pages(3);
	ASSERT_NE(NULL, self->page);
	ASSERT_EQ(0, mprotect(self->page, size, PROT_NONE));
	ASSERT_EQ(0, mprotect(self->page + 2 * size, size, PROT_NONE));
	self->page += size;
	self->page[0] = 1;
}

FIXTURE_TEARDOWN(escape)
{
}

/* The report of a file on an address of this process, or of a file without targets. */
static char *report_text(const char *file, const void *page)
{
	int fd = interface_open(file, page ? O_RDWR : O_RDONLY);
	char target[64], *text = NULL;

	TARGET_AT(target, getpid(), page);
	if (fd < 0 || (page && interface_write(fd, target)))
		complain("%s: no report", file);
	else
		text = interface_read(fd);
	if (fd >= 0)
		close(fd);
	return text;
}

/* The text has no control characters but newlines, and as many records as lines. */
static int check_text(const char *text, struct report *report)
{
	size_t lines = 0;
	const char *at;

	for (at = text; *at; at++) {
		if (*at == '\n')
			lines++;
		else if ((unsigned char)*at < ' ' || *at == '\177')
			return complain("character %#x at %zu", *at, at - text);
	}
	if (report_parse(report, text, at - text))
		return complain("the report cannot be parsed");
	if (report->nr_records != lines)
		return complain("%zu records in %zu lines", report->nr_records, lines);
	return 0;
}

/* Is there a record of this process in which a key has a value? */
static int find_value(const struct report *report, const char *record, const char *key,
		      const char *value)
{
	const struct record *one = NULL;
	const char *found = "nothing";

	while ((one = report_next(report, record, one))) {
		if (record_num(one, "pid") != (unsigned long long)getpid())
			continue;
		found = record_get(one, key) ?: "nothing";
		if (!strcmp(found, value))
			return 0;
	}
	return complain("%s in %s: '%s' instead of '%s'", key, record, found, value);
}

static int check_value(const char *file, const void *page, const char *record,
		       const char *key, const char *value)
{
	char *text = report_text(file, page);
	struct report report = { 0 };
	int ret = -1;

	if (text)
		ret = check_text(text, &report);
	if (!ret)
		ret = find_value(&report, record, key, value);
	report_free(&report);
	free(text);
	return ret;
}

TEST_F(escape, name_of_a_process_survives_escaping)
{
	size_t i;

	NEEDS_MODULE();
	for (i = 0; i < NR_TEXTS; i++) {
		ASSERT_EQ(0, prctl(PR_SET_NAME, texts[i]));
		EXPECT_OK(check_value("page", self->page, "map", "comm", texts[i]));
		EXPECT_OK(check_value("tree", self->page, "vma", "comm", texts[i]));
		EXPECT_OK(check_value("top", NULL, "tree", "comm", texts[i]));
	}
}

/* Creates a file of that name, and maps and writes a private page of it. */
static char *map_file(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	char *page = MAP_FAILED;

	if (fd < 0 || ftruncate(fd, getpagesize()))
		complain("%s: %s", path, strerror(errno));
	else
		page = mmap(NULL, getpagesize(), PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	if (fd >= 0)
		close(fd);
	if (page == MAP_FAILED)
		return NULL;
	page[0] = 1;
	return page;
}

static int check_file(const char *path)
{
	char *page = map_file(path), deleted[128];
	int ret = -1;

	if (!page)
		return -1;
	if (!check_value("page", page, "map", "name", path) &&
	    !check_value("tree", page, "vma", "name", path))
		ret = 0;
	if (unlink(path))
		ret = complain("unlink: %s", strerror(errno));
	snprintf(deleted, sizeof(deleted), "%s (deleted)", path);
	if (!ret)
		ret = check_value("page", page, "map", "name", deleted);
	if (!ret)
		ret = check_value("tree", page, "vma", "name", deleted);
	munmap(page, getpagesize());
	return ret;
}

TEST_F(escape, path_of_a_file_survives_escaping_even_if_deleted)
{
	char dir[] = "/tmp/escape\n XXXXXX", path[96];
	size_t i;

	NEEDS_MODULE();
	ASSERT_NE(NULL, mkdtemp(dir));
	for (i = 0; i < NR_TEXTS; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, texts[i]);
		EXPECT_OK(check_file(path));
	}
	EXPECT_EQ(0, rmdir(dir));
}

/* Charges a page to a control group of that name. */
static int check_memcg(const char *name)
{
	struct cgroup group;
	struct page_report report;
	int ret = -1;
	char *page;

	snprintf(group.path, sizeof(group.path), "/sys/fs/cgroup/%s", name);
	if (mkdir(group.path, 0755))
		return complain("%s: %s", group.path, strerror(errno));
	page = cgroup_set(&group, "cgroup.procs", "0") ? NULL : own_page();
	if (page && !page_report_at(&report, getpid(), (uintptr_t)page)) {
		const char *memcg = record_get(report.page, "memcg");

		ret = *memcg == '/' && !strcmp(memcg + 1, name) ? 0 :
		      complain("memcg '%s' instead of '/%s'", memcg, name);
		page_report_free(&report);
	}
	if (page)
		munmap(page, getpagesize());
	write_text("/sys/fs/cgroup/cgroup.procs", "0");
	if (rmdir(group.path))
		ret = complain("rmdir %s: %s", group.path, strerror(errno));
	return ret;
}

TEST_F(escape, name_of_a_control_group_survives_escaping)
{
	size_t i;

	NEEDS_MODULE();
	if (write_text("/sys/fs/cgroup/cgroup.subtree_control", "+memory"))
		SKIP(return, "no memory cgroup: %.200s", why);
	for (i = 0; i < NR_TEXTS; i++)
		/* The kernel allows any character but a newline. */
		if (!strchr(texts[i], '\n'))
			EXPECT_OK(check_memcg(texts[i]));
}

TEST_HARNESS_MAIN
