// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "child.h"
#include "complain.h"
#include "kernel_file.h"
#include "ksm.h"
#include "slowness.h"

#define SETTLE_SECONDS	(120 * slowness())

static int wait_for_scan(int64_t scan)
{
	struct timespec wait = { .tv_nsec = 10000000 };
	time_t end = time(NULL) + SETTLE_SECONDS;

	while (file_number(KSM "full_scans") < scan) {
		if (time(NULL) > end)
			return complain("ksmd has not scanned all memory in %u s", SETTLE_SECONDS);
		nanosleep(&wait, NULL);
	}
	return 0;
}

/**
 * ksm_settle() - let ksmd scan everything once more, then stop it
 *
 * The kernel finds the mappings of a KSM page through the processes in which ksmd has scanned it.
 * A process that is forked from these, and outlives them, cannot be found until ksmd scans it.
 *
 * Context: no other process changes its memory.
 * Return: 0 or -1; also 0 where there is no KSM.
 */
int ksm_settle(void)
{
	int64_t scans = file_number(KSM "full_scans");
	size_t size = getpagesize();
	void *page;
	int ret;

	if (scans < 0)
		return 0;
	/* Without a mergeable VMA ksmd never completes a scan. */
	page = own_pages(1);
	if (!page || madvise(page, size, MADV_MERGEABLE))
		return complain("MADV_MERGEABLE: %s", strerror(errno));
	/* A scan that ksmd is in the middle of does not count. */
	ret = write_text(KSM "sleep_millisecs", "1") || write_text(KSM "run", "1") ? -1 :
	      wait_for_scan(scans + 2);
	write_text(KSM "run", "0");
	munmap(page, size);
	return ret;
}
