/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_SIGHT_H
#define RMAPSCOPE_SELFTEST_SIGHT_H

#include <stdbool.h>
#include <stdint.h>

#include "oracle.h"

/*
 * A look at one page of a machine that isn't still, and whether it agrees with what the
 * pagemaps of all processes had before it and after it.
 */

enum sight_verdict {
	SIGHT_AGREES,		/* and nobody began or ceased to map the page meanwhile */
	SIGHT_MOVED,		/* agrees as far as can be said */
	SIGHT_DIFFERS,
};

struct sight {
	/* What to look at: an address of a process, or a frame if pid is 0. */
	pid_t pid;
	uint64_t va;
	uint64_t pfn;		/* with a pid: what its pagemap had, as in struct oracle */
	bool whole;		/* the whole folio */
	/* What came of it. */
	int err;		/* -EPROTO: a malformed report, see why[] */
	bool raced;
	uint64_t key;		/* of the page, as for oracle_find() */
	struct places seen;	/* where it is, sorted */
};

void sight_target(const struct sight *sight, char *text, size_t size);
void sight_take(struct sight *sight, int fd);
enum sight_verdict sight_judge(const struct sight *sight, const struct oracle *before,
			       const struct oracle *after);
void sight_free(struct sight *sight);

#endif
