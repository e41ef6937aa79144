// SPDX-License-Identifier: GPL-2.0
/* What the processes of the stress count, and the errors that they find. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "complain.h"
#include "stress.h"

#define MOST_DESCRIBED	20	/* errors to describe; further ones are only counted */
#define MOST_QUOTED	6000	/* bytes to show of a wrong report */

struct stress_counts *counts;

/**
 * counts_start() - set up the counters, which all children of this process share
 *
 * Return: 0 or -1.
 */
int counts_start(void)
{
	counts = mmap(NULL, sizeof(*counts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	return counts == MAP_FAILED ? complain("mmap: %s", strerror(errno)) : 0;
}

/**
 * stress_now() - read the clock
 *
 * Return: nanoseconds since boot.
 */
uint64_t stress_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

/**
 * count_longest() - update a maximum
 * @longest: the maximum
 * @ns: the new value
 */
void count_longest(atomic_ulong *longest, uint64_t ns)
{
	unsigned long known = atomic_load(longest);

	while (ns > known && !atomic_compare_exchange_weak(longest, &known, ns))
		;
}

/**
 * count_action() - count an action of the load
 * @action: the action
 * @err: 0 on success, or an errno
 */
void count_action(enum stress_action action, int err)
{
	if (!err) {
		counts->actions[action]++;
		return;
	}
	counts->failed[action]++;
	counts->error[action] = err;
}

/* Uses a single write(2), so that lines of different processes do not mix. */
static void print(const char *text, size_t size)
{
	while (size) {
		ssize_t done = write(STDOUT_FILENO, text, size);

		if (done <= 0)
			return;
		text += done;
		size -= done;
	}
}

/**
 * report_problem() - count an error, and print the first ones
 * @result: the result that fails
 * @format: a description, as for printf(3)
 */
void report_problem(enum stress_result result, const char *format, ...)
{
	char line[1400] = "# WRONG: ";
	size_t start = strlen(line);
	va_list args;
	int len;

	counts->problems[result]++;
	if (counts->described++ >= MOST_DESCRIBED)
		return;
	va_start(args, format);
	len = vsnprintf(line + start, sizeof(line) - start - 1, format, args);
	va_end(args);
	if (len < 0)
		return;
	strcat(line, "\n");
	print(line, strlen(line));
}

/**
 * report_quote() - print a wrong report, if errors are still printed
 * @text: the report, or NULL
 */
void report_quote(const char *text)
{
	char *quote = malloc(MOST_QUOTED * 2);
	size_t len = 0;

	if (!text || !quote || counts->described > MOST_DESCRIBED) {
		free(quote);
		return;
	}
	while (*text && len < MOST_QUOTED) {
		size_t line = strcspn(text, "\n");

		len += snprintf(quote + len, 2 * MOST_QUOTED - len, "# > %.*s\n",
				(int)(line > 1000 ? 1000 : line), text);
		text += line + (text[line] == '\n');
	}
	print(quote, len);
	free(quote);
}
