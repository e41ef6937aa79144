// SPDX-License-Identifier: GPL-2.0
/*
 * Pages whose entries are PROT_NONE, at each level of the page tables. They are still mapped, but
 * x86 stores the frame number inverted.
 */
#include <inttypes.h>
#include <sys/mman.h>

#include "check_report.h"
#include "kernel_file.h"
#include "oracle.h"
#include "test.h"
#include "uapi_compat.h"

#define POOL_1G	"/sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages"
#define POOL_2M	"/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages"

FIXTURE(protnone)
{
	char *page;
	long pool;
};

FIXTURE_VARIANT(protnone)
{
	size_t size;
	const char *level;
	const char *pool;
	int flags;
};

FIXTURE_VARIANT_ADD(protnone, small)
{
	.size = 4096,
	.level = "pte",
};

FIXTURE_VARIANT_ADD(protnone, thp)
{
	.size = 2UL << 20,
	.level = "pmd",
};

FIXTURE_VARIANT_ADD(protnone, hugetlb_2m)
{
	.size = 2UL << 20,
	.level = "pmd",
	.pool = POOL_2M,
	.flags = MAP_HUGETLB | 21 << MAP_HUGE_SHIFT,
};

FIXTURE_VARIANT_ADD(protnone, hugetlb_1g)
{
	.size = 1UL << 30,
	.level = "pud",
	.pool = POOL_1G,
	.flags = MAP_HUGETLB | 30 << MAP_HUGE_SHIFT,
};

static void set_pool(const char *pool, long size)
{
	FILE *file = fopen(pool, "w");

	if (file) {
		fprintf(file, "%ld\n", size);
		fclose(file);
	}
}

FIXTURE_SETUP(protnone)
{
	self->page = MAP_FAILED;
	self->pool = variant->pool ? file_number(variant->pool) : -1;
	if (self->pool >= 0)
		set_pool(variant->pool, self->pool + 1);
}

FIXTURE_TEARDOWN(protnone)
{
	if (self->page != MAP_FAILED)
		munmap(self->page, variant->size);
	if (self->pool >= 0)
		set_pool(variant->pool, self->pool);
}

/* Aligned to its own size, so that it can be one huge page. */
static char *map_aligned(size_t size, int flags)
{
	char *area, *page;

	if (flags)
		return mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
	area = mmap(NULL, 2 * size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (area == MAP_FAILED)
		return area;
	page = (char *)(((uintptr_t)area + size - 1) & -size);
	munmap(area, page - area);
	munmap(page + size, area + size - page);
	madvise(page, size, MADV_HUGEPAGE);
	return page;
}

TEST_F(protnone, inaccessible_page_is_still_mapped)
{
	const struct record *map;
	struct page_report report;
	uint64_t pfn;

	NEEDS_MODULE();
	self->page = map_aligned(variant->size, variant->flags);
	if (self->page == MAP_FAILED)
		SKIP(return, "no page of %zu bytes: %s", variant->size, strerror(errno));
	/* Kernels for real time have no huge pages. */
	if (!strcmp(variant->level, "pmd") && !variant->pool &&
	    access("/sys/kernel/mm/transparent_hugepage", F_OK))
		SKIP(return, "this kernel has no transparent huge pages");
	self->page[0] = 1;
	ASSERT_OK(oracle_pfn(getpid(), (uintptr_t)self->page, &pfn));
	ASSERT_EQ(0, mprotect(self->page, variant->size, PROT_NONE));

	ASSERT_OK(page_report_at(&report, getpid(), (uintptr_t)self->page));
	EXPECT_EQ(pfn, report.pfn);
	EXPECT_EQ(1, report.mapped);
	EXPECT_EQ(0, record_num(report.walk, "raced"));
	map = page_report_map_at(&report, getpid(), (uintptr_t)self->page);
	ASSERT_NE(NULL, map);
	EXPECT_STREQ("mapped", record_get(map, "state"));
	EXPECT_NE(NULL, strstr(record_get(map, "bits"), "protnone"));
	EXPECT_STREQ(variant->level, record_get(map, "level"));
	EXPECT_OK(check_against_pagemaps(&report));
	page_report_free(&report);

	/* Also a page in the middle of the huge page. */
	if (variant->size == 4096)
		return;
	ASSERT_OK(page_report_at(&report, getpid(), (uintptr_t)self->page + 5 * 4096));
	EXPECT_EQ(pfn + 5, report.pfn);
	EXPECT_EQ(1, report.mapped);
	page_report_free(&report);
}

TEST_HARNESS_MAIN
