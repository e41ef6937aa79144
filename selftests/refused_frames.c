// SPDX-License-Identifier: GPL-2.0
/* Frames and pages that are refused because they have no reverse map. */
#include <inttypes.h>
#include <sched.h>
#include <sys/mman.h>
#include <time.h>

#include "child.h"
#include "frame_flags.h"
#include "memory_block.h"
#include "oracle.h"
#include "test.h"
#include "uapi_compat.h"

#define HUGE_BYTES	(2UL << 20)

static int report_error(pid_t pid, const void *va)
{
	struct page_report report;
	int err = page_report_at(&report, pid, (uintptr_t)va & -getpagesize());

	page_report_free(&report);
	return err;
}

static int pfn_error(uint64_t pfn)
{
	struct page_report report;
	int err = page_report_take(&report, "pfn=%#" PRIx64, pfn);

	page_report_free(&report);
	return err;
}

static bool has_flag(uint64_t pfn, int bit)
{
	uint64_t flags;

	return !oracle_kpageflags(pfn, &flags) && flags >> bit & 1;
}

/*
 * Finds frames with flag @bit and takes a report on each, which must fail with @error. A frame
 * only counts if it has the flag before and after, as frames can be reused.
 */
static void frames_give(struct __test_metadata *_metadata, int error, int bit)
{
	enum { BATCH = 4096, ENOUGH = 64 };
	int fd = open("/proc/kpageflags", O_RDONLY), refused = 0;
	uint64_t flags[BATCH], pfn = 0;
	ssize_t got, i;

	ASSERT_LE(0, fd);
	while (refused < ENOUGH && (got = read(fd, flags, sizeof(flags))) > 0) {
		/* Takes a few frames of each batch, so that they come from all of memory. */
		int here = 0;

		for (i = 0; i < got / 8 && here < 8; i++) {
			int err;

			if (!(flags[i] >> bit & 1) || !has_flag(pfn + i, bit))
				continue;
			err = pfn_error(pfn + i);
			if (!has_flag(pfn + i, bit))
				continue;
			EXPECT_EQ(error, err) {
				TH_LOG("pfn %#" PRIx64 ": error %d", pfn + i, err);
			}
			here++;
			refused++;
		}
		pfn += got / 8;
	}
	close(fd);
	if (!refused)
		SKIP(return, "no frame has bit %d in /proc/kpageflags", bit);
}

#define TEST_FRAMES(name, error, bit)					\
	TEST(name)							\
	{								\
		NEEDS_MODULE();						\
		frames_give(_metadata, error, bit);			\
	}

TEST_FRAMES(free_frames_are_refused, -EOPNOTSUPP, KPF_BUDDY)
TEST_FRAMES(slab_frames_are_refused, -EOPNOTSUPP, KPF_SLAB)
TEST_FRAMES(page_table_frames_are_refused, -EOPNOTSUPP, KPF_PGTABLE)
TEST_FRAMES(reserved_frames_are_refused, -EOPNOTSUPP, KPF_RESERVED)

/* Between the blocks there are gaps without memory. */
TEST(frames_between_blocks_of_memory_do_not_exist)
{
	uint64_t pages = block_pages(), pfn, flags, asked = 0;

	NEEDS_MODULE();
	for (pfn = 0; pages && !oracle_kpageflags(pfn, &flags); pfn += pages) {
		if (block_exists(pfn))
			continue;
		EXPECT_EQ(-ENXIO, pfn_error(pfn));
		EXPECT_EQ(-ENXIO, pfn_error(pfn + pages - 1));
		asked++;
	}
	if (!asked)
		SKIP(return, "the memory of this machine has no gaps");
}

TEST(frame_after_the_last_does_not_exist)
{
	/* Memory ends with a section, 128 MB on x86-64. */
	enum { SECTION = 1 << 15 };
	uint64_t pfn = 0, flags;

	NEEDS_MODULE();
	while (!oracle_kpageflags(pfn, &flags))
		pfn += SECTION;
	ASSERT_LT(0, (long)pfn);
	EXPECT_EQ(-ENXIO, pfn_error(pfn));
}

/* Any frame gives a report or an errno of the contract. */
TEST(every_64th_frame_is_reported_refused_or_does_not_exist)
{
	uint64_t pfn = 0, flags;

	NEEDS_MODULE();
	for (; !oracle_kpageflags(pfn, &flags); pfn += 64) {
		int err = pfn_error(pfn);

		EXPECT_TRUE(!err || err == -EOPNOTSUPP || err == -ENXIO || err == -EAGAIN) {
			TH_LOG("pfn %#" PRIx64 ": %d %s", pfn, err, why);
		}
	}
	ASSERT_LT(0, (long)pfn);
}

static void mapping_is_refused(struct __test_metadata *_metadata, const void *page)
{
	uint64_t pfn;

	EXPECT_EQ(-EOPNOTSUPP, report_error(getpid(), page));
	ASSERT_OK(oracle_pfn(getpid(), (uintptr_t)page & -getpagesize(), &pfn));
	EXPECT_EQ(-EOPNOTSUPP, pfn_error(pfn));
}

TEST(zero_page_is_refused)
{
	volatile char *page;

	NEEDS_MODULE();
	page = own_pages(1);
	ASSERT_NE(NULL, page);
	ASSERT_EQ(0, *page);
	mapping_is_refused(_metadata, (void *)page);
}

TEST(huge_zero_page_is_refused)
{
	char *area;
	volatile char *page;
	uint64_t pfn;

	NEEDS_MODULE();
	area = mmap(NULL, 2 * HUGE_BYTES, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, area);
	page = (char *)(((uintptr_t)area + HUGE_BYTES - 1) & -HUGE_BYTES);
	madvise((void *)page, HUGE_BYTES, MADV_HUGEPAGE);
	ASSERT_EQ(0, page[5 * getpagesize()]);
	ASSERT_OK(oracle_pfn(getpid(), (uintptr_t)page + 5 * getpagesize(), &pfn));
	/* If the kernel has used a small zero page, this is the same as the previous test. */
	mapping_is_refused(_metadata, (char *)page + 5 * getpagesize());
}

TEST(guard_page_holds_nothing)
{
	char *pages;

	NEEDS_MODULE();
	pages = own_pages(2);
	ASSERT_NE(NULL, pages);
	memset(pages, 1, 2 * getpagesize());
	if (madvise(pages, getpagesize(), MADV_GUARD_INSTALL))
		SKIP(return, "no guard pages before Linux 6.13");
	EXPECT_EQ(-ENODATA, report_error(getpid(), pages));
	EXPECT_EQ(0, report_error(getpid(), pages + getpagesize()));
}

/* The bounds of a mapping of this process. */
static int find_mapping(const char *name, uint64_t *start, uint64_t *end)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	int found = 0;
	char line[512];

	while (maps && !found && fgets(line, sizeof(line), maps))
		if (strstr(line, name))
			found = sscanf(line, "%" SCNx64 "-%" SCNx64, start, end) == 2;
	if (maps)
		fclose(maps);
	return found ? 0 : complain("no %s in /proc/self/maps", name);
}

/*
 * vdso and vvar: the kernel's own pages in user space. pagemap does not show all of them, so only
 * the module can tell which are present. Some must be, as they are in use.
 */
static void special_mapping_is_refused(struct __test_metadata *_metadata, const char *name)
{
	uint64_t start, end;
	struct timespec now;
	int refused = 0;

	if (find_mapping(name, &start, &end))
		SKIP(return, "%s", why);
	/* Makes the C library run code in the vdso, which reads vvar. */
	clock_gettime(CLOCK_MONOTONIC, &now);
	for (; start < end; start += getpagesize()) {
		int err = report_error(getpid(), (void *)start);

		EXPECT_TRUE(err == -EOPNOTSUPP || err == -ENODATA) {
			TH_LOG("%s: error %d at %#" PRIx64, name, err, start);
		}
		refused += err == -EOPNOTSUPP;
	}
	EXPECT_LT(0, refused);
}

TEST(vdso_is_refused)
{
	NEEDS_MODULE();
	special_mapping_is_refused(_metadata, "[vdso]");
}

TEST(vvar_is_refused)
{
	NEEDS_MODULE();
	special_mapping_is_refused(_metadata, "[vvar]");
}

TEST_HARNESS_MAIN
