// SPDX-License-Identifier: GPL-2.0
/* The target that the tool writes, and its messages if there is no report. Needs no module. */
#include <sys/stat.h>
#include <sys/sysmacros.h>

#define FAKE_FIXTURE_NAME	cli_target
#include "fake_fixture.h"

#define REPORT(file)	FAKE_LINE(file) "page pfn=0x1 kind=anon\nwalk visited=0\ntree vmas=0\n"

/* Checks that a subcommand writes @target: then the report follows it in the file. */
static int asks(const struct fake *fake, const char *command, const char *file,
		const char *target, char **args)
{
	char text[512];
	struct command run;
	int ret;

	if (fake_report(fake, file, target, REPORT("x")) ||
	    command_run(&run, "rmapscope", command, args[0], args[1], args[2], args[3], args[4],
			NULL))
		return -1;
	ret = run.status ? complain("%s: status %d: %s", target, run.status, run.err) : 0;
	command_free(&run);
	if (!ret && fake_asked(fake, file, text, sizeof(text)))
		ret = complain("%s: the file is gone", file);
	if (!ret && (strncmp(text, target, strlen(target)) ||
		     strncmp(text + strlen(target), "rmapscope ", 10)))
		ret = complain("the tool has written '%.40s', not '%s'", text, target);
	return ret;
}

TEST_F(cli_target, target_is_written_in_the_format_of_the_module)
{
	static struct {
		const char *target;
		char *args[5];
	} targets[] = {
		{ "pid=12 va=0x7f00", { "-p", "12", "-a", "0x7f00" } },
		{ "pid=12 va=0x7f00", { "--pid=12", "--address=0X7F00" } },
		{ "pid=12 va=0x7f2a4c000000", { "-p12", "-a7f2a4c000000" } },
		{ "pid=12 va=0x1000", { "-p", "12", "-a", "4096" } },
		{ "pid=12 va=0x0", { "-p", "12", "-a", "0" } },
		{ "pid=2147483647 va=0xffffffffffffffff",
		  { "-p", "2147483647", "-a", "0xffffffffffffffff" } },
		{ "pid=12 va=0x7f00 folio", { "-p", "12", "-a", "0x7f00", "--folio" } },
		{ "pfn=0x1a2b3", { "--pfn", "0x1a2b3" } },
		{ "pfn=0x64", { "--pfn", "100" } },
		{ "pfn=0x1a2b3 folio", { "--folio", "--pfn", "1a2b3" } },
		{ "phys=0x123456789", { "--phys", "0x123456789" } },
		{ "phys=0x1000 folio", { "--phys", "4096", "--folio" } },
	};
	struct command run;
	size_t i;

	ASSERT_OK(command_run(&run, "rmapscope", "--version", NULL));
	if (run.status == 127)
		SKIP(return, "no rmapscope in PATH");
	command_free(&run);
	for (i = 0; i < ARRAY_SIZE(targets); i++) {
		EXPECT_OK(asks(&self->fake, "page", "page", targets[i].target, targets[i].args));
		EXPECT_OK(asks(&self->fake, "why", "page", targets[i].target, targets[i].args));
		EXPECT_OK(asks(&self->fake, "tree", "tree", targets[i].target, targets[i].args));
	}
}

TEST_F(cli_target, invalid_and_ambiguous_numbers_are_refused)
{
	static const struct {
		const char *option, *value, *message;
	} wrong[] = {
		{ "--pfn", "00400000", "octal or hex? Write 0x00400000 for hex" },
		{ "--pfn", "0x", "not a 64-bit number" },
		{ "--pfn", "0x1g", "not a 64-bit number" },
		{ "--pfn", "+1", "not a 64-bit number" },
		{ "--pfn", " 1", "not a 64-bit number" },
		{ "--pfn", "0x10000000000000000", "not a 64-bit number" },
		{ "--phys", "18446744073709551616", "not a 64-bit number" },
		{ "-p", "0", "not a process id" },
		{ "-p", "2147483648", "not a process id" },
		{ "-p", "abc", "not a process id" },
		{ "-p", "0x12", "not a process id" },
		{ "-p", "-1", "not a process id" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		RUN("page", wrong[i].option, wrong[i].value, "-a", "0x1000");
		EXPECT_EQ(2, self->run.status) TH_LOG("%s %s", wrong[i].option, wrong[i].value);
		EXPECT_STREQ("", self->run.out);
		EXPECT_ERR(wrong[i].message);
	}
}

TEST_F(cli_target, exactly_one_target_is_required)
{
	static char * const wrong[][5] = {
		{ NULL },
		{ "-a", "0x1000" },
		{ "--pfn=1", "--pfn=1" },
		{ "--phys=1", "--phys=1" },
		{ "--pfn=1", "--phys=1" },
		{ "--pfn=1", "-p1" },
		{ "--pfn=1", "-a1" },
		{ "-p1", "-p1", "-a1" },
		{ "-p1", "-a1", "-a1" },
		{ "--file=/x", "--file=/x" },
		{ "--file=/x", "--pfn=1" },
		{ "--offset=1", "--pfn=1" },
		{ "--file=/x", "--offset=1", "--offset=1" },
	};
	static const char * const commands[] = { "page", "why", "tree" };
	size_t i, k;

	for (i = 0; i < ARRAY_SIZE(wrong); i++)
		for (k = 0; k < ARRAY_SIZE(commands); k++) {
			RUN(commands[k], wrong[i][0], wrong[i][1], wrong[i][2]);
			EXPECT_EQ(2, self->run.status) TH_LOG("%s %zu", commands[k], i);
			EXPECT_STREQ("", self->run.out);
			EXPECT_NE(0, count_lines(self->run.err));
		}
	/* To why, this is a range. */
	RUN_BADLY(2, "page", "-p", "1");
	RUN_BADLY(2, "tree", "-p", "1");
}

TEST_F(cli_target, missing_file_is_reported)
{
	RUN("page", "--pfn", "1");
	EXPECT_EQ(1, self->run.status);
	EXPECT_ERR("/page: no such file; load the module, and check RMAPSCOPE_DEBUGFS");
	RUN("tree", "--pfn", "1");
	EXPECT_EQ(1, self->run.status);
	EXPECT_ERR("/tree: no such file");
	RUN("top");
	EXPECT_EQ(1, self->run.status);
	EXPECT_ERR("/top: no such file");
	EXPECT_EQ(1, count_lines(self->run.err));
}

/* Files of the kernel that fail with the same errnos as the module's files. */
static const struct {
	const char *path;	/* NULL: a device without a driver */
	int status;
	const char *words;
} failures[] = {
	/* This file is read-only. */
	{ "/proc/sys/kernel/ostype", 1, "no permission to open the module's files; run as root\n" },
	/* Even root cannot write here, as the first user namespace already has its mapping. */
	{ "/proc/self/uid_map", 1, "not permitted; CAP_SYS_ADMIN" },
	/* This file expects a number. */
	{ "/proc/self/oom_score_adj", 1, "does not understand \"pfn=0x1\"" },
	{ NULL, 3, "pfn 0x1: no such frame: " },
	/* An errno without a message of the tool has that of the C library. */
	{ "/", 1, "Is a directory\n" },
};

TEST_F(cli_target, each_error_has_its_message_and_its_status)
{
	char path[96];
	size_t i;

	snprintf(path, sizeof(path), "%s/page", self->fake.dir);
	for (i = 0; i < ARRAY_SIZE(failures); i++) {
		ASSERT_EQ(0, failures[i].path ? symlink(failures[i].path, path) :
			     mknod(path, S_IFCHR | 0600, makedev(240, 77)));
		RUN("page", "--pfn", "1");
		EXPECT_EQ(failures[i].status, self->run.status) TH_LOG("%zu", i);
		EXPECT_STREQ("", self->run.out);
		EXPECT_EQ(1, count_lines(self->run.err));
		EXPECT_EQ(0, strncmp(self->run.err, "rmapscope: ", 11));
		EXPECT_ERR(failures[i].words);
		RUN("why", "--pfn", "1");
		EXPECT_EQ(failures[i].status, self->run.status) TH_LOG("%zu", i);
		EXPECT_ERR(failures[i].words);
		ASSERT_EQ(0, unlink(path));
	}
}

TEST_F(cli_target, text_that_is_no_report_is_refused)
{
	static const char * const broken[] = {
		"", "\n", "hello\n", "page pfn=1\n", "rmapscope\n", "rmapscopes abi=1\n",
		/* Only the first line can name the format. */
		"page pfn=0x1\nrmapscope abi=1\n",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(broken); i++) {
		ASSERT_OK(fake_report(&self->fake, "page", "pfn=0x1", broken[i]));
		RUN("page", "--pfn", "1");
		EXPECT_EQ(1, self->run.status) TH_LOG("'%s'", broken[i]);
		EXPECT_STREQ("", self->run.out);
		EXPECT_ERR("/page: no report of the rmapscope module; check RMAPSCOPE_DEBUGFS");
	}
	ASSERT_OK(fake_report(&self->fake, "page", "pfn=0x1",
			      "rmapscope abi=2 kernel=x file=page\npage pfn=0x1\n"));
	RUN("page", "--pfn", "1");
	EXPECT_EQ(1, self->run.status);
	EXPECT_ERR("the report has abi 2, and this tool reads abi 1");
	ASSERT_OK(fake_report(&self->fake, "page", "pfn=0x1", "rmapscope abi=0\npage pfn=0x1\n"));
	RUN("page", "--pfn", "1");
	EXPECT_EQ(1, self->run.status);
	EXPECT_ERR("the report has abi 0, and this tool reads abi 1");
}

TEST_F(cli_target, additions_of_a_newer_module_are_ignored)
{
	ASSERT_OK(fake_report(&self->fake, "page", "pfn=0x1", FAKE_LINE("page") "news a=1 b=2\n"
			      "page news=5 pfn=0x1 kind=anon\nmap state=mapped pid=1 x=y\nwalk\n"));
	RUN("page", "--pfn", "1", "-n", "-r", "-o", "PID,STATE");
	EXPECT_EQ(0, self->run.status);
	EXPECT_STREQ("1 mapped\n", self->run.out);
}

TEST_F(cli_target, help_and_version_are_no_errors)
{
	static const char * const commands[] = { "page", "why", "tree", "top" };
	static const char * const listed[] = { "NOW-PFN", "NPROCS", "ACTIVE-VMAS", "PID-PAGES" };
	char usage[64];
	size_t i;

	RUN("--help");
	EXPECT_EQ(0, self->run.status);
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		EXPECT_NE(NULL, strstr(self->run.out, commands[i]));
	RUN("-V");
	EXPECT_EQ(0, self->run.status);
	EXPECT_EQ(0, strncmp(self->run.out, "rmapscope ", 10));
	EXPECT_NE(NULL, strstr(self->run.out, " (abi 1)\n"));
	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		RUN(commands[i], "--help");
		EXPECT_EQ(0, self->run.status);
		snprintf(usage, sizeof(usage), "Usage: rmapscope %s ", commands[i]);
		EXPECT_EQ(0, strncmp(self->run.out, usage, strlen(usage)));
		RUN(commands[i], "--version");
		EXPECT_EQ(0, self->run.status);
		RUN(commands[i], "--list-columns");
		EXPECT_EQ(0, self->run.status);
		EXPECT_NE(NULL, strstr(self->run.out, listed[i]));
		RUN(commands[i], "--no-such-option");
		EXPECT_EQ(2, self->run.status);
		snprintf(usage, sizeof(usage), "rmapscope: see 'rmapscope %s --help'\n",
			 commands[i]);
		EXPECT_ERR(usage);
	}
	RUN("nonsense");
	EXPECT_EQ(2, self->run.status);
	RUN(NULL);
	EXPECT_EQ(2, self->run.status);
}

TEST_F(cli_target, unknown_columns_and_conflicting_options_are_refused)
{
	static char * const wrong[][3] = {
		{ "page", "-o", "PI" },
		{ "page", "-o", "PIDX" },
		{ "page", "-o", "" },
		{ "page", "-o", "PID,," },
		{ "page", "-o", "OWN" },
		{ "tree", "-o", "STATE" },
		{ "page", "-J", "-r" },
		{ "tree", "-J", "-r" },
		{ "tree", "--dot", "-r" },
		{ "tree", "--dot", "-J" },
		{ "tree", "-J", "-oPID" },
		{ "tree", "--dot", "-oPID" },
		{ "why", "-r", "-n" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		RUN(wrong[i][0], "--pfn", "1", wrong[i][1], wrong[i][2]);
		EXPECT_EQ(2, self->run.status) TH_LOG("%zu: %s", i, self->run.err);
		EXPECT_STREQ("", self->run.out);
		EXPECT_LE(1, count_lines(self->run.err));
	}
}

TEST_F(cli_target, columns_are_listed_with_their_names_in_json)
{
	RUN("page", "--list-columns");
	EXPECT_NE(NULL, strstr(self->run.out, "\nNOW-PFN  now_pfn  yes "));
	EXPECT_NE(NULL, strstr(self->run.out, "\nTGIDS    tgids    -  "));
	EXPECT_EQ(0, strncmp(self->run.out, "COLUMN   JSON     DEFAULT MEANING\n", 34));
}

TEST_HARNESS_MAIN
