// SPDX-License-Identifier: GPL-2.0
/*
 * What the tests before this one have left behind: a reference that is never given back keeps a
 * page that nobody maps any more, or an mm that no process has, with all that is mapped there.
 */
#include "test.h"

#include <inttypes.h>
#include <stdbool.h>

#include "frames.h"
#include "kernel_file.h"
#include "oracle.h"

#define TRIES	20

/* Frames that are wrong, and who maps which by the pagemaps. */
struct remains {
	struct oracle all;
	long found;
};

/* Order-0 and anonymous. */
static bool of_interest(uint64_t flags)
{
	static const uint64_t excused = 1ULL << KPF_COMPOUND_HEAD | 1ULL << KPF_COMPOUND_TAIL |
		1ULL << KPF_HWPOISON | FRAME_IS_KERNELS;

	return flags & 1ULL << KPF_ANON && !(flags & excused);
}

/* In no page table, and no swap slot leads to it. */
static void count_held(void *arg, uint64_t pfn, uint64_t flags, uint64_t count)
{
	struct remains *r = arg;

	if (of_interest(flags) && !count && !(flags & 1ULL << KPF_SWAPCACHE) && !r->found++)
		complain("frame %#" PRIx64 " has flags %#" PRIx64, pfn, flags);
}

/* In page tables, but in none that belongs to a process. */
static void count_mapped(void *arg, uint64_t pfn, uint64_t flags, uint64_t count)
{
	struct places mapped = { 0 };
	struct remains *r = arg;

	if (!of_interest(flags) || !count || oracle_find(&r->all, pfn, &mapped))
		return;
	if (!mapped.nr && !r->found++)
		complain("frame %#" PRIx64 " is mapped %" PRIu64 " times, flags %#" PRIx64, pfn,
			 count, flags);
	places_free(&mapped);
}

/* How many there are that stay, the first of them in why[], or -1. */
static long count_remains(frames_fn count)
{
	struct remains r = { .found = -1 };
	int i;

	/* One that is just being copied or freed is gone the next time. */
	for (i = 0; r.found && i < TRIES; i++) {
		/* Pages on their way to or from an LRU list are held for that. */
		write_text("/proc/sys/vm/drop_caches", "1");
		r.found = 0;
		if ((count == count_mapped && oracle_scan(&r.all)) || frames_each(count, &r))
			r.found = -1;
	}
	oracle_free(&r.all);
	return r.found;
}

#define NEEDS_FRAMES()							\
	do {								\
		if (access("/proc/kpageflags", R_OK) || access("/proc/kpagecount", R_OK)) \
			SKIP(return, "no /proc/kpageflags: %s", strerror(errno)); \
	} while (0)

TEST(no_page_is_held_that_nobody_maps)
{
	NEEDS_FRAMES();
	EXPECT_EQ(0, count_remains(count_held)) TH_LOG("%s", why);
}

TEST(no_page_is_mapped_where_there_is_no_process)
{
	NEEDS_FRAMES();
	EXPECT_EQ(0, count_remains(count_mapped)) TH_LOG("%s", why);
}

TEST_HARNESS_MAIN
