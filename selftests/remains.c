// SPDX-License-Identifier: GPL-2.0
/*
 * What the tests before this one have left behind: a reference that is never given back keeps a
 * page that nobody maps any more.
 */
#include "test.h"

#include <inttypes.h>
#include <linux/kernel-page-flags.h>
#include <stdbool.h>

#include "oracle.h"

#define TRIES	20

/* Frames of /proc/kpageflags and /proc/kpagecount, read together. */
struct frames {
	int flags_fd;
	int count_fd;
	uint64_t flags[4096];
	uint64_t count[4096];
};

static size_t next_frames(struct frames *frames)
{
	ssize_t a = read(frames->flags_fd, frames->flags, sizeof(frames->flags));
	ssize_t b = read(frames->count_fd, frames->count, sizeof(frames->count));

	return a > 0 && b > 0 ? (a < b ? a : b) / sizeof(*frames->flags) : 0;
}

/*
 * Order-0 and anonymous, but in no page table, and no swap slot leads to it. 6.12 calls a slab
 * anonymous that has an odd number where user memory has its mapping.
 */
static bool nobodys(uint64_t flags, uint64_t count)
{
	static const uint64_t excused = 1ULL << KPF_SWAPCACHE | 1ULL << KPF_COMPOUND_HEAD |
		1ULL << KPF_COMPOUND_TAIL | 1ULL << KPF_HWPOISON | 1ULL << KPF_SLAB |
		1ULL << KPF_BUDDY | 1ULL << KPF_PGTABLE;

	return !count && flags & 1ULL << KPF_ANON && !(flags & excused);
}

/* How many there are now, the first of them in why[], or -1. */
static long count_nobodys(struct frames *frames)
{
	uint64_t pfn = 0;
	size_t i, nr;
	long found = 0;

	if (lseek(frames->flags_fd, 0, SEEK_SET) || lseek(frames->count_fd, 0, SEEK_SET))
		return complain("/proc/kpageflags: %s", strerror(errno));
	for (nr = next_frames(frames); nr; nr = next_frames(frames)) {
		for (i = 0; i < nr; i++) {
			if (nobodys(frames->flags[i], frames->count[i]) && !found++)
				complain("frame %#" PRIx64 " has flags %#" PRIx64, pfn + i,
					 frames->flags[i]);
		}
		pfn += nr;
	}
	return pfn ? found : complain("/proc/kpageflags is empty");
}

/* Pages on their way to or from an LRU list are held for that. */
static void drain(void)
{
	int fd = open("/proc/sys/vm/drop_caches", O_WRONLY | O_CLOEXEC);

	if (fd >= 0 && write(fd, "1", 1) != 1)
		perror("drop_caches");
	close(fd);
}

TEST(no_page_is_held_that_nobody_maps)
{
	struct frames frames = {
		.flags_fd = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC),
		.count_fd = open("/proc/kpagecount", O_RDONLY | O_CLOEXEC),
	};
	long found = -1;
	int i;

	if (frames.flags_fd < 0 || frames.count_fd < 0)
		SKIP(return, "no /proc/kpageflags: %s", strerror(errno));
	/* One that is just being copied or freed is gone the next time. */
	for (i = 0; found && i < TRIES; i++) {
		drain();
		found = count_nobodys(&frames);
	}
	EXPECT_EQ(0, found) TH_LOG("%s", why);
	close(frames.flags_fd);
	close(frames.count_fd);
}

TEST_HARNESS_MAIN
