// SPDX-License-Identifier: GPL-2.0
/*
 * A progress bar on stderr, if that is a terminal.
 */
#include <stdio.h>
#include <unistd.h>

#include "progress.h"

#define BAR_WIDTH	30
#define INTERVAL	0.2	/* seconds between two pictures */

static double seconds_since(const struct timespec *then)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec - then->tv_sec + (now.tv_nsec - then->tv_nsec) / 1e9;
}

/**
 * progress_begin() - get ready
 * @p: filled; progress_end() must follow
 */
void progress_begin(struct progress *p)
{
	p->on = isatty(STDERR_FILENO);
	clock_gettime(CLOCK_MONOTONIC, &p->begin);
	p->last = p->begin;
}

/**
 * progress_due() - test if it is time for the next picture
 * @p: the bar
 *
 * Return: true if progress_show() should be called.
 */
bool progress_due(struct progress *p)
{
	if (!p->on || seconds_since(&p->last) < INTERVAL)
		return false;
	clock_gettime(CLOCK_MONOTONIC, &p->last);
	return true;
}

/**
 * progress_show() - draw the bar, the rate and the time left
 * @p: the bar
 * @done: how much of the range was walked
 * @total: the whole range, in the same unit
 * @pages: how many pages were found
 */
void progress_show(const struct progress *p, unsigned long long done, unsigned long long total,
		   unsigned long long pages)
{
	double part = total ? (double)done / total : 0;
	double seconds = seconds_since(&p->begin);
	int filled;

	if (part > 1)
		part = 1;
	filled = part * BAR_WIDTH;
	fprintf(stderr, "\r[%.*s%*s] %3.0f %%, %.0f pages/s", filled,
		"##############################", BAR_WIDTH - filled, "", part * 100,
		seconds > 0 ? pages / seconds : 0);
	if (part > 0)
		fprintf(stderr, ", %.0f s left", seconds / part - seconds);
	fputs("\033[K", stderr);
	fflush(stderr);
}

/**
 * progress_end() - remove the bar
 * @p: the bar
 */
void progress_end(struct progress *p)
{
	if (p->on)
		fputs("\r\033[K", stderr);
	p->on = false;
}
