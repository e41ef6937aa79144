// SPDX-License-Identifier: GPL-2.0
/* "rmapscope page": its output in all formats, its messages and its exit status. */
#include <inttypes.h>
#include <sys/prctl.h>

#include <json-c/json.h>

#include "child.h"
#include "command.h"
#include "memory_block.h"
#include "module.h"
#include "oracle.h"
#include "test.h"

#define PROGRAM		"rmapscope"

/* A page that the test shares with two children, one of which has copied it. */
FIXTURE(cli_page)
{
	struct child children[2];
	char *page;
	char pid[16];
	char va[24];
	uint64_t pfn;
	struct command run;
};

FIXTURE_SETUP(cli_page)
{
	self->page = own_page();
	ASSERT_NE(NULL, self->page);
	ASSERT_OK(child_fork(&self->children[0]));
	ASSERT_OK(child_fork(&self->children[1]));
	ASSERT_OK(child_do(&self->children[1], CHILD_WRITE, self->page));
	snprintf(self->pid, sizeof(self->pid), "%d", getpid());
	snprintf(self->va, sizeof(self->va), "%p", self->page);
	ASSERT_OK(oracle_pfn(getpid(), (uintptr_t)self->page, &self->pfn));
}

FIXTURE_TEARDOWN(cli_page)
{
	int i;

	command_free(&self->run);
	for (i = 0; i < 2; i++)
		EXPECT_OK(child_end(&self->children[i]));
}

TEST_F(cli_page, table_has_the_page_its_sharers_and_the_walk)
{
	char text[64];

	NEEDS_MODULE();
	RUN_WELL("page", "-p", self->pid, "-a", self->va);
	snprintf(text, sizeof(text), "%#" PRIx64, self->pfn);
	EXPECT_NE(NULL, strstr(self->run.out, text));
	EXPECT_NE(NULL, strstr(self->run.out, "STATE"));
	EXPECT_NE(NULL, strstr(self->run.out, "cowed"));
	EXPECT_NE(NULL, strstr(self->run.out, self->pid));
	snprintf(text, sizeof(text), "%d", self->children[0].pid);
	EXPECT_NE(NULL, strstr(self->run.out, text));
	snprintf(text, sizeof(text), "%d", self->children[1].pid);
	EXPECT_NE(NULL, strstr(self->run.out, text));
	EXPECT_NE(NULL, strstr(self->run.out, "3"));
}

TEST_F(cli_page, raw_has_one_line_for_each_vma)
{
	NEEDS_MODULE();
	RUN_WELL("page", "-p", self->pid, "-a", self->va, "-r");
	EXPECT_EQ(4, count_lines(self->run.out));
	EXPECT_EQ(0, strncmp(self->run.out, "STATE PID ", 10));
	EXPECT_EQ(NULL, strstr(self->run.out, "  "));
}

TEST_F(cli_page, noheadings_has_only_the_rows)
{
	NEEDS_MODULE();
	RUN_WELL("page", "-p", self->pid, "-a", self->va, "-n");
	EXPECT_EQ(3, count_lines(self->run.out));
	EXPECT_EQ(NULL, strstr(self->run.out, "STATE"));
}

TEST_F(cli_page, output_chooses_columns)
{
	char expected[256];

	NEEDS_MODULE();
	RUN_WELL("page", "-p", self->pid, "-a", self->va, "-n", "-r", "-o", "PID,STATE");
	/* The walk visits parents before their children. */
	snprintf(expected, sizeof(expected), "%d mapped\n%d mapped\n%d cowed\n", getpid(),
		 self->children[0].pid, self->children[1].pid);
	EXPECT_STREQ(expected, self->run.out);
}

TEST_F(cli_page, output_with_plus_adds_columns)
{
	NEEDS_MODULE();
	RUN_WELL("page", "-p", self->pid, "-a", self->va, "-r");
	EXPECT_EQ(NULL, strstr(self->run.out, "PTE"));
	RUN_WELL("page", "-p", self->pid, "-a", self->va, "-r", "-o", "+PTE");
	EXPECT_EQ(0, strncmp(self->run.out, "STATE PID ", 10));
	EXPECT_NE(NULL, strstr(self->run.out, " PTE\n"));
}

TEST_F(cli_page, each_listed_column_can_be_chosen)
{
	char *list, *line, *rest;
	int columns = 0;

	NEEDS_MODULE();
	RUN_WELL("page", "--list-columns");
	list = strdup(self->run.out);
	ASSERT_NE(NULL, list);
	for (line = strtok_r(list, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		char name[32];

		/* Each line has a name and an explanation. The first line is a heading. */
		if (sscanf(line, "%31[A-Z_-]", name) != 1 || line == list)
			continue;
		columns++;
		RUN_WELL("page", "-p", self->pid, "-a", self->va, "-n", "-r", "-o", name);
		EXPECT_EQ(3, count_lines(self->run.out));
	}
	EXPECT_LE(13, columns);
	free(list);
}

TEST_F(cli_page, pfn_and_phys_and_folio_lead_to_the_same_table)
{
	char pfn[24], phys[24], *first;

	NEEDS_MODULE();
	snprintf(pfn, sizeof(pfn), "%#" PRIx64, self->pfn);
	snprintf(phys, sizeof(phys), "%#" PRIx64, self->pfn * getpagesize());
	RUN_WELL("page", "-p", self->pid, "-a", self->va, "-r");
	first = strdup(self->run.out);
	ASSERT_NE(NULL, first);
	RUN_WELL("page", "--pfn", pfn, "-r");
	EXPECT_STREQ(first, self->run.out);
	RUN_WELL("page", "--phys", phys, "-r");
	EXPECT_STREQ(first, self->run.out);
	free(first);
	/* By default --folio adds two columns, so this chooses the columns. */
	RUN_WELL("page", "--pfn", pfn, "-r", "-o", "STATE,PID,VA");
	first = strdup(self->run.out);
	ASSERT_NE(NULL, first);
	RUN_WELL("page", "--pid", self->pid, "--address", self->va, "--folio", "--raw",
		 "-o", "STATE,PID,VA");
	EXPECT_STREQ(first, self->run.out);
	free(first);
}

TEST_F(cli_page, folio_rows_say_which_pages_they_are_about)
{
	NEEDS_MODULE();
	RUN_WELL("page", "-p", self->pid, "-a", self->va, "--folio", "-r");
	EXPECT_NE(NULL, strstr(self->run.out, "LEVEL FIRST COUNT BITS"));
}

/* A file of two pages. The first one is written, and no process maps it. */
static int make_file(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0)
		return -1;
	if (write(fd, "x", 1) != 1 || ftruncate(fd, 2 * getpagesize())) {
		close(fd);
		return -1;
	}
	return fd;
}

TEST_F(cli_page, file_and_offset_lead_to_the_page_in_the_page_cache)
{
	char path[] = "/tmp/rmapscope-cli", text[24];
	uint64_t pfn;
	char *page;
	int fd;

	NEEDS_MODULE();
	fd = make_file(path);
	ASSERT_LE(0, fd);
	page = mmap(NULL, getpagesize(), PROT_READ, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, page);
	ASSERT_EQ('x', *(volatile char *)page);
	ASSERT_OK(oracle_pfn(getpid(), (uintptr_t)page, &pfn));
	snprintf(text, sizeof(text), "pfn %#" PRIx64, pfn);
	RUN_WELL("page", "--file", path, "--offset", "17");
	EXPECT_NE(NULL, strstr(self->run.out, text)) {
		TH_LOG("no %s in: %s", text, self->run.out);
	}
	/* The tool has mapped the page only briefly, so its own mapping is not listed. */
	EXPECT_NE(NULL, strstr(self->run.out, "1 VMA visited: 1 maps"));
	munmap(page, getpagesize());
	close(fd);
	unlink(path);
}

TEST_F(cli_page, part_of_a_file_that_is_not_in_memory_exits_3)
{
	char path[] = "/tmp/rmapscope-cli";
	int fd;

	NEEDS_MODULE();
	fd = make_file(path);
	ASSERT_LE(0, fd);
	RUN_BADLY(3, "page", "--file", path, "--offset", "4096");
	EXPECT_NE(NULL, strstr(self->run.err, "not in memory"));
	RUN_BADLY(3, "page", "--file", path, "--offset", "8192");
	EXPECT_NE(NULL, strstr(self->run.err, "past the end"));
	RUN_BADLY(1, "page", "--file", "/no/such/file");
	RUN_BADLY(2, "page", "--offset", "0");
	RUN_BADLY(2, "page", "--file", path, "--pfn", "1");
	close(fd);
	unlink(path);
}

TEST_F(cli_page, usage_errors_exit_2)
{
	NEEDS_MODULE();
	RUN_BADLY(2, "page");
	RUN_BADLY(2, "page", "-p", self->pid);
	RUN_BADLY(2, "page", "-a", self->va);
	RUN_BADLY(2, "page", "-p", self->pid, "-a", self->va, "--pfn", "1");
	RUN_BADLY(2, "page", "--pfn", "1", "--phys", "0x1000");
	RUN_BADLY(2, "page", "--pfn", "hello");
	RUN_BADLY(2, "page", "--pfn", "-1");
	RUN_BADLY(2, "page", "--pfn", "");
	RUN_BADLY(2, "page", "-p", "1x", "-a", self->va);
	RUN_BADLY(2, "page", "--pfn", "1", "superfluous");
	RUN_BADLY(2, "page", "-p", self->pid, "-a", self->va, "-o", "NOSUCHCOLUMN");
}

TEST_F(cli_page, missing_page_exits_3)
{
	char *untouched, text[24];

	NEEDS_MODULE();
	RUN_BADLY(3, "page", "-p", "4194305", "-a", self->va);
	EXPECT_ERR("no such process");
	RUN_BADLY(3, "page", "-p", "2", "-a", self->va);
	EXPECT_ERR("kernel thread");
	RUN_BADLY(3, "page", "-p", self->pid, "-a", "0x800000000000");
	EXPECT_ERR("nothing is mapped at 0x800000000000; see /proc/");
	/* A user may copy hexadecimal digits without the 0x. */
	RUN_BADLY(3, "page", "-p", self->pid, "-a", "4096");
	EXPECT_ERR("at 0x1000 (decimal 4096); write 0x");
	RUN_BADLY(3, "page", "--pfn", "0xffffffffff");
	untouched = own_pages(1);
	ASSERT_NE(NULL, untouched);
	snprintf(text, sizeof(text), "%p", untouched);
	RUN_BADLY(3, "page", "-p", self->pid, "-a", text);
	EXPECT_NE(NULL, strstr(self->run.err, text));
}

TEST_F(cli_page, page_without_reverse_map_exits_1)
{
	volatile char *page;
	char text[24];

	NEEDS_MODULE();
	page = own_pages(1);
	ASSERT_NE(NULL, page);
	ASSERT_EQ(0, *page);
	snprintf(text, sizeof(text), "%p", page);
	RUN_BADLY(1, "page", "-p", self->pid, "-a", text);
	EXPECT_NE(NULL, strstr(self->run.err, "zero"));
}

TEST_F(cli_page, offline_frame_is_explained)
{
	uint64_t pfn, flags, pages = block_pages();
	char text[24];

	NEEDS_MODULE();
	for (pfn = 0; pages && !oracle_kpageflags(pfn, &flags); pfn += pages)
		if (block_is_offline(pfn))
			break;
	if (!block_is_offline(pfn))
		SKIP(return, "no block of memory is offline");
	snprintf(text, sizeof(text), "%#" PRIx64, pfn);
	RUN_BADLY(1, "page", "--pfn", text);
	EXPECT_NE(NULL, strstr(self->run.err, "offline"));
}

TEST_F(cli_page, name_of_a_process_cannot_forge_lines)
{
	NEEDS_MODULE();
	ASSERT_EQ(0, prctl(PR_SET_NAME, "x\n9 mapped\033["));
	RUN_WELL("page", "-p", self->pid, "-a", self->va, "-n", "-r", "-o", "PID,STATE,COMM");
	EXPECT_EQ(3, count_lines(self->run.out));
	EXPECT_EQ(NULL, strchr(self->run.out, '\033'));
	RUN_WELL("page", "-p", self->pid, "-a", self->va, "-n");
	EXPECT_EQ(3, count_lines(self->run.out));
	EXPECT_EQ(NULL, strchr(self->run.out, '\033'));
}

TEST_F(cli_page, missing_module_exits_1_and_says_so)
{
	NEEDS_MODULE();
	if (access(module_path(), R_OK))
		SKIP(return, "no module at %s: set RMAPSCOPE_KO", module_path());
	ASSERT_EQ(0, module_unload());
	RUN("page", "-p", self->pid, "-a", self->va);
	ASSERT_EQ(0, module_load(""));
	EXPECT_EQ(1, self->run.status);
	EXPECT_EQ(1, count_lines(self->run.err));
	EXPECT_ERR("the module is not loaded; as root: modprobe rmapscope, or insmod ");
}

TEST_F(cli_page, empty_variable_names_no_directory)
{
	NEEDS_MODULE();
	setenv("RMAPSCOPE_DEBUGFS", "", 1);
	RUN_WELL("page", "-p", self->pid, "-a", self->va);
	unsetenv("RMAPSCOPE_DEBUGFS");
}

TEST_HARNESS_MAIN
