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
			return complain("ksmd hasn't gone over all memory in %u s", SETTLE_SECONDS);
		nanosleep(&wait, NULL);
	}
	return 0;
}

/**
 * ksm_settle() - have ksmd come by everywhere once more, and then stand still
 *
 * A page of KSM is found by way of the processes in which ksmd has seen it. Of one that was
 * forked from them, and outlives them, it knows nothing until it comes by.
 *
 * Context: all processes stand still.
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
	/* Where there is nothing to merge it doesn't come by at all. */
	page = own_pages(1);
	if (!page || madvise(page, size, MADV_MERGEABLE))
		return complain("MADV_MERGEABLE: %s", strerror(errno));
	/* The one that it is in the middle of does not count. */
	ret = write_text(KSM "sleep_millisecs", "1") || write_text(KSM "run", "1") ? -1 :
	      wait_for_scan(scans + 2);
	write_text(KSM "run", "0");
	munmap(page, size);
	return ret;
}
