// SPDX-License-Identifier: GPL-2.0
/*
 * What the tests before this one have leaked. A leaked reference keeps a page that no process
 * maps any more, or an mm without a process, with or without its mappings.
 */
#include "test.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdbool.h>

#include "each_frame.h"
#include "kernel_file.h"
#include "ksm.h"
#include "oracle.h"
#include "page_actions.h"
#include "slab.h"

#define TRIES	20
/* A CPU can keep the mm of an exited process as its lazy mm, and ksmd can hold one. */
#define MMS_MORE	16

/* The number of leaked frames, and a scan of all pagemaps. */
struct leftovers {
	struct oracle all;
	long found;
};

/* order 0 and anonymous */
static bool of_interest(uint64_t flags)
{
	static const uint64_t excused = 1ULL << KPF_COMPOUND_HEAD | 1ULL << KPF_COMPOUND_TAIL |
		1ULL << KPF_HWPOISON | FRAME_IS_KERNEL_MEMORY;

	return flags & 1ULL << KPF_ANON && !(flags & excused);
}

/* Counts pages in no page table and with no swap slot. */
static void count_held(void *arg, uint64_t pfn, uint64_t flags, uint64_t count)
{
	struct leftovers *r = arg;

	if (of_interest(flags) && !count && !(flags & 1ULL << KPF_SWAPCACHE) && !r->found++)
		complain("frame %#" PRIx64 " has flags %#" PRIx64, pfn, flags);
}

/* Counts pages in page tables, but not in those of a process. */
static void count_mapped(void *arg, uint64_t pfn, uint64_t flags, uint64_t count)
{
	struct mappings mapped = { 0 };
	struct leftovers *r = arg;

	if (!of_interest(flags) || !count || oracle_find(&r->all, pfn, &mapped))
		return;
	if (!mapped.nr && !r->found++)
		complain("frame %#" PRIx64 " is mapped %" PRIu64 " times, flags %#" PRIx64, pfn,
			 count, flags);
	mappings_free(&mapped);
}

/* The number of frames that stay leaked, with the first one in why[], or -1. */
static long count_remains(frame_fn count)
{
	struct leftovers r = { .found = -1 };
	int i;

	/* A page that is just being copied or freed is gone at the next try. */
	for (i = 0; r.found && i < TRIES; i++) {
		/* The LRU batches of all CPUs hold references to pages. */
		write_text("/proc/sys/vm/drop_caches", "1");
		drain_batches();
		r.found = 0;
		if ((count == count_mapped && oracle_scan(&r.all)) || each_frame(count, &r))
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

TEST(no_unmapped_page_is_held)
{
	NEEDS_FRAMES();
	EXPECT_EQ(0, count_remains(count_held)) TH_LOG("%s", why);
}

TEST(no_page_is_mapped_without_a_process)
{
	NEEDS_FRAMES();
	EXPECT_EQ(0, count_remains(count_mapped)) TH_LOG("%s", why);
}

/* Counts mms of processes, each mm once. */
static int64_t count_mms(void)
{
	struct dirent *entry;
	DIR *proc = opendir("/proc");
	char path[300], target[1];
	int64_t mms = 0;

	while (proc && (entry = readdir(proc))) {
		snprintf(path, sizeof(path), "/proc/%s/exe", entry->d_name);
		mms += atoi(entry->d_name) > 0 && readlink(path, target, sizeof(target)) > 0;
	}
	if (proc)
		closedir(proc);
	return mms;
}

/* An mm_struct that is still allocated although no process has it. */
TEST(no_mm_without_a_process_is_left)
{
	int64_t kept = 0, mms = 0;
	int i;

	if (slab_objects("mm_struct") < 0)
		SKIP(return, "mm_structs cannot be counted on this kernel");
	/* ksmd lets go of an mm that has exited when it comes across it, or when it is told to. */
	write_text(KSM "run", "2");
	for (i = 0; i < TRIES; i++) {
		mms = count_mms();
		kept = slab_objects("mm_struct");
		if (kept <= mms + MMS_MORE)
			break;
		usleep(100000);
	}
	EXPECT_GE(mms + MMS_MORE, kept) {
		TH_LOG("%" PRId64 " mms for %" PRId64 " processes", kept, mms);
	}
}

TEST_HARNESS_MAIN
