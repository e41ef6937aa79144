// SPDX-License-Identifier: GPL-2.0
/*
 * "rmap-exercise" as a program: its command, its signals, its exit status, and that it leaves no
 * process behind. Other tests compare what it sets up with the pagemaps. Needs no module.
 */
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <json-c/json.h>

#include "command.h"
#include "exercise.h"
#include "kernel_file.h"
#include "test.h"

FIXTURE(cli_exercise)
{
	struct command run;
};

/* As a subreaper, this process inherits what rmap-exercise leaves behind. */
FIXTURE_SETUP(cli_exercise)
{
	ASSERT_EQ(0, prctl(PR_SET_CHILD_SUBREAPER, 1));
}

FIXTURE_TEARDOWN(cli_exercise)
{
	command_free(&self->run);
	EXPECT_EQ(-1, waitpid(-1, NULL, WNOHANG)) {
		TH_LOG("rmap-exercise left a process behind");
	}
}

#define RUN_EXERCISE(...)						\
	do {								\
		command_free(&self->run);				\
		ASSERT_OK(command_run(&self->run, exercise_program(), __VA_ARGS__, NULL)); \
		if (self->run.status == 127 && !*self->run.err)		\
			SKIP(return, "no rmap-exercise in PATH");	\
	} while (0)

TEST_F(cli_exercise, wrong_usage_exits_2)
{
	static char * const wrong[][4] = {
		{ NULL },
		{ "nosuch" },
		{ "fork", "deep" },
		{ "fork", "--nosuch" },
		{ "fork", "--children", "x" },
		{ "fork", "--children", "-1" },
		{ "fork", "--children", "1x" },
		{ "fork", "--children", "" },
		{ "fork", "--children", "20001" },
		{ "fork", "--pages", "0" },
		{ "fork", "--pages", "4097" },
		{ "brk", "--pages", "65" },
		{ "fork", "--writers", "1" },
		{ "fork", "--depth", "2" },
		{ "deep", "--depth", "501" },
		{ "prefork", "--pages", "65537" },
		{ "pipeline", "--children", "101" },
		{ "zygote", "--children", "101" },
		{ "--stage", "1", "3", "1" },
		{ "cow-child", "--children=2", "--writers=3" },
		{ "ksm", "--max-sharing", "257" },
		{ "ksm", "--max-sharing", "1" },
		{ "fork", "--children=20000", "--pages=4096" },
		{ "fork", "--" },
		{ "fork", "--hold", "--", "true" },
		{ "cow-child", "--twice" },
		{ "fork", "--twice", "--", "true" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		RUN_EXERCISE(wrong[i][0], wrong[i][1], wrong[i][2], wrong[i][3]);
		EXPECT_EQ(2, self->run.status) TH_LOG("%zu: %s %s", i, wrong[i][0], wrong[i][1]);
		EXPECT_STREQ("", self->run.out);
		EXPECT_NE(0, count_lines(self->run.err));
	}
}

TEST_F(cli_exercise, status_is_that_of_the_command)
{
	RUN_EXERCISE("-q", "fork", "--", "true");
	EXPECT_EQ(0, self->run.status);
	EXPECT_STREQ("", self->run.out);
	RUN_EXERCISE("-q", "fork", "--", "sh", "-c", "exit 7");
	EXPECT_EQ(7, self->run.status);
	RUN_EXERCISE("-q", "fork", "--", "sh", "-c", "kill -9 $$");
	EXPECT_EQ(128 + 9, self->run.status);
	RUN_EXERCISE("-q", "fork", "--", "/no/such/program");
	EXPECT_EQ(127, self->run.status);
	EXPECT_EQ(1, count_lines(self->run.err));
	RUN_EXERCISE("-q", "fork", "--", "/proc/self/maps");
	EXPECT_EQ(126, self->run.status);
}

static struct json_object *account_of(const char *text)
{
	return json_tokener_parse(text);
}

static struct json_object *member(struct json_object *object, const char *key)
{
	struct json_object *value = NULL;

	json_object_object_get_ex(object, key, &value);
	return value;
}

TEST_F(cli_exercise, account_comes_before_the_command_whose_arguments_are_filled_in)
{
	struct json_object *account, *page, *first;
	char expected[128];

	RUN_EXERCISE("fork", "--", "echo", "<{pid}|{va}|{pid}{va}>");
	EXPECT_EQ(0, self->run.status);
	account = account_of(self->run.out);
	ASSERT_NE(NULL, account);
	page = json_object_array_get_idx(member(account, "pages"), 0);
	first = json_object_array_get_idx(member(page, "mapped"), 0);
	snprintf(expected, sizeof(expected), "\n<%s|%s|%s%s>\n",
		 json_object_get_string(member(first, "pid")),
		 json_object_get_string(member(first, "va")),
		 json_object_get_string(member(first, "pid")),
		 json_object_get_string(member(first, "va")));
	EXPECT_NE(NULL, strstr(self->run.out, expected)) TH_LOG("no %s in %s", expected,
								self->run.out);
	json_object_put(account);
}

TEST_F(cli_exercise, account_has_all_that_the_manual_promises)
{
	struct json_object *account, *page, *process;

	RUN_EXERCISE("cow-child", "--children", "5", "--writers", "2", "--pages", "3");
	EXPECT_EQ(0, self->run.status);
	EXPECT_STREQ("", self->run.err);
	account = account_of(self->run.out);
	ASSERT_NE(NULL, account);
	EXPECT_STREQ("cow-child", json_object_get_string(member(account, "scenario")));
	EXPECT_LT(10, strlen(json_object_get_string(member(account, "explain")) ?: ""));
	EXPECT_EQ(getpagesize(), json_object_get_int(member(account, "page_size")));
	EXPECT_EQ(6, json_object_array_length(member(account, "processes")));
	process = json_object_array_get_idx(member(account, "processes"), 0);
	EXPECT_STREQ("parent", json_object_get_string(member(process, "role")));
	/* The three pages, and the copy of each that each writer makes. */
	EXPECT_EQ(3 + 2 * 3, json_object_array_length(member(account, "pages")));
	page = json_object_array_get_idx(member(account, "pages"), 2);
	EXPECT_EQ(2, json_object_get_int(member(page, "page")));
	EXPECT_STREQ("anon", json_object_get_string(member(page, "kind")));
	EXPECT_EQ(6, json_object_get_int(member(page, "visited")));
	EXPECT_EQ(4, json_object_array_length(member(page, "mapped")));
	EXPECT_EQ(2, json_object_array_length(member(page, "absent")));
	EXPECT_EQ(NULL, member(page, "refused"));
	EXPECT_EQ(NULL, member(page, "index"));
	json_object_put(account);
}

TEST_F(cli_exercise, command_runs_before_the_writes_too_if_asked)
{
	RUN_EXERCISE("-q", "cow-child", "--children", "2", "--writers", "1", "--", "echo", "once");
	EXPECT_STREQ("once\n", self->run.out);
	RUN_EXERCISE("-q", "cow-child", "--children=2", "--writers=1", "--twice", "--", "echo",
		     "once");
	EXPECT_STREQ("once\nonce\n", self->run.out);
	/* After the first failure the command is not run again. */
	RUN_EXERCISE("-q", "cow-child", "--twice", "--", "sh", "-c", "echo no; exit 3");
	EXPECT_EQ(3, self->run.status);
}

TEST_F(cli_exercise, processes_left_by_the_command_are_killed)
{
	int64_t pid;

	RUN_EXERCISE("-q", "fork", "--", "sh", "-c", "sleep 10000 >/dev/null 2>&1 & echo $!");
	EXPECT_EQ(0, self->run.status);
	pid = atoll(self->run.out);
	ASSERT_LT(1, pid);
	EXPECT_EQ(-1, kill(pid, 0));
	EXPECT_EQ(ESRCH, errno);
}

TEST_F(cli_exercise, list_has_what_help_has)
{
	char *list, *line, *rest, name[32];
	struct command help;
	size_t scenarios = 0;

	RUN_EXERCISE("--list");
	EXPECT_EQ(0, self->run.status);
	ASSERT_OK(command_run(&help, exercise_program(), "--help", NULL));
	EXPECT_EQ(0, help.status);
	list = self->run.out;
	for (line = strtok_r(list, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		if (sscanf(line, "%31[a-z0-9-]", name) != 1)
			continue;
		scenarios++;
		EXPECT_NE(NULL, strstr(help.out, name)) TH_LOG("--help lacks %s", name);
	}
	EXPECT_LE(53, scenarios);
	command_free(&help);
}

/* A signal ends rmap-exercise and its children, and its exit status is 0. */
static void end_by(struct __test_metadata *_metadata, int signal)
{
	struct exercise run;
	int status;
	pid_t pid;
	size_t i;

	ASSERT_OK(exercise_start(&run, "deep", "--depth", "4", NULL));
	ASSERT_EQ(5, run.nr_processes);
	pid = run.pid;
	ASSERT_EQ(0, kill(pid, signal));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	for (i = 0; i < run.nr_processes; i++)
		EXPECT_EQ(-1, kill(run.processes[i].pid, 0));
	run.pid = 0;
	EXPECT_OK(exercise_stop(&run));
}

TEST_F(cli_exercise, signals_end_it)
{
	end_by(_metadata, SIGINT);
	end_by(_metadata, SIGTERM);
	end_by(_metadata, SIGHUP);
}

TEST_F(cli_exercise, death_of_a_child_does_not_end_it)
{
	struct exercise run;

	ASSERT_OK(exercise_start(&run, "fork", "--children", "3", NULL));
	ASSERT_EQ(4, run.nr_processes);
	EXPECT_EQ(0, kill(run.processes[2].pid, SIGKILL));
	EXPECT_EQ(0, waitpid(run.pid, NULL, WNOHANG));
	EXPECT_OK(exercise_stop(&run));
}

/* They have run the program anew, and are children of this process when their parent is dead. */
TEST_F(cli_exercise, stages_of_a_pipeline_end_when_it_is_killed)
{
	struct exercise run;
	int status;
	pid_t pid;
	size_t i;

	ASSERT_OK(exercise_start(&run, "pipeline", NULL));
	ASSERT_EQ(4, run.nr_processes);
	pid = run.pid;
	ASSERT_EQ(0, kill(pid, SIGKILL));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	run.pid = 0;
	for (i = 1; i < run.nr_processes; i++) {
		EXPECT_EQ(run.processes[i].pid, waitpid(run.processes[i].pid, &status, 0));
		EXPECT_EQ(0, status);
	}
	EXPECT_OK(exercise_stop(&run));
}

TEST_HARNESS_MAIN
