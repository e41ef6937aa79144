// SPDX-License-Identifier: GPL-2.0
/*
 * What the tests before this one have left behind: a reference that is never given back keeps a
 * page that nobody maps any more.
 */
#include "test.h"

#include <inttypes.h>
#include <stdbool.h>

#include "frames.h"
#include "kernel_file.h"

#define TRIES	20

/* Order-0 and anonymous, but in no page table, and no swap slot leads to it. */
static bool nobodys(uint64_t flags, uint64_t count)
{
	static const uint64_t excused = 1ULL << KPF_SWAPCACHE | 1ULL << KPF_COMPOUND_HEAD |
		1ULL << KPF_COMPOUND_TAIL | 1ULL << KPF_HWPOISON | FRAME_IS_KERNELS;

	return !count && flags & 1ULL << KPF_ANON && !(flags & excused);
}

static void count_one(void *arg, uint64_t pfn, uint64_t flags, uint64_t count)
{
	long *found = arg;

	if (nobodys(flags, count) && !(*found)++)
		complain("frame %#" PRIx64 " has flags %#" PRIx64, pfn, flags);
}

/* How many there are now, the first of them in why[], or -1. */
static long count_nobodys(void)
{
	long found = 0;

	return frames_each(count_one, &found) ? -1 : found;
}

TEST(no_page_is_held_that_nobody_maps)
{
	long found = -1;
	int i;

	if (access("/proc/kpageflags", R_OK) || access("/proc/kpagecount", R_OK))
		SKIP(return, "no /proc/kpageflags: %s", strerror(errno));
	/* One that is just being copied or freed is gone the next time. */
	for (i = 0; found && i < TRIES; i++) {
		/* Pages on their way to or from an LRU list are held for that. */
		write_text("/proc/sys/vm/drop_caches", "1");
		found = count_nobodys();
	}
	EXPECT_EQ(0, found) TH_LOG("%s", why);
}

TEST_HARNESS_MAIN
