// SPDX-License-Identifier: GPL-2.0
/* Paths of mapped files in a report: each path is stored once, and all together have a limit. */
#include <limits.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "cgroup.h"
#include "child.h"
#include "kernel_file.h"
#include "oracle.h"
#include "param.h"
#include "target.h"
#include "test.h"

#define MAX_NAME_BYTES	"max_name_bytes"
#define LEFT_OUT	"(left_out)"

/* Mappings of one file that was opened once for each. */
#define AGAIN		(2000 / slowness())
/* Memory that one mapping takes in a report, without its path. The path alone is longer. */
#define BYTES_EACH	1024
#define BYTES_BESIDE	(512 << 10)

/* Nested directories: 16 of them give a path of 3.8 kB, 17 exceed PATH_MAX. */
#define DEEP		16
#define TOO_DEEP	17
#define LINKS		8

FIXTURE(file_names)
{
	char *part;		/* a name of 239 bytes */
	char path[PATH_MAX];	/* of the deepest directory */
	int dirs[TOO_DEEP + 1];	/* the first is the base directory */
	unsigned int bound;
	char *page;		/* a control group of its own */
};

#define names_data FIXTURE_DATA(file_names)

static int make_folders(names_data *self)
{
	char base[] = "/tmp/names XXXXXX";
	size_t i;

	self->part = malloc(240);
	if (!self->part || !mkdtemp(base))
		return complain("mkdtemp: %s", strerror(errno));
	memset(self->part, 'n', 239);
	self->part[100] = ' ';
	self->part[239] = '\0';
	memcpy(self->path, base, sizeof(base));
	self->dirs[0] = open(base, O_PATH | O_CLOEXEC);
	for (i = 1; i <= TOO_DEEP; i++) {
		if (mkdirat(self->dirs[i - 1], self->part, 0700))
			return complain("mkdir: %s", strerror(errno));
		self->dirs[i] = openat(self->dirs[i - 1], self->part, O_PATH | O_CLOEXEC);
		if (self->dirs[i] < 0)
			return complain("open: %s", strerror(errno));
		if (i <= DEEP)
			strcat(strcat(self->path, "/"), self->part);
	}
	return 0;
}

FIXTURE_SETUP(file_names)
{
	size_t i;

	for (i = 0; i <= TOO_DEEP; i++)
		self->dirs[i] = -1;
	NEEDS_MODULE();
	ASSERT_OK(param_get(MAX_NAME_BYTES, &self->bound));
	ASSERT_OK(make_folders(self));
	self->page = own_page();
	ASSERT_NE(NULL, self->page);
}

FIXTURE_TEARDOWN(file_names)
{
	int i;

	EXPECT_OK(param_set(MAX_NAME_BYTES, self->bound));
	for (i = TOO_DEEP; i > 0; i--) {
		close(self->dirs[i]);
		EXPECT_EQ(0, unlinkat(self->dirs[i - 1], self->part, AT_REMOVEDIR));
	}
	if (self->dirs[0] >= 0) {
		self->path[strlen("/tmp/names XXXXXX")] = '\0';
		EXPECT_EQ(0, rmdir(self->path));
	}
	free(self->part);
}

/* Opens a file, maps its page and reads it. */
static char *map_file(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	char *page = MAP_FAILED;

	if (fd >= 0 && !ftruncate(fd, getpagesize()))
		page = mmap(NULL, getpagesize(), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
			    fd, 0);
	if (page == MAP_FAILED)
		complain("%s: %s", name, strerror(errno));
	if (fd >= 0)
		close(fd);
	return page == MAP_FAILED ? NULL : page;
}

/* The name that a report has for an address of this process. */
static const char *name_of(const struct report *report, const char *page)
{
	const struct record *map = NULL;

	while ((map = report_next(report, "map", map)))
		if (record_num(map, "va") == (uintptr_t)page &&
		    record_num(map, "pid") == (unsigned long long)getpid())
			return record_get(map, "name");
	return "nothing";
}

static int take(struct report *report, const char *page)
{
	char target[64];

	TARGET_AT(target, getpid(), page);
	return report_take(report, "page", target);
}

/* How many lines have that name. */
static size_t count_name(const struct report *report, const char *name)
{
	const struct record *map = NULL;
	size_t n = 0;

	while ((map = report_next(report, "map", map)))
		n += !strcmp(record_get(map, "name"), name);
	return n;
}

/*
 * Runs in the control group. Returns how many bytes a report charges to it, or a negative number.
 */
static int64_t bytes_of_report(const struct cgroup *group, const char *target)
{
	int64_t before;
	int fd;

	if (cgroup_set(group, "cgroup.procs", "0"))
		return -1;
	fd = interface_open("page", O_RDWR);
	before = cgroup_get(group, "memory.current");
	if (fd < 0 || interface_write(fd, target))
		return -1;
	return cgroup_get(group, "memory.current") - before;
}

static int64_t child_measures(const struct cgroup *group, const char *target)
{
	int64_t bytes = -1;
	int pipes[2];
	pid_t pid;

	if (pipe(pipes))
		return -1;
	pid = fork();
	if (!pid) {
		bytes = bytes_of_report(group, target);
		_exit(write(pipes[1], &bytes, sizeof(bytes)) != sizeof(bytes));
	}
	close(pipes[1]);
	if (pid > 0 && read(pipes[0], &bytes, sizeof(bytes)) != sizeof(bytes))
		bytes = -1;
	close(pipes[0]);
	waitpid(pid, NULL, 0);
	return bytes;
}

TEST_F_TIMEOUT(file_names, file_that_is_opened_many_times_has_one_path, 300)
{
	size_t size = strlen(self->path) + 3, again = AGAIN, i;
	struct cgroup group;
	struct report report;
	char target[64], *page = NULL, *path;
	int64_t bytes;

	NEEDS_MODULE();
	path = malloc(size);
	ASSERT_NE(NULL, path);
	snprintf(path, size, "%s/f", self->path);
	for (i = 0; i < again; i++) {
		page = map_file(self->dirs[DEEP], "f");
		ASSERT_NE(NULL, page) TH_LOG("%s", why);
	}
	EXPECT_EQ(0, take(&report, page));
	EXPECT_EQ(again, count_name(&report, path));
	report_free(&report);
	EXPECT_EQ(0, unlinkat(self->dirs[DEEP], "f", 0));
	free(path);
	if (cgroup_make(&group, "names"))
		SKIP(return, "no memory cgroup: %.200s", why);
	TARGET_AT(target, getpid(), page);
	bytes = child_measures(&group, target);
	/*
	 * On slow kernels there are fewer mappings, and their memory may have been charged
	 * earlier. Memory that others free late counts, too.
	 */
	if (slowness() == 1)
		EXPECT_LT(0, bytes);
	EXPECT_GT((int64_t)again * BYTES_EACH + BYTES_BESIDE, bytes);
	EXPECT_EQ(0, rmdir(group.path));
}

TEST_F(file_names, each_link_and_each_mount_of_a_file_has_its_own_path)
{
	char other[] = "/tmp/mount XXXXXX", path[128], base[32];
	char *first, *linked, *mounted;
	struct report report;
	int dir;

	NEEDS_MODULE();
	snprintf(base, sizeof(base), "%.17s", self->path);
	ASSERT_NE(NULL, mkdtemp(other));
	ASSERT_EQ(0, unshare(CLONE_NEWNS));
	ASSERT_EQ(0, mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	ASSERT_EQ(0, mount(base, other, NULL, MS_BIND, NULL));
	first = map_file(self->dirs[0], "f");
	ASSERT_EQ(0, linkat(self->dirs[0], "f", self->dirs[0], "g", 0));
	linked = map_file(self->dirs[0], "g");
	dir = open(other, O_PATH | O_CLOEXEC);
	mounted = map_file(dir, "f");
	ASSERT_EQ(0, take(&report, first));
	snprintf(path, sizeof(path), "%s/f", base);
	EXPECT_STREQ(path, name_of(&report, first));
	snprintf(path, sizeof(path), "%s/g", base);
	EXPECT_STREQ(path, name_of(&report, linked));
	snprintf(path, sizeof(path), "%s/f", other);
	EXPECT_STREQ(path, name_of(&report, mounted));
	report_free(&report);
	EXPECT_EQ(0, unlinkat(self->dirs[0], "f", 0));
	EXPECT_EQ(0, unlinkat(self->dirs[0], "g", 0));
	close(dir);
	munmap(mounted, getpagesize());
	EXPECT_EQ(0, umount(other));
	EXPECT_EQ(0, rmdir(other));
}

/* As printed: a blank is escaped as four characters. */
static size_t printed_bytes(const char *name)
{
	size_t bytes = 1;

	for (; *name; name++)
		bytes += *name == ' ' ? 4 : 1;
	return bytes;
}

/* The first lines have their names, as many as fit, and the rest have none. */
static int check_bound(const struct report *report, char *const *pages, char *const *paths,
		       size_t bound)
{
	const struct record *map = NULL;
	size_t used = 0, i;
	bool full = false;

	while ((map = report_next(report, "map", map))) {
		const char *name = record_get(map, "name");

		for (i = 0; i < LINKS && record_num(map, "va") != (uintptr_t)pages[i]; i++)
			;
		if (i == LINKS)
			return complain("an unknown map line, va=%s", record_get(map, "va"));
		used += printed_bytes(paths[i]);
		full = full || used > bound;
		if (strcmp(name, full ? LEFT_OUT : paths[i]))
			return complain("max_name_bytes=%zu: name=%.40s... after %zu bytes",
					bound, name, used);
	}
	return 0;
}

TEST_F(file_names, all_paths_together_take_at_most_max_name_bytes)
{
	size_t size = strlen(self->path) + 3, bounds[5], i, whole;
	char *pages[LINKS], *paths[LINKS], name[2] = "a";
	struct report report;

	NEEDS_MODULE();
	for (i = 0; i < LINKS; i++, name[0]++) {
		if (i)
			ASSERT_EQ(0, linkat(self->dirs[DEEP], "a", self->dirs[DEEP], name, 0));
		pages[i] = map_file(self->dirs[DEEP], name);
		ASSERT_NE(NULL, pages[i]) TH_LOG("%s", why);
		paths[i] = malloc(size);
		ASSERT_NE(NULL, paths[i]);
		snprintf(paths[i], size, "%s/%s", self->path, name);
	}
	whole = printed_bytes(paths[0]);
	memcpy(bounds, (size_t[]){ 0, whole - 1, whole, 3 * whole, self->bound }, sizeof(bounds));
	for (i = 0; i < 5; i++) {
		EXPECT_OK(param_set(MAX_NAME_BYTES, bounds[i]));
		EXPECT_EQ(0, take(&report, pages[0]));
		EXPECT_OK(check_bound(&report, pages, paths, bounds[i]));
		EXPECT_EQ(0, record_num(report_next(&report, "walk", NULL), "truncated"));
		report_free(&report);
	}
	EXPECT_EQ(LINKS * whole < self->bound, true);
	for (i = 0; i < LINKS; i++) {
		name[0] = 'a' + i;
		EXPECT_EQ(0, unlinkat(self->dirs[DEEP], name, 0));
		free(paths[i]);
	}
}

TEST_F(file_names, names_that_are_no_paths_are_never_left_out)
{
	struct report report;

	NEEDS_MODULE();
	ASSERT_OK(param_set(MAX_NAME_BYTES, 0));
	ASSERT_EQ(0, take(&report, self->page));
	EXPECT_STREQ("-", name_of(&report, self->page));
	report_free(&report);
}

/* Maps an anonymous page at a free address. */
static char *map_at(char *at)
{
	char *page = mmap(at, getpagesize(), PROT_READ | PROT_WRITE | PROT_EXEC,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	if (page == MAP_FAILED)
		return NULL;
	*page = 1;
	return page;
}

static int is_named(const char *page, const char *expected)
{
	struct report report;
	int ret;

	if (take(&report, page))
		return complain("the module gives no report on the page");
	ret = strcmp(name_of(&report, page), expected);
	if (ret)
		complain("%s, not %s", name_of(&report, page), expected);
	report_free(&report);
	return ret;
}

/* On old kernels /proc/PID/maps also says [heap] for adjacent VMAs. */
TEST_F(file_names, only_the_vma_of_brk_is_called_heap)
{
	size_t size = getpagesize();
	struct oracle_vma heap;
	char *end, *page;

	NEEDS_MODULE();
	end = (char *)(((uintptr_t)sbrk(0) + size - 1) & -size) + size;
	ASSERT_EQ(0, brk(end));
	end[-1] = 1;
	EXPECT_OK(is_named(end - size, "[heap]"));
	ASSERT_OK(oracle_vma(getpid(), (uintptr_t)end - size, &heap));
	EXPECT_STREQ("[heap]", heap.name);
	EXPECT_EQ((uintptr_t)end, heap.end);
	page = map_at(end);
	ASSERT_NE(NULL, page);
	EXPECT_OK(is_named(page, "-"));
	munmap(page, size);
	page = map_at((char *)(uintptr_t)heap.start - size);
	if (page) {
		EXPECT_OK(is_named(page, "-"));
		munmap(page, size);
	}
	EXPECT_OK(is_named((char *)((uintptr_t)&page & -size), "[stack]"));
}

TEST_F(file_names, path_beyond_path_max_is_marked)
{
	struct report report;
	char *page;

	NEEDS_MODULE();
	page = map_file(self->dirs[TOO_DEEP], "f");
	ASSERT_NE(NULL, page) TH_LOG("%s", why);
	EXPECT_EQ(0, unlinkat(self->dirs[TOO_DEEP], "f", 0));
	ASSERT_EQ(0, take(&report, page));
	EXPECT_STREQ("(too long)", name_of(&report, page));
	report_free(&report);
}

TEST_HARNESS_MAIN
