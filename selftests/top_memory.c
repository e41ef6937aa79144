// SPDX-License-Identifier: GPL-2.0
/*
 * What the file "top" counts in memory of all kinds: large areas, many VMAs, huge pages, and
 * pages without an anon_vma tree. All of it is memory of the test itself.
 */
#include <inttypes.h>
#include <sched.h>
#include <sys/mman.h>

#include "child.h"
#include "frame_flags.h"
#include "oracle.h"
#include "test.h"
#include "top_report.h"

#define HUGE		(2UL << 20)
#define KSM		"/sys/kernel/mm/ksm/"

/*
 * Memory with unused addresses around it, so that no neighbour shares its anon_vma. It is aligned
 * to @align, a power of two.
 */
static char *island(size_t size, size_t align)
{
	size_t page = getpagesize();
	char *sea = mmap(NULL, size + align + 2 * page, PROT_NONE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	char *at = (char *)(((uintptr_t)sea + page + align - 1) & ~(align - 1));

	if (sea == MAP_FAILED || mprotect(at, size, PROT_READ | PROT_WRITE))
		return NULL;
	return at;
}

static char *island_of_pages(size_t nr)
{
	char *at = island(nr * getpagesize(), getpagesize());

	if (at)
		madvise(at, nr * getpagesize(), MADV_NOHUGEPAGE);
	return at;
}

/* The tree in which this process has the most pages, all in this memory. */
static const struct record *tree_in(const struct report *report, const char *at, size_t size)
{
	const struct record *tree = NULL;

	while ((tree = report_next(report, "tree", tree)))
		if (record_num(tree, "pid") == (unsigned long long)getpid() &&
		    record_num(tree, "va") - (uintptr_t)at < size)
			return tree;
	return NULL;
}

static void expect_tree(struct __test_metadata *_metadata, const char *at, size_t size,
			size_t vmas, size_t pages)
{
	const struct record *tree;
	struct report report;

	ASSERT_OK(top_report_take(&report));
	tree = tree_in(&report, at, size);
	ASSERT_NE(NULL, tree);
	EXPECT_EQ(vmas, record_num(tree, "vmas"));
	EXPECT_EQ(pages, record_num(tree, "pages"));
	EXPECT_EQ(pages, record_num(tree, "pid_pages"));
	EXPECT_EQ(1, record_num(tree, "anon_vmas"));
	EXPECT_EQ(0, record_num(tree, "depth"));
	EXPECT_EQ(1, record_num(tree, "processes"));
	report_free(&report);
}

/* More entries than are read under one hold of the mmap_lock, with holes in between. */
TEST(large_vma_is_counted_once_and_whole)
{
	size_t nr = 20000, pages = 0, page = getpagesize(), i;
	char *at;

	NEEDS_MODULE();
	at = island_of_pages(nr);
	ASSERT_NE(NULL, at);
	for (i = 0; i < nr; i++) {
		if (i % 7 == 0 || (i > 3000 && i < 8000))
			continue;
		at[i * page] = 1;
		pages++;
	}
	expect_tree(_metadata, at, nr * page, 1, pages);
}

TEST(thousands_of_vmas_are_each_counted_once)
{
	/* Some kernels check the whole mm after each change of it, which makes this quadratic. */
	size_t nr = 12000 / (slowness() * slowness()), page = getpagesize(), i;
	char *at;

	NEEDS_MODULE();
	at = island_of_pages(nr);
	ASSERT_NE(NULL, at);
	memset(at, 1, nr * page);
	for (i = 0; i < nr; i += 2)
		ASSERT_EQ(0, mprotect(at + i * page, page, PROT_READ));
	expect_tree(_metadata, at, nr * page, nr, nr);
}

TEST(zero_page_and_file_pages_do_not_count)
{
	size_t page = getpagesize();
	volatile char *at;
	char *file;
	int fd;

	NEEDS_MODULE();
	at = island_of_pages(8);
	ASSERT_NE(NULL, (char *)at);
	at[2 * page] = 1;
	ASSERT_EQ(0, at[5 * page]);
	expect_tree(_metadata, (char *)at, 8 * page, 1, 1);

	fd = memfd_create("file", MFD_CLOEXEC);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, ftruncate(fd, 8 * page));
	file = mmap((char *)at + page, 6 * page, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_FIXED, fd, 0);
	ASSERT_NE(MAP_FAILED, file);
	close(fd);
	file[0] = 1;
	file[3 * page] = 1;
	ASSERT_EQ(0, file[page]);
	expect_tree(_metadata, file, 6 * page, 1, 2);
}

static bool is_huge(const char *at)
{
	uint64_t pfn, flags;

	return !oracle_pfn(getpid(), (uintptr_t)at, &pfn) &&
	       !oracle_kpageflags(pfn, &flags) && flags & (1ULL << KPF_THP);
}

TEST(huge_page_counts_as_many_as_it_maps)
{
	char *at;

	NEEDS_MODULE();
	at = island(2 * HUGE, HUGE);
	ASSERT_NE(NULL, at);
	madvise(at, 2 * HUGE, MADV_HUGEPAGE);
	at[0] = 1;
	if (!is_huge(at))
		SKIP(return, "this kernel gives no huge page");
	expect_tree(_metadata, at, 2 * HUGE, 1, HUGE / getpagesize());

	/* Maps the huge page by small entries, without three of them. */
	ASSERT_EQ(0, madvise(at, 3 * getpagesize(), MADV_DONTNEED));
	expect_tree(_metadata, at, 2 * HUGE, 1, HUGE / getpagesize() - 3);
}

TEST(private_hugetlb_pages_count_too)
{
	char *at, before[16] = "";
	int fd;

	NEEDS_MODULE();
	fd = open("/proc/sys/vm/nr_hugepages", O_RDWR);
	if (fd < 0 || read(fd, before, sizeof(before) - 1) <= 0 || pwrite(fd, "8", 1, 0) != 1)
		SKIP(return, "this kernel has no hugetlb");
	at = mmap(NULL, 4 * HUGE, PROT_READ | PROT_WRITE,
		  MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
	if (at != MAP_FAILED) {
		at[HUGE] = 1;
		at[3 * HUGE] = 1;
		expect_tree(_metadata, at, 4 * HUGE, 1, 2 * HUGE / getpagesize());
		munmap(at, 4 * HUGE);
	}
	EXPECT_LT(0, pwrite(fd, before, strlen(before), 0));
	close(fd);
	if (at == MAP_FAILED)
		SKIP(return, "no memory for hugetlb pages");
}

static int set_ksm(const char *name, const char *value)
{
	char path[64];
	ssize_t len = strlen(value), done;
	int fd;

	snprintf(path, sizeof(path), KSM "%s", name);
	fd = open(path, O_WRONLY);
	done = fd < 0 ? -1 : write(fd, value, len);
	close(fd);
	return done == len ? 0 : -1;
}

static bool merged(const char *a, const char *b)
{
	uint64_t one, other;

	return !oracle_pfn(getpid(), (uintptr_t)a, &one) &&
	       !oracle_pfn(getpid(), (uintptr_t)b, &other) && one == other;
}

TEST(ksm_pages_hang_in_no_tree)
{
	size_t page = getpagesize();
	char *at;

	NEEDS_MODULE();
	at = island_of_pages(8);
	ASSERT_NE(NULL, at);
	memset(at + 2 * page, 0x5a, 2 * page);
	memset(at + 5 * page, 0xa5, page);
	expect_tree(_metadata, at, 8 * page, 1, 3);
	if (madvise(at, 8 * page, MADV_MERGEABLE) || set_ksm("sleep_millisecs", "1") ||
	    set_ksm("run", "1"))
		SKIP(return, "this kernel has no KSM");
	while (!merged(at + 2 * page, at + 3 * page))
		sched_yield();
	EXPECT_EQ(0, set_ksm("run", "0"));
	EXPECT_EQ(0, set_ksm("sleep_millisecs", "20"));
	expect_tree(_metadata, at, 8 * page, 1, 1);
}

TEST_HARNESS_MAIN
