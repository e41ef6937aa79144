/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_LIVE_REPORT_H
#define RMAPSCOPE_SELFTEST_LIVE_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "oracle.h"

/*
 * A look at one page of a machine that isn't still, and whether it agrees with what the
 * pagemaps of all processes had before it and after it.
 */

enum live_verdict {
	LIVE_AGREES,		/* and nobody began or ceased to map the page meanwhile */
	LIVE_MOVED,		/* agrees as far as can be said */
	LIVE_DIFFERS,
};

struct live_report {
	/* What to look at: an address of a process, or a frame if pid is 0. */
	pid_t pid;
	uint64_t va;
	uint64_t pfn;		/* with a pid: what its pagemap had, as in struct oracle */
	bool whole;		/* the whole folio */
	/* What came of it. */
	int err;		/* -EPROTO: a malformed report, see why[] */
	bool raced;
	uint64_t key;		/* of the page, as for oracle_find() */
	struct mappings seen;	/* where it is, sorted */
};

void live_report_target(const struct live_report *seen, char *text, size_t size);
void live_report_take(struct live_report *seen, int fd);
enum live_verdict live_report_judge(const struct live_report *seen, const struct oracle *before,
				    const struct oracle *after);
void live_report_free(struct live_report *seen);

#endif
