// SPDX-License-Identifier: GPL-2.0
/*
 * A pipeline, as a shell starts it. Each stage is a run of this program of its own, and its stdout
 * is the stdin of the next one. exec() has left nothing of the parent's memory, so the stages share
 * the page cache of the program and its libraries and no anonymous page.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/magic.h>

#include "exercise.h"

#define MAX_STAGES	100

/* The stdin of the next stage to be started, or -1. */
static int next_stdin = -1;
/* The stdout of that stage, or -1. */
static int next_stdout = -1;

static unsigned long start_stage(struct exercise *ex, unsigned int index)
{
	if ((next_stdin >= 0 && dup2(next_stdin, STDIN_FILENO) < 0) ||
	    (next_stdout >= 0 && dup2(next_stdout, STDOUT_FILENO) < 0))
		die(errno, "cannot connect a stage of the pipeline");
	helper_exec(index, ex->opt[OPT_CHILDREN], ex->opt[OPT_PAGES]);
}

static void close_if_open(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void start_stages(struct exercise *ex)
{
	unsigned int n = ex->opt[OPT_CHILDREN], i;
	int fds[2];

	for (i = 1; i <= n; i++) {
		fds[0] = -1;
		if (i < n && pipe2(fds, O_CLOEXEC))
			die(errno, "cannot make a pipe");
		next_stdout = i < n ? fds[1] : -1;
		proc_spawn(ex, i, start_stage);
		close_if_open(&next_stdin);
		close_if_open(&next_stdout);
		next_stdin = fds[0];
	}
}

static unsigned long code_page(void)
{
	unsigned long va = (unsigned long)pipeline_stage & ~(page_size() - 1);

	mem_read(va, 1);
	return va;
}

/**
 * pipeline_stage() - what a stage does after its exec
 * @index: its number, from 1
 * @last: that of the last stage
 * @pages: the size of its own region
 * @code: set to the address of a page of its code
 *
 * Return: the address of its own region.
 */
unsigned long pipeline_stage(unsigned int index, unsigned int last, unsigned int pages,
			     unsigned long *code)
{
	unsigned long va = mem_region(pages);
	char byte = 0;

	mem_touch(va, pages);
	*code = code_page();
	/* Data flow through the whole pipeline before its end is ready. */
	if (index > 1 && read(STDIN_FILENO, &byte, 1) != 1)
		die(errno, "cannot read from the pipeline");
	if (index < last && write(STDOUT_FILENO, &byte, 1) != 1)
		die(errno, "cannot write to the pipeline");
	return va;
}

static const char *kind_of_program(void)
{
	struct statfs fs;

	if (statfs("/proc/self/exe", &fs))
		die(errno, "cannot find out the file system of the program");
	return fs.f_type == TMPFS_MAGIC ? KIND_SHMEM : KIND_FILE;
}

/* Another run of this program maps the file as well, so the number of VMAs is not known. */
static void account_code(struct exercise *ex)
{
	unsigned int i;
	struct account_page *page;

	page = account_page(ex, "of this program's code", 0, 1);
	page->kind = kind_of_program();
	page->visits_unknown = true;
	for (i = 1; i <= ex->opt[OPT_CHILDREN]; i++)
		account_range(page, STATE_MAPPED, i, i, ex->helpers[i].code);
	account_range(page, STATE_MAPPED, 0, 0, code_page());
}

static void run_pipeline(struct exercise *ex)
{
	unsigned int n = ex->opt[OPT_CHILDREN], i;
	struct account_page *page;

	ex->helpers[0].role = "shell";
	for (i = 1; i <= n; i++) {
		ex->helpers[i].role = "stage";
		ex->helpers[i].num = i;
	}
	start_stages(ex);
	proc_await(n);

	account_code(ex);
	for (i = 1; i <= n; i++) {
		page = account_page(ex, "of stage", i, ex->opt[OPT_PAGES]);
		account_own(ex, page, STATE_MAPPED, i, i, 0);
	}
	ex->pairs = true;
	ex->separate = true;
}

const struct scenario scenario_pipeline = {
	.name = "pipeline",
	.explain = "Processes after exec(), connected by pipes, which share the page cache only.",
	.run = run_pipeline,
	.opt = {
		[OPT_CHILDREN] = { 3, MAX_STAGES },
		[OPT_PAGES] = { 1, MAX_PAGES },
	},
};
