// SPDX-License-Identifier: GPL-2.0
/*
 * Looking at pages of all kinds while they are made, moved, split, merged, swapped,
 * truncated and given up: each answer is a whole report or an errno of the contract.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

#include "chaos.h"
#include "check.h"
#include "oracle.h"
#include "storm.h"
#include "test.h"

#define SECONDS	8

static bool is_over(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec - start->tv_sec >= SECONDS;
}

static int set_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t done = fd < 0 ? -1 : write(fd, text, strlen(text));

	if (fd >= 0)
		close(fd);
	return done < 0 ? -1 : 0;
}

/*
 * Some frame after this one that isn't free, now and then; not the next, so that
 * there are many kinds in a short time. From the last one on to the first.
 */
static uint64_t next_frame(uint64_t pfn)
{
	enum { CHUNK = 512, STRIDE = 31, FREE = 10, NO_PAGE = 20 };
	static uint64_t flags[CHUNK];
	static uint64_t chunk = ~0ULL;

	for (pfn += STRIDE;; pfn += STRIDE) {
		if (pfn / CHUNK != chunk) {
			int fd = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC);
			ssize_t got;

			chunk = pfn / CHUNK;
			got = pread(fd, flags, sizeof(flags), chunk * sizeof(flags));
			close(fd);
			if (got != sizeof(flags)) {
				pfn %= STRIDE;
				chunk = ~0ULL;
				continue;
			}
		}
		if (!(flags[pfn % CHUNK] & (1ULL << FREE | 1ULL << NO_PAGE)) &&
		    flags[pfn % CHUNK])
			return pfn;
	}
}

struct answers {
	unsigned long reports, trees, refused, again, folios;
};

static bool is_refusal(int err)
{
	return err == -EOPNOTSUPP || err == -ENXIO;
}

/* Only what the contract has for a frame. */
static int look_at_frame(uint64_t pfn, int tree, struct answers *n)
{
	const char *folio = pfn & 1 ? " folio" : "";
	struct look look;
	char target[32];
	int err;

	err = look_take(&look, "pfn=%#" PRIx64 "%s", pfn, folio);
	if (!err) {
		n->reports++;
		n->folios += look.whole && record_num(look.page, "folio_order");
	}
	look_free(&look);
	n->refused += is_refusal(err);
	n->again += err == -EAGAIN;
	if (err && !is_refusal(err) && err != -EAGAIN)
		return -1;
	if (err)
		return 0;
	snprintf(target, sizeof(target), "pfn=%#" PRIx64, pfn);
	err = look_write(tree, target);
	n->trees += !err;
	return !err || is_refusal(err) || err == -EAGAIN ? 0 :
	       complain("tree of pfn %#" PRIx64 ": error %d", pfn, err);
}

TEST(reports_stay_whole_in_chaos)
{
	struct answers n = { };
	struct timespec start;
	struct chaos chaos;
	uint64_t pfn = 0;
	int tree;

	NEEDS_MODULE();
	tree = look_open("tree", O_RDWR);
	ASSERT_LE(0, tree);
	set_text("/sys/kernel/mm/ksm/sleep_millisecs", "0");
	set_text("/sys/kernel/mm/ksm/run", "1");
	ASSERT_OK(chaos_start(&chaos, 8, 42));
	clock_gettime(CLOCK_MONOTONIC, &start);
	while (!is_over(&start)) {
		pfn = next_frame(pfn);
		EXPECT_OK(look_at_frame(pfn, tree, &n));
	}
	EXPECT_OK(chaos_stop(&chaos));
	set_text("/sys/kernel/mm/ksm/run", "0");
	close(tree);
	TH_LOG("%lu reports, %lu of large folios, %lu trees, %lu refused, %lu to be tried again",
	       n.reports, n.folios, n.trees, n.refused, n.again);
	EXPECT_LT(0, n.reports);
	EXPECT_LT(0, n.refused);
}

/* Truncates a file under those who map it, and fills it again. */
static void storm_truncate(void *page, unsigned int *seed)
{
	static int fd = -1;
	int size = getpagesize();

	if (fd < 0)
		fd = open("/proc/self/fd/99", O_RDWR | O_CLOEXEC);
	if (ftruncate(fd, 0) || ftruncate(fd, size))
		_exit(1);
	if (rand_r(seed) % 4)
		*(volatile char *)page = 1;
}

TEST(page_of_a_file_that_is_truncated_is_there_or_not)
{
	enum { LOOKS = 2000 };
	int fd, i, good = 0, none = 0;
	struct storm storm;
	struct look look;
	char *page;

	NEEDS_MODULE();
	fd = memfd_create("truncated", 0);
	ASSERT_EQ(99, dup2(fd, 99));
	ASSERT_EQ(0, ftruncate(fd, getpagesize()));
	page = mmap(NULL, getpagesize(), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, page);
	/* One process: nobody truncates while it writes. */
	ASSERT_OK(storm_start(&storm, 1, storm_truncate, page));
	for (i = 0; i < LOOKS; i++) {
		int err = look_at(&look, storm.pids[0], (uintptr_t)page);

		EXPECT_TRUE(!err || err == -ENODATA || err == -EAGAIN) {
			TH_LOG("error %d: %s", err, why);
		}
		if (!err)
			EXPECT_STREQ("shmem", look.kind);
		good += !err;
		none += err == -ENODATA;
		look_free(&look);
	}
	EXPECT_OK(storm_stop(&storm));
	TH_LOG("%d reports, %d times nothing there", good, none);
	EXPECT_LT(0, good);
	EXPECT_LT(0, none);
	close(99);
	close(fd);
}

TEST_HARNESS_MAIN
