/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_LIVE_REPORT_H
#define RMAPSCOPE_SELFTEST_LIVE_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "oracle.h"

/*
 * A report on one page of a busy machine, to be compared with scans of all pagemaps before and
 * after it.
 */

enum live_verdict {
	LIVE_AGREES,		/* agrees, and both scans are the same */
	LIVE_MOVED,		/* agrees, but the scans differ */
	LIVE_DIFFERS,
};

struct live_report {
	/* The target: an address of a process, or a frame if pid is 0. */
	pid_t pid;
	uint64_t va;
	uint64_t pfn;		/* with a pid: what its pagemap had there, as in struct oracle */
	bool whole;		/* report on the whole folio */
	bool stream;		/* take it from the file "scan" */
	/* The result. */
	int err;		/* -EPROTO: the report is malformed, see why[] */
	bool raced;
	uint64_t key;		/* key of the page for oracle_find() */
	struct mappings seen;	/* the mappings in the report, sorted */
};

void live_report_target(const struct live_report *seen, char *text, size_t size);
void live_report_take(struct live_report *seen, int fd);
enum live_verdict live_report_judge(const struct live_report *seen, const struct oracle *before,
				    const struct oracle *after);
void live_report_free(struct live_report *seen);

#endif
