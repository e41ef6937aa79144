// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <json-c/json.h>

#include "complain.h"
#include "exercise.h"

const char * const exercise_sum_names[] = {
	[EXERCISE_SHARED] = "shared", [EXERCISE_COPIED] = "copied", [EXERCISE_NEW] = "new",
	[EXERCISE_NONE] = "none",
};

const char * const exercise_pair_kinds[] = {
	[EXERCISE_ANON] = "anon", [EXERCISE_FILE] = "file", [EXERCISE_SHMEM] = "shmem",
};

/**
 * exercise_program() - the command for rmap-exercise
 *
 * Return: a path, or a name that is looked up in PATH.
 */
const char *exercise_program(void)
{
	const char *program = getenv("RMAP_EXERCISE");

	return program && *program ? program : "rmap-exercise";
}

static struct json_object *member(struct json_object *object, const char *key)
{
	struct json_object *value = NULL;

	json_object_object_get_ex(object, key, &value);
	return value;
}

static size_t length(struct json_object *array)
{
	return array ? json_object_array_length(array) : 0;
}

/* Addresses are strings in hexadecimal, as numbers in JSON lose precision. */
static uint64_t address(struct json_object *object, const char *key)
{
	const char *text = json_object_get_string(member(object, key));

	return text ? strtoull(text, NULL, 0) : 0;
}

static int read_mapped(struct json_object *list, struct exercise_page *page)
{
	size_t i, j;

	for (i = 0; i < length(list); i++) {
		struct json_object *one = json_object_array_get_idx(list, i);
		struct json_object *tgids = member(one, "tgids");
		uint64_t va = address(one, "va");
		pid_t pid = json_object_get_int(member(one, "pid"));

		if (mappings_add(&page->mapped, pid, va))
			return -1;
		if (!length(tgids) && mappings_add(&page->sharers, pid, va))
			return -1;
		for (j = 0; j < length(tgids); j++) {
			pid = json_object_get_int(json_object_array_get_idx(tgids, j));
			if (mappings_add(&page->sharers, pid, va))
				return -1;
		}
	}
	mappings_sort(&page->mapped);
	mappings_sort(&page->sharers);
	return 0;
}

static int read_absent(struct json_object *list, struct exercise_page *page)
{
	size_t i;

	page->absent = calloc(length(list) + 1, sizeof(*page->absent));
	if (!page->absent)
		return complain("no memory for %zu VMAs", length(list));
	page->nr_absent = length(list);
	for (i = 0; i < page->nr_absent; i++) {
		struct json_object *one = json_object_array_get_idx(list, i);
		const char *state = json_object_get_string(member(one, "state"));

		page->absent[i].place.pid = json_object_get_int(member(one, "pid"));
		page->absent[i].place.va = address(one, "va");
		snprintf(page->absent[i].state, sizeof(page->absent[i].state), "%s",
			 state ? state : "?");
	}
	return 0;
}

static long number(struct json_object *object, const char *key)
{
	struct json_object *value = member(object, key);

	return value ? json_object_get_int64(value) : -1;
}

static void read_text(struct json_object *object, const char *key, char *text, size_t size)
{
	const char *value = json_object_get_string(member(object, key));

	snprintf(text, size, "%s", value ? value : "");
}

static int read_page(struct json_object *one, struct exercise_page *page)
{
	read_text(one, "kind", page->kind, sizeof(page->kind));
	read_text(one, "note", page->note, sizeof(page->note));
	page->index = number(one, "index");
	page->refused = json_object_get_boolean(member(one, "refused"));
	page->visited = number(one, "visited");
	page->folio_visited = number(one, "folio_visited");
	return read_mapped(member(one, "mapped"), page) ||
	       read_absent(member(one, "absent"), page);
}

static int read_pages(struct json_object *list, struct exercise *run)
{
	size_t i;

	run->pages = calloc(length(list) + 1, sizeof(*run->pages));
	if (!run->pages)
		return complain("no memory for %zu pages", length(list));
	run->nr_pages = length(list);
	for (i = 0; i < run->nr_pages; i++)
		if (read_page(json_object_array_get_idx(list, i), &run->pages[i]))
			return -1;
	return 0;
}

static int read_region(struct json_object *one, struct exercise_region *region)
{
	struct json_object *runs = member(one, "runs"), *parent = member(one, "parent");
	size_t i;

	region->pid = number(one, "pid");
	region->parent = parent ? json_object_get_int(parent) : 0;
	region->va = address(one, "va");
	region->pages = number(one, "pages");
	for (i = 0; i < EXERCISE_NR_SUMS; i++)
		region->sums[i] = number(one, exercise_sum_names[i]);
	region->runs = calloc(length(runs) + 1, sizeof(*region->runs));
	if (!region->runs)
		return complain("no memory for %zu runs", length(runs));
	region->nr_runs = length(runs);
	for (i = 0; i < region->nr_runs; i++) {
		struct json_object *run = json_object_array_get_idx(runs, i);

		region->runs[i].va = address(run, "va");
		region->runs[i].pages = number(run, "pages");
		read_text(run, "state", region->runs[i].state, sizeof(region->runs[i].state));
	}
	return 0;
}

static int read_regions(struct json_object *list, struct exercise *run)
{
	size_t i;

	run->regions = calloc(length(list) + 1, sizeof(*run->regions));
	if (!run->regions)
		return complain("no memory for %zu regions", length(list));
	run->nr_regions = length(list);
	for (i = 0; i < run->nr_regions; i++)
		if (read_region(json_object_array_get_idx(list, i), &run->regions[i]))
			return -1;
	return 0;
}

static int read_pairs(struct json_object *list, struct exercise *run)
{
	size_t i, k;

	run->pairs = calloc(length(list) + 1, sizeof(*run->pairs));
	if (!run->pairs)
		return complain("no memory for %zu pairs", length(list));
	run->nr_pairs = length(list);
	for (i = 0; i < run->nr_pairs; i++) {
		struct json_object *one = json_object_array_get_idx(list, i);
		struct json_object *pids = member(one, "pids");

		if (length(pids) != 2)
			return complain("a pair of %zu processes", length(pids));
		for (k = 0; k < 2; k++)
			run->pairs[i].pids[k] =
				json_object_get_int(json_object_array_get_idx(pids, k));
		for (k = 0; k < EXERCISE_NR_PAIR_KINDS; k++)
			run->pairs[i].pages[k] = number(one, exercise_pair_kinds[k]);
	}
	return 0;
}

static int read_processes(struct json_object *list, struct exercise *run)
{
	size_t i;

	run->processes = calloc(length(list) + 1, sizeof(*run->processes));
	if (!run->processes)
		return complain("no memory for %zu processes", length(list));
	run->nr_processes = length(list);
	for (i = 0; i < run->nr_processes; i++) {
		struct json_object *one = json_object_array_get_idx(list, i);

		run->processes[i].pid = json_object_get_int(member(one, "pid"));
		read_text(one, "role", run->processes[i].role,
			  sizeof(run->processes[i].role));
	}
	return 0;
}

/*
 * The program keeps its stdout open, so there is no end of file. The parser says where the
 * document ends.
 */
static struct json_object *read_document(int fd)
{
	struct json_tokener *tokener = json_tokener_new();
	struct json_object *document = NULL;
	char buffer[4096];
	ssize_t got;

	while (tokener && !document && (got = read(fd, buffer, sizeof(buffer))) > 0) {
		document = json_tokener_parse_ex(tokener, buffer, got);
		if (!document && json_tokener_get_error(tokener) != json_tokener_continue)
			break;
	}
	if (tokener)
		json_tokener_free(tokener);
	return document;
}

static pid_t spawn(char **args, int *output)
{
	int fds[2];
	pid_t pid;

	if (pipe(fds))
		return complain("pipe: %s", strerror(errno));
	pid = fork();
	if (!pid) {
		/* The processes must not outlive a test that aborts. */
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		dup2(fds[1], STDOUT_FILENO);
		close(fds[0]);
		close(fds[1]);
		execvp(args[0], args);
		fprintf(stderr, "# %s: %s\n", args[0], strerror(errno));
		_exit(127);
	}
	close(fds[1]);
	*output = fds[0];
	return pid < 0 ? complain("fork: %s", strerror(errno)) : pid;
}

static int no_document(struct exercise *run, const char *scenario)
{
	int status;

	if (waitpid(run->pid, &status, 0) != run->pid)
		status = -1;
	run->pid = 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == EXERCISE_UNSUPPORTED)
		return EXERCISE_UNSUPPORTED;
	return complain("%s %s printed no JSON document; status %#x", exercise_program(),
			scenario, status);
}

/**
 * exercise_start() - start rmap-exercise and read what it has set up
 * @run: filled; exercise_stop() must follow, also after a failure
 * @scenario: its name
 * @...: further arguments, ended by NULL
 *
 * Return: 0, or -1, or EXERCISE_UNSUPPORTED if this kernel or machine lacks what the scenario
 * needs; rmap-exercise has then printed on stderr what is missing, and the test should skip.
 */
int exercise_start(struct exercise *run, const char *scenario, ...)
{
	char *args[EXERCISE_MAX_ARGS + 4] = { (char *)exercise_program(), (char *)scenario };
	struct json_object *document;
	int nr = 2, output = -1, ret;
	va_list more;

	va_start(more, scenario);
	while (nr < EXERCISE_MAX_ARGS && (args[nr] = va_arg(more, char *)))
		nr++;
	va_end(more);
	args[nr++] = "--hold";
	args[nr] = NULL;

	*run = (struct exercise){ 0 };
	run->pid = spawn(args, &output);
	if (run->pid < 0)
		return -1;
	document = read_document(output);
	close(output);
	if (!document)
		return no_document(run, scenario);
	ret = read_processes(member(document, "processes"), run) ||
	      read_pages(member(document, "pages"), run) ||
	      read_regions(member(document, "regions"), run) ||
	      read_pairs(member(document, "pairs"), run);
	run->separate = json_object_get_boolean(member(document, "separate"));
	json_object_put(document);
	return ret ? -1 : 0;
}

/**
 * exercise_stop() - end a scenario
 * @run: the scenario; may be one that failed to start
 *
 * Return: 0, or -1 if rmap-exercise failed.
 */
int exercise_stop(struct exercise *run)
{
	int status = 0;
	size_t i;

	if (run->pid > 0) {
		kill(run->pid, SIGTERM);
		if (waitpid(run->pid, &status, 0) != run->pid)
			status = -1;
	}
	for (i = 0; i < run->nr_pages; i++) {
		mappings_free(&run->pages[i].mapped);
		mappings_free(&run->pages[i].sharers);
		free(run->pages[i].absent);
	}
	for (i = 0; i < run->nr_regions; i++)
		free(run->regions[i].runs);
	free(run->regions);
	free(run->pairs);
	free(run->pages);
	free(run->processes);
	*run = (struct exercise){ 0 };
	return status ? complain("%s ended with status %#x", exercise_program(), status) : 0;
}

/**
 * exercise_place() - find a place with a page, or one that had one
 * @run: the run
 *
 * Return: the first such place; NULL if there is none.
 */
const struct mapping *exercise_place(const struct exercise *run)
{
	size_t i;

	for (i = 0; i < run->nr_pages; i++) {
		if (run->pages[i].mapped.nr)
			return &run->pages[i].mapped.v[0];
		if (run->pages[i].nr_absent)
			return &run->pages[i].absent[0].place;
	}
	return NULL;
}

/**
 * exercise_start_at() - start a scenario, and find a place with a page
 * @run: gets the run
 * @scenario: its name
 * @place: gets the place, as exercise_place()
 *
 * Return: 0, EXERCISE_UNSUPPORTED, or -1 with the reason in why[].
 */
int exercise_start_at(struct exercise *run, const char *scenario, const struct mapping **place)
{
	int ret = exercise_start(run, scenario, NULL);

	if (ret)
		return ret;
	*place = exercise_place(run);
	return *place ? 0 : complain("%s has no page", scenario);
}
